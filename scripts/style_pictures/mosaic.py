"""A mosaic of glass and stone: a sun over waves, laid in rows of small tiles that follow the shapes.

After Hausner, "Simulating decorative mosaics", SIGGRAPH 2001: a tile owns the places that are nearest to its
middle by a distance whose circles are squares, turned as the shapes run there; tiles move to the middle of
what they own until they sit well.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from torch import Tensor

from .canvas import FINER, Array, finished, noise, palette, places

SUN = palette("#fff1c4", "#f9c846", "#f08a24", "#f9c846", "#c8391f", "#f2b134")
SKY = palette("#f6d98f", "#e9a03b", "#2e6f9e", "#1d3f72", "#7db0c4", "#e3e6d5")
SEA = palette("#f4efe0", "#123f6d", "#8fd0c9", "#2a9d9c", "#14708a", "#123f6d", "#e8d9a8")
GROUT = palette("#3a322c")[0]
TILES, ROUNDS, WORK = 2300, 10, 144  # tiles, and how often and on how many pixels a side they settle
CANDIDATES = 8  # of these nearest tiles, one owns the place


def mosaic(size: int = 384, seed: int = 0) -> Tensor:
    """Tesserae along a sun's rings and rays and along waves, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    scene = _Scene(rng)
    middles = _settled(scene, rng)
    angles = scene.angle(middles) + 0.06 * rng.standard_normal(len(middles))
    candidates = cKDTree(middles).query(_grid(size // 2), CANDIDATES)[1]
    candidates = candidates.reshape(size // 2, size // 2, -1)
    to_fine = np.arange(FINER * size) * (size // 2) // (FINER * size)
    candidates = candidates[to_fine][:, to_fine]  # (n, n, CANDIDATES)
    return finished(_laid(places(size), middles, angles, candidates, scene.colours(middles, rng), rng))


def _grid(side: int) -> Array:
    """(side * side, 2): x and y of the middles of pixels."""
    at = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(at, at), 2).reshape(-1, 2)


def _settled(scene: _Scene, rng: np.random.Generator) -> Array:
    """(tiles, 2): the middles of the tiles once they have found their places."""
    side = round(TILES**0.5)
    middles = _grid(side) + rng.uniform(-0.3, 0.3, (side * side, 2)) / side
    spots = _grid(WORK)
    for _ in range(ROUNDS):
        angles = scene.angle(middles)
        near = cKDTree(middles).query(spots, 5)[1]
        owner = near[np.arange(len(spots)), _across(spots[:, None], middles, angles, near).argmin(1)]
        count = np.maximum(np.bincount(owner, minlength=len(middles)), 1)[:, None]
        sums = np.stack([np.bincount(owner, spots[:, i], len(middles)) for i in (0, 1)], 1)
        middles = np.where(count > 1, sums / count, middles)
    return middles


def _across(spots: Array, middles: Array, angles: Array, near: Array) -> Array:
    """The distance from `spots` to their `near` tiles, in which a tile is a square turned by its angle."""
    away = spots - middles[near]
    cos, sin = np.cos(angles)[near], np.sin(angles)[near]
    along = away[..., 0] * cos + away[..., 1] * sin
    beside = away[..., 1] * cos - away[..., 0] * sin
    return np.maximum(np.abs(along), np.abs(beside))


def _laid(
    at: tuple[Array, Array],
    middles: Array,
    angles: Array,
    candidates: Array,
    colours: Array,
    rng: np.random.Generator,
) -> Array:
    """(n, n, 3): the tiles in their grout, each a little tilted towards the light."""
    spots, shape = np.stack(at, 2)[:, :, None], at[0].shape
    middles = middles.astype(np.float32)
    reach = _across(spots, middles, angles.astype(np.float32), candidates)
    first, second = np.partition(reach, 1, axis=2)[..., :2].transpose(2, 0, 1)
    owner = np.take_along_axis(candidates, reach.argmin(2)[..., None], 2)[..., 0]
    gap = (second - first) * len(middles) ** 0.5  # in tiles; 0 amid the grout
    gap = gap + 0.05 * noise(shape, (150, 150), rng)
    tilt = rng.standard_normal((len(middles), 2)).astype(np.float32)
    lean = ((spots[:, :, 0] - middles[owner]) * tilt[owner]).sum(2) * len(middles) ** 0.5
    rim = np.clip((gap - 0.12) / 0.16, 0, 1)
    stone = 1 + 0.10 * lean + 0.05 * noise(shape, (200, 200), rng) - 0.22 * (1 - rim)
    tiles = colours[owner] * stone[..., None]
    grout = GROUT * (1 + 0.15 * noise(shape, (220, 220), rng))[..., None]
    return np.where((gap > 0.12)[..., None], tiles, grout)


class _Scene:
    """The cartoon under the mosaic: which way its shapes run, and their colours."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.sun = rng.uniform((0.3, 0.24), (0.7, 0.36))
        self.radius = rng.uniform(0.17, 0.21)
        self.rays = int(rng.integers(9, 14))
        self.twist = rng.choice([-1, 1]) * rng.uniform(5, 8)
        self.shore, self.phase = rng.uniform(0.58, 0.64), rng.uniform(0, 6.3)

    def angle(self, at: Array) -> Array:
        """The direction of the shapes at `at` (N, 2), in radians."""
        x, y = (at - self.sun).T
        distance = np.hypot(x, y)
        outside = distance > self.radius  # there tiles lie along the rays, which bend as a spiral does
        bend = np.arctan(self.twist / self.rays * np.sqrt(distance) / 2) * outside
        _, (dx, dy) = self._waves(at)
        return np.where(self._sea(at), np.arctan2(dy, dx), np.arctan2(y, x) - bend)

    def colours(self, at: Array, rng: np.random.Generator) -> Array:
        """(N, 3) of tiles at `at`; no two pieces of glass are quite the same."""
        arm = at - self.sun
        distance = np.hypot(arm[:, 0], arm[:, 1])
        turn = np.arctan2(arm[:, 1], arm[:, 0])
        ring = (distance / self.radius * len(SUN)).astype(int).clip(0, len(SUN) - 1)
        ray = np.sin(self.rays * turn + self.twist * np.sqrt(distance))
        band = ((ray + 1) / 2 * len(SKY) + 0.35 * rng.standard_normal(len(at))).astype(int)
        depth = self._waves(at)[0]
        step = (depth * len(SEA) + 0.10 * rng.standard_normal(len(at))).astype(int)
        colours = np.where((distance < self.radius)[:, None], SUN[ring], SKY[band.clip(0, len(SKY) - 1)])
        colours = np.where(self._sea(at)[:, None], SEA[step.clip(0, len(SEA) - 1)], colours)
        glass = 1 + 0.11 * rng.standard_normal((len(at), 1)) + 0.05 * rng.standard_normal((len(at), 3))
        return (colours * glass).astype(np.float32)

    def _sea(self, at: Array) -> Array:
        return at[:, 1] > self.shore + 0.035 * np.sin(9 * at[:, 0] + self.phase)

    def _waves(self, at: Array):
        """How deep under the crest of its wave a place lies (0 to 1), and the direction along the crest."""
        scale, depth, direction = 0.24, np.ones(len(at)), np.zeros((2, len(at)))
        for row in range(-2, 9):  # scales overlap upwards: a lower row lies over the one before
            height = self.shore - 0.1 + row * scale * 0.36
            column = np.round(at[:, 0] / scale - 0.5 * (row % 2) - self.phase)
            cx = (column + 0.5 * (row % 2) + self.phase) * scale
            dx, dy = at[:, 0] - cx, at[:, 1] - (height + scale * 0.62)
            away = np.hypot(dx, dy) / (scale * 0.62)
            inside = away < 1
            depth = np.where(inside, 1 - away, depth)
            direction = np.where(inside, np.stack([-dy, dx]), direction)
        return depth, direction
