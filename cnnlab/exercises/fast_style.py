"""Checks for lesson 13, fast neural style. Each calls the learner's function on a case of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from . import attempt, number, verdict


def instance_norm(answer: Callable[[Tensor], Tensor]) -> None:
    """Exercise 1: `answer(maps)` gives each map of each picture mean 0 and standard deviation 1."""
    maps = 3 * torch.rand(2, 4, 5, 6, generator=torch.Generator().manual_seed(0)) + 1
    maps[1, 2] = 0.5  # an even map has no deviation to divide by
    found, problem = attempt(answer, maps.clone())
    verdict(problem or _norm_problem(found, maps))


def _norm_problem(found: object, maps: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != maps.shape:
        return f"it should return a tensor {tuple(maps.shape)}."
    if not found.isfinite().all():
        return "an even map gives nan: add `tiny` to the variance before the square root."
    if torch.allclose(found, F.instance_norm(maps), atol=1e-4):
        return ""
    if found.mean((2, 3)).abs().max() > 1e-3:
        return "the means are not 0 for each map of each picture: take them over height and width only."
    return "the standard deviations are not 1: the variance divides by the number of places."


def listeners(answer: Callable[[int, int, int], Sequence[int]]) -> None:
    """Exercise 2: `answer(inputs, kernel, step)` counts the inputs that each output listens to."""
    problem = ""
    for inputs, kernel, step in [(4, 3, 2), (5, 4, 2), (3, 2, 3)]:
        ones = torch.ones(1, 1, inputs), torch.ones(1, 1, kernel)
        expected = F.conv_transpose1d(*ones, stride=step)[0, 0].int().tolist()
        found, problem = attempt(answer, inputs, kernel, step)
        if not problem:
            problem = _listeners_problem(found, expected, f"{inputs} inputs, kernel {kernel}, step {step}")
        if problem:
            break
    verdict(problem)


def _listeners_problem(found: object, expected: list[int], case: str) -> str:
    listed, problem = attempt(list, found)
    if problem or not isinstance(listed, list) or len(listed) != len(expected):
        return f"{case}: it should return a list of {len(expected)} numbers."
    return "" if listed == expected else f"{case}: {expected} is right, and it says {listed}."


def flicker(answer: Callable[[Tensor, Tensor], float]) -> None:
    """Exercise 3: `answer(frames, shots)` is the mean change of painted shots where the frames are still."""
    random = torch.Generator().manual_seed(1)
    frames = torch.rand(1, 3, 6, 8, generator=random).repeat(4, 1, 1, 1)
    frames[2, :, :3] = 1 - frames[2, :, :3]  # the upper half changes, and back again
    frames[1, 0, 5, 0] += 0.5  # and one colour of one pixel
    shots = torch.rand(4, 3, 6, 8, generator=random)
    quiet = ((frames[1:] - frames[:-1]).abs() <= 0.01).all(1)
    changes = [(shots[t + 1] - shots[t]).abs()[:, y, x] for t, y, x in quiet.nonzero().tolist()]
    problem = _flicker_problem(answer, frames, shots, torch.stack(changes).mean().item(), "where half moves")
    moving = torch.rand(3, 3, 4, 4, generator=random)
    verdict(problem or _flicker_problem(answer, moving, moving, 0.0, "where nothing is still"))


def _flicker_problem(answer: Callable, frames: Tensor, shots: Tensor, expected: float, case: str) -> str:
    found, problem = number(answer, frames, shots)
    if problem or abs(found - expected) <= 1e-4:
        return problem
    return f"{case} it should be {expected:.3f}, and it says {found:.3f}."
