"""Occlusion: cover a square of the picture, slide it, and watch what the network says.

Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014 (arXiv:1311.2901),
section 4.2 and figure 7.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
import torchvision.transforms.functional as TF
from torch import Tensor

from ..networks import Network
from ..networks.probes import LOGITS, Reader
from ..pictures import check
from .incremental import plan

FILLS = ("grey", "black", "white", "mean colour", "blur", "noise")
BATCH = 32  # windows in one pass: enough to keep two cores busy, few enough to stay in their caches
FIRST = 25  # windows at most in the first, coarse answer


class Occlusion(NamedTuple):
    """What a network says of a picture (1, C, H, W) with a square covered, for a grid of R x S squares.

    `tops` (R,) and `lefts` (S,) are the squares' first row and column in pixels, `window` their side,
    `size` the picture's (H, W). `logits` is (R, S, classes), `clean` (classes,) those of the whole picture.
    `activity` (R, S) is the sum over the feature map that is strongest on the whole picture, where a layer
    was asked for, and `strongest` that map's channel. `done` is the share of squares computed so far; the
    others repeat their coarse neighbour's values.
    """

    tops: np.ndarray
    lefts: np.ndarray
    window: int
    size: tuple[int, int]
    clean: Tensor
    logits: Tensor
    activity: Tensor | None = None
    strongest: int | None = None
    done: float = 1.0

    def probability(self, target: int) -> Tensor:
        """(R, S): the probability of class `target` for each covered square."""
        return self.logits.softmax(-1)[..., target]

    def most_probable(self) -> Tensor:
        """(R, S): the number of the most probable class for each covered square."""
        return self.logits.argmax(-1)

    def spread(self, values: Tensor) -> Tensor:
        """(H, W): for each pixel, the mean of `values` (R, S) over the squares that cover it."""
        rows = _covering(self.tops, self.window, self.size[0])
        columns = _covering(self.lefts, self.window, self.size[1])
        total = rows.T @ values.double().cpu() @ columns
        return (total / torch.outer(rows.sum(0), columns.sum(0))).float()


def _covering(first: np.ndarray, window: int, side: int) -> Tensor:
    """(windows, side): 1 where a window covers a pixel of an axis, else 0."""
    behind = np.arange(side) - first[:, None]
    return torch.from_numpy((behind >= 0) & (behind < window)).double()


def cover(picture: Tensor, top: int, left: int, window: int, fill: str = "grey", seed: int = 0) -> Tensor:
    """`picture` (1, C, H, W) with a square of side `window` covered, cut at the picture's border.

    `fill` is one of `FILLS`; `seed` draws the noise.
    """
    covered, filling = picture.clone(), filled(picture, fill, seed)
    square = (..., slice(max(top, 0), max(top + window, 0)), slice(max(left, 0), max(left + window, 0)))
    covered[square] = filling[square]
    return covered


def filled(picture: Tensor, fill: str, seed: int = 0) -> Tensor:
    """What lies under the square: a picture of the same shape as `picture`, all fill.

    "grey", "black" and "white" are one colour, "mean colour" the picture's own average, "blur" the picture
    without its detail, "noise" a random colour for each pixel.
    """
    check(picture)
    match fill:
        case "grey" | "black" | "white":
            return torch.full_like(picture, {"grey": 0.5, "black": 0.0, "white": 1.0}[fill])
        case "mean colour":
            return picture.mean((2, 3), keepdim=True).expand_as(picture)
        case "blur":
            sigma = min(picture.shape[2:]) / 16
            reach = min(int(2 * sigma), min(picture.shape[2:]) - 1)
            return TF.gaussian_blur(picture, 2 * reach + 1, sigma) if reach else picture.clone()
        case "noise":
            drawn = torch.rand(picture.shape, generator=torch.Generator().manual_seed(seed))
            return drawn.to(picture.device)
    raise ValueError(f"fill {fill!r} is not known: choose one of {', '.join(FILLS)}.")


def occlusion(
    network: Network, picture: Tensor, window: int = 32, stride: int = 16, fill: str = "grey",
    layer: str | None = None, seed: int = 0,
) -> Occlusion:  # fmt: skip
    """Cover squares of side `window`, every `stride` pixels, and ask the network each time.

    `picture` is (1, C, H, W) in [0, 1]; `window` and `stride` are in pixels; the last squares of a row or
    column are cut at the border. `layer` also follows that layer's strongest feature map, as the paper
    does. Squares share all work that they cannot change (see `incremental`), so the answer is exact.
    Raises ValueError for an unknown fill or layer, a window or stride below 1, or a window that is larger
    than the picture.
    """
    *_, last = occlusions(network, picture, window, stride, fill, layer, seed)
    return last


def occlusions(
    network: Network, picture: Tensor, window: int = 32, stride: int = 16, fill: str = "grey",
    layer: str | None = None, seed: int = 0,
) -> Iterator[Occlusion]:  # fmt: skip
    """The same as `occlusion`, step by step: a coarse map at once, then finer ones, the last complete."""
    check(picture)
    if len(picture) != 1:
        raise ValueError(f"occlusion covers one picture at a time, not {len(picture)}.")
    height, width = picture.shape[2:]
    tops, lefts = positions(height, window, stride), positions(width, window, stride)
    ask = _Asking(network, picture, filled(picture, fill, seed), (tops, lefts), window, layer)
    grid = len(tops), len(lefts)
    maps = {name: answer.repeat(*grid, *[1] * (answer.ndim - 1)) for name, answer in ask.clean.items()}
    seen = 0
    for step, squares in _coarse_to_fine(grid):
        maps = {name: values.clone() for name, values in maps.items()}
        for name, answers in ask(squares).items():
            for (i, j), answer in zip(squares, answers, strict=True):
                maps[name][i : i + step, j : j + step] = answer  # finer squares come later
        seen += len(squares)
        clean, done = ask.clean["logits"][0], seen / (grid[0] * grid[1])
        yield Occlusion(
            tops, lefts, window, (height, width), clean, **maps, strongest=ask.strongest, done=done
        )


def positions(side: int, window: int, stride: int) -> np.ndarray:
    """The first pixels of windows along an axis of `side` pixels; the last window may be cut short."""
    if any(not isinstance(pixels, (int, np.integer)) or pixels < 1 for pixels in (window, stride)):
        raise ValueError(f"window and stride are whole pixels, at least 1, not {window} and {stride}.")
    if window > side:
        raise ValueError(
            f"a window of {window} pixels does not fit into a picture of {side}: make it smaller."
        )
    if stride > window:
        raise ValueError(
            f"a stride of {stride} would leave gaps between windows of {window}: make it smaller."
        )
    return np.arange(0, side - window + stride, stride)


def _coarse_to_fine(grid: tuple[int, int]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each square of the grid once, in batches, the coarsest subgrid first, with that subgrid's step."""
    step = 1
    while -(-grid[0] // step) * -(-grid[1] // step) > FIRST:
        step *= 2
    before: set[tuple[int, int]] = set()
    while step:
        squares = [(i, j) for i in range(0, grid[0], step) for j in range(0, grid[1], step)]
        squares = [square for square in squares if square not in before]
        before.update(squares)
        for k in range(0, len(squares), BATCH):
            yield step, squares[k : k + BATCH]
        step //= 2


class _Asking:
    """Asks the network about one picture with squares of a grid covered.

    An answer holds "logits" (N, classes) and, where a layer is followed, "activity" (N,): the sum over the
    feature map `strongest`.
    """

    def __init__(self, network, picture, filling, grid, window, layer) -> None:
        self.layer, self.reader = layer, Reader(network, {LOGITS, layer or LOGITS})
        self.picture, self.filling = network.normalise(picture), network.normalise(filling)
        self.rows, self.columns = (
            [(p, min(p + window, side)) for p in first.tolist()]
            for first, side in zip(grid, picture.shape[2:], strict=True)
        )
        output = self._whole(self.picture)  # first, as it says what is wrong with the layer or the size
        if layer is not None and output[1].ndim != 4:
            raise ValueError(f"layer {layer!r} has no feature maps: choose a convolutional one.")
        self.strongest = None if layer is None else int(output[1][0].sum((1, 2)).argmax())
        self.clean = self._answer(output)
        self.plan = plan(network.module, self.picture, self.rows, self.columns, layer)

    def __call__(self, squares: list[tuple[int, int]]) -> dict[str, Tensor]:
        """The answer for each square."""
        covered = torch.cat([self._covered(square) for square in squares])
        return self._answer(self.plan.run(covered, squares) if self.plan else self._whole(covered))

    def _covered(self, square: tuple[int, int]) -> Tensor:
        """The normalised picture with this square covered, or the crop of it that the plan asks for."""
        (top, bottom), (left, right) = self.rows[square[0]], self.columns[square[1]]
        rows, columns = self.plan.crop(square) if self.plan else (slice(0, None), slice(0, None))
        covered = self.picture[..., rows, columns].clone()
        y, x = rows.start, columns.start
        covered[..., top - y : bottom - y, left - x : right - x] = self.filling[..., top:bottom, left:right]
        return covered

    @torch.no_grad()
    def _whole(self, pictures: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Logits of whole normalised pictures, and beside them the layer's feature maps, if asked for."""
        outputs = self.reader(pictures)
        return outputs[LOGITS] if self.layer is None else (outputs[LOGITS], outputs[self.layer])

    def _answer(self, output: Tensor | tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        if isinstance(output, Tensor):
            return {"logits": output}
        return {"logits": output[0], "activity": output[1][:, self.strongest].sum((1, 2))}
