"""How little is enough, and how often: for each picture the smallest eps at which an attack succeeds, by
bisection; shares of many pictures, with the interval that so many pictures allow."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .attacks import Attack

Z = 1.959964  # 95 % of a normal distribution lies within so many standard deviations


class Bracket(NamedTuple):
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
    """The attack on some of its pictures alone, each with an eps of its own."""

    both: tuple[Any, Any] = attack.goal, attack.labels
    goal, labels = (classes[chosen] if isinstance(classes, Tensor) else classes for classes in both)
    return replace(attack, pictures=attack.pictures[chosen], goal=goal, labels=labels, eps=eps[chosen])


def wilson(successes: Tensor, count: int, z: float = Z) -> tuple[Tensor, Tensor]:
    """The lower and upper ends of the interval for a share of which `successes` (...) of `count` are known.

    E. B. Wilson 1927: unlike the textbook's share +- z * error it holds near 0 and 1, too. Both are (...).
    """
    share = successes / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * (share * (1 - share) / count + z**2 / (4 * count**2)).sqrt()
    return (middle - reach).clamp_min(0), (middle + reach).clamp_max(1)


def reached(needed: Tensor, eps: Sequence[float] | Tensor) -> Tensor:
    """(M,): for how many of the pictures, which `needed` so much (N,), each eps (M,) is enough."""
    if not len(needed) or needed.isnan().any():
        raise ValueError(f"{len(needed)} smallest eps, {int(needed.isnan().sum())} of them NaN.")
    return (needed <= torch.as_tensor(eps)[:, None]).sum(1).float()
