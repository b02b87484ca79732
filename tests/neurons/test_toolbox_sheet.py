"""The toolbox's sheet: a click finds its channel, maps are as bright as they should be, tiles in place."""

import numpy as np
import pytest
import torch
from small import noise

from cnnlab.networks.receptive_fields import Field
from cnnlab.neurons.toolbox_sheet import (
    LABEL,
    MOSAIC,
    TILE,
    channel_at,
    columns,
    map_mosaic,
    point_of,
    toolbox_sheet,
)
from cnnlab.pictures.sheets import colour_table

ORANGE, PALE_GREY = (230, 97, 0), (235, 235, 235)


@pytest.mark.parametrize("channels", [1, 2, 6, 64, 128, 256, 384, 512, 1000])
def test_a_click_in_the_middle_of_a_tile_chooses_its_channel(channels):
    assert [channel_at(point_of(k, channels), channels) for k in range(channels)] == list(range(channels))


@pytest.mark.parametrize(
    "point, channel", [((0, 0), 0), ((9999, 0), 15), ((0, 9999), 240), ((9999, 9999), 255)]
)
def test_a_click_beside_the_mosaic_chooses_the_nearest_tile(point, channel):
    assert channel_at(point, 256) == channel
    assert channel_at((MOSAIC - 1, LABEL + MOSAIC - 1), 250) == 249


@pytest.mark.parametrize("channels", [5, 64, 384])
def test_each_tile_of_the_mosaic_is_as_bright_as_its_map(channels):
    shares = torch.linspace(0, 1, channels).view(-1, 1, 1).expand(channels, 7, 7)
    sheet = np.asarray(map_mosaic(shares, 0))
    across, side = columns(channels), MOSAIC / columns(channels)
    colours = colour_table("cividis")
    for k in range(channels):
        middle = sheet[int((k // across + 0.5) * side), int((k % across + 0.5) * side)]
        assert tuple(middle) == tuple(colours[int(shares[k, 0, 0] * 255)])
    if channels < across**2:
        assert (sheet[-3, -3] == 255).all()  # nothing there


def test_the_chosen_channel_is_framed_and_no_other():
    shares = torch.zeros(64, 7, 7)
    rows, cols = np.nonzero((np.asarray(map_mosaic(shares, 9)) == ORANGE).all(2))
    side = MOSAIC / 8
    assert side - 6 < rows.min() and rows.max() < 2 * side + 6
    assert side - 6 < cols.min() and cols.max() < 2 * side + 6


def test_tiles_hold_no_picture_one_or_several_in_rows_and_a_field_is_framed():
    patches = [torch.full((1, 3, 9, 9), k / 8) for k in range(9)]
    tiles = {
        "patches": patches,
        "climbed": [noise(1, 3, 40, 40)],
        "the picture": [torch.ones(1, 3, 100, 100)],
    }
    shares = torch.rand(10, 7, 7, generator=torch.Generator().manual_seed(0))
    field = Field(20, 30, 60, 80)
    sheet = np.asarray(toolbox_sheet("channel 3", shares, 3, tiles | {"gradient": []}, field))
    tile = sheet[LABEL : LABEL + TILE, -TILE:]
    middles = tile[TILE // 6 :: TILE // 3, TILE // 6 :: TILE // 3, 0].ravel()
    assert middles.tolist() == pytest.approx([255 * k / 8 for k in range(9)], abs=1)
    assert (sheet[-TILE:, -TILE:] == PALE_GREY).all()  # no gradient
    rows, cols = np.nonzero((sheet[-TILE:, :TILE] == ORANGE).all(2))
    assert (rows.min(), rows.max() + 1, cols.min(), cols.max() + 1) == (60, 180, 90, 240)
