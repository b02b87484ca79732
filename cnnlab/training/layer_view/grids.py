"""Numbers of any sign as grids of tiles: orange is above 0, purple below, white is 0, one scale for all."""

import math

import matplotlib
import numpy as np
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

HALF = 126  # colours on either side of white
SHADES = matplotlib.colormaps["PuOr_r"](np.linspace(0, 1, 2 * HALF + 1))[:, :3]
PALETTE = (SHADES * 255).round().astype(np.uint8)
BETWEEN, EMPTY = len(PALETTE), len(PALETTE) + 1  # the lines between tiles, and where there is no tile
TABLE = np.concatenate([PALETTE, np.array([[205] * 3, [255] * 3], np.uint8)])
GAP = 2
STEPS = (1, 1.5, 2, 3, 5, 7, 10)
ENOUGH = 20_000  # numbers are enough to tell how large they are
COVERED = 0.995  # of the numbers in maps have colours of their own; outliers would leave the others pale
MOST = 256  # kernels in a matrix: more would be dust
Size = tuple[int, int]  # width, height


class Grid:
    """Tiles in rows and columns as an `image`. `count` of them are shown; each fills a `cell` (width,
    height).

    The strongest colours stand for `limit`, the strongest number is `most` in size. rgb: whether each channel
    has a colour of its own.
    """

    def __init__(self, tiles: Tensor, box: Size) -> None:
        """Tiles (R, C, h, w) as large as a box of (width, height) allows: row by row where C = 1, or 3 for
        red, green and blue, where 0 in all is mid-grey; else as a matrix. Single numbers (1 x 1) row by row
        all have colours of their own."""
        single = tiles.shape[2:] == (1, 1)
        self.rgb = rgb = tiles.shape[1] == 3 and not single
        matrix = tiles.shape[1] > 1 and not rgb
        tiles, row, column = _matrix(tiles, box) if matrix else _list(tiles, box)
        rows, self.columns = int(row.max()) + 1, int(column.max()) + 1
        across, down, gap = _cell(tiles.shape[2:], rows, self.columns, box)
        self.count, self.cell, self.shape = len(tiles), (across, down), tuple(tiles.shape[2:])
        self._number = (across - GAP) / self.shape[1], (down - GAP) / self.shape[0]
        mode = "area" if down - gap < self.shape[0] else "nearest-exact"  # means, or square pixels
        small = interpolate(tiles.detach().float().contiguous(), (down - gap, across - gap), mode=mode)
        self.limit = scale(small, 1.0 if single and not matrix else COVERED)
        self.most = float(small.abs().max())
        half, between, empty = (127.5, 255, 255) if rgb else (HALF, BETWEEN, EMPTY)
        shares = np.moveaxis(small.cpu().numpy(), 1, -1) * (half / self.limit)  # (N, h, w, C)
        sheet = np.full((rows, down, self.columns, across, tiles.shape[1]), empty, np.uint8)
        sheet[row, :, column] = between
        sheet[row, : down - gap, column, : across - gap] = np.rint(half + shares.clip(-half, half))
        whole = sheet.reshape(rows * down, self.columns * across, -1)[: rows * down - gap, : -gap or None]
        self.image = Image.fromarray(whole if rgb else whole[..., 0])
        if not rgb:
            self.image.putpalette(TABLE.tobytes())
            self.image = self.image.convert("RGB")

    def corner(self, tile: int) -> Size:
        """The upper left corner (x, y) of a tile."""
        return tile % self.columns * self.cell[0], tile // self.columns * self.cell[1]

    def box(self, tile: int, y: int, x: int) -> tuple[float, ...]:
        """The edges of one number of a tile: left, top, right, bottom."""
        (left, top), (wide, tall) = self.corner(tile), self._number
        return left + x * wide, top + y * tall, left + (x + 1) * wide, top + (y + 1) * tall

    def number_at(self, x: float, y: float) -> tuple[int, int, int]:
        """The number at or next to a point: its tile, row and column."""
        column, row = (max(int(place // size), 0) for place, size in zip((x, y), self.cell, strict=True))
        tile = min(row * self.columns + min(column, self.columns - 1), self.count - 1)
        (left, top), (wide, tall), (height, width) = self.corner(tile), self._number, self.shape
        row, column = int(max(y - top, 0) / tall), int(max(x - left, 0) / wide)
        return tile, min(row, height - 1), min(column, width - 1)


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


def _list(tiles: Tensor, box: Size) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Tiles as they come, and the row and column of each, (N,)."""
    columns = _columns(len(tiles), tiles.shape[2], tiles.shape[3], box)
    return tiles, *np.divmod(np.arange(len(tiles)), columns)


def _matrix(tiles: Tensor, box: Size) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Tiles (N, 1, h, w), and the row and column of each: one row for each of R, in as many blocks side by
    side as make tiles large.

    Of too many, the first that fit are shown; of kernels larger than 1 x 1, at most 256.
    """
    height, width = tiles.shape[2:]
    gap = 0 if height == width == 1 else GAP
    if gap and tiles.shape[0] * tiles.shape[1] > MOST:
        tiles = tiles[:, : max(math.isqrt(MOST), MOST // len(tiles))]
        tiles = tiles[: MOST // tiles.shape[1]]
    tiles = tiles[:, : box[0] // (width + gap)]
    most = max(1, box[0] // ((tiles.shape[1] + 1) * (width + gap))) if gap else 1  # blocks
    tiles = tiles[: most * (box[1] // (height + gap))]
    rows, columns = tiles.shape[:2]
    deep = math.ceil(rows / (_columns(rows, height, (columns + 1) * width, box) if gap else 1))
    row, column = np.divmod(np.arange(rows * columns), columns)
    return tiles.reshape(-1, 1, height, width), row % deep, row // deep * (columns + 1) + column


def _columns(count: int, height: int, width: int, box: Size) -> int:
    """The columns in which `count` tiles of height x width become largest in a box."""
    columns = np.arange(1, count + 1)
    sizes = np.minimum(box[0] / (columns * width), box[1] / (np.ceil(count / columns) * height))
    return int(sizes.argmax()) + 1


def _cell(shape: tuple[int, ...], rows: int, columns: int, box: Size) -> tuple[int, int, int]:
    """(width, height) of a tile of `shape` (h, w) with the line beside it, and how wide that is: there is
    none where lines would take more room than they are worth. A tile of one number need not be square."""
    height, width = shape
    room, single = min(box[0] / columns, box[1] / rows), height == width == 1
    gap = 0 if room < 8 and (single or room < min(height, width) + GAP) else GAP
    longest = 1.0 if not single else 1.6 if gap else 12.0  # times as wide as high, or as high as wide
    wide, tall = ((box[0] + gap) / columns - gap) / width, ((box[1] + gap) / rows - gap) / height
    wide, tall = min(wide, longest * tall), min(tall, longest * wide)
    return max(1, int(wide * width)) + gap, max(1, int(tall * height)) + gap, gap
