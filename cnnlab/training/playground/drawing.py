"""The playground's one picture: features, units as heat maps, weights as lines, points, surface, losses.

Orange is below zero, blue above, white at it, on a fixed scale, so that nothing flickers.
"""

from functools import lru_cache
from itertools import chain, count
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy import ndarray
from PIL import Image, ImageDraw

from ...pictures.sheets import Sheet, fitting, written
from .layout import AREA, CHART, HEIGHT, NETWORK, PORT, SIDE, WIDTH, Layout, layout
from .network import MLP, Evaluation, Layer
from .points import REACH, Points
from .words import symbol

INK, PALE, PAPER = (51, 51, 51), (118, 118, 118), (255, 255, 255)
ORANGE, BLUE = (186, 74, 0), (0, 84, 148)  # of points: darker than the surface they lie on
DEAD, RULE = (226, 226, 226), (222, 222, 222)
TEST = (160, 60, 120)  # the test's curve: neither orange nor blue
SMALLEST = 17  # pixels of the sheet: smaller letters cannot be read
GRID = 120  # the network is asked at 120 x 120 places
FINE = 4  # stamps of points are drawn this much larger, then shrunk: round


def _table(*stops: tuple[int, int, int]) -> ndarray:
    """256 colours (256, 3) that pass evenly through `stops`."""
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, range(len(stops)), channel) for channel in zip(*stops, strict=True)]
    return np.stack(channels, 1).round().astype(np.uint8)


SURFACE = _table((228, 132, 52), (243, 190, 136), (248, 246, 243), (146, 192, 222), (48, 134, 194))
LINES = _table((214, 96, 0), (232, 160, 96), (218, 216, 213), (116, 168, 206), (0, 106, 180))


def levels(values: ndarray) -> ndarray:
    """Numbers as rows of a table, uint8: -1 and below is the first, 1 and above the last."""
    return (values.clip(-1, 1) * 127.5 + 127.5).astype(np.uint8)


def coloured(rows: ndarray) -> Image.Image:
    """Rows of `SURFACE`, uint8 (H, W), as an RGB image."""
    image = Image.fromarray(rows)
    image.putpalette(SURFACE.tobytes())
    return image.convert("RGB")


def draw(
    network: MLP, points: Points, now: Evaluation | None, history: list[tuple], epoch: float, settings: Any
) -> Image.Image:
    """The sheet as an RGB image, `WIDTH` x `HEIGHT`.

    history: rows of (epoch, train loss, test loss or None). settings: its attributes `large` (by name, the
    unit whose map is the large one), `tested` (show the test points) and `two` (only two colours) count.
    """
    where = layout(len(network.features), network.layers[:-1])
    maps = _maps(network)
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.paste(_background(network.features, network.layers), 0, 0)
    _draw_links(sheet, network, where)
    _draw_units(sheet, network, now, where, maps)
    named = dict(zip(chain(*network.unit_names()), chain(*maps), strict=True))
    large = settings.large.strip()  # once: the reader may change it meanwhile
    large = large if large in named else "y"
    surface = sheet.paste(_surface(named[large], settings.two, not points.regression), *AREA[:2])
    stamps, mask = _stamped(points, settings.tested)
    sheet.image.paste(stamps, AREA[:2], mask)
    sheet.pen.rectangle((surface.left - 1, surface.top - 1, *surface[2:]), None, PALE, 2)
    sheet.text(AREA[0], AREA[1] - 18, "output y" if large == "y" else symbol(large), INK, 26)
    sheet.text(NETWORK[0], 30, f"epoch {written_epoch(epoch)}", INK, 30, bold=True)
    if now is not None:
        _draw_losses(sheet, now, history)
    return sheet.image


def _maps(network: MLP) -> list[ndarray]:
    """Rows of the colour table (units, 120, 120) of each column: features, layers, output."""
    values = network.copy(np.float32).forward(_grid(network.features))  # (120 * 120, units)
    values[0] = values[0] / np.maximum(1, network.look(np.full((1, 2), REACH)))
    for column, layer in enumerate(network.layers[:-1], 1):
        if layer.activation in ("relu", "linear"):  # no bound: 1 is half way to the last colour, 4 is 80 %
            values[column] = values[column] / (1 + np.abs(values[column]))
    return [levels(part.T.reshape(-1, GRID, GRID)) for part in values]


