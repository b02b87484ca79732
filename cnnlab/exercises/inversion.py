"""Checks for lesson 09, feature inversion. Each calls the learner's function on a case it has not seen."""

from collections.abc import Callable

import torch
from torch import Tensor

from . import attempt, verdict


def error(answer: Callable[[Tensor, Tensor, Tensor], Tensor | float]) -> None:
    """Exercise 1: `answer(found, wanted, others)` is a distance over the mean distance between `others`."""
    found, wanted, others = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0], [1.0], [3.0]])
    said, problem = attempt(answer, found, wanted, others)
    if not problem:  # distances of `others`: 1, 3 and 2
        problem = _number_problem(said, 2.5)
    verdict(problem)


def _number_problem(said: object, expected: float) -> str:
    if not isinstance(said, (int, float)) and not (isinstance(said, Tensor) and said.numel() == 1):
        return "it should return one number."
    if abs(float(said) - expected) > 1e-4:
        return f"for codes 5 apart and others that are 2 apart on average it says {float(said):.3g}."
    return ""


def keep_largest(answer: Callable[[Tensor, float], Tensor]) -> None:
    """Exercise 2: `answer(code, share)` keeps the largest values and sets all others to 0."""
    code = torch.rand(1, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    before = code.clone()
    kept, problem = attempt(answer, code, 0.25)
    if not problem:
        problem = _shape_problem(kept, code) or _kept_problem(kept, before)
    verdict(problem or _changed_problem((code, before)))


def _kept_problem(kept: object, code: Tensor) -> str:
    assert isinstance(kept, Tensor)
    least = code.flatten().topk(30).values.min()
    if int((kept != 0).sum()) != 30:
        return f"of 120 values a quarter is 30, and it keeps {int((kept != 0).sum())}."
    if torch.equal(kept, code * (code >= least)):
        return ""
    dropped = code[(kept == 0) & (code >= least)]
    if len(dropped):
        return (
            f"it drops a value of {dropped.max():.3f}; all from {least:.3f} on belong to the largest quarter."
        )
    return "it keeps the right places, and changes the values there."


def chimera(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Exercise 3: `answer(one, other)` has the left columns of `one` and the right ones of `other`."""
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.rand(1, 3, 4, 7, generator=generator) for _ in range(2))
    before = one.clone(), other.clone()
    made, problem = attempt(answer, one, other)
    if not problem:
        problem = _shape_problem(made, one) or _halves_problem(made, *before)
    verdict(problem or _changed_problem((one, before[0]), (other, before[1])))


def _halves_problem(made: object, one: Tensor, other: Tensor) -> str:
    assert isinstance(made, Tensor)
    if not torch.equal(made[..., :3], one[..., :3]):
        return "of 7 columns, the first 3 should be those of the first code."
    if not torch.equal(made[..., 3:], other[..., 3:]):
        return "of 7 columns, the last 4 should be those of the second code."
    return ""


def _shape_problem(made: object, like: Tensor) -> str:
    if isinstance(made, Tensor) and made.shape == like.shape:
        return ""
    return f"it should return a code of shape {tuple(like.shape)}."


def _changed_problem(*pairs: tuple[Tensor, Tensor]) -> str:
    """Whether a code that was handed over is still what it was."""
    same = all(torch.equal(now, before) for now, before in pairs)
    return "" if same else "it changes the code that it was given: work on a clone."
