"""Numbers of any sign as mosaics: orange is above 0, purple below, white is 0, one scale for all tiles."""

from __future__ import annotations

import math

import matplotlib
import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

HALF = 126  # colours on either side of white
COLOURS = (
    (matplotlib.colormaps["PuOr_r"](np.linspace(0, 1, 2 * HALF + 1))[:, :3] * 255).round().astype(np.uint8)
)
BETWEEN, EMPTY = (
    len(COLOURS),
    len(COLOURS) + 1,
)  # two more: the lines between tiles, and where there is no tile
TABLE = np.concatenate([COLOURS, np.array([[205] * 3, [255] * 3], np.uint8)])
GAP = 2
STEPS = (1, 1.5, 2, 3, 5, 7, 10)
ENOUGH = 20_000  # numbers are enough to tell how large they are
COVERED = (
    0.995  # of the numbers in maps have colours of their own; a few outliers would leave the others pale
)
MOST = 256  # kernels in a matrix: more would be dust


class Tiling:
    """Tiles in rows and columns: `levels` (H, W), indices into TABLE. Each fills a `cell` (width, height).

    The strongest colours stand for `limit`, the strongest number is `most` in size.
    """

    def __init__(
        self, maps: Tensor, places: np.ndarray, box: tuple[int, int], covered: float = COVERED
    ) -> None:
        """Maps (N, h, w) at `places` (N, 2), rows and columns, as large as a box of (width, height) allows.
        `covered`: see `scale`."""
        rows, columns = (int(most) + 1 for most in places.max(0))
        gap = 0 if _crowded(maps.shape[1:], rows, columns, box) else GAP
        self.columns, self.count = columns, len(maps)
        self.cell = across, down = _cell(maps.shape[1:], rows, columns, box, gap)
        small = _resized(maps, (down - gap, across - gap))
        self.limit, self.most = scale(small, covered), float(small.abs().max())
        sheet = np.full((rows, down, columns, across), EMPTY, np.uint8)
        row, column = places.T
        sheet[row, :, column] = BETWEEN
        sheet[row, : down - gap, column, : across - gap] = _levels(small, self.limit)
        whole = sheet.reshape(rows * down, columns * across)
        self.levels = whole[: rows * down - gap, : columns * across - gap]

    @property
    def image(self) -> Image.Image:
        """The tiles in their colours."""
        image = Image.fromarray(self.levels)
        image.putpalette(TABLE.tobytes())
        return image.convert("RGB")

    def tile_at(self, x: float, y: float) -> tuple[int, float, float]:
        """The tile at or next to a point of a `mosaic`, and how far across and down it the point lies, 0 to
        1."""
        column, row = (max(int(place // size), 0) for place, size in zip((x, y), self.cell, strict=True))
        tile = min(row * self.columns + min(column, self.columns - 1), self.count - 1)
        left, top = self.corner(tile)
        across, down = (x - left) / (self.cell[0] - GAP), (y - top) / (self.cell[1] - GAP)
        return tile, min(max(across, 0.0), 0.999), min(max(down, 0.0), 0.999)

    def corner(self, tile: int) -> tuple[int, int]:
        """The upper left corner (x, y) of a tile of a `mosaic`."""
        return tile % self.columns * self.cell[0], tile // self.columns * self.cell[1]


def mosaic(maps: Tensor, box: tuple[int, int]) -> Tiling:
    """Maps (N, h, w) row by row, in a box of (width, height) pixels. Single numbers (1 x 1) all have colours
    of their own."""
    columns = _columns(*maps.shape, box)  # type: ignore[call-arg]
    covered = 1.0 if maps.shape[1:] == (1, 1) else COVERED
    return Tiling(maps, np.stack(np.divmod(np.arange(len(maps)), columns), 1), box, covered)


def matrix(tiles: Tensor, box: tuple[int, int]) -> Tiling:
    """Tiles (R, C, h, w), one row for each of R, in as many blocks side by side as make them large.

    Of too many, the first that fit are shown; of kernels larger than 1 x 1, at most 256.
    """
    height, width = tiles.shape[2:]
    gap = 0 if height == width == 1 else GAP
    if gap and tiles.shape[0] * tiles.shape[1] > MOST:
        tiles = tiles[:, : max(math.isqrt(MOST), MOST // len(tiles))]
        tiles = tiles[: MOST // tiles.shape[1]]
    tiles = tiles[:, : box[0] // (width + gap)]
    most = 1 if not gap else max(1, box[0] // ((tiles.shape[1] + 1) * (width + gap)))  # blocks
    tiles = tiles[: most * (box[1] // (height + gap))]
    rows, columns = tiles.shape[:2]
    blocks = 1 if not gap else _columns(rows, height, (columns + 1) * width, box)
    deep = math.ceil(rows / blocks)
    row, column = np.divmod(np.arange(rows * columns), columns)
    places = np.stack([row % deep, row // deep * (columns + 1) + column], 1)
    return Tiling(tiles.reshape(-1, height, width), places, box)


def coloured(filters: Tensor, box: tuple[int, int]) -> tuple[Image.Image, float, float]:
    """Weights on red, green and blue (N, 3, h, w) as colours, 0 in all is mid-grey; what full colours mean,
    and the size of the strongest weight."""
    limit, most = scale(filters), float(filters.abs().max())
    tiling = mosaic(filters[:, 0], box)
    row, column = np.divmod(np.arange(len(filters)), tiling.columns)
    across, down = tiling.cell
    sheet = np.full((int(row.max()) + 1, down, tiling.columns, across, 3), 255, np.uint8)
    for c in range(3):
        plane = _resized(filters[:, c], (down - GAP, across - GAP)).cpu().numpy() / limit
        sheet[row, : down - GAP, column, : across - GAP, c] = np.rint(127.5 + 127.5 * plane.clip(-1, 1))
    return Image.fromarray(sheet.reshape(-1, tiling.columns * across, 3)), limit, most


def colours(shares: np.ndarray) -> np.ndarray:
    """Shares of the strongest colour, -1 to 1, as red, green and blue (..., 3) in bytes."""
    return TABLE[np.rint(HALF + HALF * shares).astype(np.uint8)]


def scale(values: Tensor, covered: float = COVERED) -> float:
    """What the strongest colours stand for: a round number; the share `covered` of the sizes is not above it.

    Round, so that it seldom changes while a network learns.
    """
    numbers = values.detach().flatten()
    sizes = numbers[:: math.ceil(len(numbers) / ENOUGH)].abs().cpu().numpy()
    place = max(0, math.ceil(covered * len(sizes)) - 1)
    strong = float(np.partition(sizes, place)[place]) or float(sizes.max())
    if not (math.isfinite(strong) and strong > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(strong))
    return next(step * power for step in STEPS if step * power >= strong * 0.999)


def _columns(count: int, height: int, width: int, box: tuple[int, int]) -> int:
    """The columns in which `count` tiles of height x width become largest in a box."""

    def size(columns: int) -> float:
        return min(box[0] / (columns * width), box[1] / (math.ceil(count / columns) * height))

    return max(range(1, count + 1), key=size)


def _cell(shape: torch.Size, rows: int, columns: int, box: tuple[int, int], gap: int) -> tuple[int, int]:
    """(width, height) of a tile with the line beside it. A tile of one number need not be square."""
    height, width = shape
    across, down = (box[0] + gap) / columns - gap, (box[1] + gap) / rows - gap
    if height == width == 1:
        longest = 1.6 if gap else 12.0
        across, down = min(across, longest * down), min(down, longest * across)
    else:
        factor = min(across / width, down / height)
        across, down = factor * width, factor * height
    return max(1, int(across)) + gap, max(1, int(down)) + gap


def _crowded(shape: torch.Size, rows: int, columns: int, box: tuple[int, int]) -> bool:
    """Whether lines between tiles would take more room than they are worth."""
    height, width = shape
    cell = min(box[0] / columns, box[1] / rows)
    return cell < 8 and (height == width == 1 or cell < min(height, width) + GAP)


def _levels(values: Tensor, limit: float) -> np.ndarray:
    """Indices into COLOURS, in the shape of `values`."""
    shares = values.cpu().numpy() * (HALF / limit)
    return np.rint(HALF + shares.clip(-HALF, HALF)).astype(np.uint8)


def _resized(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps (N, h, w) at `size`: larger with square pixels, smaller as means."""
    if tuple(maps.shape[1:]) == size:
        return maps
    mode = "area" if size[0] < maps.shape[1] else "nearest-exact"
    return interpolate(maps.detach()[:, None].float().contiguous(), size, mode=mode)[:, 0]
