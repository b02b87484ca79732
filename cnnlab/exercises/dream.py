"""Checks for lesson 11, Deep Dream. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..dream import carried, octaves
from ..pictures import fit, read, resize
from . import attempt, verdict


def octave_sizes(answer: Callable[[int, int, int, float], list[tuple[int, int]]]) -> None:
    """Exercise 1: `answer(height, width, count, ratio)` lists the octaves, the smallest first."""
    problem = ""
    for size, count, ratio in (((300, 480), 4, 1.4), ((227, 227), 1, 1.8), ((512, 333), 3, 2.0)):
        found, problem = attempt(answer, *size, count, ratio)
        expected = list(octaves(size, count, ratio))
        if not problem and found != expected:
            problem = f"for {size}, {count} octaves of {ratio} it says {found}, and the plan is {expected}."
        if problem:
            break
    verdict(problem)


def next_start(answer: Callable[[Tensor, Tensor, tuple[int, int]], Tensor]) -> None:
    """Exercise 2: `answer(finished, photograph, size)` is what the next octave starts from."""
    photograph, size = fit(read("macaw"), 96), (64, 64)
    base = resize(photograph, (40, 40))
    drawn = torch.randn(base.shape, generator=torch.Generator().manual_seed(0))
    finished = (base + 0.2 * drawn).clamp(0, 1)
    started, problem = attempt(answer, finished, photograph, size)
    if not problem:
        afresh = resize(photograph, size)
        problem = _start_problem(started, carried(finished, photograph, size), finished, afresh)
    verdict(problem)


def _start_problem(started: object, expected: Tensor, finished: Tensor, photograph: Tensor) -> str:
    if not isinstance(started, Tensor) or started.shape != expected.shape:
        return f"it should return a picture of shape {tuple(expected.shape)}."
    if not 0 <= started.min() <= started.max() <= 1:
        return "a picture lies in [0, 1], and this one leaves it."
    if torch.allclose(started, resize(finished, (photograph.shape[2], photograph.shape[3])), atol=1e-3):
        return "this enlarges the finished picture; enlarge only the detail, and take the photograph afresh."
    if torch.allclose(started, photograph, atol=1e-3):
        return "this is the photograph alone; it should be the photograph plus the enlarged detail."
    if not torch.allclose(started, expected, atol=1e-3):
        return "it should be the photograph at the new size plus the enlarged detail."
    return ""


def guide_gradient(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Exercise 3: `answer(activation, guide)` is the gradient that a guide asks for."""
    generator = torch.Generator().manual_seed(0)
    activation, guide = torch.rand(5, 3, 4, generator=generator), torch.rand(5, 6, 2, generator=generator)
    found, problem = attempt(answer, activation, guide)
    if not problem:
        products = torch.einsum("chw,cij->hwij", activation, guide).flatten(2)  # (3, 4, places)
        expected = guide.flatten(1)[:, products.argmax(2)]
        if not isinstance(found, Tensor) or found.shape != activation.shape:
            problem = f"it should return a tensor of shape {tuple(activation.shape)}."
        elif not torch.allclose(found, expected):
            row, column = (found != expected).any(0).nonzero()[0].tolist()
            best = products[row, column].max().item()
            problem = (
                f"at row {row}, column {column} it is not the guide's vector with the largest dot product, "
                f"which is {best:.3f}."
            )
    verdict(problem)
