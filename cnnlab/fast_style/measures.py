"""How good and how fast a stylist is, beside optimising each picture for the same loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from .. import pictures
from ..ascent import Ascent
from ..canvases import pixels
from .network import Stylist
from .perceptual import Perceptual

STEPS = (50, 100, 200)
STEP_SIZE = 0.02  # Adam's: of 0.02, 0.05 and 0.1 it reaches the lowest loss
STARTS = ("noise", "photograph")


@dataclass(frozen=True)
class Comparison:
    """The perceptual loss of a stylist's pictures and of optimised ones, means over photographs so far."""

    done: float  # share of the photographs, up to 1
    photographs: float  # the loss of the photographs themselves
    stylist: float
    optimised: dict[int, float]  # by the number of steps
    seconds: float  # that the stylist takes for a picture
    seconds_optimised: dict[int, float]

    @property
    def faster(self) -> dict[int, float]:
        """How many times faster the stylist is than so many steps."""
        return {steps: seconds / self.seconds for steps, seconds in self.seconds_optimised.items()}


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
) -> Iterator[Comparison]:
    """Yield a `Comparison` after each of the photographs `names`, cut to `size` pixels a side.

    `weights` has the attributes `content`, `style` and `smooth`, as a `Training` has. An optimised picture
    begins as white noise, as in Johnson et al., figure 5, or, with `start` "photograph", as the photograph,
    and takes Adam's steps (theirs: L-BFGS's) for the same loss. ValueError for another start.
    """
    if start not in STARTS:
        raise ValueError(f'start is {start!r}: choose "noise" or "photograph".')
    rows = []
    for number, name in enumerate(names, start=1):
        photograph = pictures.fit(pictures.read(name), size).to(goal.network.device)
        rows.append(_one(stylist, goal, weights, photograph, sorted(steps), start))
        each = [sum(column) / number for column in zip(*rows, strict=True)]
        losses, seconds = each[: len(steps)], each[len(steps) : 2 * len(steps)]
        yield Comparison(
            number / len(names), each[-3], each[-2],
            dict(zip(sorted(steps), losses, strict=True)), each[-1],
            dict(zip(sorted(steps), seconds, strict=True)),
        )  # fmt: skip


def _one(
    stylist: Stylist, goal: Perceptual, weights: Any, photograph: Tensor, steps: list[int], start: str
) -> list[float]:
    """Losses after `steps`, seconds until then; the photograph's loss, the stylist's, and its seconds."""
    objective, (height, width) = goal.goal(photograph, weights), photograph.shape[2:]
    canvas = pixels((height, width), photograph if start == "photograph" else "noise")
    climb = Ascent(goal.network, objective, canvas, step_size=STEP_SIZE)
    losses, seconds, began = [], [], perf_counter()
    for step in islice(climb, steps[-1] + 1):
        if step.number in steps:
            losses.append(-step.score)
            seconds.append(perf_counter() - began)
    with torch.inference_mode():
        stylist(photograph)  # the first call in a size prepares the machine
        began = perf_counter()
        painted = stylist(photograph)
        took = perf_counter() - began
        own = [-objective.of(goal.network, picture).item() for picture in (photograph, painted)]
    return [*losses, *seconds, *own, took]
