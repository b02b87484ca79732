"""Muon: moves in which no direction of a weight matrix is larger than another."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim import Optimizer

QUINTIC = 3.4445, -4.7750, 2.0315  # Jordan's: five rounds bring singular values from 0.01 to about 1
ROUNDS = 5


class Muon(Optimizer):
    """For the weights of convolutions (O, I, h, w), read as matrices (O, I * h * w), and for matrices.

    Jordan et al. 2024 (kellerjordan.github.io/posts/muon), with Nesterov's momentum. Moves are as long as
    Adam's of the same `lr` usually are: 0.2 in the root of the mean square (Liu et al. 2025,
    arXiv:2502.16982).
    """

    def __init__(self, weights: Iterable[Tensor], lr: float = 2e-3, momentum: float = 0.9) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None) -> None:  # type: ignore[override]
        """Move the weights that have a gradient."""
        for group in self.param_groups:
            for weight in (weight for weight in group["params"] if weight.grad is not None):
                state, share = self.state[weight], 1 - group["momentum"]
                mean = state.setdefault("mean", torch.zeros_like(weight)).lerp_(weight.grad, share)
                ahead = weight.grad.lerp(mean, group["momentum"]).flatten(1)
                move = orthogonal(ahead) * 0.2 * max(ahead.shape) ** 0.5
                weight.sub_(move.view_as(weight), alpha=group["lr"])


def orthogonal(matrix: Tensor) -> Tensor:
    """U V' of a matrix (m, n) = U S V', nearly: singular values come out between 0.7 and 1.2."""
    tall = matrix.shape[0] > matrix.shape[1]
    wide = (matrix.mT if tall else matrix) / matrix.norm().clamp_min(1e-7)
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        square = wide @ wide.mT
        wide = a * wide + (b * square + c * square @ square) @ wide
    return wide.mT if tall else wide
