"""A page to draw on, in pixels of screens that show two in one, and what stands where on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

from ..live import Hint
from ..pictures import COLOURS
from ..pictures.encoding import to_image
from ..pictures.tiling import font
from .mosaics import COLOURS as COLOURS_OF_NUMBERS
from .mosaics import written

INK, FAINT, RULE = "#222222", "#666666", "#BBBBBB"
BLUE, ORANGE = COLOURS[:2]
LETTERS, SMALL = 24, 20  # pixels: 12 and 10 on the page
STRONGER = "stronger numbers keep the last colour"


class Box(NamedTuple):
    """The pixels from (left, top) to (right, bottom), the last two not included."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom


class Page:
    """A white picture. `places`: boxes, and what a click there means. `hints`: words for the pointer."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.places: list[tuple[Box, tuple]] = []
        self.hints: list[Hint] = []

    def text(
        self, x: float, y: float, words: str, fill: str = INK, size: int = LETTERS, anchor: str = "lm"
    ) -> None:
        """One line of words with its middle at height y; it begins ("lm"), ends ("rm") or has its middle
        ("mm") at x."""
        stencil = _stencil(words, size)
        left = x - stencil.width * {"l": 0, "m": 0.5, "r": 1}[anchor[0]]
        self.image.paste(fill, (round(left), round(y - stencil.height / 2)), stencil)

    def paste(self, image: Image.Image, left: float, top: float) -> Box:
        """A picture with its upper left corner at (left, top); where it stands now."""
        left, top = round(left), round(top)
        self.image.paste(image, (left, top))
        return Box(left, top, left + image.width, top + image.height)

    def frame(self, box: Box, colour: str = ORANGE, width: int = 4) -> None:
        """A frame around a box, outside of it."""
        left, top, right, bottom = box
        self.draw.rectangle(
            (left - width, top - width, right + width - 1, bottom + width - 1), None, colour, width
        )

    def bar(self, x: float, y: float, share: float, longest: float, height: int, colour: str) -> None:
        """A bar that begins at x, with its middle at y."""
        self.draw.rectangle((x, y - height / 2, x + max(1, share * longest), y + height / 2), colour)

    def heading(
        self,
        left: float,
        right: float,
        y: float,
        title: str,
        scale: tuple[float, float],
        *,
        size: int = LETTERS,
        coloured: bool = False,
    ) -> None:
        """A title from `left` on, and the scale of colours below it, which ends at `right`.

        scale: what the strongest colours stand for, and how strong the strongest number is. Where it is
        stronger, the scale has pointed ends. coloured: each channel has its own, so the scale is grey.
        """
        limit, most = scale
        words, wide, high = f"±{written(limit)}", 46, 14
        self.text(right, y, words, FAINT, SMALL, "rm")
        table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1) if coloured else COLOURS_OF_NUMBERS
        strip = Image.fromarray(table[None]).resize((wide, high))
        box = self.paste(strip, right - length(words, SMALL) - 8 - wide, y - high / 2)
        if most > 1.002 * limit:
            for end, inward in ((box.left, 1), (box.right - 1, -1)):
                for edge, down in ((box.top, 1), (box.bottom - 1, -1)):
                    corner = (end, edge), (end + 9 * inward, edge), (end, edge + down * (high // 2 - 1))
                    self.draw.polygon(corner, "white")
            stronger = f"{STRONGER}, here up to ±{written(most)}"
            self.hints.append(Hint(box.left, y, right, y, stronger))
        self.text(left, y, title, INK, fitting(title, box.left - 10 - left, size))

    def at(self, x: int, y: int) -> tuple | None:
        """What stands at a point, if it is anything to click on."""
        return next((what for box, what in self.places if box.holds(x, y)), None)


def fitting(words: str, room: float, size: int = LETTERS, least: int = 13) -> int:
    """The size of letters, `size` at most, in which words are no longer than `room` pixels."""
    return max(least, min(size, int(size * room / max(1.0, length(words, size)))))


@lru_cache(4096)
def length(words: str, size: int = LETTERS) -> float:
    """How wide words are, in pixels."""
    return font(size).getlength(words)


@lru_cache(4096)
def _stencil(words: str, size: int) -> Image.Image:
    """Words as a mask: drawing letters takes longer than all else on a page, and most of them stay."""
    stencil = Image.new("L", (max(1, math.ceil(length(words, size))), round(1.4 * size)))
    ImageDraw.Draw(stencil).text((0, stencil.height / 2), words, 255, font(size), anchor="lm")
    return stencil


def thumbnail(picture: Tensor, width: int, height: int) -> Image.Image:
    """A picture (1, C, H, W) in [0, 1] as large as fits; few pixels stay square."""
    image = to_image(picture).convert("RGB")
    factor = min(width / image.width, height / image.height)
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    few = max(image.size) <= 64
    return image.resize(size, Image.Resampling.NEAREST if few else Image.Resampling.LANCZOS)


def curve(page: Page, box: Box, points: Sequence[tuple[float, float]], last: float, colour: str) -> None:
    """A line through (step, share of the height in [0, 1]) in a box; steps from 0 to `last`."""
    left, top, right, bottom = box
    page.draw.line((left, bottom, right, bottom), RULE, 2)
    page.draw.line((left, top, left, bottom), RULE, 2)
    if len(points) < 2:
        return
    array = np.array(points)
    x = left + (right - left) * array[:, 0] / max(last, 1)
    y = bottom - (bottom - top) * array[:, 1].clip(0, 1)
    page.draw.line(np.stack([x, y], 1).ravel().tolist(), colour, 4, joint="curve")


def clipped(words: str, longest: float, size: int = LETTERS) -> str:
    """Words that are no longer than so many pixels; the end of longer ones is cut off."""
    if length(words, size) <= longest:
        return words
    while words and length(f"{words}…", size) > longest:
        words = words[:-1]
    return f"{words}…"
