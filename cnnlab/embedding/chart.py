"""Maps as pictures: points as dots or as thumbnails, and which of them lies where; grids of pictures.

chart = Chart(points, 800)                                # (N, 2), for a picture of 800 x 800 pixels
chart.dots(values_as_colours(values)), chart.thumbnails(pictures, 24)       # PIL images
chart.nearest(x, y), chart.inside(stroke)                 # points, by pixel
picture_grid(cells, pictures, tile=100, seams=seams(codes, cells))          # a PIL image, to hang on a wall

Seams are after Karpathy's cnnembed: bright where neighbours in the grid are far apart in code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from matplotlib.path import Path
from PIL import Image, ImageColor, ImageDraw
from torch import Tensor

from ..pictures import PictureError, resize
from ..pictures.sheets import colour_table
from .affinities import check as check_points

NIGHT = (11, 13, 18)  # behind every map
LINE = (255, 255, 255)
EDGE = ((0, 0), (1, 1), (1, 1), (0, 0))  # one pixel around each of many pictures
WIDEST = 4096  # pixels a side of a grid of pictures
FINE = 2  # dots are drawn so many times larger, then reduced, for smooth edges
# After Paul Tol's "muted" scheme, for colour-blind people, too; the dark ones lightened for NIGHT
TEN = (
    "#8F86F0", "#88CCEE", "#44AA99", "#3FA34D", "#B5B54A",
    "#DDCC77", "#EE8866", "#CC6677", "#DD5599", "#DDDDDD",
)  # fmt: skip


class Chart:
    """Where `points` (N, 2) lie in a square picture of `size` pixels a side, x to the right and y up.

    Both axes have one scale: the points fill the square but for `margin`, a share of the side, on each side.
    `spots` (N, 2) int64 are their pixels, x from the left and y from the top. ValueError for points that are
    not finite.
    """

    def __init__(self, points: Tensor, size: int = 640, margin: float = 0.05) -> None:
        check_points(points, least=1)
        self.size = size
        points = points.detach().cpu().float()
        low, high = points.amin(0), points.amax(0)
        half = max(float((high - low).max()) / 2, 1e-12)
        centred = (points - (low + high) / 2) / half * torch.tensor([1.0, -1.0])  # in [-1, 1], y down
        self.spots = ((0.5 + (0.5 - margin) * centred) * (size - 1)).round().long()

    def nearest(self, x: int, y: int) -> int:
        """The point whose spot is nearest to a pixel."""
        return int((self.spots - torch.tensor([x, y])).square().sum(1).argmin())

    def inside(self, outline: Sequence[Sequence[float]]) -> Tensor:
        """(K,): the points within a closed outline of pixels (x, y); a lasso closes itself."""
        if len(outline) < 3:
            return torch.zeros(0, dtype=torch.long)
        corners = [(float(x), float(y)) for x, y, *_ in outline]
        within = Path([*corners, corners[0]], closed=True).contains_points(self.spots.numpy(), radius=1e-9)
        return torch.from_numpy(within).nonzero()[:, 0]

    def dots(self, colours: Tensor, radius: float = 3.5) -> Image.Image:
        """The points as dots; `colours` (N, 3) in [0, 1]."""
        sheet = Image.new("RGB", (FINE * self.size, FINE * self.size), NIGHT)
        draw = ImageDraw.Draw(sheet)
        r = FINE * radius
        inks = (colours.clamp(0, 1) * 255).round().int().tolist()
        for (x, y), ink in zip((FINE * self.spots).tolist(), inks, strict=True):
            draw.ellipse((x - r, y - r, x + r, y + r), tuple(ink))
        return sheet.reduce(FINE)

    def thumbnails(self, pictures: Tensor, side: int = 24) -> Image.Image:
        """The points as `pictures` (N, C, H, W), `side` pixels wide, each with its middle on its spot.

        Each has a thin dark edge, so that white ones can be told apart; later ones cover earlier ones.
        """
        return self.sprites(np.pad(sprites(pictures, side - 2), EDGE, constant_values=NIGHT[0]))

    def sprites(self, stamps: np.ndarray, lighten: bool = False) -> Image.Image:
        """The points as small pictures (N, S, S, 3) uint8, as `sprites` makes them once for many charts.

        lighten: what is darker than what lies below does not cover it, as for digits on black.
        """
        side = stamps.shape[1]
        count = len(self.spots)
        if len(stamps) != count:
            raise PictureError(f"there are {count} points and {len(stamps)} pictures: give as many.")
        whole = self.size + 2 * side  # room for those at the edge
        sheet = np.full((whole, whole, 3), NIGHT, np.uint8)
        for (x, y), stamp in zip((self.spots + side - side // 2).tolist(), stamps, strict=True):
            below = sheet[y : y + side, x : x + side]
            below[:] = np.maximum(below, stamp) if lighten else stamp
        return Image.fromarray(sheet[side:-side, side:-side])

    def lines(self, image: Image.Image, start: int, ends: Iterable[int]) -> Image.Image:
        """`image` with lines from one point's spot to those of others, and a ring around the first."""
        sheet = image.copy()
        draw = ImageDraw.Draw(sheet)
        x, y = self.spots[start].tolist()
        for end in ends:
            for ink, thick in ((NIGHT, 5), (LINE, 2)):
                draw.line((x, y, *self.spots[int(end)].tolist()), ink, thick)
        for radius, ink in ((15, NIGHT), (13, LINE)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=3)
        return sheet


