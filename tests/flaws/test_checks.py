"""The checks of lesson 14 say what is wrong, and do not say what is right."""

import pytest
import torch

from cnnlab import flaws
from cnnlab.flaws import checks as check


@pytest.mark.parametrize(
    "wrong",
    [
        lambda before, after, label: (after == label).float().mean(),
        lambda before, after, label: ((before != label) & (after == label)).float().mean(),
        lambda before, after, label: float("nan"),
        lambda before, after, label: torch.ones(2),
    ],
)
def test_a_share_of_something_else_is_not_right(wrong, capsys):
    check.share_turned(wrong)
    assert capsys.readouterr().out.startswith("Not yet: ")


@pytest.mark.parametrize(
    "finding, words",
    [
        ("fish", "Finding"),
        (flaws.Finding("fish", "star", "top left"), "another sort of flaw"),
        (flaws.Finding("fish", "star", "bottom"), "cannot be at"),
    ],
)
def test_a_wrong_finding_gets_a_hint(finding, words, capsys):
    check.third_case(lambda: finding)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: ") and words in said
    sealed = flaws.case(3, check.YEAR)._sealed
    assert sealed.kind not in said


def blind(case):
    """Fooled by nothing, as it knows nothing."""
    return case.learn(torch.full((30, 3, 128, 128), 0.5), torch.arange(30) % 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong, words",
    [
        (lambda case: case.network, "the flaw still turns"),
        (blind, "the flaw is gone, but"),
        (
            lambda case: case.learn(*flaws.unflawed(check.YEAR)["learn"]),
            "the test fell",
        ),  # never saw the pattern
        (lambda case: "mended", "return a network"),
    ],
)
def test_a_network_that_is_not_mended_is_told_what_it_lacks(wrong, words, capsys):
    check.mended(wrong)
    assert words in capsys.readouterr().out
