"""The playground's frames, one run after the other, and its panel."""

import re
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.training import playground
from cnnlab.training.playground import Run, Settings, play, read_csv
from cnnlab.training.playground.chart import counted
from cnnlab.training.playground.edits import apply
from cnnlab.training.playground.edits import parse as parse_edit
from cnnlab.training.playground.network import start
from cnnlab.training.playground.plan import AREA, HEIGHT, WIDTH
from cnnlab.training.playground.stops import parse as parse_stop

LEFT, TOP, SIDE, _ = AREA


def stroke(pen, x, y):
    """A click at (x, y) of the plane."""
    return SimpleNamespace(pen=pen, points=[(LEFT + (x + 6) / 12 * SIDE, TOP + (6 - y) / 12 * SIDE)])


def scores(settings, frames):
    return [frame.score for frame in islice(play(settings), frames)]


def last(settings, frames):
    return list(islice(play(settings), frames))[-1]


def test_a_run_learns_and_a_second_one_is_the_same():
    settings = Settings(rate=0.1, dropout=10)
    first, again = scores(settings, 30), scores(settings, 30)
    assert first == again and first[-1] < 0.5 * first[0]
    assert scores(Settings(rate=0.1, dropout=10, seed=1), 3) != first[:3]


def test_a_frame_is_an_epoch_a_batch_or_ten_epochs():
    def epochs(pace):
        frames = islice(play(Settings(pace=pace)), 1, 4)
        return [float(re.search(r"Epoch ([\d.]+)", frame.caption)[1]) for frame in frames]

    assert epochs("one epoch") == [1, 2, 3]
    assert epochs("ten epochs") == [10, 20, 30]
    assert epochs("one batch") == [0.04, 0.08, 0.12]  # 250 points, ten at a time


def test_batches_make_the_same_epoch():
    by_batch = scores(Settings(pace="one batch"), 51)
    assert by_batch[25] == scores(Settings(), 2)[1] and by_batch[50] == scores(Settings(), 3)[2]


def test_settings_are_read_while_it_learns():
    settings = Settings(rate=0.1)
    frames = play(settings)
    before = [next(frames).score for _ in range(5)]
    assert before[-1] < before[-2] - 1e-4
    settings.rate = 1e-12
    assert next(frames).score == pytest.approx(before[-1], abs=1e-9)


def test_every_frame_is_a_picture_with_words_and_hints():
    frame = last(Settings(data="spiral", layers="8, 8"), 3)
    assert frame.picture.size == (WIDTH, HEIGHT) and frame.picture.mode == "RGB"
    assert re.fullmatch(r"Epoch 2: loss [\d.]+ in training, [\d.]+ in the test\.", frame.caption)
    assert len(frame.hints) == 2 * 8 + 8 * 8 + 8 + 2 + 8 + 8 + 1
    assert re.fullmatch(r"x1 > a1: [+−]\d\.\d\d", frame.hints[0].words)
    assert frame.hints[-1].words.startswith("y: tanh, bias ")
    assert all(0 <= hint.x0 <= hint.x1 <= WIDTH and 0 <= hint.y0 <= HEIGHT for hint in frame.hints)


def test_hints_tell_the_weights_of_their_own_frame():
    frames = play(Settings(rate=1.0))
    first, _ = next(frames), next(frames)
    network = start(("x1", "x2"), Run(Settings()).network.layers[:-1], regression=False, seed=0)
    assert first.hints[0].words.endswith(f"{network.weights[0][0, 0]:+.2f}".replace("-", "−"))


def test_a_step_too_large_ends_with_a_word_and_a_finite_picture():
    frames = list(islice(play(Settings(data="plane", layers="4 relu", rate=5.0)), 50))
    assert len(frames) < 50
    assert frames[-1].caption.startswith("Diverged in epoch ") and "Press Reset" in frames[-1].caption
    assert np.isfinite([frame.score for frame in frames]).all()
    assert "nan" not in frames[-1].caption and all("nan" not in hint.words for hint in frames[-1].hints)


@pytest.mark.parametrize("pace", ["one batch", "one epoch", "ten epochs"])
def test_a_run_that_diverged_shows_the_last_good_frame_with_its_own_epoch(pace):
    run = Run(Settings(data="plane", layers="4 relu", rate=5.0 if pace == "one batch" else 1.2, pace=pace))
    while not run.over:
        before = run.epoch, run.network.parameters.copy(), run.now, list(run.history)
        run.advance()
    assert run.epoch == before[0] and np.array_equal(run.network.parameters, before[1])
    assert run.now.train_loss == before[2].train_loss and run.history == before[3]
    assert f"Back at epoch {counted(before[0])}." in run.frame().caption
    assert f"Epoch {counted(before[0])}: loss" in run.frame().caption


def test_epochs_are_counted_without_powers_of_ten():
    assert [counted(epoch) for epoch in (0, 0.04, 100, 16440, 16440.5)] == [
        "0", "0.04", "100", "16,440", "16,440.5",
    ]  # fmt: skip


def test_a_weight_decay_that_is_too_large_diverges_too():
    """A setting that once filled the original with NaN (its issue 77)."""
    settings = Settings(
        data="spiral", layers="8, 8", features=("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)"), rate=0.3,
        l2="10", batch=30, noise=15, train_share=90,
    )  # fmt: skip
    assert "Diverged" in list(islice(play(settings), 200))[-1].caption


