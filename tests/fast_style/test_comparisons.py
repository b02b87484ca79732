"""The comparison with optimising: the losses are those of the pictures, and optimising lowers them."""

import pytest
import torch
from small import convolutional, noise

from cnnlab import pictures
from cnnlab.fast_style import Perceptual, Stylist, compare, mean_parts

NAMES = ["alpaca", "camels"]


class Weights:
    content, style, smooth = 2.0, 5.0, 0.5


@pytest.fixture(scope="module")
def goal() -> Perceptual:
    return Perceptual(convolutional(), noise(1, 3, 40, 40), {"1": 1.0, "4": 1.0}, content="1")


def test_the_losses_are_those_of_the_pictures(goal):
    stylist = Stylist(4, 1).eval()
    rows = list(compare(stylist, goal, Weights, NAMES, size=32, steps=(8, 2)))
    assert [row.done for row in rows] == [0.5, 1.0]
    photographs = torch.cat([pictures.fit(pictures.read(name), 32) for name in NAMES])
    with torch.no_grad():
        painted = stylist(photographs)
    for found, shown in ((rows[-1].stylist, painted), (rows[-1].photographs, photographs)):
        parts = goal(shown, photographs)
        expected = sum(getattr(Weights, name) * part.mean() for name, part in parts.items())
        assert found == pytest.approx(expected.item(), rel=1e-4)
    parts = mean_parts(stylist, goal, NAMES, size=32)
    assert rows[-1].stylist == pytest.approx(
        sum(getattr(Weights, name) * part for name, part in parts.items()), rel=1e-4
    )


def test_optimising_lowers_the_loss_and_takes_longer_for_more_steps(goal):
    *_, last = compare(Stylist(4, 1).eval(), goal, Weights, NAMES, size=32, steps=(2, 8), start="photograph")
    assert last.photographs > last.optimised[2] > last.optimised[8]
    assert 0 < last.seconds_optimised[2] < last.seconds_optimised[8] and last.seconds > 0
    assert last.faster[8] == pytest.approx(last.seconds_optimised[8] / last.seconds)


def test_it_begins_as_noise_or_as_the_photograph(goal):
    kinds = {
        start: next(compare(Stylist(4, 1).eval(), goal, Weights, NAMES, 32, (1,), start))
        for start in ("noise", "photograph")
    }
    assert kinds["photograph"].optimised[1] < kinds["photograph"].photographs
    assert kinds["noise"].optimised[1] != kinds["photograph"].optimised[1]
    with pytest.raises(ValueError, match="start is 'grey'"):
        next(compare(Stylist(4, 1), goal, Weights, NAMES, start="grey"))
