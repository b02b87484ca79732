"""Sheets that code draws, in pixels: letters, boxes, curves, colours of numbers, numbers in few letters.

Curves and bars of a figure are matplotlib's, see `figures`. What a live panel draws thirty times a second is
drawn here, some fifty times as fast.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .encoding import to_image

INK, FAINT, PALE = "#222222", "#666666", "#BBBBBB"
LETTERS = 24  # pixels: 12 on a page, as panels' sheets are made for screens that show two pixels in one
FEW = 40  # pixels a side: digits and icons, at most so large, keep square pixels when they are enlarged
T = TypeVar("T")


class Box(NamedTuple):
    """The pixels from (left, top) to (right, bottom), the last two not included."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom


class Sheet:
    """A white `image` to draw on; `pen` is Pillow's."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), "white")
        self.pen = ImageDraw.Draw(self.image)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        fill: str | tuple[int, ...] = INK,
        size: int = LETTERS,
        anchor: str = "lm",
        bold: bool = False,
    ) -> None:
        """One line of words with its middle at height y; it begins ("lm"), ends ("rm") or has its middle
        ("mm") at x."""
        stencil = _stencil(words, size, bold)
        left = x - stencil.width * {"l": 0, "m": 0.5, "r": 1}[anchor[0]]
        self.image.paste(fill, (round(left), round(y - stencil.height / 2)), stencil)

    def paste(self, image: Image.Image, left: float, top: float) -> Box:
        """A picture with its upper left corner at (left, top); where it stands now."""
        left, top = round(left), round(top)
        self.image.paste(image, (left, top))
        return Box(left, top, left + image.width, top + image.height)

    def frame(self, box: Sequence[int], colour: str, width: int = 4) -> None:
        """A frame around a box, outside of it."""
        left, top, right, bottom = box
        edges = left - width, top - width, right + width - 1, bottom + width - 1
        self.pen.rectangle(edges, None, colour, width)

    def bar(self, x: float, y: float, share: float, longest: float, height: int, colour: str) -> None:
        """A bar that begins at x, with its middle at y."""
        self.pen.rectangle((x, y - height / 2, x + max(1, share * longest), y + height / 2), colour)

    def curve(
        self, box: Box, points: Iterable[tuple[float, float]], colour: str | tuple[int, ...], width: int = 4
    ) -> None:
        """A line through points (x, y) in [0, 1], which stand for the width and, from below, the height of a
        box. One point is a dot."""
        across, high = box.right - box.left, box.bottom - box.top
        path = [(box.left + across * x, box.bottom - high * y) for x, y in points]
        if path:
            self.pen.line([*path, path[-1]], colour, width, joint="curve")


class History(Generic[T]):
    """What came so far, in at most `most` entries: where there are more, every second is dropped."""

    def __init__(self, most: int) -> None:
        self.kept: list[T] = []
        self.most, self.every, self.skipped = most, 1, 0

    def add(self, entry: T) -> None:
        """Keep an entry, if it is one's turn."""
        self.skipped += 1
        if self.skipped >= self.every:
            self.kept.append(entry)
            self.skipped = 0
        if len(self.kept) > self.most:
            self.kept, self.every = self.kept[::2], 2 * self.every


def written(value: float) -> str:
    """A number in few letters: 0.05, \u22122.31, 1,190, 4e\u22126."""
    size = abs(value)
    if size >= 1000:
        words = f"{value:,.0f}" if size < 1e6 else f"{value:.1e}"
    elif 0 < size < 0.001:
        mantissa, power = f"{value:.1e}".split("e")
        words = f"{mantissa.removesuffix('.0')}e{int(power)}"
    else:
        words = f"{value:.3g}"
    return words.replace("-", "\u2212")


@cache
def colour_table(name: str) -> np.ndarray:
    """matplotlib's colour map of this name as 256 colours, (256, 3) uint8."""
    return (matplotlib.colormaps[name](np.linspace(0, 1, 256))[:, :3] * 255).round().astype(np.uint8)


@cache
def font(size: int = LETTERS, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans of so many pixels, which matplotlib brings along on every machine."""
    file = f"fonts/ttf/DejaVuSans{'-Bold' * bold}.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), file)), size)


@lru_cache(4096)
def length(words: str, size: int = LETTERS, bold: bool = False) -> float:
    """How wide words are, in pixels."""
    return font(size, bold).getlength(words)


def fitting(words: str, room: float, size: int = LETTERS, least: int = 13) -> int:
    """The size of letters, `size` at most, in which words are no longer than `room` pixels."""
    return max(least, min(size, int(size * room / max(1.0, length(words, size)))))


@lru_cache(4096)
def clipped(words: str, room: float, size: int = LETTERS) -> str:
    """As much of some words as `room` pixels hold, with an ellipsis where something is left out."""
    if length(words, size) <= room:
        return words
    while words and length(f"{words}…", size) > room:
        words = words[:-1]
    return f"{words.rstrip()}…"


def thumbnail(picture: Tensor, width: int, height: int) -> Image.Image:
    """A picture (1, C, H, W) in [0, 1] as large as fits; few pixels stay square."""
    image = to_image(picture).convert("RGB")
    factor = min(width / image.width, height / image.height)
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    few = max(image.size) <= FEW
    return image.resize(size, Image.Resampling.NEAREST if few else Image.Resampling.LANCZOS)


@lru_cache(4096)
def _stencil(words: str, size: int, bold: bool) -> Image.Image:
    """Words as a mask: drawing letters takes longer than all else on a sheet, and most of them stay."""
    stencil = Image.new("L", (max(1, math.ceil(length(words, size, bold))), round(1.4 * size)))
    ImageDraw.Draw(stencil).text((0, stencil.height / 2), words, 255, font(size, bold), anchor="lm")
    return stencil
