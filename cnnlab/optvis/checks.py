"""Checks for lessons 08, 09 and 11. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from ..course.exercises import attempt, number, verdict
from ..networks import Network
from ..pictures import fit, read, resize
from .dream import carried, octaves

# --- lesson 08: class images ----------------------------------------------------------------------


LEAST = 0.2  # the probability that a hybrid's two classes need


def roughness(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 08, exercise 1: `answer(picture)` is the mean absolute difference of neighbours."""
    ramp = (torch.arange(4.0) / 10).expand(1, 3, 5, 4)  # 3 x 5 x 3 steps of 0.1, 3 x 4 x 4 of 0
    found, problem = attempt(answer, ramp.clone().requires_grad_())
    verdict(problem or _roughness_problem(found, 45 * 0.1 / (45 + 48)))


def _roughness_problem(found: Any, expected: float) -> str:
    if not getattr(found, "requires_grad", False):
        return "no gradient can pass through what it returns: leave it a tensor, without .item()."
    if torch.allclose(torch.as_tensor(found), torch.tensor(expected), atol=1e-5):
        return ""
    return f"a ramp in steps of 0.1, 5 rows by 4 columns, should give {expected:.4f}, and it says {found}."


def jittered(answer: Callable[[Tensor, int, Generator], Tensor]) -> None:
    """Lesson 08, exercise 2: `answer(picture, pixels, generator)` rolls the picture by up to `pixels`
    either way.
    """
    verdict(_jitter_problem(answer, torch.arange(81.0).view(1, 1, 9, 9)))


def _jitter_problem(answer: Callable[[Tensor, int, Generator], Tensor], picture: Tensor) -> str:
    generator, seen = Generator().manual_seed(0), set()
    wrong = "what it returns is not the picture rolled by at most one pixel down or up, right or left."
    for _ in range(200):
        moved, problem = attempt(answer, picture, 1, generator)
        shift = _shift(moved, picture)
        if problem or shift is None:
            return problem or wrong
        seen.add(shift)
    if not all(_repeats(answer, picture, seed) for seed in range(5)):
        return "the same generator gives different shifts: draw with generator=generator."
    if len(seen) == 9:
        return ""
    return f"in 200 draws only {len(seen)} of the 9 shifts came up, and all should: -1, 0 and 1, both ways."


def _repeats(answer: Callable[[Tensor, int, Generator], Tensor], picture: Tensor, seed: int) -> bool:
    """Whether equal generators give equal shifts."""
    first, again = (answer(picture, 1, Generator().manual_seed(seed)) for _ in range(2))
    return torch.equal(first, again)


def _shift(moved: object, picture: Tensor) -> tuple[int, int] | None:
    """The roll (down, right) that makes `picture` into `moved`, if there is one of at most a pixel."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    equal = (s for s in shifts if isinstance(moved, Tensor) and torch.equal(moved, picture.roll(s, (2, 3))))
    return next(equal, None)


def hybrid(answer: Callable[[Network, str, str], Tensor], network: Network) -> None:
    """Lesson 08, exercise 3: `answer(network, first, second)` is a picture of two classes, each at 20 %
    or more.
    """
    first, second = "zebra", "strawberry"
    picture, problem = attempt(answer, network, first, second)
    problem = problem or shape_problem(picture, (1, 3, 160, 160), "picture")
    verdict(problem or _hybrid_problem(picture, network, first, second))


def _hybrid_problem(picture: Any, network: Network, first: str, second: str) -> str:
    shares = network(picture.detach()).softmax(1)[0]
    found = {label: shares[network.class_index(label)].item() for label in (first, second)}
    if min(found.values()) < LEAST:
        told = " and ".join(f"{share:.0%} {label}" for label, share in found.items())
        return f"the test picture is {told}; {LEAST:.0%} of each are wanted."
    return ""


# --- lesson 09: feature inversion -----------------------------------------------------------------


def error(answer: Callable[[Tensor, Tensor, Tensor], Tensor | float]) -> None:
    """Lesson 09, exercise 1: `answer(found, wanted, others)` is a distance over the mean distance between
    `others`.
    """
    found, wanted, others = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0], [1.0], [3.0]])
    said, problem = number(answer, found, wanted, others)
    if not problem and abs(said - 2.5) > 1e-4:  # distances of `others`: 1, 3 and 2
        problem = f"for codes 5 apart and others that are 2 apart on average it says {said:.3g}."
    verdict(problem)


def keep_largest(answer: Callable[[Tensor, float], Tensor]) -> None:
    """Lesson 09, exercise 2: `answer(code, share)` keeps the largest values and sets all others to 0."""
    code = torch.rand(1, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    before = code.clone()
    kept, problem = attempt(answer, code, 0.25)
    problem = problem or shape_problem(kept, code.shape, "code") or _kept_problem(kept, before)
    verdict(problem or _changed_problem((code, before)))


def _kept_problem(kept: Any, code: Tensor) -> str:
    least = code.flatten().topk(30).values.min()
    if int((kept != 0).sum()) != 30:
        return f"of 120 values a quarter is 30, and it keeps {int((kept != 0).sum())}."
    if torch.equal(kept, code * (code >= least)):
        return ""
    dropped = code[(kept == 0) & (code >= least)]
    if not len(dropped):
        return "it keeps the right places, and changes the values there."
    return f"it drops a value of {dropped.max():.3f}; all from {least:.3f} on belong to the largest quarter."


def chimera(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 09, exercise 3: `answer(one, other)` has the left columns of `one` and the right ones of
    `other`.
    """
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.rand(1, 3, 4, 7, generator=generator) for _ in range(2))
    before = one.clone(), other.clone()
    made, problem = attempt(answer, one, other)
    problem = problem or shape_problem(made, one.shape, "code") or _halves_problem(made, *before)
    verdict(problem or _changed_problem((one, before[0]), (other, before[1])))


