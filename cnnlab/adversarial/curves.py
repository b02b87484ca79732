"""How often an attack succeeds: shares of many pictures, with the interval that so many pictures allow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

Z = 1.959964  # 95 % of a normal distribution lies within so many standard deviations


def wilson(successes: Tensor, count: int, z: float = Z) -> tuple[Tensor, Tensor]:
    """The lower and upper ends of the interval for a share of which `successes` (...) of `count` are known.

    E. B. Wilson 1927: unlike the textbook's share +- z * error it holds near 0 and 1, too. Both are (...).
    """
    share = successes / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * (share * (1 - share) / count + z**2 / (4 * count**2)).sqrt()
    return (middle - reach).clamp_min(0), (middle + reach).clamp_max(1)


def reached(smallest: Tensor, eps: Sequence[float] | Tensor) -> Tensor:
    """(M,): how many of the smallest budgets (N,) lie within each eps (M,); infinite ones never do."""
    budgets = torch.as_tensor(eps)
    if not (len(smallest) and not smallest.isnan().any()):
        raise ValueError(f"{len(smallest)} smallest budgets, {int(smallest.isnan().sum())} of them NaN.")
    return (smallest[None] <= budgets[:, None]).sum(1).float()


def median(smallest: Tensor) -> float:
    """The budget that is enough for half of the pictures, infinite where no budget was."""
    ordered = smallest.sort().values
    return float(ordered[math.ceil(len(ordered) / 2) - 1])
