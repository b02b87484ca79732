"""Checks for lesson 12, neural style. Each calls the learner's function on a case that it has not seen."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from . import attempt, verdict

LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def covariance(answer: Callable[[Tensor], Tensor]) -> None:
    """Exercise 1: `answer(maps)` is, for maps (1, C, H, W), how every two of them vary together."""
    maps = torch.rand(1, 5, 6, 9, generator=torch.Generator().manual_seed(0))
    found, problem = attempt(answer, maps.clone())
    verdict(problem or _covariance_problem(found, maps))


def _covariance_problem(found: object, maps: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape not in ((1, 5, 5), (5, 5)):
        return "for maps (1, 5, 6, 9) it should return a tensor (1, 5, 5)."
    found, expected = found.view(5, 5), maps[0].flatten(1).cov(correction=0)
    if torch.allclose(found, expected, atol=1e-5):
        return ""
    if torch.allclose(found, torch.einsum("nihw,njhw->ij", maps, maps) / 54, atol=1e-5):
        return "that is the Gram matrix: no mean has been taken away."
    if torch.allclose(found, 54 * expected, atol=1e-3):
        return "it is the sum over places: divide by their number, 54, for the mean."
    if torch.allclose(found, expected * 54 / 53, atol=1e-5):
        return "divide by the number of places, 54: these are all there are, not a sample of them."
    return "its numbers are not the means over places of what map i and map j have above their own means."


def shuffled(answer: Callable[[Tensor, torch.Generator], Tensor]) -> None:
    """Exercise 2: `answer(maps, generator)` moves every column elsewhere, and keeps the Gram matrix."""
    maps = torch.randn(1, 6, 5, 7, generator=torch.Generator().manual_seed(1))
    found, problem = attempt(answer, maps.clone(), torch.Generator().manual_seed(2))
    verdict(problem or _shuffled_problem(found, maps))


def _shuffled_problem(found: object, maps: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != maps.shape:
        return f"it should return a tensor {tuple(maps.shape)}."
    old, new = (each[0].flatten(1) for each in (maps, found))
    if not torch.equal(old.sort(1).values, new.sort(1).values):
        return "each map should keep its numbers, in other places."
    if not torch.allclose(old @ old.T, new @ new.T, atol=1e-4):
        return "the Gram matrix has changed: the maps were shuffled apart. Move whole columns."
    if (old == new).all(0).float().mean() > 0.5:
        return "more than half of the columns are where they were."
    return ""


def keep_colours(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Exercise 3: `answer(painted, photograph)` has the brightness of one and the colours of the other."""
    random = torch.Generator().manual_seed(3)
    painted, photograph = (0.4 + 0.2 * torch.rand(1, 3, 6, 6, generator=random) for _ in range(2))
    found, problem = attempt(answer, painted.clone(), photograph.clone())
    verdict(problem or _colours_problem(found, painted, photograph))


def _colours_problem(found: object, painted: Tensor, photograph: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != painted.shape:
        return f"it should return a picture {tuple(painted.shape)}."
    brightness = (LUMA * (found - painted)).sum(1).abs().max().item()
    if brightness > 1e-3:
        return f"its brightness differs from the painted picture's by up to {brightness:.3f}."
    change = found - photograph
    colour = (change - change.mean(1, keepdim=True)).abs().max().item()
    if colour > 1e-3:
        return f"its colours differ from the photograph's: red, green and blue move apart by {colour:.3f}."
    return ""


def gram_gradient(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Exercise 4: `answer(maps, wanted)` is the gradient of ||G - wanted||^2 with respect to maps (C, M)."""
    random = torch.Generator().manual_seed(4)
    maps = torch.randn(3, 5, generator=random, dtype=torch.float64)
    wanted = torch.randn(3, 3, generator=random, dtype=torch.float64)
    wanted = wanted @ wanted.T
    found, problem = attempt(answer, maps.clone(), wanted.clone())
    verdict(problem or _gradient_problem(found, maps, wanted))


def _gradient_problem(found: object, maps: Tensor, wanted: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != maps.shape:
        return f"for maps {tuple(maps.shape)} it should return a tensor of that shape."
    step, expected = 1e-5, torch.zeros_like(maps)
    for i, j in torch.cartesian_prod(
        torch.arange(3), torch.arange(5)
    ):  # finite differences: no formula of ours
        up, down = maps.clone(), maps.clone()
        up[i, j] += step
        down[i, j] -= step
        losses = [(each @ each.T / 5 - wanted).square().sum() for each in (up, down)]
        expected[i, j] = (losses[0] - losses[1]) / (2 * step)
    if torch.allclose(found.to(expected), expected, rtol=1e-4, atol=1e-6):
        return ""
    ratio = (found.to(expected) / expected).flatten()
    if ratio.std() < 1e-3 * ratio.abs().mean():
        return f"it points the right way, and is {ratio.mean():.2f} times as long as it should be."
    return "moving one number a little changes the loss by another amount than it says."
