"""How good and how fast a network is in one pass, beside optimising each picture for the same loss."""

from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from ...optvis.ascent import Ascent
from ...optvis.canvases import pixels
from ...optvis.objectives import NOTHING
from ...optvis.transforms import framed
from ...pictures import fit, read
from ..losses import PerceptualLoss
from .network import TransformerNet

STEP_SIZE = 0.05  # Adam's: of 0.02, 0.05 and 0.1 it reaches the lowest loss after 50 steps
BORDER = 16  # pixels, mirrored, within which a picture is moved
Place = Sequence[int]  # pixels of the border above the picture, and at its left
MIDDLE = (BORDER // 2, BORDER // 2)
PLACES = ((1, 2), (3, 13), (5, 7), (9, 4), (12, 10), (14, 15))
Table = dict[str | int, float]  # for the "photograph" itself, for the "network", and for numbers of steps


class Comparison(NamedTuple):
    """A network's pictures beside optimised ones, means over photographs.

    The judge looks at a picture through a grid: its layers take every second or fourth place. `aligned` are
    the perceptual losses with the grid where it was while optimising, `moved` means over other places.
    `faster` is how many times faster one pass of the network is.
    """

    aligned: Table
    moved: Table
    faster: Table


def compare_with_optimisation(
    transformer: TransformerNet,
    goal: PerceptualLoss,
    weights: Any,
    names: Sequence[str],
    size: int,
    steps: Sequence[int],
    jitter: bool = False,
) -> Iterator[Comparison]:
    """Yield a `Comparison` after each of the photographs `names`, cut to `size` pixels a side.

    `weights` has the attributes `content`, `style` and `smooth`, as a `StyleTraining` has. An optimised
    picture begins as white noise, as in Johnson et al., figure 5, and takes Adam's steps (theirs: L-BFGS's)
    for the same loss, measured after each number of `steps`. With `jitter` each step sees it at another
    place within a mirrored border of `BORDER` pixels.
    """
    rows: list[tuple[Table, Table, Table]] = []
    for name in names:
        photograph = fit(read(name), size).to(goal.network.device)
        kept, seconds = _optimised(goal, weights, photograph, sorted(steps), jitter)
        with torch.inference_mode():
            transformer(photograph)  # the first call in a size prepares the machine
            began = perf_counter()
            kept["network"] = transformer(photograph)
            seconds["network"] = perf_counter() - began
        kept["photograph"] = photograph
        rows.append((_losses(goal, weights, kept, [MIDDLE]), _losses(goal, weights, kept, PLACES), seconds))
        aligned, moved, seconds = map(_mean, zip(*rows, strict=True))
        yield Comparison(aligned, moved, {way: time / seconds["network"] for way, time in seconds.items()})


def _optimised(
    goal: PerceptualLoss, weights: Any, photograph: Tensor, steps: list[int], jitter: bool
) -> tuple[dict[str | int, Tensor], Table]:
    """The picture after each of `steps`, and the seconds until then."""
    climb = Ascent(goal.network, NOTHING, pixels(photograph.shape[-1]), step_size=STEP_SIZE)
    generator = Generator().manual_seed(0)

    def look(place: Place) -> None:
        climb.objective = goal.goal(_framed(photograph, place), weights)
        climb.transforms = [framed(place[0], place[1], BORDER)]

    look(MIDDLE)
    kept: dict[str | int, Tensor] = {}
    seconds: Table = {}
    began = perf_counter()
    for step in islice(climb, steps[-1] + 1):
        if step.number in steps:
            kept[step.number], seconds[step.number] = step.picture, perf_counter() - began
        if jitter:
            look(torch.randint(BORDER + 1, (2,), generator=generator).tolist())
    return kept, seconds


@torch.inference_mode()
def _losses(
    goal: PerceptualLoss, weights: Any, kept: dict[str | int, Tensor], places: Sequence[Place]
) -> Table:
    """The weighted loss of each of the pictures, its mean over `places`."""

    def views(picture: Tensor) -> Tensor:
        return torch.cat([_framed(picture, place) for place in places])

    table: Table = {}
    for way, picture in kept.items():
        parts = goal(views(picture), views(kept["photograph"]))
        table[way] = sum(getattr(weights, name) * part.mean().item() for name, part in parts.items())
    return table


def _framed(picture: Tensor, place: Place) -> Tensor:
    return framed(place[0], place[1], BORDER)(picture, Generator())


def _mean(tables: Sequence[Table]) -> Table:
    return {way: sum(table[way] for table in tables) / len(tables) for way in tables[0]}
