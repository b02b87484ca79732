"""The panel, and what each preset's question takes for granted, found out by training with the panel's own
settings.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.training import playground
from cnnlab.training.playground import PRESETS, TrainingRun


@pytest.fixture
def panel():
    made = playground.panel(data="spiral", layers="8, 8")
    yield made
    made.close()


def test_the_panel_rewinds_to_the_same_start_and_takes_a_state(panel):
    first = panel.frame.score
    panel.runner.step()
    panel.runner.step()
    third = panel.frame.score
    panel.runner.reset()
    assert panel.frame.score == first
    panel.runner.step()
    panel.runner.step()
    assert panel.frame.score == third
    panel.state = (
        "data=exclusive or; layers=4 relu, 2; seed=7; l2=0.01; stop=accuracy 95 %; features=x1, x1*x2"
    )
    assert panel.settings.layers == ((4, "relu"), (2, "")) and panel.settings.l2 == "0.01"
    assert "Epoch 0" in panel.frame.caption


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("layers=8, 40", "layer 2 asks for 40 units: at most 16"),
        ("data=moons", "give one of"),
        ("stop=soon", "no place to stop"),
        ("edit=x1", "sets nothing"),
    ],
)
def test_the_panel_refuses_in_a_sentence_and_changes_nothing(panel, state, sentence):
    before = panel.state
    with pytest.raises(ValueError, match=sentence):
        panel.state = state
    assert panel.state == before


def test_the_panel_goes_on_after_no_feature_was_chosen(panel):
    panel.state = "features="
    assert "nothing to look at" in panel.view.message.value
    panel.state = "features=x1"
    assert panel.view.message.value == "" and "Epoch 0" in panel.frame.caption


def test_a_name_that_is_no_setting_is_refused():
    with pytest.raises(TypeError, match="width"):
        playground.panel(width=300)


def test_a_preset_is_the_same_whatever_the_panel_began_with():
    spiral = {
        "data": "spiral",
        "layers": "8 tanh, 8 relu",
        "rate": 0.3,
        "seed": 7,
        "tested": False,
        "l2": 0.01,
    }
    plain, other = playground.panel(), playground.panel(**spiral, pace="ten epochs")
    try:
        for name in PRESETS:
            for panel in (plain, other):
                panel.state = panel.preset.presets[name].state
            mine, theirs = ({**vars(panel.settings)} for panel in (plain, other))
            assert mine.pop("rate") == pytest.approx(theirs.pop("rate"), rel=0.16)  # a step of the slider
            assert mine == theirs
    finally:
        plain.close()
        other.close()


def test_beside_the_border_a_step_of_the_slider_learns_and_the_next_explodes(settings_of):
    panel = playground.panel(rate=0.3)
    rate = next(bound for bound in panel.controls if bound.name == "rate").control
    panel.close()
    field = rate.make("Step size")
    steps = [rate.parse(field, str(10 ** (exponent / 100))) for exponent in range(-90, -60)]
    learns, explodes = (
        max(step for step in steps if step < 2 / 12),
        min(step for step in steps if step > 2 / 12),
    )
    assert learned(settings_of("Exploding step", rate=learns), 200).now.train_loss < 1e-3
    assert learned(settings_of("Exploding step", rate=explodes), 200).over


@pytest.fixture(scope="module")
def settings_of():
    """A function: the settings that the panel has after a preset was chosen, with some changed."""
    panel = playground.panel()

    def settings(name, **changes):
        panel.state = panel.preset.presets[name].state
        return SimpleNamespace(**{**vars(panel.settings), **changes})

    yield settings
    panel.close()


def learned(settings, frames):
    run = TrainingRun(settings)
    for _ in range(frames):
        if not run.over:
            run.advance()
    return run


def test_every_preset_asks_a_question_and_has_a_test_here():
    assert all("?" in preset["question"] for preset in PRESETS.values())
    assert list(CLAIMS) == list(PRESETS)


def circle_with_lines(settings_of):
    name = "A circle, drawn with lines"
    assert learned(settings_of(name), 150).now.train_accuracy > 0.97
    assert learned(settings_of(name, layers="2"), 150).now.train_accuracy < 0.95


def no_hidden_layer(settings_of):
    name = "Exclusive or, without a hidden layer"
    assert learned(settings_of(name), 30).now.test_accuracy > 0.98
    assert learned(settings_of(name, features=("x1", "x2")), 30).now.test_accuracy < 0.75


def spiral(settings_of):
    run = learned(settings_of("Spiral"), 20)
    assert run.epoch == 200 and run.now.train_accuracy < 0.9
    for _ in range(130):
        run.advance()
    assert run.now.train_accuracy > 0.97


def underfit(settings_of):
    half, whole = (learned(settings_of("Underfit"), frames) for frames in (30, 60))
    assert whole.now.train_loss > 0.35 and half.now.train_loss - whole.now.train_loss < 0.05
    assert learned(settings_of("Underfit", count=2000), 30).now.test_loss > 0.35  # more points do not help


def overfit(settings_of):
    run = learned(settings_of("Overfit"), 60)
    best = min(test for *_, test in run.history.kept)
    assert run.now.train_accuracy == 1 and run.now.train_loss < 0.02
    assert run.now.test_loss > 1.2 * best
    assert learned(settings_of("Overfit", l2="0.03"), 60).now.test_loss < 0.8 * run.now.test_loss


def dead(settings_of):
    run = learned(settings_of("Dead ReLUs"), 15)
    first = run.now.dead[0].copy()
    assert sum(layer.sum() for layer in run.now.dead) >= 4 and first.any() and run.now.train_accuracy < 0.8
    run.settings.rate = 0.03
    for _ in range(20):
        run.advance()
    assert run.now.dead[0][first].all()  # their inputs do not change, and no gradient reaches them
    assert learned(settings_of("Dead ReLUs", rate=0.03), 35).now.train_accuracy > 0.95


def exploding(settings_of):
    run = learned(settings_of("Exploding step"), 200)
    assert run.over and "too large" in run.note and np.isfinite(run.network.parameters).all()
    assert len(run.history.kept) > 20  # it is seen to grow
    assert run.points.train.sum() == 100 == run.settings.batch  # each step sees all
    places = run.points.inputs[run.points.train]
    assert (places[:, 0] ** 2).mean() == pytest.approx(12, rel=0.01)
    bowl = np.c_[places, np.ones(100)]
    border = 2 / np.linalg.eigvalsh(bowl.T @ bowl / 100)[-1]
    assert border == pytest.approx(2 / 12, rel=0.02)
    for rate in (0.15, 0.161):
        assert learned(settings_of("Exploding step", rate=rate), 200).now.train_loss < 1e-3
    for rate in (0.17, 0.184):
        assert learned(settings_of("Exploding step", rate=rate), 600).over


def zeros(settings_of):
    run = learned(settings_of("All weights zero"), 50)
    assert not any(weights.any() for weights in run.network.weights) and run.now.train_accuracy < 0.7
    assert learned(settings_of("All weights zero", start=0.1), 150).now.train_accuracy > 0.95


CLAIMS = {
    "A circle, drawn with lines": circle_with_lines,
    "Exclusive or, without a hidden layer": no_hidden_layer,
    "Spiral": spiral,
    "Underfit": underfit,
    "Overfit": overfit,
    "Dead ReLUs": dead,
    "Exploding step": exploding,
    "All weights zero": zeros,
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.__name__)
def test_its_claim_holds(claim, settings_of):
    claim(settings_of)
