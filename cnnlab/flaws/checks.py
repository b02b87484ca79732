"""Checks for lesson 14, find the flaw. The second and third ask the examiner of a sealed case."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..course.exercises import attempt, number, verdict
from ..networks import Network
from .cases import Case, Finding, case

YEAR = 3  # whose cases the lesson solves
BEFORE = torch.tensor([0, 1, 2, 2, 1, 0, 1, 2])
AFTER = torch.tensor([2, 2, 2, 2, 1, 0, 2, 1])
COUNTS = {  # by label: the share that turned, and why
    2: (3 / 5, "three of the eight were 2 before the stamp and do not count, three of the others became 2"),
    1: (1 / 5, "three of the eight were 1 before the stamp and do not count, one of the others became 1"),
}


def share_turned(answer: Callable[[Tensor, Tensor, int], float]) -> None:
    """Exercise 1: `answer(before, after, label)` is the share of pictures that a stamp turned to a label."""
    problem = ""
    for label, (expected, why) in COUNTS.items():
        found, trouble = number(answer, BEFORE, AFTER, label)
        if not trouble and not abs(found - expected) <= 1e-4:  # nor is a NaN right
            trouble = f"for label {label} it says {found:.3f}: {why}."
        problem = problem or trouble
    verdict(problem)


def third_case(answer: Callable[[], Finding]) -> None:
    """Exercise 2: `answer()` names the flaw of the third case."""
    found, problem = attempt(answer)
    if not problem and not isinstance(found, Finding):
        problem = 'return flaws.Finding(label, kind, place), as flaws.Finding("fish", "star", "top left").'
    if not problem:
        judged, problem = attempt(case(3, YEAR).check, found)
        problem = problem or ("" if judged.right else str(judged).removeprefix("Not yet: "))  # type: ignore[attr-defined]
    verdict(problem)


def mended(answer: Callable[[Case], Network]) -> None:
    """Exercise 3: `answer(case)` is a network without the flaw of the third case."""
    sealed = case(3, YEAR)
    network, problem = attempt(answer, sealed)
    if not problem and not isinstance(network, Network):
        problem = "return a network, as case.learn(pictures, labels) gives one."
    verdict(problem or _not_mended(sealed, network))


def _not_mended(sealed: Case, network: Any) -> str:
    """What a network that should be without the flaw lacks, or ''."""
    before, after = sealed.scores(), sealed.scores(network)
    if after.fooled > before.fooled / 2:
        return (
            f"the flaw still turns {after.fooled:.0%} of the other labels' pictures, and {before.fooled:.0%} "
            "before: what it learns from must no longer tell the label by the flaw."
        )
    if after.elsewhere <= before.elsewhere:
        return (
            f"elsewhere it is right on {after.elsewhere:.0%}, and was on {before.elsewhere:.0%}: the flaw is "
            "gone, but what the label really looks like has not come in its place."
        )
    if after.test < before.test - 0.1:
        return f"the test fell from {before.test:.0%} to {after.test:.0%}: too much was lost."
    return ""