@lru_cache(maxsize=4)
def _grid(features: tuple[str, ...]) -> ndarray:
    """Inputs (120 * 120, F) at the places of the grid, from the top left."""
    places = (np.indices((GRID, GRID))[::-1].reshape(2, -1).T + 0.5) / GRID * 2 * REACH - REACH
    return MLP(features, (), np.zeros(0)).look(places * (1, -1)).astype(np.float32)


def _draw_links(sheet: Sheet, network: MLP, where: Layout) -> None:
    """Lines as wide as their weights are strong, the strongest on top."""
    scale = min(1.0, max(0.5, where.tile / 64))
    for weights, curves, stretch in zip(network.weights, where.curves, where.stretch, strict=True):
        flat = weights.ravel()
        half = scale * (0.8 + 4.6 * np.tanh(np.abs(flat) / 2))[:, None] * stretch  # (L, 15)
        above, below = curves.copy(), curves[:, ::-1].copy()
        above[..., 1] -= half
        below[..., 1] += half[:, ::-1]
        outlines = np.concatenate([above, below], 1).reshape(len(flat), -1)
        colours = LINES[levels(np.tanh(flat))].tolist()
        for link in np.argsort(np.abs(flat)).tolist():
            sheet.pen.polygon(outlines[link].tolist(), tuple(colours[link]))