def sprites(pictures: Tensor, side: int) -> np.ndarray:
    """(N, side, side, 3) uint8: `pictures` (N, C, H, W) as they are pasted into charts."""
    small = resize(pictures, (side, side)).expand(-1, 3, -1, -1)
    return (small.permute(0, 2, 3, 1) * 255).round().byte().cpu().numpy()


def picture_grid(
    cells: Tensor, pictures: Tensor, tile: int = 32, seams: tuple[Tensor, Tensor] | None = None
) -> Image.Image:
    """The `pictures` (N, C, H, W) in their `cells` (rows, columns), `tile` pixels wide; empty cells are dark.

    seams: what `grid.seams` found. Between pictures then runs a line, a tenth of a tile wide: black where
        two neighbours are as near in code as any, bright yellow where they are as far apart.

    `PictureError` for a grid of more than 4096 pixels a side.
    """
    rows, columns = cells.shape
    line = max(1, round(tile / 10)) if seams else 0
    step = tile + line
    most = WIDEST // max(rows, columns) - line
    if not 1 <= tile <= most:
        raise PictureError(f"tiles of {tile} pixels would make a poster too large: take 1 to {most}.")
    stamps = sprites(pictures, tile)
    sheet = np.full((rows * step - line, columns * step - line, 3), NIGHT, np.uint8)
    for (row, column), point in np.ndenumerate(cells.numpy()):
        if point >= 0:
            top, left = row * step, column * step
            sheet[top : top + tile, left : left + tile] = stamps[point]
    if seams:
        _draw(sheet, seams, tile, line)
    return Image.fromarray(sheet)


def _draw(sheet: np.ndarray, seams: tuple[Tensor, Tensor], tile: int, line: int) -> None:
    """The lines between pictures: by rank, so that all brightnesses are in use."""
    known = torch.cat([distances.flatten() for distances in seams])
    known = known[known.isfinite()].sort().values
    step = tile + line
    for below, distances in enumerate(seams):  # first the lines beside tiles, then those below them
        shares = torch.searchsorted(known, distances.contiguous()).float() / max(1, len(known))
        colours = _mapped(shares, "inferno")
        high, wide = (line, tile) if below else (tile, line)
        for row, column in distances.isfinite().nonzero().tolist():
            top, left = row * step + tile * below, column * step + tile * (1 - below)
            sheet[top : top + high, left : left + wide] = colours[row, column]


def _mapped(levels: Tensor, colormap: str) -> np.ndarray:
    """(..., 3) uint8: levels (...) in [0, 1] in matplotlib's colours."""
    return colour_table(colormap)[(256 * levels).long().clamp(max=255).cpu().numpy()]


def values_as_colours(
    values: Tensor, colormap: str = "cividis", limits: tuple[float, float] | None = None
) -> Tensor:
    """(N, 3) in [0, 1]: numbers (N,) as colours; the first and the last colour stand for `limits`."""
    low, high = limits or (float(values.min()), float(values.max()))
    level = ((values.float() - low) / max(high - low, 1e-12)).clamp(0, 1)
    return torch.from_numpy(_mapped(level, colormap)) / 255


def labels_as_colours(labels: Tensor) -> Tensor:
    """(N, 3) in [0, 1]: labels (N,) as ten colours, which begin again from the eleventh on."""
    return torch.tensor([ImageColor.getrgb(colour) for colour in TEN])[labels.cpu() % len(TEN)] / 255


def tinted(pictures: Tensor, colours: Tensor) -> Tensor:
    """(N, 3, H, W): grey `pictures` (N, 1, H, W), their white in `colours` (N, 3), on the map's night."""
    night = torch.tensor(NIGHT).view(1, 3, 1, 1) / 255
    return torch.lerp(night.expand(len(pictures), -1, -1, -1), colours.view(-1, 3, 1, 1), pictures)
