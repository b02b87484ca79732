"""Objectives: what a climbing picture is to do to the network, as one number for each picture.

logit("flamingo")                                          # a class score
logit("flamingo") - 0.5 * total_variation()                # less a penalty, see `regularisers`
channel("features.5", 12) + channel("features.5", 30)      # two feature maps at once
0.5 * logit("hen") + 2 * energy("features.7")              # weights

An objective is a function of what was `Seen`, and knows which layers it needs. Sums and weights follow the
objectives of Olah, Mordvintsev and Schubert, "Feature visualization", Distill 2017.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ..networks import Network
from ..networks.probes import LOGITS, Reader
from .transforms import Transform, apply

Labels = str | int | Sequence[str | int]  # one class for all pictures of a batch, or one for each
Numbers = int | Sequence[int]  # likewise one channel


@dataclass(frozen=True)
class Seen:
    """What an objective may look at.

    `pictures` (N, C, H, W) in [0, 1] are as the canvas shows them, before transforms. `outputs[layer]` is
    what a layer put out for the transformed pictures, usually (N, C, H, W); `outputs[LOGITS]` (N, classes).
    """

    network: Network
    pictures: Tensor
    outputs: dict[str, Tensor]


@dataclass(frozen=True)
class Objective:
    """A score (N,) of what was seen, one for each picture, and the `layers` whose output it needs."""

    score: Callable[[Seen], Tensor]
    layers: frozenset[str] = frozenset()

    def __call__(self, seen: Seen) -> Tensor:
        return self.score(seen)

    def of(self, network: Network, pictures: Tensor) -> Tensor:
        """The score (N,) of pictures (N, C, H, W) in [0, 1] as they are; gradients flow."""
        outputs = Reader(network, self.layers)(network.normalise(pictures))
        return self(Seen(network, pictures, outputs))

    def __add__(self, other: Objective) -> Objective:
        if not isinstance(other, Objective):
            return NotImplemented
        return Objective(lambda seen: self(seen) + other(seen), self.layers | other.layers)

    def __mul__(self, weight: float) -> Objective:
        return Objective(lambda seen: weight * self(seen), self.layers) if weight else NOTHING

    __rmul__ = __mul__

    def __neg__(self) -> Objective:
        return -1.0 * self

    def __sub__(self, other: Objective) -> Objective:
        return self + -other


NOTHING = Objective(lambda seen: seen.pictures.new_zeros(len(seen.pictures)))  # a slider at 0 costs nothing


def logit(label: Labels) -> Objective:
    """The score of a class, given by its label or number, or of one class for each picture of a batch.

    Simonyan, Vedaldi and Zisserman 2014 (arXiv:1312.6034), section 2. An unknown class raises ValueError with
    the nearest names.
    """
    return Objective(lambda seen: _of_class(seen.outputs[LOGITS], seen.network, label), frozenset([LOGITS]))


def probability(label: Labels) -> Objective:
    """The natural logarithm of a class's probability: it rises with it, and its gradient does not vanish."""

    def score(seen: Seen) -> Tensor:
        return _of_class(seen.outputs[LOGITS].log_softmax(1), seen.network, label)

    return Objective(score, frozenset([LOGITS]))


def channel(layer: str, number: Numbers) -> Objective:
    """The mean of one feature map, or of one map for each picture of a batch.

    Where a layer has no maps, the value of one unit. An unknown number raises ValueError.
    """

    def score(seen: Seen) -> Tensor:
        values = _channel(seen, layer, number)
        return values.reshape(len(values), -1).mean(1)

    return Objective(score, frozenset([layer]))


def neuron(layer: str, number: Numbers, row: int | None = None, column: int | None = None) -> Objective:
    """One value of one feature map, at (row, column) of the map, by default at its centre.

    `number` is the channel, or one channel for each picture of a batch.
    """

    def score(seen: Seen) -> Tensor:
        maps = _channel(seen, layer, number)
        if maps.ndim == 1:
            return maps
        if maps.ndim != 3:
            shape = tuple(seen.outputs[layer].shape)
            raise ValueError(f"layer {layer!r} puts out {shape}, without rows and columns of maps.")
        height, width = maps.shape[1:]
        y, x = height // 2 if row is None else row, width // 2 if column is None else column
        if not (0 <= y < height and 0 <= x < width):
            raise ValueError(f"layer {layer!r} has maps of {height} x {width}, without a place ({y}, {x}).")
        return maps[:, y, x]

    return Objective(score, frozenset([layer]))


def energy(layer: str) -> Objective:
    """Half the squared norm of what a layer puts out. Its gradient at that layer is the output itself.

    Deep Dream's objective (Mordvintsev, Olah and Tyka 2015, github.com/google/deepdream).
    """
    return Objective(lambda seen: seen.outputs[layer].square().flatten(1).sum(1) / 2, frozenset([layer]))


