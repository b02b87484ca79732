"""L-BFGS for a climb: it takes one gradient, and moves once."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim import LBFGS

REACH = 0.1  # no number moves further in one step, as nothing was yet seen of what lies there
SCALE = 1000.0  # torch's ignores moves along which the gradient changes by next to nothing: 1e-10


class QuasiNewton(LBFGS):
    """torch's L-BFGS (Liu and Nocedal 1989) without a line search, which asks for no more gradients.

    It remembers 10 moves: on pictures, 100 take longer and come no further. `maximize` climbs.
    """

    def __init__(self, held: Iterable[Tensor], lr: float = 1.0, maximize: bool = False) -> None:
        super().__init__(held, lr, max_iter=1, history_size=10, tolerance_grad=0.0, tolerance_change=0.0)
        self.scale = -SCALE if maximize else SCALE

    def step(self, closure=None) -> None:  # type: ignore[override]
        """Move along the gradient that the one parameter has."""
        [held] = self.param_groups[0]["params"]
        before = held.detach().clone()
        held.grad.mul_(self.scale)
        super().step(lambda: torch.zeros(()))
        with torch.no_grad():
            move = (held - before).clamp_(-REACH, REACH)
            held.copy_(before + move)
        self.state[held] |= {"d": move.flatten(), "t": 1.0}  # what is learnt of it at the next step