@pytest.mark.parametrize("which", ["train", "test"])
def test_it_asks_to_pause_where_an_accuracy_is_reached_and_not_at_every_frame_after_it(which):
    run, shares, pauses = Run(Settings(rate=0.1, stop=f"{which} accuracy 90 %")), [0.0], []
    for index in range(1, 60):
        run.advance()
        shares.append(getattr(run.now, f"{which}_accuracy"))
        if run.frame().pause:
            pauses.append(index)
            assert "stop you asked for" in run.frame().caption
    assert pauses == [i for i in range(1, 60) if shares[i] >= 0.9 > shares[i - 1]] and shares[-1] >= 0.9


def test_stops_at_a_loss_and_at_an_epoch():
    frames = list(islice(play(Settings(rate=0.1, stop="train loss 0.1")), 60))
    index = next(index for index, frame in enumerate(frames) if frame.pause)
    assert frames[index].score <= 0.1 < frames[index - 1].score
    assert [frame.pause for frame in islice(play(Settings(stop="epoch 3")), 6)] == [False] * 3 + [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text", ["soon", "loss", "loss 1.2.3", "loss .", "accuracy 120", "accuracy 0", "epoch -3"]
)
def test_what_is_no_stop_gets_a_sentence(text):
    with pytest.raises(ValueError, match=r"accuracy|write"):
        parse_stop(text)


def test_points_are_drawn_while_it_learns():
    settings = Settings(data="yours")
    frames = play(settings)
    waiting = next(frames)
    assert waiting.pause and "no points yet" in waiting.caption and waiting.score is None
    settings.strokes = tuple(stroke(0, x, 3) for x in range(-4, 5))
    assert "All training points are blue" in next(frames).caption
    settings.strokes += tuple(stroke(1, x, -3) for x in range(-4, 5))
    settings.rate = 0.3
    shown = [next(frames) for _ in range(30)]
    assert not shown[0].pause and "Epoch 30" in shown[-1].caption
    assert shown[-1].score < 0.1 < shown[0].score
    settings.strokes = ()
    assert next(frames).pause


def test_drawn_points_join_a_set_that_is_being_learned():
    run = Run(Settings(count=100))
    run.advance()
    run.settings.strokes = (stroke(0, 5, 5), stroke(1, 0, 0))
    run.advance()
    assert len(run.points.targets) == 102 and run.epoch == 2
    assert np.allclose(run.points.inputs[-2:], [[5, 5], [0, 0]], atol=0.03)


def test_a_file_is_learned_from_when_yours_is_chosen():
    rows = "".join(
        f"{x},{y},{'in' if x * x + y * y < 9 else 'out'}\n" for x in range(-6, 7) for y in range(-6, 7)
    )
    table = read_csv(rows.encode())
    assert 'choose the data "yours"' in last(Settings(file=table), 1).caption
    frames = list(islice(play(Settings(file=table, data="yours", rate=0.1, layers="6")), 150))
    assert frames[0].caption.startswith("Orange is in, blue is out. Epoch 0")
    assert frames[-1].score < 0.2 * frames[0].score


def test_a_weight_can_be_set_by_hand():
    settings = Settings(rate=1e-12)
    frames = play(settings)
    next(frames)
    settings.edit = "x1 > a3 = 1.5"
    assert next(word.words for word in next(frames).hints if word.words.startswith("x1 > a3")).endswith(
        "+1.50"
    )
    settings.edit = "x1 > a9 = 1.5"
    assert "There is no link x1 > a9 in this network" in next(frames).caption


def test_edits_reach_the_parameters_and_bad_ones_get_a_sentence():
    network = start(("x1", "x1*x2"), Run(Settings()).network.layers[:-1], regression=False, seed=0)
    for text in ("x1*x2 > a2 = -2", "b1 = 0.25", "b2>y=3"):
        apply(parse_edit(text), network)
    assert network.weights[0][1, 1] == -2 and network.biases[1][0] == 0.25 and network.weights[2][1, 0] == 3
    assert parse_edit(" ") is None
    for text in ("x1 > a3", "= 3", "x1 > a3 = much", "x1 > a3 = nan"):
        with pytest.raises(ValueError, match="sets nothing"):
            parse_edit(text)
    with pytest.raises(ValueError, match="no unit c1"):
        apply(parse_edit("c1 = 0"), network)


def test_dead_units_are_counted():
    settings = Settings(layers="4 relu", rate=1e-12)
    frames = play(settings)
    next(frames)
    settings.edit = "a2 = -99"
    frame = next(frames)
    assert "1 of 4 ReLUs are dead" in frame.caption
    assert any("a2: relu, bias −99.00; dead" in hint.words for hint in frame.hints)


def test_words_beside_the_picture():
    assert last(Settings(), 1).text == ""
    assert "a₁ = tanh(" in last(Settings(words="equation"), 2).text
    assert "nn.Linear(2, 4), nn.Tanh()" in last(Settings(words="PyTorch code"), 2).text


def test_another_unit_can_be_shown_large():
    y, a1, none = (np.asarray(last(Settings(large=name), 5).picture) for name in ("y", "a1", "q7"))
    assert (y != a1).any() and np.array_equal(y, none)
    assert "no unit 'q7'" in last(Settings(large="q7"), 5).caption
    emptied = last(Settings(large=" "), 5)
    assert np.array_equal(y, np.asarray(emptied.picture)) and "no unit" not in emptied.caption


def test_what_does_not_fit_raises_at_once():
    with pytest.raises(ValueError, match="layer 2 asks for 40 units"):
        next(play(Settings(layers="8, 40")))
    with pytest.raises(ValueError, match="nothing to look at"):
        next(play(Settings(features=())))


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
    assert panel.settings.layers == ((4, "relu"), (2, None)) and panel.settings.l2 == "0.01"
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