def match(layer: str, code: Tensor) -> Objective:
    """Minus the squared distance between a layer's output and `code`, over the squared norm of `code`.

    0 is a perfect match, -1 as far as a layer that says nothing. `code` has the output's shape, for one
    picture or for each of the batch. Mahendran and Vedaldi 2015 (arXiv:1412.0035), equation 2.
    """

    def score(seen: Seen) -> Tensor:
        output = seen.outputs[layer]
        if code.shape[1:] != output.shape[1:] or len(code) not in (1, len(output)):
            raise ValueError(
                f"layer {layer!r} puts out {tuple(output.shape)} and the code is {tuple(code.shape)}: "
                "take the code of a picture of the same size."
            )
        wanted, each = code.to(output), tuple(range(1, output.ndim))
        return -(output - wanted).square().sum(each) / wanted.square().sum(each)

    return Objective(score, frozenset([layer]))


def diversity(layer: str) -> Objective:
    """How unlike each picture of a batch is to the others: minus the mean cosine of their Gram matrices.

    The Gram matrix (channels, channels) of a layer tells which feature maps are strong together. Olah,
    Mordvintsev and Schubert 2017, section "Diversity". Raises ValueError for a batch of one.
    """

    def score(seen: Seen) -> Tensor:
        maps = seen.outputs[layer]
        maps = maps.reshape(*maps.shape[:2], -1)  # (N, C, places)
        if len(maps) < 2:
            raise ValueError(
                "diversity compares pictures with each other: give the canvas a batch of two or more."
            )
        grams = F.normalize((maps @ maps.mT).flatten(1), dim=1)  # (N, C * C)
        likeness = grams @ grams.T - torch.eye(len(grams), device=grams.device)
        return -likeness.sum(1) / (len(grams) - 1)

    return Objective(score, frozenset([layer]))


def _of_class(scores: Tensor, network: Network, label: Labels) -> Tensor:
    """(N,): of scores (N, classes) those of one class, or of one for each picture."""
    labels = [label] * len(scores) if isinstance(label, (str, int)) else label
    return _of_each(scores, [network.class_index(one) for one in labels], "classes")


def _channel(seen: Seen, layer: str, number: Numbers) -> Tensor:
    """(N, ...): of a layer's output (N, C, ...) one channel, or one for each picture."""
    maps = seen.outputs[layer]
    numbers = [number] * len(maps) if isinstance(number, int) else number
    for one in numbers:
        if not 0 <= one < maps.shape[1]:
            last = maps.shape[1] - 1
            raise ValueError(f"layer {layer!r} has channels 0 to {last}, and so none called {one}.")
    return _of_each(maps, numbers, "channels")


def _of_each(outputs: Tensor, numbers: Sequence[int], what: str) -> Tensor:
    """(N, ...): `outputs` (N, C, ...) at one of the C for each of the N."""
    if len(numbers) != len(outputs):
        raise ValueError(
            f"{len(numbers)} {what} for {len(outputs)} pictures: give one for all, or one for each."
        )
    return outputs[range(len(outputs)), numbers]


# --- large pictures ---


def tiled(
    network: Network, objective: Objective, size: int, transforms: Sequence[Transform], generator: Generator
) -> Objective:
    """`objective`, added up over tiles of at most `size` pixels a side, which `network` sees one by one.

    Memory is that of one tile, however large the picture is. The `transforms` come first, drawn from
    `generator`: a random shift moves the seams, where a tile sees its border instead of its neighbour.
    """
    reader = Reader(network, objective.layers)

    def ask(part: Tensor) -> Tensor:
        return objective(Seen(network, part, reader(network.normalise(part))))

    return Objective(lambda seen: _Tiles.apply(apply(transforms, seen.pictures, generator), ask, size))


class _Tiles(torch.autograd.Function):
    """The sum (N,) of `ask` over tiles; each tile's gradient is taken before the next tile is looked at."""

    @staticmethod
    def forward(ctx, pictures: Tensor, ask: Callable[[Tensor], Tensor], size: int) -> Tensor:
        total, gradient = pictures.new_zeros(len(pictures)), torch.zeros_like(pictures)
        for rows, columns in product(*(_cuts(side, size) for side in pictures.shape[2:])):
            with torch.enable_grad():
                part = pictures[..., rows, columns].detach().requires_grad_()
                score = ask(part)
                [gradient[..., rows, columns]] = torch.autograd.grad(score.sum(), part)
            total += score.detach()
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, None, None]:
        [gradient] = ctx.saved_tensors
        return gradient * upstream[:, None, None, None], None, None


def _cuts(length: int, size: int) -> list[slice]:
    """`length` pixels in as few equal parts of at most `size` as will do."""
    count = math.ceil(length / size)
    ends = [round(k * length / count) for k in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(ends)]