def _halves_problem(made: Any, one: Tensor, other: Tensor) -> str:
    if not torch.equal(made[..., :3], one[..., :3]):
        return "of 7 columns, the first 3 should be those of the first code."
    if not torch.equal(made[..., 3:], other[..., 3:]):
        return "of 7 columns, the last 4 should be those of the second code."
    return ""


def _changed_problem(*pairs: tuple[Tensor, Tensor]) -> str:
    """Whether a code that was handed over is still what it was."""
    same = all(torch.equal(now, before) for now, before in pairs)
    return "" if same else "it changes the code that it was given: work on a clone."


# --- lesson 11: Deep Dream ------------------------------------------------------------------------


def octave_sizes(answer: Callable[[int, int, int, float], list[tuple[int, int]]]) -> None:
    """Lesson 11, exercise 1: `answer(height, width, count, ratio)` lists the octaves, the smallest first."""
    for size, count, ratio in (((300, 480), 4, 1.4), ((227, 227), 1, 1.8), ((512, 333), 3, 2.0)):
        found, problem = attempt(answer, *size, count, ratio)
        expected = list(octaves(size, count, ratio))
        if not problem and found != expected:
            problem = f"for {size}, {count} octaves of {ratio} it says {found}, and the plan is {expected}."
        if problem:
            break
    verdict(problem)


def next_start(answer: Callable[[Tensor, Tensor, tuple[int, int]], Tensor]) -> None:
    """Lesson 11, exercise 2: `answer(finished, photograph, size)` is what the next octave starts from."""
    photograph, size = fit(read("macaw"), 96), (64, 64)
    base = resize(photograph, (40, 40))
    drawn = torch.randn(base.shape, generator=torch.Generator().manual_seed(0))
    finished = (base + 0.2 * drawn).clamp(0, 1)
    started, problem = attempt(answer, finished, photograph, size)
    expected = carried(finished, photograph, size)
    problem = problem or shape_problem(started, expected.shape, "picture")
    verdict(problem or _start_problem(started, expected, finished, resize(photograph, size)))


def _start_problem(started: Any, expected: Tensor, finished: Tensor, photograph: Tensor) -> str:
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
    """Lesson 11, exercise 3: `answer(activation, guide)` is the gradient that a guide asks for."""
    generator = torch.Generator().manual_seed(0)
    activation, guide = torch.rand(5, 3, 4, generator=generator), torch.rand(5, 6, 2, generator=generator)
    found, problem = attempt(answer, activation, guide)
    problem = problem or shape_problem(found, activation.shape, "tensor")
    verdict(problem or _guide_problem(found, activation, guide))


def _guide_problem(found: Any, activation: Tensor, guide: Tensor) -> str:
    products = torch.einsum("chw,cij->hwij", activation, guide).flatten(2)  # (3, 4, places)
    expected = guide.flatten(1)[:, products.argmax(2)]
    if torch.allclose(found, expected):
        return ""
    row, column = (found != expected).any(0).nonzero()[0].tolist()
    return (
        f"at row {row}, column {column} it is not the guide's vector with the largest dot product, which is "
        f"{products[row, column].max():.3f}."
    )


def shape_problem(found: object, shape: Sequence[int], what: str) -> str:
    """What to say of an answer that is no tensor of this shape, or ''."""
    if isinstance(found, Tensor) and found.shape == tuple(shape):
        return ""
    return f"it should return a {what} of shape {tuple(shape)}."
