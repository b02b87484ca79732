"""Points as stamps on a clear sheet: filled for training, hollow for the test."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from .colours import BLUE, ORANGE, PALE, PAPER, SURFACE, levels
from .plan import SIDE
from .points import REACH, Points

FINE = 4  # stamps are drawn this much larger, then shrunk: round
EMPTY = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
Stamps = tuple[Image.Image, Image.Image]
_last: tuple[Points | None, bool, Stamps] = (None, False, (EMPTY, EMPTY))


def dots(points: Points, tested: bool) -> Stamps:
    """The points as an image of the surface's size, and its mask; kept until the points change."""
    global _last
    if _last[0] is not points or _last[1] is not tested:
        drawn = _drawn(points, tested)
        _last = (points, tested, (drawn.convert("RGB"), drawn.getchannel("A")))
    return _last[2]


def _drawn(points: Points, tested: bool) -> Image.Image:
    sheet = EMPTY.copy()
    radius = 9 if len(points.targets) <= 200 else 7 if len(points.targets) <= 600 else 5
    places = np.stack([points.inputs[:, 0], -points.inputs[:, 1]], 1) / REACH / 2 + 0.5
    corners = (places * SIDE).round().astype(int) - radius
    shown = np.flatnonzero(points.train | tested)
    for index in sorted(shown.tolist(), key=lambda one: bool(points.train[one])):  # training points on top
        stamp = _stamp(_colour(points.targets[index], points.regression), bool(points.train[index]), radius)
        if (np.abs(points.inputs[index]) <= REACH).all():
            _lay(sheet, stamp, corners[index].tolist())
    return sheet


def _lay(sheet: Image.Image, stamp: Image.Image, corner: list[int]) -> None:
    left, top = corner
    inside = (max(0, left), max(0, top))
    sheet.alpha_composite(stamp, inside, (inside[0] - left, inside[1] - top))


def _colour(target: float, regression: bool) -> tuple[int, int, int]:
    if regression:  # 16 steps, as there is a stamp for each colour
        return tuple(SURFACE[levels(np.array(target)) // 16 * 16 + 8].tolist())
    return BLUE if target > 0 else ORANGE


@lru_cache(maxsize=64)
def _stamp(colour: tuple[int, int, int], train: bool, radius: int) -> Image.Image:
    """A disc: white rim and filled, or coloured rim and white; a fine dark line around pale ones."""
    side = (2 * radius + 1) * FINE
    image = Image.new("RGBA", (side, side), (*PAPER, 0))
    pen = ImageDraw.Draw(image)
    pale = colour not in (BLUE, ORANGE)
    rings = [(0.0, PALE)] if pale else []
    rings += (
        [(0.07 * pale, PAPER), (0.07 * pale + 0.1, colour)]
        if train
        else [(0.07 * pale, colour), (0.27, PAPER)]
    )
    for share, fill in rings:
        rim = round(share * side)
        pen.ellipse((rim, rim, side - 1 - rim, side - 1 - rim), fill=fill)
    return image.resize((2 * radius + 1, 2 * radius + 1), Image.Resampling.LANCZOS)
