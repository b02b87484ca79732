"""The sheet: as many pictures as settings, each in its place."""

from itertools import pairwise

import numpy as np
import pytest
from small import convolutional, noise

from cnnlab.style import Settings, poster
from cnnlab.style.poster import GAP, LEFT, TOP
from cnnlab.style.transfer import transfer

SETTINGS = Settings(content_layer="4", steps=4)
SETS = {"first": {"0": 1.0}, "both": {"0": 0.5, "4": 0.5}}
CONTENT, STYLE = noise(1, 3, 32, 48), noise(1, 3, 40, 40, seed=1)


def sheets(**more):
    return list(poster(convolutional(), CONTENT, [STYLE], SETTINGS, (0.01, 1.0), SETS, 48, **more))


def test_each_cell_is_the_transfer_that_its_row_and_column_say():
    found = sheets()
    assert len(found) == 4 and found[-1].size == (LEFT + 2 * (48 + GAP) - GAP, TOP + 2 * (32 + GAP) - GAP)
    for row, layers in enumerate(SETS.values()):
        for column, content in enumerate((0.01, 1.0)):
            asked = Settings(content_layer="4", steps=4, layers=layers, content=content)
            *_, last = transfer(convolutional(), CONTENT, [STYLE], asked, (32, 48))
            left, top = LEFT + column * (48 + GAP), TOP + row * (32 + GAP)
            cell = np.asarray(found[-1].crop((left, top, left + 48, top + 32)), float) / 255
            assert np.abs(cell - last.picture[0].permute(1, 2, 0).numpy()).max() < 1 / 255


def test_it_grows_picture_by_picture():
    found = [np.asarray(sheet) for sheet in sheets()]
    changed = [(one != other).any(2).nonzero() for one, other in pairwise(found)]
    corners = [(rows.min() - TOP, columns.min() - LEFT) for rows, columns in changed]
    assert [(top >= 32, left >= 48) for top, left in corners] == [(False, True), (True, False), (True, True)]


def test_what_makes_no_sense_is_said():
    with pytest.raises(ValueError, match="not known"):
        list(poster(convolutional(), CONTENT, [STYLE], SETTINGS, (1.0,), {"none": {"features.1": 1.0}}, 48))
