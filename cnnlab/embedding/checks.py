"""Checks for lesson 04, t-SNE of codes. Each calls the learner's function on a case that it has not seen."""

import math
from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

from ..course.exercises import attempt, number, verdict
from ..datasets.picture_sets import digits
from .affinities import affinities
from .measures import kept
from .tsne import divergence, tsne

SHARES = (0.25,) * 4, (0.5, 0.25, 0.25), (0.9, 0.05, 0.05), (0.5, 0.5, 0.0), (0.0, 1.0)
OLD, NEW = 500, 200  # digits on the map of exercise 3, and digits that come later
ENOUGH = 0.9  # of the newcomers should stand beside a digit of their own class


def perplexity(answer: Callable[[Tensor], Tensor | float]) -> None:
    """Exercise 1: `answer(p)` is 2 to the power of the entropy, in bits, of the shares `p`."""
    for shares in SHARES:
        found, problem = number(answer, torch.tensor(shares))
        expected = 2 ** sum(-share * math.log2(share) for share in shares if share)
        if not problem and not abs(found - expected) < 1e-3:
            problem = f"for the shares {shares} it says {found:.3f}, and {expected:.3f} is right."
        if problem:
            break
    verdict(problem)


def share_kept(answer: Callable[[Tensor, Tensor, int], Tensor | float]) -> None:
    """Exercise 2: `answer(codes, points, k)` is the mean share of k nearest neighbours that a map keeps."""
    random = torch.Generator().manual_seed(0)
    codes = torch.randn(60, 5, generator=random)
    cases = {"a map that is the codes' first two numbers": codes[:, :2], "the codes themselves": codes}
    for (name, points), k in product(cases.items(), (1, 8)):
        found, problem = number(answer, codes, points, k)
        expected = kept(codes, points, k).mean().item()
        if not problem and not abs(found - expected) < 1e-4:
            problem = f"for {name} and k = {k} it says {found:.3f}, and {expected:.3f} is right."
        if problem:
            break
    verdict(problem)


def newcomers(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Exercise 3: `answer(codes, points, new)` places new codes on a map that is there already."""
    shown = digits(OLD + NEW)
    codes = shown.pictures.flatten(1)
    points = tsne(codes[:OLD])
    before = points.clone()
    found, problem = attempt(answer, codes[:OLD], points, codes[OLD:])
    verdict(problem or _places_problem(found, before, points, shown.labels) or _stray_problem(answer))


def _places_problem(found: object, before: Tensor, points: Tensor, labels: Tensor) -> str:
    if not torch.equal(points, before):
        return "the points that were there have moved: leave them where they are."
    if not isinstance(found, Tensor) or found.shape != (NEW, 2) or not found.isfinite().all():
        return f"for {NEW} new codes it should return a tensor ({NEW}, 2) of places."
    beside = labels[:OLD][torch.cdist(found.float(), points).argmin(1)]
    right = (beside == labels[OLD:]).float().mean().item()
    if right < ENOUGH:
        return f"only {right:.0%} of the new digits stand beside one of their class: {ENOUGH:.0%} can."
    return ""


def _stray_problem(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> str:
    """Two islands 40 apart; a code of the first, nearest to all newcomers, has strayed to the second."""
    random = torch.Generator().manual_seed(0)
    ways = torch.nn.functional.normalize(torch.randn(60, 20, generator=random))  # all of length 1
    ways[0] *= 0.7
    codes = ways + 10 * (torch.arange(60) >= 30)[:, None]
    points = torch.rand(60, 2, generator=random)
    points[30:] += 40
    points[0] += 40
    found, problem = attempt(answer, codes, points, 0.01 * torch.randn(8, 20, generator=random))
    if problem:
        return problem
    if not isinstance(found, Tensor) or found.shape != (8, 2):
        return "for 8 new codes it should return a tensor (8, 2) of places."
    away = torch.cdist(found.float(), points[1:30]).amin(1)
    if (away < 2).all():
        return ""
    near = (away > 30).any()
    place = "beside it: ask several" if near else "between the islands: it drags the mean along"
    return f"where the nearest of all has strayed to another island, the new ones stand {place}."


def slope(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Exercise 4: `answer(p, points)` is the gradient of the divergence with respect to the points."""
    random = torch.Generator().manual_seed(0)
    p = affinities(torch.randn(20, 4, generator=random), 5).double()
    points = torch.randn(20, 2, generator=random).double()
    found, problem = attempt(answer, p, points)
    verdict(problem or _slope_problem(found, p, points))


def _slope_problem(found: object, p: Tensor, points: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != points.shape:
        return "for 20 points it should return a tensor (20, 2)."
    step = 1e-5  # finite differences: no formula of ours
    nudges = step * torch.eye(points.numel(), dtype=points.dtype).view(-1, *points.shape)
    expected = [(divergence(p, points + one) - divergence(p, points - one)) / (2 * step) for one in nudges]
    for said, right in zip(found.flatten().tolist(), expected, strict=True):
        if not abs(said - right) < 1e-6 + 1e-3 * abs(right):
            return f"where one point's slope is {right:.5f}, by moving it a little, it says {said:.5f}."
    return ""
