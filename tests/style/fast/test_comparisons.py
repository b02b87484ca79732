"""The comparison with optimising: the losses are those of the pictures, and optimising lowers them."""

import pytest
import torch
from small import convolutional, noise
from torch.nn.functional import pad

from cnnlab import pictures
from cnnlab.style.fast import Perceptual, Stylist, compare, mean_parts
from cnnlab.style.fast.measures import PLACES

NAMES = ["alpaca", "camels"]


class Weights:
    content, style, smooth = 2.0, 5.0, 0.5


@pytest.fixture(scope="module")
def goal() -> Perceptual:
    return Perceptual(convolutional(), noise(1, 3, 40, 40), {"1": 1.0, "4": 1.0}, content="1")


def losses(goal, picture, photograph, places):
    """The mean over `places`, by hand."""
    found = []
    for above, left in places:
        frame = left, 16 - left, above, 16 - above
        parts = goal(*(pad(one, frame, mode="reflect") for one in (picture, photograph)))
        found.append(sum(getattr(Weights, name) * part.mean().item() for name, part in parts.items()))
    return sum(found) / len(found)


def test_the_losses_are_those_of_the_pictures(goal):
    stylist = Stylist(4, 1).eval()
    rows = list(compare(stylist, goal, Weights, NAMES, size=32, steps=(8, 2)))
    assert [row.done for row in rows] == [0.5, 1.0]
    photographs = torch.cat([pictures.fit(pictures.read(name), 32) for name in NAMES])
    with torch.no_grad():
        painted = stylist(photographs)
    for name, shown in {"stylist": painted, "photograph": photographs}.items():
        assert rows[-1].aligned[name] == pytest.approx(losses(goal, shown, photographs, [(8, 8)]), rel=1e-4)
        assert rows[-1].moved[name] == pytest.approx(losses(goal, shown, photographs, PLACES), rel=1e-4)
    parts = mean_parts(stylist, goal, NAMES, size=32)
    expected = sum(part.mean() * getattr(Weights, name) for name, part in goal(painted, photographs).items())
    assert sum(getattr(Weights, name) * part for name, part in parts.items()) == pytest.approx(
        expected.item(), rel=1e-4
    )


@pytest.mark.parametrize("jitter", [False, True])
def test_optimising_lowers_the_loss_and_takes_longer_for_more_steps(goal, jitter):
    *_, last = compare(
        Stylist(4, 1).eval(), goal, Weights, NAMES, size=32, steps=(2, 8), start="photograph", jitter=jitter
    )
    for found in (last.aligned, last.moved):
        assert found["photograph"] > found[2] > found[8]
    assert 0 < last.seconds[2] < last.seconds[8] and last.seconds["stylist"] > 0
    assert last.faster == {k: pytest.approx(last.seconds[k] / last.seconds["stylist"]) for k in (2, 8)}


def test_what_was_optimised_at_one_place_is_worse_at_others_unless_it_was_moved_meanwhile(goal):
    steady, jittered = (
        next(compare(Stylist(4, 1).eval(), goal, Weights, NAMES, size=32, steps=(60,), jitter=jitter))
        for jitter in (False, True)
    )
    assert steady.moved[60] > steady.aligned[60]
    assert jittered.moved[60] < steady.moved[60]


def test_it_begins_as_noise_or_as_the_photograph(goal):
    kinds = {
        start: next(compare(Stylist(4, 1).eval(), goal, Weights, NAMES, 32, (1,), start)).aligned
        for start in ("noise", "photograph")
    }
    assert kinds["photograph"][1] < kinds["photograph"]["photograph"]
    assert kinds["noise"][1] != kinds["photograph"][1]
    with pytest.raises(ValueError, match="start is 'grey'"):
        next(compare(Stylist(4, 1), goal, Weights, NAMES, start="grey"))
