"""Make the style pictures that ship with the course:  python scripts/make_style_pictures.py

Each painter of `style_pictures` paints one, 384 x 384 pixels, which is written without loss. Other ones:
python scripts/make_style_pictures.py --seed 3 --size 512 --folder /tmp oil glass
"""

import argparse
from pathlib import Path

from style_pictures import PAINTERS

from cnnlab import pictures

FOLDER = Path(__file__).resolve().parent.parent / "cnnlab" / "assets" / "style_pictures"
SIZE = 384  # pixels a side


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(PAINTERS), help=", ".join(PAINTERS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(PAINTERS):
        parser.error(f"there is no painter {min(unknown)!r}: choose among {', '.join(PAINTERS)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in asked.names:
        file = asked.folder / f"{name}.png"
        pictures.save(PAINTERS[name](asked.size, asked.seed), file)
        print(f"{file}: {file.stat().st_size / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
