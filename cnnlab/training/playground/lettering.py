"""Words on a sheet, in the house's letters."""

from functools import cache
from pathlib import Path

import matplotlib
from PIL import ImageDraw, ImageFont

from .colours import INK


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf" / name), size)


def letters(
    pen: ImageDraw.ImageDraw,
    place: tuple[float, float],
    words: str,
    size: int,
    *,
    anchor: str = "la",
    colour: tuple[int, int, int] = INK,
    bold: bool = False,
) -> None:
    """`words` at a place of the sheet, `size` pixels high; `anchor` as Pillow names it."""
    pen.text(place, words, fill=colour, font=_font(size, bold), anchor=anchor)
