"""A sheet on which things can be clicked and pointed at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ...live import Hint
from ...pictures import COLOURS
from ...pictures.sheets import FAINT, INK, LETTERS, PALE, Box, Sheet, fitting, length, written
from .mosaics import COLOURS as COLOURS_OF_NUMBERS

BLUE, ORANGE = COLOURS[:2]
SMALL = 20  # pixels of small letters: 10 on the page
STRONGER = "stronger numbers keep the last colour"


class Page(Sheet):
    """`places`: boxes, and what a click there means. `hints`: words for the pointer."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.places: list[tuple[Box, tuple]] = []
        self.hints: list[Hint] = []

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
                    self.pen.polygon(corner, "white")
            stronger = f"{STRONGER}, here up to ±{written(most)}"
            self.hints.append(Hint(box.left, y, right, y, stronger))
        self.text(left, y, title, INK, fitting(title, box.left - 10 - left, size))

    def at(self, x: int, y: int) -> tuple | None:
        """What stands at a point, if it is anything to click on."""
        return next((what for box, what in self.places if box.holds(x, y)), None)


def curve(page: Page, box: Box, points: Sequence[tuple[float, float]], last: float, colour: str) -> None:
    """A line through (step, share of the height in [0, 1]) in a box; steps from 0 to `last`."""
    page.pen.line((box.left, box.top, box.left, box.bottom, box.right, box.bottom), PALE, 2)
    if len(points) > 1:
        page.curve(box, ((step / max(last, 1), min(max(y, 0), 1)) for step, y in points), colour)
