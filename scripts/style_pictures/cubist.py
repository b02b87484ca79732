"""Cubist planes: a surface broken by long lines and arcs, each plane shaded from one edge, laid on in dabs.

The shading that fades away from an edge, so that one plane passes into the next, is what painters of about
1911 called *passage*.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .brush import Paint
from .canvas import FINER, Array, finished, palette, places

EARTH = palette("#3a2a20", "#7a5230", "#c2914c", "#ecd9ab", "#5b6d75", "#9aaba3", "#e2e4d4", "#96552f")
SHARES = (0.06, 0.11, 0.20, 0.19, 0.12, 0.14, 0.10, 0.08)
BRIGHT = palette("#c0432a", "#2f7d80", "#e0ab35", "#27447c")
DARK = palette("#1d1512")
EDGES, CURVES = 15, 8
MIXED = 4093  # colours on the palette: a prime, so that numbers of planes spread over all of them
STEEP = (0.35, 1.15, 1.57, 2.2, 2.8)  # the few directions that lines take, in radians
DABS = ((3600, 0.018, 0.034), (11000, 0.0075, 0.019))  # how many, their width and length


def cubist(size: int = 384, seed: int = 0) -> Tensor:
    """Planes in ochre, umber and grey-green, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    x, y = places(size)
    n = FINER * size
    plane, tone, lines = _planes(x, y, rng)
    scene = _colours(rng)[plane] * tone.clip(0.42, 1.45)[..., None]
    angles = rng.choice(STEEP, MIXED)[plane]
    paint = Paint(scene)
    for count, width, length in DABS:
        starts = rng.random((count, 2), dtype=np.float32)
        row, column = (starts[:, 1] * n).astype(int), (starts[:, 0] * n).astype(int)
        angle = angles[row, column] + rng.normal(0, 0.18, count)
        half = np.stack([np.cos(angle), np.sin(angle)], 1)[:, None] * length / 2
        curves = (starts[:, None] + half * np.linspace(-1, 1, 4)[:, None]) * n
        dabs = scene[row, column] * (1 + 0.10 * rng.standard_normal((count, 1)))
        paint.stroke(curves.astype(np.float32), width * n, dabs.astype(np.float32), rng)
    paint.stroke(lines * n, 0.0065 * n, DARK.repeat(len(lines), 0), rng)
    return finished(paint.lit(0.2, 0.05))


def _planes(x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Which plane a place is in, its tone (about 1), and the lines between planes (L, 40, 2)."""
    plane = np.zeros(x.shape, np.int64)
    tone, lines = np.full(x.shape, 1.1, np.float32), []
    t = np.linspace(-1, 1, 40, dtype=np.float32)
    for i in range(EDGES + CURVES):
        cx, cy = rng.uniform(0.05, 0.95, 2).astype(np.float32)
        if i < EDGES:
            turn, long = rng.choice(STEEP) + rng.normal(0, 0.14), rng.uniform(0.3, 0.9)
            side = (x - cx) * np.sin(turn) - (y - cy) * np.cos(turn)
            reach = np.abs((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) < long
            line = np.stack([cx + long * t * np.cos(turn), cy + long * t * np.sin(turn)], 1)
        else:
            turn, open_, radius = rng.uniform(-np.pi, np.pi), rng.uniform(0.8, 2.2), rng.uniform(0.06, 0.2)
            side = radius - np.hypot(x - cx, y - cy)
            reach = np.cos(np.arctan2(y - cy, x - cx) - turn) > np.cos(open_)
            bow = turn + open_ * t
            line = np.stack([cx + radius * np.cos(bow), cy + radius * np.sin(bow)], 1)
        over = reach & (side > 0)
        fading = np.exp(-np.abs(side) / rng.uniform(0.05, 0.13))
        plane = (plane * 3 + np.where(over, i + 1, 0)) % MIXED
        tone *= 1 + np.where(over, rng.choice([-0.5, -0.4, 0.45]) * fading, 0)
        lines.append(line)
    return plane, tone, np.array(lines, np.float32)


def _colours(rng: np.random.Generator) -> Array:
    """(MIXED, 3): the colours that planes take, earth mostly."""
    colours = EARTH[rng.choice(len(EARTH), MIXED, p=SHARES)]
    bright = rng.random(MIXED) < 0.13
    colours[bright] = BRIGHT[rng.integers(0, len(BRIGHT), bright.sum())]
    return colours
