"""Checks say what is wrong with an answer, not only that it is."""

import re

import pytest
import torch

from cnnlab.agent import checks as agents
from cnnlab.attribution import checks as attribution
from cnnlab.attribution import checks as occlusion
from cnnlab.course import checks as start
from cnnlab.optvis import checks as dream
from cnnlab.optvis import checks as inversion
from cnnlab.pictures import resize


def averaged(weigh):
    def answer(gradient_of, picture, noise, count, generator):
        draws = (torch.randn(picture.shape, generator=generator) for _ in range(count))
        return weigh(torch.stack([gradient_of(picture + noise * draw) for draw in draws]))

    return answer


def farthest_elsewhere(codes, lives):
    distance = (codes[:, None] - codes).norm(dim=2)
    return distance.masked_fill(lives[:, None] == lives, -1).argmax(1)


def turned(probabilities, tops, lefts):
    row, column = divmod(int(probabilities.argmin()), len(lefts))
    return lefts[column], tops[row]


def smallest(code, share):
    bound = code.flatten().kthvalue(round(share * code.numel())).values
    return code * (code <= bound)


def largest_as_ones(code, share):
    return (code >= code.flatten().topk(round(share * code.numel())).values.min()).float()


@pytest.mark.parametrize(
    "check, wrong, words",
    [
        (
            start.fade,
            lambda picture, share: picture * share,
            r"share=0.0 a value of 0.50 becomes 0.00, and 0.50",
        ),
        (
            agents.nearest_elsewhere,
            farthest_elsewhere,
            r"for state 0 it says \d+, which is [\d.]+ away, and \d+ is",
        ),
        (dream.next_start, lambda done, photo, size: resize(photo, size), "the photograph alone"),
        (dream.next_start, lambda done, photo, size: resize(done, size), "enlarge only the detail"),
        (dream.guide_gradient, lambda mine, guide: guide[:, :3, :1].expand(5, 3, 4), r"at row \d, column \d"),
        (inversion.keep_largest, smallest, r"it drops a value of 0.99\d; all from 0.\d+ on"),
        (inversion.keep_largest, largest_as_ones, "changes the values there"),
        (
            attribution.smooth_grad,
            averaged(lambda all: all.sum(0)),
            "not the mean of the gradients: it is their sum.",
        ),
        (attribution.smooth_grad, averaged(lambda all: all.abs().mean(0)), "it is the mean of their sizes."),
        (occlusion.worst_square, turned, "The top comes first."),
    ],
)
def test_a_wrong_answer_is_told_why(check, wrong, words, capsys):
    check(wrong)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: ")
    assert re.search(words, said), said
