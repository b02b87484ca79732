"""Maps of surfaces: the right way up, places where they belong, paths that leave."""

import numpy as np
import pytest
import torch

from cnnlab.surfaces.contours import SIDE, contours

LINE = torch.linspace(-2, 4, 61)
Y, X = torch.meshgrid(LINE, LINE, indexing="ij")
RED = {"a": "#FF0000"}


def light(image):
    return np.asarray(image.convert("L")).astype(float)


def red(image):
    """Rows and columns of pixels in pure red."""
    return np.argwhere((np.asarray(image) == [255, 0, 0]).all(-1))


@pytest.mark.parametrize("levels", [None, [-1.5, 0, 1, 2, 3]])
def test_up_is_up_and_dark_is_low(levels):
    shown = light(contours(Y + 0.01 * X, -2, 4, levels).with_paths({}, {}))
    assert shown.shape == (SIDE, SIDE)
    assert shown[:100].mean() > shown[-100:].mean() + 50  # the top of the picture has the largest y
    right = light(contours(X, -2, 4, levels).with_paths({}, {}))
    assert right[:, -100:].mean() > right[:, :100].mean() + 50


def test_a_walker_stands_where_it_is():
    map_ = contours(X**2 + Y**2, -2, 4)
    dot = red(map_.with_paths({"a": [torch.tensor([1.0, 3.0])]}, RED)).mean(0)
    row, column = dot
    x, y = map_.place(column, row)
    assert (x, y) == pytest.approx((1.0, 3.0), abs=0.05)
    assert map_.place(0, 0) == pytest.approx((-2, 4), abs=0.02)


def test_a_path_is_drawn_from_its_start():
    path = [torch.tensor([-1.5, -1.5]), torch.tensor([3.5, -1.5])]
    columns = red(contours(X + Y, -2, 4).with_paths({"a": path}, RED))[:, 1]
    assert columns.min() < 0.1 * SIDE and columns.max() > 0.9 * SIDE


def test_boxes_are_framed_and_veiled_where_they_are():
    plain = contours(0 * X + Y, -2, 4)
    before = light(plain.with_paths({}, {}))
    veiled = light(plain.with_boxes([[-2.0, -2.0]], [[1.0, 1.0]], veil=0.8).with_paths({}, {}))
    left_below = slice(SIDE // 2 + 4, SIDE - 4), slice(4, SIDE // 2 - 4)
    assert veiled[left_below].min() > 200 > before[left_below].max()
    assert (veiled[: SIDE // 2 - 4] == before[: SIDE // 2 - 4]).all()
    framed = light(plain.with_boxes([[0.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [2.0, 2.0]]).with_paths({}, {}))
    changed = np.argwhere(framed != before)
    assert changed.min() > SIDE / 3 - 3 and len(changed) < 8 * SIDE
    assert (light(plain.with_boxes(np.empty((0, 2)), np.empty((0, 2))).with_paths({}, {})) == before).all()


@pytest.mark.parametrize("away", [[1e30, 0.0], [torch.inf, 1.0], [torch.nan, torch.nan]])
def test_a_path_that_leaves_the_map_does_no_harm(away):
    drawn = contours(X + Y, -2, 4).with_paths({"a": [torch.zeros(2), torch.tensor(away)]}, RED)
    assert drawn.size == (SIDE, SIDE)


def test_an_even_plain_is_a_map_too():
    assert contours(torch.zeros(5, 5), -1, 1).with_paths({}, {}).size == (SIDE, SIDE)


def test_the_same_levels_make_maps_comparable():
    one, other = (contours(height + 0.1 * X, -2, 4, [0, 1, 2, 3]).with_paths({}, {}) for height in (0.0, 2.5))
    assert light(one).max() < light(other).min()
