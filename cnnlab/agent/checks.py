"""Checks for lesson 05, t-SNE of an agent. Each calls the learner's function on an unseen case."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from ..course.exercises import attempt, number, verdict


def discounted(answer: Callable[[Sequence[float], float], float]) -> None:
    """Exercise 1: `answer(rewards, discount)` is their discounted sum."""
    for rewards, discount in [([1.0, 0.0, 2.0], 0.5), ([0.0] * 9 + [1.0], 0.9), ([3.0], 0.99), ([], 0.9)]:
        expected = sum(reward * discount**t for t, reward in enumerate(rewards))
        found, problem = number(answer, rewards, discount)
        if not problem and not abs(found - expected) <= 1e-9:
            problem = f"{rewards} at {discount} is worth {expected:.4g}, and it says {found:.4g}."
        if problem:
            break
    verdict(problem)


def distinct_share(answer: Callable[[np.ndarray], float]) -> None:
    """Exercise 2: `answer(seen)` is the share of states that are different from all earlier ones."""
    states = np.random.default_rng(0).integers(0, 256, (6, 2, 3, 3), dtype=np.uint8)
    for order in ([0, 1, 2, 3], [0, 0, 1, 0, 1, 2, 2, 2], [4, 4, 4, 4, 4]):
        count, distinct = len(order), len(set(order))
        found, problem = attempt(answer, states[order])
        if not problem and found != distinct / count:
            problem = f"of {count} states {distinct} are distinct: {distinct / count:g}, and it says {found}."
        if problem:
            break
    verdict(problem)


def nearest_elsewhere(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Exercise 3: `answer(codes, lives)` are the nearest codes of other lives."""
    codes = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))
    lives = torch.arange(40) // 8
    distance = (codes[:, None] - codes).norm(dim=2)
    wanted = distance.masked_fill(lives[:, None] == lives, torch.inf).argmin(1)
    found, problem = attempt(answer, codes, lives)
    if not problem and not (isinstance(found, Tensor) and found.shape == wanted.shape):
        problem = "it should return a tensor (N,), one index a state."
    elif not problem and (lives[found] == lives).any():  # type: ignore[index]
        problem = "some neighbours are of the same life; a state itself is, too."
    elif not problem and not torch.equal(found, wanted):  # type: ignore[arg-type]
        k = int((found != wanted).nonzero()[0])  # type: ignore[operator]
        said, right = int(found[k]), int(wanted[k])  # type: ignore[index]
        problem = (
            f"for state {k} it says {said}, which is {distance[k, said]:.2f} away, "
            f"and {right} is {distance[k, right]:.2f} away."
        )
    verdict(problem)
