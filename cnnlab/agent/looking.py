"""What a player looks at: lessons 06 and 07, for a network that sees several pictures at once."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .policy import Policy

Goal = Callable[[Tensor, Tensor], Tensor]  # logits (N, A) and values (N,) -> numbers (N,)


def value(logits: Tensor, values: Tensor) -> Tensor:
    """The reward that it expects."""
    return values


def action(index: int) -> Goal:
    """How much it is inclined to one action: the logarithm of its chance."""
    return lambda logits, values: logits.log_softmax(1)[:, index]


def gradient(policy: Policy, seen: Tensor, goal: Goal = value) -> Tensor:
    """(C, H, W): how the goal changes with each pixel of what is seen (C, H, W), floats in [0, 1]."""
    pixels = seen[None].detach().clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(goal(*policy(pixels)).sum(), pixels)[0][0]


@torch.no_grad()
def occlusion(
    policy: Policy, seen: Tensor, goal: Goal = value, *, size: int = 8, stride: int = 4, fill: float = 0.0
) -> Tensor:
    """(h, w): what the goal loses when a square is covered, in all C pictures of `seen` (C, H, W) at once.

    The squares have `size` pixels a side and begin at every multiple of `stride` at which they fit; `fill` is
    their grey, black as the sky of these games. Zeiler and Fergus 2014 (arXiv:1311.2901).
    """
    _, height, width = seen.shape
    if not 0 < size <= min(height, width) or stride < 1:
        raise ValueError(f"a square of {size}, {stride} apart, does not fit pictures of {width} x {height}.")
    rows, columns = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    covered = seen.repeat(len(rows) * len(columns), 1, 1, 1)
    for k, one in enumerate(covered):
        top, left = rows[k // len(columns)], columns[k % len(columns)]
        one[:, top : top + size, left : left + size] = fill
    whole = goal(*policy(seen[None]))
    parts = torch.cat([goal(*policy(batch)) for batch in covered.split(64)])
    return (whole - parts).view(len(rows), len(columns))
