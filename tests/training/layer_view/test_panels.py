"""The panels around one live network."""

import re
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import interpolate

from cnnlab import networks
from cnnlab.datasets import Labelled, PictureSet
from cnnlab.live import Frame, Point, Stroke, live, point, slider
from cnnlab.training.layer_view.architecture import SMALL_NETWORK, Architecture
from cnnlab.training.layer_view.digit_canvas import AREA
from cnnlab.training.layer_view.layout import ClickableSheet
from cnnlab.training.layer_view.learner import Learner, read_snapshot
from cnnlab.training.layer_view.panels import LayerView, Selection, show_layer

TINY = "conv 4 3x3 pad 1\nrelu\npool 2\ndense 10"
CONV2, DENSE, THIRD = Point(560, 60), Point(1040, 60), Point(240, 1000)


@pytest.fixture
def work(monkeypatch):
    monkeypatch.setattr("cnnlab.training.layer_view.panels.LONGEST", 0.0)
    return LayerView("digits", TINY)


def settings(**changes):
    values = dict(
        data="digits", architecture=Architecture(TINY), rate=0.01, momentum=0.9, batch=20, decay=0.0, start=0,
        snapshot=None, point=Point(60, 60),
    )  # fmt: skip
    return SimpleNamespace(**{**values, **changes})


def learn(work, steps, chosen=None):
    chosen = chosen or settings()
    for _ in range(steps):
        work.learner.step(chosen)


def test_frames_come_while_the_network_learns():
    work = LayerView("digits", TINY)
    frames = work.train(settings())
    shown = [next(frames) for _ in range(4)]
    assert work.learner.steps > 3 and all(isinstance(frame, Frame) for frame in shown)
    assert {frame.picture.size for frame in shown} == {(1280, 1074)}
    assert shown[0].caption == "digits, 0 steps learned. Click a layer or a test picture."
    assert shown[-1].picture.tobytes() != shown[0].picture.tobytes()


def test_a_rate_of_next_to_nothing_stops_it_at_once():
    work, chosen = LayerView("digits", TINY), settings()
    frames = work.train(chosen)
    next(frames), next(frames)
    chosen.rate, chosen.momentum, before = 0.0, 0.0, None
    next(frames)
    before = work.network.module.conv1.weight.clone()
    steps = work.learner.steps
    next(frames)
    assert work.learner.steps > steps and torch.equal(work.network.module.conv1.weight, before)


def test_a_click_chooses_a_layer_or_a_picture_and_learning_goes_on(work):
    next(work.train(settings()))
    learn(work, 5)
    network = work.network
    next(work.train(settings(point=CONV2)))
    assert work.watched.layer == "dense1" and work.learner.steps == 5 and work.network is network
    next(work.train(settings(point=THIRD)))
    assert work.watched.picture == 2 and work.watched.layer == "dense1" and work.learner.steps == 5


def test_reset_begins_anew_with_the_same_start(work):
    next(work.train(settings()))
    start = work.network.module.conv1.weight.clone()
    learn(work, 5)
    assert not torch.equal(work.network.module.conv1.weight, start)
    next(work.train(settings()))
    assert work.learner.steps == 0 and torch.equal(work.network.module.conv1.weight, start)
    next(work.train(settings(start=1)))
    assert not torch.equal(work.network.module.conv1.weight, start)


