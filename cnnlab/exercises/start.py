"""The check for lesson 00."""

from collections.abc import Callable

import torch
from torch import Tensor

from . import attempt, verdict


def fade(answer: Callable[[Tensor, float], Tensor]) -> None:
    """`answer(picture, share)` mixes the picture with grey (0.5): all picture at 1, all grey at 0."""
    picture = torch.rand(1, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    for share in (1.0, 0.0, 0.25):
        mixed, problem = attempt(answer, picture, share)
        expected = torch.full_like(picture, 0.5).lerp(picture, share)
        if not problem and not (isinstance(mixed, Tensor) and mixed.shape == picture.shape):
            problem = f"it should return a picture of shape {tuple(picture.shape)}."
        elif not problem and not torch.allclose(mixed, expected):  # type: ignore[arg-type]
            problem = f"with share={share} the picture is not mixed with grey as it should be."
        if problem:
            break
    verdict(problem)
