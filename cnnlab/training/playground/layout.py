"""Where everything stands on the playground's sheet, in its pixels, and the words beside the pointer.

The sheet is shown at half size, so that lines are smooth.
"""

from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from ...live import Hint
from ...pictures.sheets import Box
from .network import MLP, Evaluation, Layer

WIDTH, HEIGHT = 1120, 808
SIDE = 480  # of the large surface
AREA = (616, 252, SIDE, SIDE)  # left, top, width, height: where the plane from -6 to 6 is drawn
CHART = Box(680, 102, 1096, 190)
NETWORK = (12, 84, 560, 716)
PORT = (AREA[0] - 20, AREA[1] + SIDE // 2)  # where the last layer's links meet
LARGEST = 76  # of a unit's heat map
LABEL = 74  # room for the features' names
CURVE = np.linspace(0, 1, 15)  # a link bends from one unit to the next like a smooth step
MIDDLE = (5, 9)  # of the 15 places of a curve: where it is nearly straight and stands alone


class Layout(NamedTuple):
    """tile: the side of a unit's heat map. columns: the centres (units, 2) of the features, of each hidden
    layer and of the port. curves: for each layer's links (inputs, units), flattened, the places (L, 15, 2) of
    their middle lines. stretch: how much taller than thick they are there, (L, 15).
    """

    tile: int
    columns: list[ndarray]
    curves: list[ndarray]
    stretch: list[ndarray]


@lru_cache(maxsize=8)
def layout(features: int, hidden: tuple[Layer, ...]) -> Layout:
    """The layout of a network with so many features."""
    counts = [features, *(layer.units for layer in hidden)]
    left, top, width, height = NETWORK
    pitch = min(LARGEST + 24, height / max(counts))
    tile = int(min(LARGEST, pitch - max(4, 0.12 * pitch), 0.5 * (width - LABEL) / len(counts)))
    across = (width - LABEL - tile / 2) / len(counts)
    half = pitch * max(counts) / 2
    middle = min(max(PORT[1], top + half), top + height - half)  # the port's height, if there is room
    columns = []
    for number, count in enumerate(counts):
        ys = middle + pitch * (np.arange(count) - (count - 1) / 2)
        columns.append(np.stack([np.full(count, left + LABEL + tile / 2 + number * across), ys], 1))
    columns.append(np.array([PORT], float))
    curves, stretch = [], []
    for before, after in pairwise(columns):
        into = 8 if after is columns[-1] else tile / 2
        begin = np.repeat(before, len(after), 0) + np.array([tile / 2, 0])  # (L, 2), as weights are flattened
        end = np.tile(after, (len(before), 1)) - np.array([into, 0])
        run, rise = (end - begin).T[..., None]
        ys = begin[:, 1:] + rise * (CURVE * CURVE * (3 - 2 * CURVE))
        curves.append(np.stack([begin[:, :1] + run * CURVE, ys], 2))
        stretch.append(np.hypot(1, rise * (6 * CURVE * (1 - CURVE)) / run))
    return Layout(tile, columns, curves, stretch)


def hints(network: MLP, now: Evaluation | None) -> list[Hint]:
    """What the browser says beside the pointer: the value of each link, then of each unit."""
    where, links, units = layout(len(network.features), network.layers[:-1]), [], []
    half = where.tile / 4
    for name, (x, y) in zip(network.features, where.columns[0].tolist(), strict=True):
        units.append(Hint(x - half, y, x + half, y, f"{name}, a feature"))
    for at, (layer, before, after, weights, biases) in enumerate(network.connections()):
        ends = where.curves[at][:, MIDDLE].reshape(-1, 4).tolist()
        for (source, unit), weight, place in zip(product(before, after), weights.flat, ends, strict=True):
            links.append(Hint._make([*place, f"{source} > {unit}: {weight:+.2f}".replace("-", "−")]))
        for row, (x, y) in enumerate(where.columns[at + 1].tolist()):
            words = f"{after[row]}: {layer.activation}, bias {biases[row]:+.2f}".replace("-", "−")
            dead = "; dead: off at every point" if now is not None and now.dead[at][row] else ""
            half = where.tile / 4 if after != ["y"] else 0
            units.append(Hint(x - half, y, x + half, y, words + dead))
    return links + units
