"""The playground's frames, one run after the other."""

import re
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.training.playground import PlaygroundSettings, TrainingRun, play, read_csv
from cnnlab.training.playground.drawing import written_epoch
from cnnlab.training.playground.layout import AREA, HEIGHT, WIDTH
from cnnlab.training.playground.network import initialise

LEFT, TOP, SIDE, _ = AREA


def stroke(pen, x, y):
    """A click at (x, y) of the plane."""
    return SimpleNamespace(pen=pen, points=[(LEFT + (x + 6) / 12 * SIDE, TOP + (6 - y) / 12 * SIDE)])


def scores(settings, frames):
    return [frame.score for frame in islice(play(settings), frames)]


def last(settings, frames):
    return list(islice(play(settings), frames))[-1]


def test_a_run_learns_and_a_second_one_is_the_same():
    settings = PlaygroundSettings(rate=0.1, dropout=10)
    first, again = scores(settings, 30), scores(settings, 30)
    assert first == again and first[-1] < 0.5 * first[0]
    assert scores(PlaygroundSettings(rate=0.1, dropout=10, seed=1), 3) != first[:3]


def test_a_frame_is_an_epoch_a_batch_or_ten_epochs():
    def epochs(pace):
        frames = islice(play(PlaygroundSettings(pace=pace)), 1, 4)
        return [float(re.search(r"Epoch ([\d.]+)", frame.caption)[1]) for frame in frames]

    assert epochs("one epoch") == [1, 2, 3]
    assert epochs("ten epochs") == [10, 20, 30]
    assert epochs("one batch") == [0.04, 0.08, 0.12]  # 250 points, ten at a time


def test_batches_make_the_same_epoch():
    by_batch = scores(PlaygroundSettings(pace="one batch"), 51)
    assert (
        by_batch[25] == scores(PlaygroundSettings(), 2)[1]
        and by_batch[50] == scores(PlaygroundSettings(), 3)[2]
    )


def test_settings_are_read_while_it_learns():
    settings = PlaygroundSettings(rate=0.1)
    frames = play(settings)
    before = [next(frames).score for _ in range(5)]
    assert before[-1] < before[-2] - 1e-4
    settings.rate = 1e-12
    assert next(frames).score == pytest.approx(before[-1], abs=1e-9)


def test_every_frame_is_a_picture_with_words_and_hints():
    frame = last(PlaygroundSettings(data="spiral", layers="8, 8"), 3)
    assert frame.picture.size == (WIDTH, HEIGHT) and frame.picture.mode == "RGB"
    assert re.fullmatch(r"Epoch 2: loss [\d.]+ in training, [\d.]+ in the test\.", frame.caption)
    assert len(frame.hints) == 2 * 8 + 8 * 8 + 8 + 2 + 8 + 8 + 1
    assert re.fullmatch(r"x1 > a1: [+−]\d\.\d\d", frame.hints[0].words)
    assert frame.hints[-1].words.startswith("y: tanh, bias ")
    assert all(0 <= hint.x0 <= hint.x1 <= WIDTH and 0 <= hint.y0 <= HEIGHT for hint in frame.hints)


def test_hints_tell_the_weights_of_their_own_frame():
    frames = play(PlaygroundSettings(rate=1.0))
    first, _ = next(frames), next(frames)
    network = initialise(
        ("x1", "x2"), TrainingRun(PlaygroundSettings()).network.layers[:-1], regression=False, seed=0
    )
    assert first.hints[0].words.endswith(f"{network.weights[0][0, 0]:+.2f}".replace("-", "−"))


def test_a_step_too_large_ends_with_a_word_and_a_finite_picture():
    frames = list(islice(play(PlaygroundSettings(data="plane", layers="4 relu", rate=5.0)), 50))
    assert len(frames) < 50
    assert frames[-1].caption.startswith("Diverged in epoch ") and "Press Reset" in frames[-1].caption
    assert np.isfinite([frame.score for frame in frames]).all()
    assert "nan" not in frames[-1].caption and all("nan" not in hint.words for hint in frames[-1].hints)


@pytest.mark.parametrize("pace", ["one batch", "one epoch", "ten epochs"])
def test_a_run_that_diverged_shows_the_last_good_frame_with_its_own_epoch(pace):
    run = TrainingRun(
        PlaygroundSettings(data="plane", layers="4 relu", rate=5.0 if pace == "one batch" else 1.2, pace=pace)
    )
    while not run.over:
        before = run.epoch, run.network.parameters.copy(), run.now, list(run.history.kept)
        run.advance()
    assert run.epoch == before[0] and np.array_equal(run.network.parameters, before[1])
    assert run.now.train_loss == before[2].train_loss and run.history.kept == before[3]
    assert f"Back at epoch {written_epoch(before[0])}." in run.frame().caption
    assert f"Epoch {written_epoch(before[0])}: loss" in run.frame().caption


