"""A brush: strokes along curves, with bristles, ragged ends, and paint so thick that it catches the light."""

from __future__ import annotations

import numpy as np

from .canvas import Array, noise

SPACING = 0.65  # pixels between samples of a stroke: close enough to leave no hole
STROKES_AT_ONCE = 64  # few enough to stay in the processor's cache


class Paint:
    """A canvas (n, n, 3) with the height of its paint (n, n), in units of a thick stroke."""

    def __init__(self, ground: Array) -> None:
        self.colour = ground.copy()
        self.height = np.zeros(ground.shape[:2], np.float32)

    def stroke(self, curves: Array, width: float, colours: Array, rng: np.random.Generator) -> None:
        """Paint `curves` (S, T, 2), x and y in pixels, one over the other, `width` pixels wide.

        `colours` (S, 3) is each one's. Bristles differ in colour, in height, and in where they set in and
        lift off.
        """
        across = max(3, int(width / SPACING))
        step = np.linalg.norm(curves[:, 1:] - curves[:, :-1], axis=2).mean()  # pixels
        along = max(4, int(curves.shape[1] * step / SPACING))
        owner = self._cover(curves, width, along, across, rng)
        seen = owner >= 0
        who, rest = np.divmod(owner[seen], along * across)
        when, side = np.divmod(rest, across)
        bristle = _bristles(len(curves), across, rng)[who, side]  # about -1 to 1
        u = (side + 0.5) / across * 2 - 1  # from -1, one edge of the stroke, to 1, the other
        load = 1 - 0.35 * when / along  # there is less paint at the end of a stroke
        self.colour[seen] = colours[who] * (1 + 0.11 * bristle)[:, None]
        base = rng.random(len(curves), dtype=np.float32)[who]
        self.height[seen] = 0.5 * base + load * (0.8 * np.sqrt(1 - 0.9 * u * u) + 0.30 * bristle)

    def _cover(self, curves: Array, width: float, along: int, across: int, rng: np.random.Generator):
        """(n, n): which sample of which stroke lies on top, as one number; -1 where none does."""
        n = len(self.height)
        owner = np.full(n * n, -1, np.int32)
        place = np.linspace(0, curves.shape[1] - 1.001, along, dtype=np.float32)
        low, part = place.astype(int), (place % 1)[None, :, None]
        edge = np.linspace(-1, 1, across, dtype=np.float32)
        t = np.linspace(0, 1, along, dtype=np.float32)[None, :, None]
        ragged = (0.12 * np.abs(_bristles(len(curves), across, rng)) + 0.10 * edge**2)[:, None]
        for first in range(0, len(curves), STROKES_AT_ONCE):
            few = slice(first, first + STROKES_AT_ONCE)
            middle = curves[few, low] * (1 - part) + curves[few, low + 1] * part  # (S, along, 2)
            ahead = np.gradient(middle, axis=1)
            ahead *= width / 2 / (np.linalg.norm(ahead, axis=2, keepdims=True) + 1e-6)
            x = middle[:, :, None, 0] - ahead[:, :, None, 1] * edge  # (S, along, across)
            y = middle[:, :, None, 1] + ahead[:, :, None, 0] * edge
            inside = (t > ragged[few]) & (t < 1 - ragged[few, :, ::-1])
            inside &= (x >= 0) & (x < n) & (y >= 0) & (y < n)
            which = np.flatnonzero(inside)
            at = y.ravel()[which].astype(np.int32) * n + x.ravel()[which].astype(np.int32)
            owner[at] = which + first * along * across  # of those at one place the last one stays
        return owner.reshape(n, n)

    def lit(self, depth: float = 0.22, shine: float = 0.10) -> Array:
        """(n, n, 3): the colours lit from the upper left; `depth` of shading, `shine` of wet paint."""
        down, right = np.gradient(self.height)
        slope = np.clip(-(down + right) * 1.1, -1, 1)[..., None]
        return self.colour * (1 + depth * slope) + shine * np.clip(slope, 0, 1) ** 2


def _bristles(count: int, across: int, rng: np.random.Generator) -> Array:
    """(count, across): for each of `count` strokes, how far each sample across it stands out."""
    return np.tanh(noise((count, across), (count - 1 or 1, 7), rng))


def flow(field: Array, starts: Array, steps: int, stride: float) -> Array:
    """(S, 2 * steps + 1, 2): curves along the angles `field` (n, n), their middles at `starts` (S, 2).

    Places are x and y in pixels; `steps` of `stride` pixels are taken each way.
    """
    n = len(field)
    ways = []
    for way in (-stride, stride):
        at, taken = starts, []
        for _ in range(steps):
            row, column = (np.clip(at[:, i].astype(int), 0, n - 1) for i in (1, 0))
            angle = field[row, column]
            at = at + way * np.stack([np.cos(angle), np.sin(angle)], 1)
            taken.append(at)
        ways.append(taken)
    return np.stack([*ways[0][::-1], starts, *ways[1]], 1).astype(np.float32)
