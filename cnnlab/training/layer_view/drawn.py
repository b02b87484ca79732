"""Digits that were drawn or photographed, made like those that a network learned from.

MNIST's digits were scaled to fit 20 x 20 pixels and put on 28 x 28 with their centre of mass in the middle
(LeCun et al. 1998). The digits of 8 x 8 are counts of ink in blocks of 4 x 4, on a page of 32 x 32 that they
fill from top to bottom (Alpaydin and Kaynak 1998).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw
from skimage.filters import threshold_otsu  # type: ignore[import-untyped]
from torch import Tensor
from torch.nn.functional import interpolate

from ...live import Stroke
from ...pictures import PictureError, check

FINE = 8  # a pixel is drawn as 8 x 8
PEN = {28: 2.6, 32: 5.2}  # pixels, by the side of the page
FILLED = {28: 20, 32: 32}  # what a digit's longer side becomes


def digit(strokes: Sequence[Stroke], shape: tuple[int, int, int]) -> Tensor:
    """What was drawn as a picture (1, 1, H, W) like those of a set of `shape` (1, 28, 28) or (1, 8, 8).

    White on black, in [0, 1]; without strokes it is black. ValueError for another shape.
    """
    page = _page(shape)
    points = [np.array(stroke.points, dtype=float) for stroke in strokes]
    if not points:
        return torch.zeros(1, *shape)
    everything = np.concatenate(points)
    low, high = everything.min(0), everything.max(0)
    room = FILLED[page] - PEN[page]
    factor = min(room / max((high - low).max(), 1e-9), room / 12)  # a dot stays a dot
    image = Image.new("L", (3 * page * FINE,) * 2)
    draw = ImageDraw.Draw(image)
    for line in points:
        placed = ((line - (low + high) / 2) * factor + 1.5 * page) * FINE
        _ink(draw, placed, PEN[page] * FINE)
    fine = torch.from_numpy(np.array(image)).float()[None, None] / 255
    return _finished(interpolate(fine, scale_factor=1 / FINE, mode="area"), shape)


def photographed(picture: Tensor, shape: tuple[int, int, int]) -> tuple[Tensor, str]:
    """A photograph (1, C, H, W) of one digit as `digit` makes it, and a word about what was done.

    Dark ink on a light page is turned into white on black. Ink is what lies beyond Otsu's threshold.
    ValueError where nothing stands out.
    """
    check(picture, "the photograph")
    page = _page(shape)
    grey = picture[:1].mean(1, keepdim=True)
    grey = interpolate(grey, size=_small(grey), mode="bilinear", antialias=True, align_corners=False)
    border = torch.cat([grey[..., 0, :], grey[..., -1, :], grey[..., :, 0], grey[..., :, -1]], -1)
    light = float(border.median()) > 0.5
    ink = 1 - grey if light else grey
    if float(ink.max() - ink.min()) < 0.1:
        raise PictureError("nothing stands out in this photograph: take one of a dark digit on a light page.")
    level = threshold_otsu(ink.numpy())
    rows, columns = ((ink[0, 0] > level).any(axis).nonzero().flatten() for axis in (1, 0))
    clean = (ink - ink.median()).clamp(min=0) * (ink > 0.5 * (level + float(ink.median())))
    cut = clean[..., int(rows[0]) : int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1]
    factor = FILLED[page] / max(cut.shape[2:])
    size = [max(1, round(side * factor)) for side in cut.shape[2:]]
    scaled = interpolate(cut, size=size, mode="bilinear", antialias=True, align_corners=False)
    whole = torch.zeros(1, 1, 3 * page, 3 * page)
    top, left = ((3 * page - side) // 2 for side in size)
    whole[..., top : top + size[0], left : left + size[1]] = (
        scaled / scaled[scaled > 0].quantile(0.7)
    ).clamp(0, 1)
    return _finished(
        whole, shape
    ), "dark on light, so it was inverted" if light else "light on dark, as it is"


def _page(shape: tuple[int, int, int]) -> int:
    """The side of the page on which digits of this shape were made."""
    if shape not in ((1, 28, 28), (1, 8, 8)):
        raise ValueError(
            f"digits are 28 x 28 or 8 x 8 in grey, and this network looks at {' x '.join(map(str, shape))}: "
            "let it learn digits or MNIST."
        )
    return 32 if shape[1] == 8 else 28


def _ink(draw: ImageDraw.ImageDraw, points: np.ndarray, wide: float) -> None:
    """A line with round ends through some points."""
    corners = [tuple(point) for point in points]
    if len(corners) > 1:
        draw.line(corners, 255, round(wide), joint="curve")
    for x, y in corners:
        draw.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), 255)


def _finished(whole: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """A digit somewhere on a page three times as large (1, 1, 3 S, 3 S), put where it belongs."""
    page = whole.shape[-1] // 3
    if page == 28:  # its centre of mass comes to the middle
        mass = whole[0, 0]
        places = torch.arange(3 * page) + 0.5
        middle = [float((mass.sum(axis) * places).sum() / mass.sum()) for axis in (1, 0)]
    else:
        lines = [mass.nonzero().flatten() for mass in (whole[0, 0].sum(1), whole[0, 0].sum(0))]
        middle = [(int(line[0]) + int(line[-1]) + 1) / 2 for line in lines]
    top, left = (min(max(round(place - page / 2), 0), 2 * page) for place in middle)
    digit = whole[..., top : top + page, left : left + page]
    if page == 32:  # the share of each block of 4 x 4 that has ink
        digit = interpolate((digit > 0.5).float(), size=shape[1:], mode="area")
    return digit.clamp(0, 1).contiguous()


def _small(grey: Tensor, side: int = 256) -> list[int]:
    """The size at which a photograph is looked at: its longer side at most `side`."""
    factor = min(1.0, side / max(grey.shape[2:]))
    return [max(1, round(length * factor)) for length in grey.shape[2:]]
