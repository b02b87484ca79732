"""Marbled paper: colours dropped on water, drawn out with combs, and lifted off on a sheet.

After Lu, Jaffer, Jin, Zhao and Mao, "Mathematical marbling", IEEE Computer Graphics and Applications 2012. A
drop pushes what floats there outwards, a tine drags it along; both keep areas and can be undone. So each
point of the sheet is followed back, past the combs and under the drops, to the drop that it came from.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .canvas import Array, finished, noise, palette, places

INKS = palette("#14213d", "#f4ead5", "#8e1b2f", "#e9a23b", "#1f6f78", "#f0c987", "#2b3a67", "#d1495b")
DROPS = 120


def marbling(size: int = 384, seed: int = 0) -> Tensor:
    """Combed marbled paper, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    x, y = places(size)
    points = (x + 1j * y).astype(np.complex64)
    wobble = 0.012 * (noise(x.shape, (3, 3), rng) + 1j * noise(x.shape, (3, 3), rng)).astype(np.complex64)
    points = points + wobble  # no hand is quite steady
    for comb in reversed(_combs(rng)):
        points = comb(points)
    ink, depth = _dropped(points, rng)
    thick = 1 + 0.07 * np.tanh(6 * depth - 1)[..., None]  # pigment gathers at the rim of a drop
    grain = 0.02 * noise(x.shape, (size, size), rng) + 0.03 * noise(x.shape, (40, 40), rng)
    return finished(INKS[ink] * thick + grain[..., None])


def _combs(rng: np.random.Generator):
    """What is drawn through the colours, first to last; each maps places after it to places before it."""
    lean = rng.uniform(-0.1, 0.1)
    return [
        _comb(np.pi / 2 + lean, 0.16, 0.30, 0.02, rng),
        _comb(-np.pi / 2 + lean, 0.16, 0.30, 0.02, rng),
        _comb(lean, 0.045, 0.085, 0.010, rng),
        *[
            _whirl(
                complex(*rng.uniform(0.05, 0.95, 2)),
                rng.uniform(0.06, 0.16),
                float(rng.choice([-0.35, 0.35])),
            )
            for _ in range(6)
        ],
    ]


def _comb(angle: float, gap: float, pull: float, sharp: float, rng: np.random.Generator):
    """Tines `gap` apart drawn in the direction `angle`: each pulls by `pull`, and less further away."""
    along = complex(np.cos(angle), np.sin(angle))
    start = rng.uniform(0, gap)

    def undo(points: Array) -> Array:
        beside = (points * along.conjugate()).imag + start
        off = gap / 2 - np.abs(np.mod(beside, gap) - gap / 2)  # the distance to the nearest tine
        return points - along * (pull * sharp / (off + sharp))

    return undo


def _whirl(centre: complex, radius: float, turn: float):
    """A stylus drawn around the circle of `radius`: it drags by `turn` times the radius, less further off."""

    def undo(points: Array) -> Array:
        arm = points - centre
        distance = np.abs(arm) + 1e-6
        drag = turn * radius * 0.03 / (np.abs(distance - radius) + 0.03)
        return centre + arm * np.exp(-1j * drag / distance)

    return undo


def _dropped(points: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """For each of `points` the ink that lies there, and how far inside its drop (0 at the rim, 1 amid)."""
    reach = rng.uniform(-0.35, 1.35, (2, DROPS)).astype(np.float32)  # combs draw in what lay off the sheet
    centres = reach[0] + 1j * reach[1]
    radii = (rng.uniform(0.2, 1, DROPS) * np.linspace(0.10, 0.05, DROPS)).astype(np.float32)
    inks = rng.integers(0, len(INKS), DROPS)
    ink = np.zeros(points.size, np.int64)
    depth = np.ones(points.size, np.float32)
    afloat = np.arange(points.size)
    at = points.reshape(-1)
    for centre, radius, colour in zip(centres[::-1], radii[::-1], inks[::-1], strict=True):
        arm = at - centre
        share = radius**2 / (arm.real**2 + arm.imag**2 + 1e-12)
        under = share > 1
        ink[afloat[under]] = colour
        depth[afloat[under]] = 1 - 1 / share[under]
        left = ~under
        afloat, arm, share = afloat[left], arm[left], share[left]
        at = centre + arm * np.sqrt(1 - share)
    bands = np.cumsum(rng.uniform(0.008, 0.04, 200)) - 2  # under no drop: what was poured out first, in bands
    ink[afloat] = np.searchsorted(bands, at.real) % len(INKS)
    return ink.reshape(points.shape), depth.reshape(points.shape)