def _draw_units(sheet: Sheet, network: MLP, now: Evaluation | None, where: Layout, maps: list) -> None:
    """Each unit's heat map; a unit that is dead is grey and crossed out; a small square is its bias."""
    pen, tile = sheet.pen, where.tile
    pick = ((np.arange(tile) + 0.5) * GRID / tile).astype(int)
    for column, centres in enumerate(where.columns[:-1]):
        strip = coloured(maps[column][:, pick[:, None], pick].reshape(-1, tile))
        for row, (x, y) in enumerate((centres - tile / 2).round().astype(int).tolist()):
            pen.rectangle((x - 2, y - 2, x + tile + 1, y + tile + 1), DEAD, INK, 2)
            if column and now is not None and now.dead[column - 1][row]:
                pen.line((x, y, x + tile, y + tile), PALE, 3)
                pen.line((x, y + tile, x + tile, y), PALE, 3)
            else:
                sheet.paste(strip.crop((0, row * tile, tile, (row + 1) * tile)), x, y)
            if column:
                _draw_bias(sheet, network.biases[column - 1][row], x, y + tile, max(8, tile // 6))
    _draw_bias(sheet, network.biases[-1][0], PORT[0] - 8, PORT[1] + 8, 16)


def _draw_bias(sheet: Sheet, bias: float, left: int, bottom: int, side: int) -> None:
    colour = tuple(LINES[levels(np.tanh(bias))].tolist())
    sheet.pen.rectangle((left - 2, bottom - side + 1, left + side - 1, bottom + 1), colour, INK, 2)


def _surface(rows: ndarray, two: bool, border: bool) -> Image.Image:
    """The large map, and with a `border` where it is zero as a line."""
    fine = np.asarray(Image.fromarray(rows).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    above = fine >= 128
    image = coloured(np.where(above, np.uint8(224), np.uint8(32)) if two else fine)
    if border:
        edge = np.zeros_like(above)
        edge[1:] = above[1:] ^ above[:-1]
        edge[:, 1:] |= above[:, 1:] ^ above[:, :-1]
        edge[:-1] |= edge[1:]
        image.paste(INK, (0, 0, SIDE, SIDE), Image.fromarray(edge.view(np.uint8) * 165))
    return image


@lru_cache(maxsize=2)
def _stamped(points: Points, tested: bool) -> tuple[Image.Image, Image.Image]:
    """Points as an image of the surface's size, and its mask: filled for training, hollow for the test."""
    radius = 9 if len(points.targets) <= 200 else 7 if len(points.targets) <= 600 else 5
    image = Image.new("RGBA", (SIDE + 2 * radius, SIDE + 2 * radius))  # room for whole stamps at the edge
    corners = ((points.inputs * (1, -1) / REACH / 2 + 0.5) * SIDE).round().astype(int)
    colours = np.where(points.targets[:, None] > 0, BLUE, ORANGE)
    if points.regression:
        colours = SURFACE[levels(points.targets) // 16 * 16 + 8]  # 16 steps, as there is a stamp for each
    shown = (points.train | tested) & (np.abs(points.inputs) <= REACH).all(1)
    for index in filter(shown.item, np.argsort(points.train, kind="stable")):  # training points on top
        stamp = _stamp(tuple(colours[index].tolist()), bool(points.train[index]), radius)
        image.alpha_composite(stamp, tuple(corners[index].tolist()))
    image = image.crop((radius, radius, radius + SIDE, radius + SIDE))
    return image.convert("RGB"), image.getchannel("A")


@lru_cache(maxsize=64)
def _stamp(colour: tuple[int, ...], train: bool, radius: int) -> Image.Image:
    """A disc: white rim and filled, or coloured rim and white; a fine dark line around pale ones."""
    side = (2 * radius + 1) * FINE
    image = Image.new("RGBA", (side, side), (*PAPER, 0))
    pen = ImageDraw.Draw(image)
    line = 0.0 if colour in (BLUE, ORANGE) else 0.07
    inner = [(line, PAPER), (line + 0.1, colour)] if train else [(line, colour), (0.27, PAPER)]
    for share, fill in [(0, PALE), *inner]:
        rim = round(share * side)
        pen.ellipse((rim, rim, side - 1 - rim, side - 1 - rim), fill)
    return image.resize((2 * radius + 1, 2 * radius + 1), Image.Resampling.LANCZOS)


def _draw_losses(sheet: Sheet, now: Evaluation, history: list[tuple]) -> None:
    """How the network does now in numbers, each at its place so that none jumps, and the losses so far."""
    high = ceiling(max((max(train, test or 0) for _, train, test in history), default=0))
    for level in (0, 0.5, 1):
        y = CHART.bottom - level * (CHART.bottom - CHART.top)
        sheet.pen.line((CHART.left, y, CHART.right, y), RULE, 2)
        sheet.text(CHART.left - 8, y, written(high * level), PALE, 18, "rm")
    last = max(1.0, history[-1][0] if history else 1.0)
    for column, which, y, colour in ((2, "test", 60, TEST), (1, "train", 26, INK)):
        if (loss := getattr(now, f"{which}_loss")) is not None:
            sheet.text(AREA[0], y, which, colour, 26)
            sheet.text(AREA[0] + 244, y, f"loss {written_loss(loss)}", colour, 26, "rm")
        if (accuracy := getattr(now, f"{which}_accuracy")) is not None:
            sheet.text(AREA[0] + SIDE, y, f"{100 * accuracy:.1f} % right", colour, 26, "rm")
        rows = [(row[0] / last, row[column] / high) for row in history if row[column] is not None]
        sheet.curve(CHART, rows, colour)


def ceiling(loss: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... thousandths: a scale that rarely changes."""
    scales = (step * 10.0**power for power in count(-3) for step in (1, 2, 5))
    return next(scale for scale in scales if loss <= scale * (1 + 1e-9))


def written_epoch(epoch: float) -> str:
    """Epochs without a power of ten: 16,440, or 0.04 in the middle of one."""
    return f"{epoch:,.2f}".rstrip("0").rstrip(".")


def written_loss(loss: float) -> str:
    """A loss with four decimals, or short if it is huge."""
    return f"{loss:.4f}" if loss < 1000 else f"{loss:.1e}"


@lru_cache(maxsize=4)
def _background(features: tuple[str, ...], layers: tuple[Layer, ...]) -> Image.Image:
    """What stays the same while one network learns: headings, names, axes, the scale of colours."""
    sheet, where = Sheet(WIDTH, HEIGHT), layout(len(features), layers[:-1])
    for name, (x, y) in zip(features, where.columns[0], strict=True):
        sheet.text(x - where.tile / 2 - 10, y, symbol(name), INK, 25, "rm")
    room = 0.85 * (where.columns[1][0][0] - where.columns[0][0][0])
    for letter, layer, centres in zip(ascii_lowercase, layers[:-1], where.columns[1:], strict=False):
        x, top = centres[0][0], max(34.0, centres[0][1] - where.tile / 2 - 34)
        size = fitting(f"a  {layer.activation}", room, 24, least=1)  # alike for all layers
        whole = size >= SMALLEST
        words = f"{letter}  {layer.activation}" if whole else letter
        sheet.text(x, top + 14, words, PALE, size if whole else 24, "mm")
    left, top, _, _ = AREA
    for share, words, anchor in ((0, "−6", "lm"), (0.5, "0", "mm"), (1, "6", "rm")):
        sheet.text(left + share * SIDE, top + SIDE + 22, words, PALE, 23, anchor)
    scale = coloured(np.tile(np.arange(0, 256, 2, dtype=np.uint8), (13, 1)))
    x, y = left + SIDE - 168, top - 26
    sheet.paste(scale, x, y)
    sheet.text(x - 8, y + 6, "−1", PALE, 23, "rm")
    sheet.text(x + 136, y + 6, "1", PALE, 23)
    return sheet.image