def test_what_cannot_begin_leaves_the_old_network_alive(work, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    next(work.train(settings()))
    learn(work, 3)
    network = work.network
    for wrong, words in (
        (
            settings(architecture=Architecture("conv 4 3x3\npool 9\ndense 10")),
            "line 2: pool 9 cannot take 4 maps of 6 x 6",
        ),
        (settings(data="MNIST"), r'MNIST is not in .*picture_set\("MNIST", download=True\)'),
        (settings(architecture=Architecture("dense 3")), "end with dense 10"),
    ):
        with pytest.raises((ValueError, OSError), match=words):
            next(work.train(wrong))
        assert work.network is network and work.learner.steps == 3
    next(work.train(settings(architecture=Architecture("dense 10"))))
    assert work.learner.steps == 0 and list(dict(work.network.module.named_children())) == [
        "flatten",
        "dense1",
    ]


def test_a_layer_that_is_no_longer_there_gives_way_to_the_first(work):
    next(work.train(settings()))
    next(work.train(settings(point=DENSE)))
    next(work.train(settings(architecture=Architecture("conv 2 3x3\ndense 10"), point=DENSE)))
    assert work.watched.layer_of(work.network) in ("conv1", "dense1", "softmax")


def test_a_snapshot_goes_on_where_it_was_saved(work, tmp_path):
    learn(work, 7)
    work.learner.save(tmp_path / "one.safetensors")
    control = work.controls()["snapshot"]
    assert control.restart
    again = LayerView("digits", SMALL_NETWORK)
    next(again.train(settings(snapshot=read_snapshot((tmp_path / "one.safetensors").read_bytes()))))
    assert again.learner.steps == 7
    pictures = work.learner.data.test.pictures[:5]
    assert torch.equal(again.network(pictures), work.network(pictures))


def test_the_answer_is_given_at_the_last_stage_and_what_is_left_out_at_each(work, monkeypatch):
    def words(text, stage):
        said = []
        monkeypatch.setattr(ClickableSheet, "text", lambda sheet, x, y, words, *_, **__: said.append(words))
        work.begin(Learner(work.learner.data, Architecture(text)))
        work.opened.layer = "dense2" if text.startswith("dense") else "conv2"
        return said, work.explain(Point(1270, 990), stage).caption

    for text, left_out in (
        ("conv 16 3x3 pad 1\nconv 4 3x3\ndense 10", "and 13 weaker maps"),
        ("conv 4 3x3 pad 1\nconv 4 3x3\ndense 10", "and 1 weaker map"),
        ("dense 20\ndense 10", "and 7 weaker inputs"),
    ):
        for stage in (1, 2, 3, 4):
            said, caption = words(text, stage)
            assert any(line.endswith(left_out) for line in said)
            assert (
                ("The arithmetic gives" in caption)
                == any(line.startswith("= ") for line in said)
                == (stage == 4)
            )
            assert stage == 4 or re.fullmatch(
                r"Stage \d of 4\. Before the next one: what will come out\?", caption
            )


def test_numbers_are_opened_by_clicking_on_layers_and_maps(work):
    frame = work.explain(Point(60, 60), 4)
    given, own = (float(part.strip(".").split()[-1]) for part in frame.caption.split(";"))
    assert given == pytest.approx(own, rel=1e-3)
    work.explain(CONV2, 4)
    assert work.opened.layer == "dense1"
    work.explain(Point(20, 230), 4)
    assert work.opened.unit == (0, 0, 0)
    work.explain(Point(60, 60), 4)
    assert work.opened.layer == "conv1" and work.opened.unit is None
    work.explain(Point(8 + 335, 176 + 34 + 335), 1)  # the last corner of the last map
    assert work.opened.unit == (3, 7, 7)


def test_a_drawn_digit_is_read_by_the_network_that_learns(work):
    learn(work, 400)
    left, top, width, height = AREA
    stroke = Stroke(0, (Point(left + width // 2, top + 30), Point(left + width // 2 - 5, top + height - 30)))
    frame = work.read_digit((stroke,))
    assert "It takes it for a 1." in frame.caption and "400 steps" in frame.caption
    assert "takes" not in work.read_digit(()).caption
    data, right = work.learner.data, 0
    for k in range(10):
        photo = 1 - interpolate(data.test.pictures[k : k + 1], (360, 300), mode="bilinear").expand(
            -1, 3, -1, -1
        )
        right += f"It takes it for a {data.test.labels[k]}." in work.read_digit((), photo).caption
    assert right >= 7


def test_the_panels_can_be_made(work):
    panels = [
        live(work.train, alt="a", width=600, **work.controls()),
        live(work.explain, alt="b", point=point(80, 60), stage=slider(4, 1, 4)),
        live(work.read_digit, alt="c", **work.drawing_controls()),
    ]
    assert all(panel.frame.picture.width == 1280 for panel in panels)
    for panel in panels:
        panel.close()


def test_any_network_can_be_browsed(squeezenet):
    panda = torch.rand(1, 3, 300, 260, generator=torch.Generator().manual_seed(0))
    for layer in ("features.0", "features.6.expand3x3", "features.6", "classifier.1", "softmax"):
        frame = show_layer(squeezenet, panda, layer)
        assert frame.picture.width == 1280 and frame.caption.startswith("Gradients of the lo")
    assert (
        show_layer(squeezenet, panda, "features.0", label=388).caption
        == "Gradients of the loss of giant panda."
    )
    with pytest.raises(ValueError, match="near it"):
        show_layer(squeezenet, panda, "features.99")


def test_numbers_of_any_network_can_be_opened(squeezenet):
    panda = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    opened = Selection("features.3.expand3x3")
    frame = opened.explain(squeezenet, panda, Point(0, 900))
    assert frame.picture.width == 1280 and opened.layer == "features.3.expand3x3"
    opened.explain(squeezenet, panda, Point(1230, 60))  # the last of the layers in the strip
    assert opened.layer == "features.4.squeeze_activation"


def test_a_network_of_colours_with_many_layers():
    text = "conv 4 3x3 pad 1\nrelu\n" * 7 + "pool 4\ndense 10"
    pictures = torch.rand(20, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(20) % 10
    noise = Labelled(pictures, labels, tuple("abcdefghij"))
    data = PictureSet("noise", noise, noise)
    work = LayerView("digits", TINY)
    work.begin(Learner(data, Architecture(text)))
    assert work._frame().picture.size == (1280, 1074)
    assert isinstance(work.network, networks.Network)
    with pytest.raises(ValueError, match="let it learn digits"):
        work.read_digit(())
