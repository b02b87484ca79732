"""Where everything stands on the playground's sheet, in its pixels; shown at half size, lines are smooth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy import ndarray

from .architecture import Layer

WIDTH, HEIGHT = 1120, 808
SIDE = 480  # of the large surface
AREA = (616, 252, SIDE, SIDE)  # left, top, width, height: where the plane from -6 to 6 is drawn
CHART = (680, 102, 416, 88)
NETWORK = (12, 84, 560, 716)
PORT = (AREA[0] - 20, AREA[1] + SIDE // 2)  # where the last layer's links meet
LARGEST = 76  # of a unit's heat map
LABEL = 74  # room for the features' names
CURVE = np.linspace(0, 1, 15)  # a link bends from one unit to the next like a smooth step
STEP = CURVE * CURVE * (3 - 2 * CURVE)
SLOPE = 6 * CURVE * (1 - CURVE)


@dataclass(frozen=True)
class Plan:
    """tile: the side of a unit's heat map. columns: the centres (units, 2) of the features, of each hidden
    layer and of the port. curves: for each layer's links (inputs, units), flattened, the places (L, 15, 2) of
    their middle lines. stretch: how much taller than thick they are there, (L, 15).
    """

    tile: int
    columns: list[ndarray]
    curves: list[ndarray]
    stretch: list[ndarray]


@lru_cache(maxsize=8)
def plan(features: int, hidden: tuple[Layer, ...]) -> Plan:
    """The plan of a network with so many features."""
    counts = [features, *(layer.units for layer in hidden)]
    left, _, width, height = NETWORK
    pitch = min(LARGEST + 24, height / max(counts))
    across = (width - LABEL) / len(counts)
    tile = int(min(LARGEST, pitch - max(4, 0.12 * pitch), 0.5 * across))
    columns = []
    for number, count in enumerate(counts):
        x = left + LABEL + tile / 2 + number * (width - LABEL - tile / 2) / len(counts)
        y = _middle(pitch * max(counts)) + pitch * (np.arange(count) - (count - 1) / 2)
        columns.append(np.stack([np.full(count, x), y], 1))
    columns.append(np.array([PORT], float))
    ends = [tile / 2] * len(counts) + [8.0]
    links = [_links(a, b, tile / 2, end) for (a, b), end in zip(pairwise(columns), ends[1:], strict=True)]
    return Plan(tile, columns, [curve for curve, _ in links], [stretch for _, stretch in links])


def _middle(tall: float) -> float:
    """The height of the network's axis: the port's, or as near to it as there is room."""
    _, top, _, height = NETWORK
    return min(max(PORT[1], top + tall / 2), top + height - tall / 2)


def _links(before: ndarray, after: ndarray, out: float, into: float) -> tuple[ndarray, ndarray]:
    begin = np.repeat(before, len(after), 0) + np.array(
        [out, 0]
    )  # (L, 2), as weights (inputs, units) are flattened
    end = np.tile(after, (len(before), 1)) - np.array([into, 0])
    run, rise = (end - begin).T
    xs = begin[:, :1] + run[:, None] * CURVE
    ys = begin[:, 1:] + rise[:, None] * STEP
    return np.stack([xs, ys], 2), np.hypot(1, rise[:, None] * SLOPE / run[:, None])
