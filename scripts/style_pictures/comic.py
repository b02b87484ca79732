"""A comic panel: a bang, clouds, bolts and waves in bold outlines, filled with dots of a printing screen.

The dots stand on grids, one ink's turned against the other's, and grow where the tone is darker, as in the
prints that Lichtenstein painted large.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

from .canvas import FINER, Array, finished, palette, places

RED, YELLOW, CYAN, NAVY, INK, PAPER, PINK, ORANGE = palette(
    "#e2132e", "#ffd21f", "#18a3dd", "#182a7a", "#141216", "#fdf4e3", "#f79ab5", "#f47b20"
)
Fill = Callable[[Array, Array], Array]  # x, y -> colours (..., 3)


def comic(size: int = 384, seed: int = 0) -> Tensor:
    """A bang in pop-art dots, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    sheet = _Sheet(size)
    centre = rng.uniform((0.4, 0.36), (0.6, 0.46))
    _rays(sheet, centre, rng)
    for corner in _around(centre, 7, rng):
        _cloud(sheet, corner, rng)
    _bolts(sheet, centre, rng)
    _sea(sheet, rng)
    _bang(sheet, centre, rng)
    _sparks(sheet, centre, rng)
    return finished(sheet.colours)


def dots(ink: Array, paper: Array, pitch: float, turn: float, tone: Callable[[Array, Array], Array]) -> Fill:
    """A screen of dots `pitch` apart, its grid turned by `turn`; `tone` is the share of ink, 0 to 1."""

    def fill(x: Array, y: Array) -> Array:
        along, beside = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        a, b = np.mod(along / pitch, 1) - 0.5, np.mod(beside / pitch, 1) - 0.5
        inked = np.hypot(a, b) < np.sqrt(np.clip(tone(x, y), 0, 1) / np.pi)
        return np.where(inked[..., None], ink, paper)

    return fill


def lines(ink: Array, paper: Array, pitch: float, turn: float, share: float) -> Fill:
    """Parallel lines `pitch` apart, `share` of them ink."""

    def fill(x: Array, y: Array) -> Array:
        inked = np.mod((x * np.sin(turn) + y * np.cos(turn)) / pitch, 1) < share
        return np.where(inked[..., None], ink, paper)

    return fill


def fading(centre: Array, near: float, far: float, reach: float) -> Callable[[Array, Array], Array]:
    """A tone that goes from `near` at `centre` to `far` at the distance `reach`."""
    return lambda x, y: near + (far - near) * np.hypot(x - centre[0], y - centre[1]) / reach


class _Sheet:
    """Paper on which shapes are laid, the later over the earlier."""

    def __init__(self, size: int) -> None:
        self.side = FINER * size
        self.x, self.y = places(size)
        self.colours = np.broadcast_to(PAPER, (self.side, self.side, 3)).copy()

    def shape(self, outline: Array, fill: Fill, line: float = 0.009) -> None:
        """The inside of `outline` (P, 2) filled, with a black line around it, `line` wide."""
        points = [tuple(point) for point in (outline * self.side).tolist()]
        inside, black = (Image.new("1", (self.side, self.side)) for _ in range(2))
        ImageDraw.Draw(inside).polygon(points, fill=1)
        width = max(1, round(line * self.side))
        ImageDraw.Draw(black).line([*points, *points[:2]], fill=1, width=width, joint="curve")
        mask = np.asarray(inside)
        self.colours[mask] = fill(self.x[mask], self.y[mask])
        self.colours[np.asarray(black)] = INK


def _star(centre: Array, points: int, inner: float, outer: float, rng: np.random.Generator) -> Array:
    """(2 * points, 2): a star with uneven tips."""
    turns = (np.arange(2 * points) + rng.uniform(-0.25, 0.25, 2 * points)) * np.pi / points
    radii = np.where(np.arange(2 * points) % 2, inner, outer) * rng.uniform(0.86, 1.14, 2 * points)
    return centre + np.stack([np.cos(turns), np.sin(turns)], 1) * radii[:, None]


