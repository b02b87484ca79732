"""The panel of lesson 12: every setting acts at the next step, and each part of the loss has its curve."""

from itertools import islice
from types import SimpleNamespace

import pytest
from PIL import ImageColor

from cnnlab import networks, painted, pictures
from cnnlab.style import Settings
from cnnlab.style.studio import GREY, HIGH, SLIDERS, SMALL, WIDE, play


@pytest.fixture
def settings():
    weights = {name: Settings().layers[layer] for layer, name in SLIDERS.items()}
    own = Settings()
    names = ("content", "content_layer", "smooth", "scale", "colours", "centred", "rule", "step_size")
    return SimpleNamespace(
        photograph=pictures.fit(pictures.read("panda"), 64), painting=painted.read("comic", 64),
        second=painted.read("glass", 64), share=0.0, start="content", seed=0, size=64,
        **weights, **{name: getattr(own, name) for name in names},
    )  # fmt: skip


def test_frames_show_the_picture_beside_its_curves_and_the_score_rises(settings):
    frames = list(islice(play(networks.load(), settings), 12))
    assert all(frame.picture.size == (WIDE, HIGH) for frame in frames)
    assert frames[-1].score > frames[0].score
    assert frames[-1].caption == "64 x 64 pixels, step 11 of 120 at this size."


def test_a_curve_is_drawn_for_each_part_that_has_a_weight(settings):
    def drawn():
        *_, frame = islice(play(networks.load(), settings), 4)
        right = frame.picture.crop((HIGH + 2 * SMALL, 0, *frame.picture.size))
        found = {colour for _, colour in right.getcolors(99999)}
        return [colour for colour in (*pictures.COLOURS, GREY) if ImageColor.getrgb(colour) in found]

    assert len(drawn()) == 8
    for name in SLIDERS.values():
        setattr(settings, name, 0.0)
    assert len(drawn()) == 2  # the content's, and the smoothness's


def test_the_second_painting_stands_below_the_first_while_it_has_a_share(settings):
    def paintings():
        frame = next(iter(play(networks.load(), settings)))
        column = frame.picture.crop((HIGH + 20, 0, HIGH + SMALL, frame.picture.height))
        return [column.crop((0, top, column.width, top + 90)).getextrema() for top in (20, 150)]

    white = ((255, 255),) * 3
    assert [extrema == white for extrema in paintings()] == [False, True]
    settings.share = 0.5
    assert [extrema == white for extrema in paintings()] == [False, False]


def test_the_sheet_is_no_higher_than_a_photograph_that_is_wide(settings):
    settings.photograph = pictures.resize(settings.photograph, (48, 64))
    assert next(iter(play(networks.load(), settings))).picture.size == (WIDE, 384)


def test_settings_act_at_the_next_step_without_a_restart(settings):
    frames = play(networks.load(), settings)
    before = [next(frames) for _ in range(3)][-1]
    settings.content = 10.0
    after = [next(frames) for _ in range(2)][-1]  # the step under way was asked for before
    assert after.score < before.score - 0.5  # the content's distance counts a hundred times as much
    assert "step 4 " in after.caption
