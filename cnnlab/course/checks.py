"""The check for lesson 00."""

from collections.abc import Callable

import torch
from torch import Tensor

from .exercises import attempt, verdict


def fade(answer: Callable[[Tensor, float], Tensor]) -> None:
    """`answer(picture, share)` mixes the picture with grey (0.5): all picture at 1, all grey at 0."""
    picture = torch.rand(1, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    problems = (_problem(answer, picture, share) for share in (1.0, 0.0, 0.25))
    verdict(next(filter(None, problems), ""))


def _problem(answer: Callable, picture: Tensor, share: float) -> str:
    mixed, problem = attempt(answer, picture, share)
    if problem:
        return problem
    if not isinstance(mixed, Tensor) or mixed.shape != picture.shape:
        return f"it should return a picture of shape {tuple(picture.shape)}."
    expected = torch.full_like(picture, 0.5).lerp(picture, share)
    if torch.allclose(mixed, expected):
        return ""
    before, said, right = (each.flatten()[0].item() for each in (picture, mixed, expected))
    return f"with share={share} a value of {before:.2f} becomes {said:.2f}, and {right:.2f} is right."
