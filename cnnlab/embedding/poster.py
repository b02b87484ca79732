"""A grid of pictures to hang on a wall, with or without seams.

sheet = poster(cells, pictures, tile=100)                 # a PIL image
sheet = poster(cells, pictures, seams=seams(codes, cells))
sheet.save("poster.png")

The seams are after Karpathy's cnnembed: bright where neighbours in the grid are far apart in code.
"""

from __future__ import annotations

import matplotlib
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..pictures import PictureError
from .chart import NIGHT, sprites

WIDEST = 4096  # pixels a side


def poster(
    cells: Tensor, pictures: Tensor, tile: int = 32, seams: tuple[Tensor, Tensor] | None = None
) -> Image.Image:
    """The `pictures` (N, C, H, W) in their `cells` (rows, columns), `tile` pixels wide; empty cells are dark.

    seams: what `grid.seams` found. Between pictures then runs a line, a tenth of a tile wide: black where
        two neighbours are as near in code as any, bright yellow where they are as far apart.

    `PictureError` for a poster of more than 4096 pixels a side.
    """
    rows, columns = cells.shape
    line = max(1, round(tile / 10)) if seams else 0
    step = tile + line
    if tile < 1 or max(rows, columns) * step > WIDEST:
        most = WIDEST // max(rows, columns) - line
        raise PictureError(f"tiles of {tile} pixels would make a poster too large: take 1 to {most}.")
    stamps = sprites(pictures, tile)
    sheet = np.empty((rows * step - line, columns * step - line, 3), np.uint8)
    sheet[:] = NIGHT
    for (row, column), point in np.ndenumerate(cells.numpy()):
        if point >= 0:
            top, left = row * step, column * step
            sheet[top : top + tile, left : left + tile] = stamps[point]
    if seams:
        _draw(sheet, seams, tile, line)
    return Image.fromarray(sheet)


def _draw(sheet: np.ndarray, seams: tuple[Tensor, Tensor], tile: int, line: int) -> None:
    """The lines between pictures: by rank, so that all brightnesses are in use."""
    across, down = seams
    both = torch.cat([across.flatten(), down.flatten()])
    known = both[both.isfinite()].sort().values
    step = tile + line
    for values, dy, dx in ((across, 0, tile), (down, tile, 0)):
        shares = torch.searchsorted(known, values.contiguous()).float() / max(1, len(known))
        colours = (matplotlib.colormaps["inferno"](shares.numpy())[..., :3] * 255).round().astype(np.uint8)
        for row, column in values.isfinite().nonzero().tolist():
            top, left = row * step + dy, column * step + dx
            high, wide = (tile, line) if dx else (line, tile)
            sheet[top : top + high, left : left + wide] = colours[row, column]
