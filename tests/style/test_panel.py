"""The panel of lesson 12: every setting acts at the next step; and its settings sheet, picture by picture."""

from itertools import islice, pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ImageColor
from small import convolutional, noise

from cnnlab import networks, pictures
from cnnlab.datasets import styles
from cnnlab.pictures.sheets import FAINT
from cnnlab.style import TransferSettings, play_transfer, transfer, weight_grid
from cnnlab.style.panel import BETWEEN, HEAD, HIGH, LEFT, SLIDERS, SMALL, WIDE


@pytest.fixture
def settings():
    weights = {name: TransferSettings().layers[layer] for layer, name in SLIDERS.items()}
    own = TransferSettings()
    names = ("content", "content_layer", "smooth", "scale", "colours", "centred", "rule", "step_size")
    return SimpleNamespace(
        photograph=pictures.fit(pictures.read("panda"), 64), painting=styles.read("comic", 64),
        second=styles.read("glass", 64), share=0.0, start="content", seed=0, size=64,
        **weights, **{name: getattr(own, name) for name in names},
    )  # fmt: skip


def test_frames_show_the_picture_beside_its_curves_and_the_score_rises(settings):
    frames = list(islice(play_transfer(networks.load(), settings), 12))
    assert all(frame.picture.size == (WIDE, HIGH) for frame in frames)
    assert frames[-1].score > frames[0].score
    assert frames[-1].caption == "64 x 64 pixels, step 11 of 120 at this size."


def test_a_curve_is_drawn_for_each_part_that_has_a_weight(settings):
    def drawn():
        *_, frame = islice(play_transfer(networks.load(), settings), 4)
        right = frame.picture.crop((HIGH + 2 * SMALL, 0, *frame.picture.size))
        found = {colour for _, colour in right.getcolors(99999)}
        return [colour for colour in (*pictures.COLOURS, FAINT) if ImageColor.getrgb(colour) in found]

    assert len(drawn()) == 8
    for name in SLIDERS.values():
        setattr(settings, name, 0.0)
    assert len(drawn()) == 2  # the content's, and the smoothness's


def test_the_second_painting_stands_below_the_first_while_it_has_a_share(settings):
    def paintings():
        frame = next(iter(play_transfer(networks.load(), settings)))
        column = frame.picture.crop((HIGH + 20, 0, HIGH + SMALL, frame.picture.height))
        return [column.crop((0, top, column.width, top + 90)).getextrema() for top in (20, 150)]

    white = ((255, 255),) * 3
    assert [extrema == white for extrema in paintings()] == [False, True]
    settings.share = 0.5
    assert [extrema == white for extrema in paintings()] == [False, False]


def test_the_sheet_is_no_higher_than_a_photograph_that_is_wide(settings):
    settings.photograph = pictures.resize(settings.photograph, (48, 64))
    assert next(iter(play_transfer(networks.load(), settings))).picture.size == (WIDE, 384)


def test_settings_act_at_the_next_step_without_a_restart(settings):
    frames = play_transfer(networks.load(), settings)
    before = [next(frames) for _ in range(3)][-1]
    settings.content = 10.0
    after = [next(frames) for _ in range(2)][-1]  # the step under way was asked for before
    assert after.score < before.score - 0.5  # the content's distance counts a hundred times as much
    assert "step 4 " in after.caption


# --- the settings sheet ---

SETTINGS = TransferSettings(content_layer="4", steps=4)
SETS = {"first": {"0": 1.0}, "both": {"0": 0.5, "4": 0.5}}
CONTENT, STYLE = noise(1, 3, 32, 48), noise(1, 3, 40, 40, seed=1)


def sheets(**more):
    return list(weight_grid(convolutional(), CONTENT, [STYLE], SETTINGS, (0.01, 1.0), SETS, 48, **more))


def test_each_cell_is_the_transfer_that_its_row_and_column_say():
    found = sheets()
    assert len(found) == 4 and found[-1].size == (
        LEFT + 2 * (48 + BETWEEN) - BETWEEN,
        HEAD + 2 * (32 + BETWEEN) - BETWEEN,
    )
    for row, layers in enumerate(SETS.values()):
        for column, content in enumerate((0.01, 1.0)):
            asked = TransferSettings(content_layer="4", steps=4, layers=layers, content=content)
            *_, last = transfer(convolutional(), CONTENT, [STYLE], asked, (32, 48))
            left, top = LEFT + column * (48 + BETWEEN), HEAD + row * (32 + BETWEEN)
            cell = np.asarray(found[-1].crop((left, top, left + 48, top + 32)), float) / 255
            assert np.abs(cell - last.picture[0].permute(1, 2, 0).numpy()).max() < 1 / 255


def test_it_grows_picture_by_picture():
    found = [np.asarray(sheet) for sheet in sheets()]
    changed = [(one != other).any(2).nonzero() for one, other in pairwise(found)]
    corners = [(rows.min() - HEAD, columns.min() - LEFT) for rows, columns in changed]
    assert [(top >= 32, left >= 48) for top, left in corners] == [(False, True), (True, False), (True, True)]


def test_what_makes_no_sense_is_said():
    with pytest.raises(ValueError, match="not known"):
        list(
            weight_grid(
                convolutional(), CONTENT, [STYLE], SETTINGS, (1.0,), {"none": {"features.1": 1.0}}, 48
            )
        )
