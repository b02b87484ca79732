"""Numbers as tiles in colours: sizes, scales, places."""

import numpy as np
import pytest
import torch

from cnnlab.training.layer_view.grids import Grid, scale


@pytest.mark.parametrize(
    "shape", [(1, 3, 3), (16, 8, 8), (7, 28, 28), (512, 14, 14), (10, 1, 1), (1000, 1, 1), (64, 113, 113)]
)
def test_grids_fit_their_box_and_know_their_tiles(shape):
    maps = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    made = Grid(maps[:, None], (336, 336))
    assert made.image.width <= 336 and made.image.height <= 336 and max(made.image.size) >= 250
    for tile in (0, len(maps) // 2, len(maps) - 1):
        left, top = made.corner(tile)
        inside = left + made.cell[0] // 2, top + made.cell[1] // 2
        assert made.number_at(*inside)[0] == tile
    assert made.number_at(10**6, 10**6) == tuple(size - 1 for size in shape)


def test_colours_tell_signs_and_sizes():
    maps = torch.tensor([[[-1.0, 1.0], [0.0, 0.5]]])
    image = np.asarray(Grid(maps[:, None], (101, 101)).image).astype(int)
    low, high, zero = image[5, 5], image[5, 95], image[95, 5]
    assert low[2] > low[0] > low[1] and high[0] > high[1] > high[2]  # purple, orange
    assert zero.min() > 240


@pytest.mark.parametrize(
    "largest, wanted", [(0.9, 1), (1.0, 1), (1.2, 1.5), (42.0, 50), (0.00031, 0.0005), (0.0, 1)]
)
def test_scales_are_round_numbers_that_hold_what_is_shown(largest, wanted):
    values = torch.linspace(-largest, largest, 50)
    assert scale(values) == pytest.approx(wanted)


def test_scales_of_numbers_that_are_none():
    assert scale(torch.tensor([float("nan"), float("inf")])) == 1.0


def test_matrices_that_are_too_large_show_what_fits():
    for outputs, inputs, count in ((1000, 512, 256), (10, 32, 250), (64, 4, 256), (2000, 2, 256)):
        made = Grid(torch.rand(outputs, inputs, 3, 3), (336, 336))
        assert made.count == count and made.image.width <= 336 and made.image.height <= 336
        assert made.cell[0] >= 9  # not dust
    assert Grid(torch.rand(16, 16, 3, 3), (336, 336)).count == 256
    numbers = Grid(torch.rand(1000, 512, 1, 1), (336, 336))
    assert 256 < numbers.count < 512_000 and numbers.image.width <= 336 and numbers.image.height <= 336


def test_rows_of_numbers_keep_their_strongest_and_maps_do_not():
    values = torch.full((1000, 1, 1), 0.0003)
    values[7], values[500] = 0.76, 0.19
    row = Grid(values[:, None], (336, 336))
    assert row.limit == 1 and row.most == pytest.approx(0.76)
    maps = Grid(values.view(1, 1, 25, 40), (400, 400))
    assert maps.limit < 0.01 and maps.most == pytest.approx(0.76)


def test_numbers_are_found_where_they_stand():
    made = Grid(torch.randn(6, 1, 5, 7, generator=torch.Generator().manual_seed(0)), (336, 336))
    for unit in ((0, 0, 0), (2, 4, 6), (5, 3, 1)):
        left, top, right, bottom = made.box(*unit)
        assert made.number_at((left + right) / 2, (top + bottom) / 2) == unit
    assert made.number_at(-5, -5) == (0, 0, 0)


def test_filters_of_three_channels_are_pictures():
    filters = torch.zeros(4, 3, 2, 2)
    filters[1, 0], filters[2, 2] = 1, -1
    made = Grid(filters, (102, 102))
    assert made.rgb and made.count == 4 and made.limit == 1
    image = np.asarray(made.image).astype(int)
    middles = [image[made.corner(k)[1] + 20, made.corner(k)[0] + 20].tolist() for k in range(4)]
    assert middles == [[128] * 3, [255, 128, 128], [128, 128, 0], [128] * 3]
