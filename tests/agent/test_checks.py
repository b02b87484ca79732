"""The checks of lesson 05's exercises tell a wrong answer what is wrong with it."""

import math
import re

import pytest

from cnnlab.agent import checks


def farthest_elsewhere(codes, lives):
    distance = (codes[:, None] - codes).norm(dim=2)
    return distance.masked_fill(lives[:, None] == lives, -1).argmax(1)


@pytest.mark.parametrize(
    "check, wrong, words",
    [
        (checks.discounted, lambda rewards, discount: sum(rewards), "is worth 1.5, and it says 3"),
        (checks.discounted, lambda rewards, discount: math.nan, "it says nan"),
        (checks.discounted, lambda rewards, discount: rewards, "one number"),
        (checks.distinct_share, lambda seen: 1.0, "of 8 states 3 are distinct"),
        (checks.nearest_elsewhere, lambda codes, lives: codes, "one index a state"),
        (checks.nearest_elsewhere, lambda codes, lives: lives.new_zeros(40), "of the same life"),
        (
            checks.nearest_elsewhere,
            farthest_elsewhere,
            r"for state 0 it says \d+, which is [\d.]+ away, and \d+ is",
        ),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(check, wrong, words, capsys):
    check(wrong)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: ") and re.search(words, said)
