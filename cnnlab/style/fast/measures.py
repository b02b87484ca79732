"""How good and how fast a stylist is, beside optimising each picture for the same loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from ... import pictures
from ...optvis.ascent import Ascent
from ...optvis.canvases import pixels
from ...optvis.objectives import NOTHING
from ...optvis.transforms import framed
from .network import Stylist
from .perceptual import Perceptual

STEPS = (50, 100, 200)
STEP_SIZE = 0.05  # Adam's: of 0.02, 0.05 and 0.1 it reaches the lowest loss after 50 steps
STARTS = ("noise", "photograph")
Place = tuple[int, int]  # pixels of the border above the picture, and at its left
BORDER = 16  # pixels, mirrored, within which a picture is moved
MIDDLE = (BORDER // 2, BORDER // 2)
PLACES = ((1, 2), (3, 13), (5, 7), (9, 4), (12, 10), (14, 15))


Table = dict[str | int, float]  # for the "photograph" itself, for the "stylist", and for numbers of steps


@dataclass(frozen=True)
class Comparison:
    """A stylist's pictures beside optimised ones, means over a share of the photographs: `done`, up to 1.

    A network looks at a picture through a grid: its layers take every second or fourth place. `aligned` are
    the perceptual losses with the grid where it was while optimising, `moved` means over other places.
    `seconds` are those for one picture.
    """

    done: float
    aligned: Table
    moved: Table
    seconds: Table

    @property
    def faster(self) -> dict[int, float]:
        """How many times faster the stylist is than so many steps."""
        return {
            steps: seconds / self.seconds["stylist"]
            for steps, seconds in self.seconds.items()
            if isinstance(steps, int)
        }


@torch.no_grad()
def mean_parts(stylist: Stylist, goal: Perceptual, names: Sequence[str], size: int = 128) -> dict[str, float]:
    """The parts of the loss of a stylist's pictures, means over photographs cut to `size` pixels a side."""
    whole: dict[str, float] = {}
    for name in names:
        photograph = pictures.fit(pictures.read(name), size).to(goal.network.device)
        for part, value in goal(stylist(photograph), photograph).items():
            whole[part] = whole.get(part, 0.0) + value.item() / len(names)
    return whole


def compare(
    stylist: Stylist,
    goal: Perceptual,
    weights: Any,
    names: Sequence[str],
    size: int = 128,
    steps: Sequence[int] = STEPS,
    start: str = "noise",
    jitter: bool = False,
) -> Iterator[Comparison]:
    """Yield a `Comparison` after each of the photographs `names`, cut to `size` pixels a side.

    `weights` has the attributes `content`, `style` and `smooth`, as a `Training` has. An optimised picture
    begins as white noise, as in Johnson et al., figure 5, or, with `start` "photograph", as the photograph,
    and takes Adam's steps (theirs: L-BFGS's) for the same loss. With `jitter` each step sees it at another
    place within a mirrored border of `BORDER` pixels. ValueError for another start.
    """
    if start not in STARTS:
        raise ValueError(f'start is {start!r}: choose "noise" or "photograph".')
    rows: list[tuple[Table, Table, Table]] = []
    for number, name in enumerate(names, start=1):
        photograph = pictures.fit(pictures.read(name), size).to(goal.network.device)
        kept, seconds = _optimised(goal, weights, photograph, sorted(steps), start, jitter)
        kept["stylist"], seconds["stylist"] = _painted(stylist, photograph)
        kept["photograph"] = photograph
        rows.append((_losses(goal, weights, kept, [MIDDLE]), _losses(goal, weights, kept, PLACES), seconds))
        yield Comparison(number / len(names), *map(_mean, zip(*rows, strict=True)))


def _optimised(
    goal: Perceptual, weights: Any, photograph: Tensor, steps: list[int], start: str, jitter: bool
) -> tuple[dict[str | int, Tensor], Table]:
    """The picture after each of `steps`, and the seconds until then."""
    height, width = photograph.shape[2:]
    canvas = pixels((height, width), photograph if start == "photograph" else "noise")
    climb = Ascent(goal.network, NOTHING, canvas, step_size=STEP_SIZE)
    generator = torch.Generator().manual_seed(0)

    def look(place: Place) -> None:
        climb.objective = goal.goal(_framed(photograph, place), weights)
        climb.transforms = [framed(*place, BORDER)]

    look(MIDDLE)
    kept: dict[str | int, Tensor] = {}
    seconds: Table = {}
    began = perf_counter()
    for step in islice(climb, steps[-1] + 1):
        if step.number in steps:
            kept[step.number], seconds[step.number] = step.picture, perf_counter() - began
        if jitter:
            above, left = torch.randint(BORDER + 1, (2,), generator=generator).tolist()
            look((above, left))
    return kept, seconds


@torch.inference_mode()
def _painted(stylist: Stylist, photograph: Tensor) -> tuple[Tensor, float]:
    """The stylist's picture, and its seconds."""
    stylist(photograph)  # the first call in a size prepares the machine
    began = perf_counter()
    return stylist(photograph), perf_counter() - began


@torch.inference_mode()
def _losses(goal: Perceptual, weights: Any, kept: dict[str | int, Tensor], places: Sequence[Place]) -> Table:
    """The weighted loss of each of the pictures, its mean over `places`."""

    def loss(picture: Tensor, place: Place) -> float:
        parts = goal(_framed(picture, place), _framed(kept["photograph"], place))
        return sum(getattr(weights, name) * part.item() for name, part in parts.items())

    return {
        name: sum(loss(picture, place) for place in places) / len(places) for name, picture in kept.items()
    }


def _framed(picture: Tensor, place: Place) -> Tensor:
    return framed(*place, BORDER)(picture, torch.Generator())


def _mean(tables: Sequence[Table]) -> Table:
    return {name: sum(table[name] for table in tables) / len(tables) for name in tables[0]}