def _rays(sheet: _Sheet, centre: Array, rng: np.random.Generator) -> None:
    edges = np.linspace(0, 2 * np.pi, 23)[:-1] + rng.uniform(-0.07, 0.07, 22)
    fills = [
        dots(RED, YELLOW, 0.020, 0.26, fading(centre, 0.75, 0.05, 0.75)),
        dots(CYAN, PAPER, 0.026, 0.80, fading(centre, 0.10, 0.72, 0.80)),
    ]
    for i, (low, high) in enumerate(zip(edges, np.roll(edges, -1), strict=True)):
        tips = [[np.cos(turn), np.sin(turn)] for turn in (low, high)]
        sheet.shape(np.array([centre, *(centre + 2 * np.array(tips))]), fills[i % 2], 0.006)


def _around(centre: Array, count: int, rng: np.random.Generator) -> Array:
    """(count, 2): places in a rough ring about `centre`."""
    turns = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count
    return centre + rng.uniform(0.40, 0.52, (count, 1)) * np.stack([np.cos(turns), np.sin(turns)], 1)


def _cloud(sheet: _Sheet, at: Array, rng: np.random.Generator) -> None:
    """Round lobes; the lower side is in dotted shadow."""
    size = rng.uniform(0.075, 0.12)
    ink = (CYAN, PINK, NAVY)[rng.integers(3)]
    fill = dots(ink, PAPER, 0.014, 0.6, lambda x, y: 0.36 + 0.36 * (y - at[1]) / size)
    turns = np.linspace(0, 2 * np.pi, 240)
    lobes = rng.integers(5, 8)
    radius = size * (1 + 0.30 * np.abs(np.sin(lobes * turns / 2 + rng.uniform(0, 3))))
    sheet.shape(at + np.stack([1.5 * radius * np.cos(turns), radius * np.sin(turns)], 1), fill, 0.011)


def _bolts(sheet: _Sheet, centre: Array, rng: np.random.Generator) -> None:
    zigzag = np.array([(0, 0), (0.5, -0.16), (0.42, 0.02), (1, -0.1), (0.36, 0.24), (0.44, 0.06), (0, 0.10)])
    for turn in rng.uniform(-0.35, 0.35, 3) + np.array([-2.5, -0.75, 0.4]):
        turned = zigzag @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        fill = dots(ORANGE, YELLOW, 0.017, 0.2, fading(centre, 0.7, 0.0, 0.55))
        sheet.shape(centre + 0.62 * turned[::-1], fill, 0.011)


def _sea(sheet: _Sheet, rng: np.random.Generator) -> None:
    """Three rows of leaning waves, each with its own print."""
    fills = [
        dots(NAVY, CYAN, 0.018, 0.5, lambda x, y: 0.15 + 1.6 * (y - 0.72)),
        lines(NAVY, PAPER, 0.021, 0.35, 0.45),
        dots(PAPER, NAVY, 0.015, 0.9, lambda x, y: 0.62 - 2.4 * (y - 0.9)),
    ]
    for i, fill in enumerate(fills):
        t = np.linspace(-0.5, 1.5, 400)
        swing = 2 * np.pi * t / rng.uniform(0.24, 0.33) + rng.uniform(0, 6)
        crest = np.stack([t + 0.040 * np.cos(swing), 0.76 + 0.085 * i - 0.045 * np.sin(swing)], 1)
        sheet.shape(np.array([*crest, (1.5, 1.5), (-0.5, 1.5)]), fill, 0.012)


def _bang(sheet: _Sheet, centre: Array, rng: np.random.Generator) -> None:
    points = int(rng.integers(13, 17))
    for scale, fill in [
        (1.0, lines(RED, INK, 0.016, 0.8, 0.35)),
        (0.86, dots(YELLOW, RED, 0.021, 0.4, fading(centre, 0.85, 0.02, 0.27))),
        (0.56, dots(ORANGE, YELLOW, 0.016, 0.1, fading(centre, 0.0, 0.8, 0.19))),
        (0.30, dots(RED, PAPER, 0.012, 0.7, fading(centre, 0.02, 0.55, 0.09))),
    ]:
        sheet.shape(_star(centre, points, 0.20 * scale, 0.33 * scale, rng), fill, 0.012)


def _sparks(sheet: _Sheet, centre: Array, rng: np.random.Generator) -> None:
    for at in _around(centre, 16, rng) + rng.normal(0, 0.06, (16, 2)):
        ink, paper = ((RED, PAPER), (ORANGE, YELLOW))[rng.integers(2)]
        fill = dots(ink, paper, 0.011, 0.3, lambda x, y: 0.3 + 0 * x)
        sheet.shape(_star(at, int(rng.integers(4, 7)), 0.011, 0.033, rng), fill, 0.006)
