"""L-BFGS for a climb: it takes one gradient, and moves once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim import Optimizer

REACH = 0.1  # no number moves further in one step, as nothing was yet seen of what lies there
FIRST = 0.01  # nor so far in the first, when nothing is known of the curvature


class QuasiNewton(Optimizer):
    """The step that the curvature met in the last `memory` moves suggests, times the step size `lr`.

    Liu and Nocedal, "On the limited memory BFGS method", 1989, without a line search. What a move came to is
    measured afterwards, so that the picture may be pushed back into bounds between two. `maximize` climbs.
    """

    def __init__(
        self, held: Iterable[Tensor], lr: float = 1.0, maximize: bool = False, memory: int = 20
    ) -> None:
        super().__init__(held, {"lr": lr, "maximize": maximize})
        self.met: deque[tuple[Tensor, Tensor]] = deque(maxlen=memory)  # moves, changes of the gradient
        self.before: tuple[Tensor, Tensor] | None = None  # the numbers and their gradient at the last move

    @torch.no_grad()
    def step(self, closure=None) -> None:  # type: ignore[override]
        """Move along the gradient that the one parameter has."""
        group = self.param_groups[0]
        [held] = group["params"]
        here, slope = held.flatten().clone(), held.grad.flatten() * (-1 if group["maximize"] else 1)
        if self.before:
            move, change = here - self.before[0], slope - self.before[1]
            if move @ change > 1e-8 * move.norm() * change.norm():  # else it does not curve upwards here
                self.met.append((move, change))
        self.before = here, slope
        direction = self._newton(slope)
        longest = direction.abs().max().clamp_min(1e-30)
        share = (REACH / longest).clamp_max(1.0) if self.met else FIRST / longest
        held.add_(direction.view_as(held), alpha=group["lr"] * share.item())

    def _newton(self, slope: Tensor) -> Tensor:
        """Minus the inverse of the curvature, as far as it is known, times the slope: the two loops."""
        direction, shares = -slope, []
        for move, change in reversed(self.met):
            shares.append(move @ direction / (move @ change))
            direction = direction - shares[-1] * change
        if self.met:
            move, change = self.met[-1]
            direction = direction * (move @ change / (change @ change))
        for (move, change), share in zip(self.met, reversed(shares), strict=True):
            direction = direction + (share - change @ direction / (move @ change)) * move
        return direction
