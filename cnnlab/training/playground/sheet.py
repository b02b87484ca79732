"""The playground's one picture: features, units as heat maps, weights as lines, points, surface, losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy import ndarray
from PIL import Image, ImageDraw

from .architecture import LETTERS
from .chart import chart
from .colours import DEAD, INK, LINES, PALE, PAPER, SURFACE, coloured, levels
from .dots import dots
from .lettering import letters
from .network import Network
from .plan import AREA, HEIGHT, PORT, SIDE, WIDTH, Plan, plan
from .points import REACH, Points
from .training import Judgement
from .words import letter

SMALLEST = 17  # pixels of the sheet: smaller letters cannot be read
GRID = 120  # the network is asked at 120 x 120 places
FURTHEST = {"x1": REACH, "x2": REACH, "x1^2": REACH**2, "x2^2": REACH**2, "x1*x2": REACH**2}


@dataclass
class Scene:
    """All that one sheet shows. history: rows of (epoch, train loss, test loss or None). large: the unit
    whose map is the large one, by name. tested: show the test points. two: only the classes' two colours.
    """

    network: Network
    points: Points
    judgement: Judgement | None = None
    history: Sequence[tuple[float, float, float | None]] = field(default_factory=list)
    epoch: float = 0
    large: str = "y"
    tested: bool = True
    two: bool = False


def draw(scene: Scene) -> Image.Image:
    """The sheet as an RGB image, `WIDTH` x `HEIGHT`."""
    network = scene.network
    where = plan(len(network.features), network.layers[:-1])
    sheet = _background(network.features, network.layers).copy()
    maps = _maps(network)
    pen = ImageDraw.Draw(sheet)
    _draw_links(pen, network, where)
    _draw_units(sheet, pen, scene, where, maps)
    named = {
        name: (column, row) for column, some in enumerate(network.names()) for row, name in enumerate(some)
    }
    large = scene.large if scene.large in named else "y"
    column, row = named[large]
    sheet.paste(_surface(maps[column][row], scene), AREA[:2])
    stamps, mask = dots(scene.points, scene.tested)
    sheet.paste(stamps, AREA[:2], mask)
    pen.rectangle((AREA[0] - 1, AREA[1] - 1, AREA[0] + SIDE, AREA[1] + SIDE), outline=PALE, width=2)
    letters(pen, (AREA[0], AREA[1] - 34), "output y" if large == "y" else letter(large), 26)
    chart(pen, scene.epoch, scene.judgement, scene.history)
    return sheet


def _maps(network: Network) -> list[ndarray]:
    """Rows of the colour table (units, 120, 120) of each column: features, layers, output."""
    values = [part.T.reshape(-1, GRID, GRID) for part in _light(network).forward(_grid(network.features))]
    furthest = np.array([FURTHEST.get(name, 1.0) for name in network.features])
    for column, layer in enumerate(network.layers[:-1], 1):
        if layer.activation in (
            "relu",
            "linear",
        ):  # no bound: 1 is half way to the last colour, and 4 is 80 %
            values[column] = values[column] / (1 + np.abs(values[column]))
    return [levels(part) for part in (values[0] / furthest[:, None, None], *values[1:])]


def _light(network: Network) -> Network:
    """The same in float32: twice as fast, and colours need no more."""
    return Network(network.features, network.layers, network.parameters.astype(np.float32))


@lru_cache(maxsize=4)
def _grid(features: tuple[str, ...]) -> ndarray:
    """Inputs (120 * 120, F) at the places of the grid, from the top left."""
    middles = (np.arange(GRID) + 0.5) / GRID * 2 * REACH - REACH
    x1, x2 = np.meshgrid(middles, -middles)
    places = np.stack([x1.ravel(), x2.ravel()], 1)
    nothing = Network(features, (), np.zeros(0))
    return nothing.look(places).astype(np.float32)


def _draw_links(pen: ImageDraw.ImageDraw, network: Network, where: Plan) -> None:
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
            pen.polygon(outlines[link].tolist(), fill=tuple(colours[link]))


def _draw_units(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, scene: Scene, where: Plan, maps: list[ndarray]
) -> None:
    """Each unit's heat map; a unit that is dead is grey and crossed out; a small square is its bias."""
    tile = where.tile
    pick = ((np.arange(tile) + 0.5) * GRID / tile).astype(int)
    for column, centres in enumerate(where.columns[:-1]):
        strip = coloured(maps[column][:, pick[:, None], pick].reshape(-1, tile))
        dead = (
            scene.judgement.dead[column - 1] if scene.judgement and column else np.zeros(len(centres), bool)
        )
        for row, (x, y) in enumerate((centres - tile / 2).round().astype(int).tolist()):
            pen.rectangle((x - 2, y - 2, x + tile + 1, y + tile + 1), fill=DEAD, outline=INK, width=2)
            if dead[row]:
                pen.line((x, y, x + tile, y + tile), fill=PALE, width=3)
                pen.line((x, y + tile, x + tile, y), fill=PALE, width=3)
            else:
                sheet.paste(strip.crop((0, row * tile, tile, (row + 1) * tile)), (x, y))
            if column:
                _bias(pen, scene.network.biases[column - 1][row], x, y + tile, max(8, tile // 6))
    _bias(pen, scene.network.biases[-1][0], PORT[0] - 8, PORT[1] + 8, 16)


def _bias(pen: ImageDraw.ImageDraw, bias: float, left: int, bottom: int, side: int) -> None:
    colour = tuple(LINES[levels(np.tanh(np.array(bias)))].tolist())
    pen.rectangle(
        (left - 2, bottom - side + 1, left + side - 1, bottom + 1), fill=colour, outline=INK, width=2
    )


def _surface(rows: ndarray, scene: Scene) -> Image.Image:
    """The large map, and where it is zero as a line, unless there are numbers to fit."""
    fine = np.asarray(Image.fromarray(rows).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    above = fine >= 128
    image = coloured(np.where(above, np.uint8(224), np.uint8(32)) if scene.two else fine)
    if not scene.points.regression:
        edge = np.zeros_like(above)
        edge[1:] = above[1:] ^ above[:-1]
        edge[:, 1:] |= above[:, 1:] ^ above[:, :-1]
        edge[:-1] |= edge[1:]
        image.paste(INK, (0, 0, SIDE, SIDE), Image.fromarray(edge.view(np.uint8) * 165))
    return image


@lru_cache(maxsize=4)
def _background(features: tuple[str, ...], layers: tuple) -> Image.Image:
    """What stays the same while one network learns: headings, names, axes, the scale of colours."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(sheet)
    where = plan(len(features), layers[:-1])
    across = where.columns[1][0][0] - where.columns[0][0][0] if len(layers) > 1 else 0.0
    for name, (x, y) in zip(features, where.columns[0], strict=True):
        letters(pen, (x - where.tile / 2 - 10, y), letter(name), 25, anchor="rm")
    for start, layer, centres in zip(LETTERS, layers[:-1], where.columns[1:-1], strict=False):
        top = max(34.0, centres[0][1] - where.tile / 2 - 34)
        words = f"{start}  {layer.activation}"
        size = int(min(24, 0.95 * across / (0.58 * len(words))))  # as wide as there is room
        if size < SMALLEST:
            words, size = start, 24
        letters(pen, (centres[0][0], top + 14), words, size, anchor="mm", colour=PALE)
    _axes(pen)
    return sheet


def _axes(pen: ImageDraw.ImageDraw) -> None:
    left, top, _, _ = AREA
    for at, words in ((0, "−6"), (0.5, "0"), (1, "6")):
        letters(
            pen,
            (left + at * SIDE, top + SIDE + 8),
            words,
            23,
            anchor=("la", "ma", "ra")[int(2 * at)],
            colour=PALE,
        )
    x, y = left + SIDE - 128 - 40, top - 26
    for level, colour in enumerate(SURFACE[::2].tolist()):
        pen.line((x + level, y, x + level, y + 12), fill=tuple(colour))
    letters(pen, (x - 8, y + 6), "−1", 23, anchor="rm", colour=PALE)
    letters(pen, (x + 136, y + 6), "1", 23, anchor="lm", colour=PALE)
