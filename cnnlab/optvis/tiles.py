"""Looking at a large picture in parts, to bound the memory: an objective that is added up over tiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Generator, Tensor

from ..networks import Network
from ..networks.probes import Reader
from .objectives import Objective, Seen
from .transforms import Transform, apply


def tiled(
    objective: Objective, size: int, transforms: Sequence[Transform], generator: Generator
) -> Objective:
    """`objective`, added up over tiles of at most `size` pixels a side, one after the other.

    Memory is that of one tile, however large the picture is. The `transforms` come first, drawn from
    `generator`: a random shift moves the seams, where a tile sees its border instead of its neighbour.
    """
    readers: dict[Network, Reader] = {}

    def score(seen: Seen) -> Tensor:
        reader = readers.setdefault(seen.network, Reader(seen.network, objective.layers))

        def ask(part: Tensor) -> Tensor:
            return objective(Seen(seen.network, part, reader(seen.network.normalise(part))))

        return _TileByTile.apply(apply(transforms, seen.pictures, generator), ask, size)

    return Objective(score)


class _TileByTile(torch.autograd.Function):
    """The sum (N,) of `ask` over tiles; each tile's gradient is taken before the next tile is looked at."""

    @staticmethod
    def forward(ctx, pictures: Tensor, ask: Callable[[Tensor], Tensor], size: int) -> Tensor:
        total, gradient = pictures.new_zeros(len(pictures)), torch.zeros_like(pictures)
        for rows in _cuts(pictures.shape[2], size):
            for columns in _cuts(pictures.shape[3], size):
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
