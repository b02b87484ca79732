"""Checks for lesson 08, class images. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from ..networks import Network
from . import attempt, verdict

LEAST = 0.2  # the probability that a hybrid's two classes need


def roughness(answer: Callable[[Tensor], Tensor]) -> None:
    """Exercise 1: `answer(picture)` is the mean absolute difference of neighbours."""
    ramp = (
        torch.arange(4.0).view(1, 1, 1, 4).expand(1, 3, 5, 4) / 10
    )  # 3 x 5 x 3 steps of 0.1, 3 x 4 x 4 of 0
    found, problem = attempt(answer, ramp.clone().requires_grad_())
    expected = 45 * 0.1 / (45 + 48)
    if not problem and not getattr(found, "requires_grad", False):
        problem = "no gradient can pass through what it returns: leave it a tensor, without .item()."
    elif not problem and not torch.allclose(torch.as_tensor(found), torch.tensor(expected), atol=1e-5):
        problem = (
            f"a ramp in steps of 0.1, 5 rows by 4 columns, should give {expected:.4f}, and it says {found}."
        )
    verdict(problem)


def jittered(answer: Callable[[Tensor, int, Generator], Tensor]) -> None:
    """Exercise 2: `answer(picture, pixels, generator)` rolls the picture by up to `pixels` either way."""
    picture = torch.arange(81.0).view(1, 1, 9, 9)
    generator = Generator().manual_seed(0)
    seen = set()
    for _ in range(200):
        moved, problem = attempt(answer, picture, 1, generator)
        shift = None if problem else _shift(moved, picture)
        if not problem and shift is None:
            problem = (
                "what it returns is not the picture rolled by at most one pixel down or up, right or left."
            )
        if problem:
            break
        seen.add(shift)
    if not problem and not all(_repeats(answer, picture, seed) for seed in range(5)):
        problem = "the same generator gives different shifts: draw with generator=generator."
    elif not problem and len(seen) < 9:
        problem = (
            f"in 200 draws only {len(seen)} of the 9 shifts came up, and all should: -1, 0 and 1, both ways."
        )
    verdict(problem)


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
    """Exercise 3: `answer(network, first, second)` is a picture of two classes, each at 20 % or more."""
    first, second = "zebra", "strawberry"
    picture, problem = attempt(answer, network, first, second)
    if not problem:
        problem = _hybrid_problem(picture, network, first, second)
    verdict(problem)


def _hybrid_problem(picture: object, network: Network, first: str, second: str) -> str:
    if not isinstance(picture, Tensor) or picture.shape != (1, 3, 160, 160):
        return "it should return a picture of shape (1, 3, 160, 160)."
    shares = network(picture.detach()).softmax(1)[0]
    found = {label: shares[network.class_index(label)].item() for label in (first, second)}
    if min(found.values()) < LEAST:
        told = " and ".join(f"{share:.0%} {label}" for label, share in found.items())
        return f"the test picture is {told}; {LEAST:.0%} of each are wanted."
    return ""
