"""Class images: the scores rise, the pictures mean something to the network, the settings are the paper's."""

import pytest
import torch

from cnnlab.optvis.objectives import channel, logit
from cnnlab.optvis.transforms import blurred
from cnnlab.optvis.visualization import YOSINSKI, YosinskiSettings, gallery, robust, visualization, yosinski


@pytest.mark.parametrize("objective", [logit("hen"), logit("volcano"), channel("features.5", 3)])
def test_the_score_rises(squeezenet, objective):
    assert visualization(squeezenet, objective, size=96).run(24).rose


@pytest.mark.parametrize("setting", YOSINSKI.values(), ids=YOSINSKI)
def test_the_score_rises_under_each_of_the_published_settings(squeezenet, setting):
    assert yosinski(squeezenet, logit("flamingo"), setting, size=96).run(24).rose


def test_a_climb_is_recognised_after_a_shift_and_a_blur(squeezenet):
    picture = visualization(squeezenet, logit("gorilla")).run(60).picture
    moved = blurred(picture.roll((5, 7), (2, 3)), 1)
    assert squeezenet.predict(moved, 1)[0].label == "gorilla"


def test_the_gallery_is_recognised_too(squeezenet):
    drawn = gallery()
    named = [squeezenet.predict(blurred(p.roll((9, -7), (2, 3)), 1), 1)[0].label for p in drawn.values()]
    assert len(drawn) == 20
    assert sum(name == label for name, label in zip(named, drawn, strict=True)) >= 18


def test_a_setting_of_zeros_does_nothing():
    assert YosinskiSettings(0, 0, 4, 0, 0).operators() == []
    assert [len(setting.operators()) for setting in YOSINSKI.values()] == [2, 2, 2, 2]


def test_robust_at_0_leaves_the_picture_alone_and_else_changes_it():
    picture = torch.rand(1, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    for strength in (0.0, 1.0):
        shown, generator = picture, torch.Generator().manual_seed(1)
        for transform in robust(28, strength):
            shown = transform(shown, generator)
        assert torch.allclose(shown, picture, atol=1e-6) == (strength == 0)


def test_the_same_seed_draws_the_same_picture(squeezenet):
    first, again, other = (
        visualization(squeezenet, logit("hen"), 64, seed=s).run(3).picture for s in (4, 4, 5)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=0.01)
