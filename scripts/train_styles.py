"""Teach a network one style. Run again after a stop: it goes on from the last checkpoint.

python scripts/train_styles.py FOLDER --style oil --minutes 12 [--begin mosaic] [--photographs PLACE]
python scripts/train_styles.py FOLDER --style oil --ship

--begin starts from the network of another style that ships: that takes a few minutes only. Writes
FOLDER/checkpoint.pt every three minutes and at the end, and FOLDER/look.png. --ship puts the network of the
last checkpoint into the package.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import torch

from cnnlab import networks, pictures
from cnnlab.datasets import styles
from cnnlab.style.fast import (
    PerceptualLoss,
    Photographs,
    StyleTraining,
    TransformerNet,
    held_out,
    load_pretrained,
    pretrained_styles,
    save_pretrained,
)

CHECKPOINT = "checkpoint.pt"
EVERY = 180  # seconds between checkpoints
LAST = 0.2  # of the time, in which the step size falls to nothing
PACKAGE = Path(__file__).parents[1] / "cnnlab"


def wanted(style: str, side: int) -> torch.Tensor:
    """The style picture; `side` is its short side in pixels, and so says how large the strokes become."""
    return pictures.resize(styles.read(style), side)


def look(transformer: TransformerNet, file: Path) -> None:
    """What the network makes of some photographs that it has never seen, as a sheet."""
    photographs = [pictures.resize(pictures.read(name), (192, 256)) for name in held_out()[:12]]
    with torch.no_grad():
        sheet = pictures.tile(
            torch.cat([transformer(one) for one in photographs]), alt="Stylised photographs"
        )
    pictures.save(sheet, file)


@torch.no_grad()
def mean_parts(transformer: TransformerNet, goal: PerceptualLoss, size: int = 128) -> dict[str, float]:
    """The parts of the loss of a network's pictures, means over the photographs held out."""
    whole: dict[str, float] = {}
    for name in held_out():
        photograph = pictures.fit(pictures.read(name), size)
        for part, value in goal(transformer(photograph), photograph).items():
            whole[part] = whole.get(part, 0.0) + value.item() / len(held_out())
    return whole


def save(training: StyleTraining, file: Path, about: dict[str, Any]) -> None:
    """Write all that `resume` needs to go on exactly here, and words about it."""
    state = {
        "transformer": training.transformer.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in training.optimizers],
        "random": training.generator.get_state(),
        "number": training.number,
        "about": about,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, f"{file}.partial")
    os.replace(f"{file}.partial", file)


def resume(training: StyleTraining, file: Path) -> dict[str, Any]:
    """Go on where `save` was called, and return its words."""
    state = torch.load(file, weights_only=True)
    training.transformer.load_state_dict(state["transformer"])
    for optimizer, held in zip(training.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(held)
    training.generator.set_state(state["random"])
    training.number = state["number"]
    return state["about"]


def ship(folder: Path, style: str) -> None:
    transformer = TransformerNet()
    state = torch.load(folder / CHECKPOINT, weights_only=True)
    transformer.load_state_dict(state["transformer"])
    file = PACKAGE / "assets" / "styles" / f"{style}.safetensors"
    save_pretrained(transformer, file, **state["about"])
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")
    look(transformer, folder / "shipped.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--style", required=True, choices=styles.names())
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--side", type=int, default=256, help="of the style picture: larger, larger strokes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--begin", choices=pretrained_styles(), help="a style that ships, to start from")
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
    goal = PerceptualLoss(networks.load(), wanted(asked.style, asked.side))
    begin = asked.begin
    transformer = load_pretrained(begin).train() if begin else TransformerNet(seed=asked.seed)
    training = StyleTraining(
        transformer, goal, Photographs(asked.photographs), seed=asked.seed, **asked.settings
    )
    file, before, highest = asked.folder / CHECKPOINT, 0.0, training.step_size
    curve: list[list[float]] = []  # steps, minutes, and the parts of the loss on photographs held out
    if file.exists():
        about = resume(training, file)
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
        parts = mean_parts(transformer, goal)
        curve.append([step.number, round(minutes, 1), *(round(value, 4) for value in parts.values())])
        print(curve[-1], flush=True)
        save(training, file, {
            "style": asked.style, "seed": asked.seed, "begin": begin, "minutes": minutes, "curve": curve,
            "side": asked.side, "size": training.size, "batch": training.batch, "step_size": highest,
            "held_out": parts, "weights": {name: getattr(training, name) for name in parts},
        })  # fmt: skip
        look(transformer, asked.folder / "look.png")
        if over:
            return


if __name__ == "__main__":
    main()
