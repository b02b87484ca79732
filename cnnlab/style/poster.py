"""The settings sheet: many small transfers side by side, content weight against style layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from PIL import Image, ImageDraw
from torch import Tensor

from ..networks import Network
from ..pictures.encoding import to_image
from ..pictures.sheets import INK, font
from .settings import LAYERS, Settings
from .transfer import scaled, transfer

CONTENTS = (0.01, 0.03, 0.1, 0.3, 1.0)
SETS = {  # by the size of what a layer sees
    "grain": {"features.1": 1.0},
    "strokes": {"features.1": 0.5, "features.3": 0.25, "features.4": 0.25},
    "forms": {"features.7": 0.5, "features.9": 0.5},
    "all": LAYERS,
}
LEFT, TOP, GAP = 92, 34, 6  # pixels for the words, and between pictures


def poster(
    network: Network,
    content: Tensor,
    styles: Sequence[Tensor],
    settings: Settings | None = None,
    contents: Sequence[float] = CONTENTS,
    sets: Mapping[str, Mapping[str, float]] = SETS,
    size: int = 160,
    seed: int = 0,
) -> Iterator[Image.Image]:
    """A sheet of transfers: one row for each of `sets` of style layers, one column for each content weight.

    Yields the whole sheet after each picture that was painted; where one is still to come, it shows the
    content. `settings` (by default 60 steps at each of two sizes) says how to paint, all but what the sheet
    is about. Raises as `transfer` does.
    """
    settings = settings or Settings(steps=60)
    empty = scaled(content, size)
    cells = {(row, column): empty for row in sets for column in contents}
    for row, column in cells:
        asked = replace(settings, layers=sets[row], content=column)
        for frame in transfer(network, content, styles, asked, (max(32, size // 2), size), seed=seed):
            cells[row, column] = frame.picture
        yield _drawn(cells, list(sets), contents)


def _drawn(
    cells: Mapping[tuple[str, float], Tensor], rows: Sequence[str], columns: Sequence[float]
) -> Image.Image:
    height, width = next(iter(cells.values())).shape[2:]
    size = LEFT + len(columns) * (width + GAP) - GAP, TOP + len(rows) * (height + GAP) - GAP
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for i, row in enumerate(rows):
        top = TOP + i * (height + GAP)
        pen.text((LEFT - 10, top + height / 2), row, INK, font(16), anchor="rm")
        for j, column in enumerate(columns):
            left = LEFT + j * (width + GAP)
            sheet.paste(to_image(cells[row, column]), (left, top))
            if not i:
                pen.text((left + width / 2, TOP / 2), f"{column:g}", INK, font(16), anchor="mm")
    pen.text((LEFT - 10, TOP / 2), "content", INK, font(16), anchor="rm")
    return sheet
