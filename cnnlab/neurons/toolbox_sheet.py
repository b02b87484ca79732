"""The toolbox's sheet: where its tiles are, which channel is at a point, and how all is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from ..networks.receptive_fields import Field
from ..pictures.sheets import Sheet, colour_table, thumbnail

TILE, GAP, LABEL = 300, 12, 34  # pixels of the sheet, which is made for screens that show two in one
MOSAIC = 2 * TILE + GAP + LABEL
MARK = "#E66100"  # orange stands out from cividis
PALE = "#EBEBEB"  # where there is nothing to show


def columns(channels: int) -> int:
    """How many channels stand side by side in a mosaic."""
    return math.ceil(math.sqrt(channels))


def channel_at(point: tuple[int, int], channels: int) -> int:
    """The channel whose tile of the mosaic is at, or next to, a point (x, y) of the sheet."""
    across = columns(channels)
    places = point[0] * across // MOSAIC, (point[1] - LABEL) * across // MOSAIC
    column, row = np.clip(places, 0, across - 1).tolist()
    return min(row * across + column, channels - 1)


def point_of(channel: int, channels: int) -> tuple[int, int]:
    """The middle of a channel's tile, as a point (x, y) of the sheet: the inverse of `channel_at`."""
    across = columns(channels)
    row, column = divmod(channel, across)
    return (2 * column + 1) * MOSAIC // (2 * across), LABEL + (2 * row + 1) * MOSAIC // (2 * across)


def map_mosaic(shares: Tensor, chosen: int) -> Image.Image:
    """All maps (C, h, w) of shares in [0, 1] on one square, row by row; the `chosen` one framed."""
    across = columns(len(shares))
    side = MOSAIC // across - 1
    small = interpolate(shares[:, None], (side, side), mode="bilinear", antialias=True, align_corners=False)
    tiles = np.pad(_colours(small[:, 0]), ((0, 0), (0, 2), (0, 2), (0, 0)))  # a dark line between neighbours
    corners = [(k % across * MOSAIC // across, k // across * MOSAIC // across) for k in range(len(shares))]
    sheet = Sheet(MOSAIC, MOSAIC)
    for tile, corner in zip(tiles, corners, strict=True):
        sheet.paste(Image.fromarray(tile), *corner)
    left, top = corners[chosen]
    sheet.frame((left + 1, top + 1, left + side - 1, top + side - 1), MARK)
    return sheet.image


def toolbox_sheet(
    name: str, shares: Tensor, channel: int, tiles: Mapping[str, Sequence[Tensor]], field: Field | None
) -> Image.Image:
    """All maps below the chosen channel's name, and five tiles about that channel around them.

    shares: (C, h, w) the activations of all channels, as shares in [0, 1].
    tiles: four, each with its title: the best patches, what climbed, the picture seen, the gradient. There
        may be no picture (1, C, h, w), one, or several in rows. The fifth shows where the channel answers.
    field: the part of the picture seen that is framed.
    """
    right, low = MOSAIC + GAP, LABEL + MOSAIC + GAP
    sheet = Sheet(right + TILE, low + LABEL + TILE)
    sheet.text(MOSAIC / 2, LABEL / 2, f"{name}: click another", anchor="mm")
    sheet.paste(map_mosaic(shares, channel), 0, LABEL)
    answers = torch.from_numpy(_colours(shares[channel])).permute(2, 0, 1)[None] / 255
    tiles = {**tiles, "where it answers": [answers]}
    places = (right, 0), (right, LABEL + TILE + GAP), (0, low), (right, low), (right // 2, low)
    for (left, top), (title, pictures) in zip(places, tiles.items(), strict=True):
        sheet.text(left + TILE / 2, top + LABEL / 2, title, anchor="mm")
        _draw(sheet, left, top + LABEL, pictures)
    if field is not None:
        top, left, bottom, right = (round(edge * TILE / tiles["the picture"][0].shape[2]) for edge in field)
        box = left, low + LABEL + top, max(right, left + 6) - 1, low + LABEL + max(bottom, top + 6) - 1
        sheet.pen.rectangle(box, None, MARK, 4)
    return sheet.image


def _draw(sheet: Sheet, left: int, top: int, pictures: Sequence[Tensor]) -> None:
    """Pictures in rows on a tile, which is pale grey where there are none."""
    sheet.pen.rectangle((left, top, left + TILE - 1, top + TILE - 1), PALE)
    across = columns(len(pictures))
    for k, picture in enumerate(pictures):
        side = TILE // across
        small = thumbnail(picture, side - 2, side - 2)
        x, y = left + (k % across + 0.5) * side, top + (k // across + 0.5) * side  # the middle
        sheet.paste(small, x - small.width / 2, y - small.height / 2)


def _colours(shares: Tensor) -> np.ndarray:
    """(..., 3) uint8: shares in [0, 1] as colours."""
    return colour_table("cividis")[(shares.clamp(0, 1) * 255).byte().numpy()]
