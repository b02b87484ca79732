"""How little is enough: for each picture the smallest budget in which an attack succeeds, by bisection."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .attacks import Attack


@dataclass(frozen=True)
class Bracket:
    """For each of N pictures: at `low` (N,) the attack failed (or was not tried: 0), at `high` it succeeded.

    `high` is infinite, and the picture as it was, where it never did. `pictures` (N, C, H, W) are those with
    which it succeeded at `high`.
    """

    low: Tensor
    high: Tensor
    pictures: Tensor


def smallest(attack: Attack, steps: int, rounds: int = 8) -> Iterator[Bracket]:
    """Yields brackets: the first tries `attack.eps` for all pictures, each further one halves the brackets.

    Every trial is a whole attack of so many steps with the settings of `attack`, which stays as it is. An
    attack that fails at one eps may succeed at a smaller one, by luck; so `high` is an upper bound of the
    smallest eps, and what it says is certain: the network mistakes the pictures that come with it.
    """
    eps = torch.as_tensor(attack.eps, dtype=torch.float32).expand(len(attack.pictures)).clone()
    low, high = torch.zeros_like(eps), torch.full_like(eps, math.inf)
    best = attack.pictures.clone()
    open_ = torch.ones_like(eps, dtype=torch.bool)  # where there is something to halve
    for _ in range(rounds):
        found = _part(attack, open_, eps).run(steps)
        won, places = found.success.cpu(), open_.nonzero()[:, 0]
        best[places[won]] = found.pictures[won]
        high[places[won]], low[places[~won]] = eps[places[won]], eps[places[~won]]
        open_ = high.isfinite()
        yield Bracket(low.clone(), high.clone(), best.clone())
        if not open_.any():
            return
        eps = torch.where(open_, (low + high) / 2, eps)


def _part(attack: Attack, chosen: Tensor, eps: Tensor) -> Attack:
    """The attack on some of its pictures alone, within budgets of their own."""

    def cut(classes):
        return classes[chosen] if isinstance(classes, Tensor) else classes

    return replace(
        attack,
        pictures=attack.pictures[chosen],
        eps=eps[chosen],
        goal=cut(attack.goal),
        labels=cut(attack.labels),
    )
