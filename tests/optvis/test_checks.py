"""What a wrong answer to an exercise of lesson 11 is told."""

import pytest
import torch

from cnnlab import pictures
from cnnlab.optvis import checks as exercises


@pytest.mark.parametrize(
    "check, wrong, words",
    [
        (exercises.octave_sizes, lambda height, width, *_: [(height, width)], "and the plan is"),
        (
            exercises.next_start,
            lambda done, photo, size: pictures.resize(done, size),
            "enlarge only the detail",
        ),
        (exercises.next_start, lambda done, photo, size: pictures.resize(photo, size), "plus the enlarged"),
        (exercises.next_start, lambda done, photo, size: torch.full((1, 3, *size), 1.5), r"lies in [0, 1]"),
        (exercises.next_start, lambda done, photo, size: photo, "picture of shape (1, 3, 64, 64)"),
        (exercises.guide_gradient, lambda activation, guide: activation, "largest dot product"),
        (exercises.guide_gradient, lambda activation, guide: guide, "tensor of shape (5, 3, 4)"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(check, wrong, words, capsys):
    check(wrong)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: ") and words in said