def test_a_weight_decay_that_is_too_large_diverges_too():
    """A setting that once filled the original with NaN (its issue 77)."""
    settings = PlaygroundSettings(
        data="spiral", layers="8, 8", features=("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)"), rate=0.3,
        l2="10", batch=30, noise=15, train_share=90,
    )  # fmt: skip
    assert "Diverged" in list(islice(play(settings), 200))[-1].caption


@pytest.mark.parametrize("which", ["train", "test"])
def test_it_asks_to_pause_where_an_accuracy_is_reached_and_not_at_every_frame_after_it(which):
    run, shares, pauses = TrainingRun(PlaygroundSettings(rate=0.1, stop=f"{which} accuracy 90 %")), [0.0], []
    for index in range(1, 60):
        run.advance()
        shares.append(getattr(run.now, f"{which}_accuracy"))
        if run.frame().pause:
            pauses.append(index)
            assert "stop you asked for" in run.frame().caption
    assert pauses == [i for i in range(1, 60) if shares[i] >= 0.9 > shares[i - 1]] and shares[-1] >= 0.9


def test_stops_at_a_loss_and_at_an_epoch():
    frames = list(islice(play(PlaygroundSettings(rate=0.1, stop="train loss 0.1")), 60))
    index = next(index for index, frame in enumerate(frames) if frame.pause)
    assert frames[index].score <= 0.1 < frames[index - 1].score
    assert [frame.pause for frame in islice(play(PlaygroundSettings(stop="epoch 3")), 6)] == [False] * 3 + [
        True,
        False,
        False,
    ]


def test_points_are_drawn_while_it_learns():
    settings = PlaygroundSettings(data="yours")
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
    run = TrainingRun(PlaygroundSettings(count=100))
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
    assert 'choose the data "yours"' in last(PlaygroundSettings(file=table), 1).caption
    frames = list(islice(play(PlaygroundSettings(file=table, data="yours", rate=0.1, layers="6")), 150))
    assert frames[0].caption.startswith("Orange is in, blue is out. Epoch 0")
    assert frames[-1].score < 0.2 * frames[0].score


def test_a_weight_can_be_set_by_hand():
    settings = PlaygroundSettings(rate=1e-12)
    frames = play(settings)
    next(frames)
    settings.edit = "x1 > a3 = 1.5"
    assert next(word.words for word in next(frames).hints if word.words.startswith("x1 > a3")).endswith(
        "+1.50"
    )
    settings.edit = "x1 > a9 = 1.5"
    assert "There is no link x1 > a9 in this network" in next(frames).caption


def test_dead_units_are_counted():
    settings = PlaygroundSettings(layers="4 relu", rate=1e-12)
    frames = play(settings)
    next(frames)
    settings.edit = "a2 = -99"
    frame = next(frames)
    assert "1 of 4 ReLUs are dead" in frame.caption
    assert any("a2: relu, bias −99.00; dead" in hint.words for hint in frame.hints)


def test_words_beside_the_picture():
    assert last(PlaygroundSettings(), 1).text == ""
    assert "a₁ = tanh(" in last(PlaygroundSettings(words="equation"), 2).text
    assert "nn.Linear(2, 4), nn.Tanh()" in last(PlaygroundSettings(words="PyTorch code"), 2).text


def test_another_unit_can_be_shown_large():
    y, a1, none = (np.asarray(last(PlaygroundSettings(large=name), 5).picture) for name in ("y", "a1", "q7"))
    assert (y != a1).any() and np.array_equal(y, none)
    assert "no unit 'q7'" in last(PlaygroundSettings(large="q7"), 5).caption
    emptied = last(PlaygroundSettings(large=" "), 5)
    assert np.array_equal(y, np.asarray(emptied.picture)) and "no unit" not in emptied.caption


def test_what_does_not_fit_raises_at_once():
    with pytest.raises(ValueError, match="layer 2 asks for 40 units"):
        next(play(PlaygroundSettings(layers="8, 40")))
    with pytest.raises(ValueError, match="nothing to look at"):
        next(play(PlaygroundSettings(features=())))
