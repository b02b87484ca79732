"""Teach a stylist one style. Run again after a stop: it goes on from the last checkpoint.

python scripts/train_styles.py FOLDER --style oil --minutes 12 [--begin mosaic] [--photographs PLACE]
python scripts/train_styles.py FOLDER --style oil --ship

--begin starts from the stylist of another style that ships: that takes a few minutes only. Writes
FOLDER/checkpoint.safetensors every three minutes and at the end, and FOLDER/look.png. --ship puts the stylist
of the last checkpoint into the package.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from cnnlab import networks, painted, pictures
from cnnlab.style.fast import (
    Perceptual,
    Photographs,
    Stylist,
    Training,
    held_out,
    load,
    mean_parts,
    names,
    save,
)

CHECKPOINT = "checkpoint.safetensors"
EVERY = 180  # seconds between checkpoints
LAST = 0.2  # of the time, in which the step size falls to nothing
PACKAGE = Path(__file__).parents[1] / "cnnlab"


def wanted(style: str, side: int) -> torch.Tensor:
    """The style picture; `side` is its short side in pixels, and so says how large the strokes become."""
    return pictures.resize(painted.read(style), side)


def look(stylist: Stylist, file: Path) -> None:
    """What the stylist makes of some photographs that it has never seen, as a sheet."""
    photographs = [pictures.resize(pictures.read(name), (192, 256)) for name in held_out()[:12]]
    with torch.no_grad():
        sheet = pictures.tile(torch.cat([stylist(one) for one in photographs]), alt="Stylised photographs")
    pictures.save(sheet, file)


def ship(folder: Path, style: str) -> None:
    stylist = Stylist()
    about = Training(stylist, Perceptual(networks.load(), wanted(style, 256))).resume(folder / CHECKPOINT)
    file = PACKAGE / "assets" / "styles" / f"{style}.safetensors"
    save(stylist, file, **about)
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")
    look(stylist, folder / "shipped.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--style", required=True, choices=painted.names())
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--side", type=int, default=256, help="of the style picture: larger, larger strokes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--begin", choices=names(), help="a style that ships, to start from")
    parser.add_argument(
        "--photographs", type=Path, help="a folder to learn from, instead of the bundled ones"
    )
    parser.add_argument("--settings", type=json.loads, default={}, help='as in {"content": 2}')
    parser.add_argument("--ship", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.ship:
        return ship(asked.folder, asked.style)
    run(asked)


def run(asked: argparse.Namespace) -> None:
    goal = Perceptual(networks.load(), wanted(asked.style, asked.side))
    stylist = load(asked.begin).train() if asked.begin else Stylist(seed=asked.seed)
    training = Training(stylist, goal, Photographs(asked.photographs), seed=asked.seed, **asked.settings)
    file, before, highest = asked.folder / CHECKPOINT, 0.0, training.step_size
    curve: list[list[float]] = []  # steps, minutes, and the parts of the loss on photographs held out
    if file.exists():
        about: dict[str, Any] = training.resume(file)
        curve, before = about["curve"], about["minutes"]
        print(f"going on from step {training.number}, minute {before:.1f}", flush=True)
    began = saved = time.monotonic()
    for step in training:
        now = time.monotonic()
        minutes = before + (now - began) / 60
        training.step_size = highest * min(1, max(0.02, (1 - minutes / asked.minutes) / LAST))
        over = minutes >= asked.minutes
        if step.number > 1 and not over and now - saved < EVERY:
            continue
        saved = now
        parts = mean_parts(stylist, goal, held_out())
        curve.append([step.number, round(minutes, 1), *(round(value, 4) for value in parts.values())])
        print(curve[-1], flush=True)
        training.save(
            file, style=asked.style, seed=asked.seed, begin=asked.begin, minutes=minutes, curve=curve,
            side=asked.side,
            size=training.size, batch=training.batch, step_size=highest, held_out=parts,
            weights={name: getattr(training, name) for name in parts},
        )  # fmt: skip
        look(stylist, asked.folder / "look.png")
        if over:
            return


if __name__ == "__main__":
    main()
