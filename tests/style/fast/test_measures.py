"""The comparison with optimising: the losses are those of the pictures, and optimising lowers them."""

import pytest
import torch
from small import convolutional, noise
from torch.nn.functional import pad

from cnnlab import pictures
from cnnlab.style.fast import PerceptualLoss, TransformerNet, compare_with_optimisation
from cnnlab.style.fast.measures import PLACES

NAMES = ["alpaca", "camels"]


class Weights:
    content, style, smooth = 2.0, 5.0, 0.5


@pytest.fixture(scope="module")
def goal() -> PerceptualLoss:
    return PerceptualLoss(convolutional(), noise(1, 3, 40, 40), {"1": 1.0, "4": 1.0}, content="1")


def losses(goal, picture, photograph, places):
    """The mean over `places`, by hand."""
    found = []
    for above, left in places:
        frame = left, 16 - left, above, 16 - above
        parts = goal(*(pad(one, frame, mode="reflect") for one in (picture, photograph)))
        found.append(sum(getattr(Weights, name) * part.mean().item() for name, part in parts.items()))
    return sum(found) / len(found)


def test_the_losses_are_those_of_the_pictures(goal):
    transformer = TransformerNet(4, 1).eval()
    rows = list(compare_with_optimisation(transformer, goal, Weights, NAMES, size=32, steps=(8, 2)))
    assert len(rows) == 2
    photographs = torch.cat([pictures.fit(pictures.read(name), 32) for name in NAMES])
    with torch.no_grad():
        painted = transformer(photographs)
    for name, shown in {"network": painted, "photograph": photographs}.items():
        assert rows[-1].aligned[name] == pytest.approx(losses(goal, shown, photographs, [(8, 8)]), rel=1e-4)
        assert rows[-1].moved[name] == pytest.approx(losses(goal, shown, photographs, PLACES), rel=1e-4)


@pytest.mark.parametrize("jitter", [False, True])
def test_optimising_lowers_the_loss_and_takes_longer_for_more_steps(goal, jitter):
    *_, last = compare_with_optimisation(
        TransformerNet(4, 1).eval(), goal, Weights, NAMES, size=32, steps=(2, 8, 60), jitter=jitter
    )
    for found in (last.aligned, last.moved):
        assert found[2] > found[8] > found[60]
    assert 0 < last.faster[2] < last.faster[8] < last.faster[60] and last.faster["network"] == 1


def test_what_was_optimised_at_one_place_is_worse_at_others_unless_it_was_moved_meanwhile(goal):
    steady, jittered = (
        next(
            compare_with_optimisation(
                TransformerNet(4, 1).eval(), goal, Weights, NAMES, size=32, steps=(60,), jitter=jitter
            )
        )
        for jitter in (False, True)
    )
    assert steady.moved[60] > steady.aligned[60]
    assert jittered.moved[60] < steady.moved[60]
