"""Night in oil: thick curved strokes turn about lights in a blue sky, in the way that van Gogh painted."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .brush import Paint, flow
from .canvas import FINER, Array, finished, noise, palette, places, shade

NIGHT = palette("#0b1436", "#13297a", "#1f4fb0", "#3f86c9", "#7fb7d2", "#c4dcc8")
LIGHT = palette("#6fb1b4", "#c9d99a", "#f0b53c", "#f8d457", "#fff0b0")
ACCENTS = palette("#2c7f74", "#8fb58c", "#6a5fa8", "#dfe7d0", "#f1c65b")
LIGHTS = 9
STEPS = 7  # each way from the middle of a stroke
LAYERS = ((900, 0.050, 0.22), (1500, 0.026, 0.14), (1900, 0.0145, 0.095))  # strokes, width, length


def oil(size: int = 384, seed: int = 0) -> Tensor:
    """A sky of swirling brush strokes, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    x, y = places(size)
    n = FINER * size
    angle, glow, ring = _sky(x, y, _apart(LIGHTS, rng), rng.uniform(0.035, 0.075, LIGHTS), rng)
    paint = Paint(shade(NIGHT, 0.25 + 0 * x))
    for count, width, length in LAYERS:
        starts = rng.random((count, 2)) * n
        row, column = starts[:, 1].astype(int), starts[:, 0].astype(int)
        curves = flow(angle, starts, STEPS, length * n / (2 * STEPS))
        colours = _colours(glow[row, column], ring[row, column], width, rng)
        paint.stroke(curves, width * n, colours, rng)
    return finished(paint.lit())


def _apart(count: int, rng: np.random.Generator) -> Array:
    """(count, 2): places that keep off one another: each the best of 20 throws."""
    found = [rng.random(2)]
    while len(found) < count:
        throws = rng.random((20, 2))
        gaps = np.linalg.norm(throws[:, None] - np.array(found), axis=2).min(1)
        found.append(throws[gaps.argmax()])
    return np.array(found)


def _sky(
    x: Array, y: Array, lights: Array, radii: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """The angle of the strokes, how bright the sky is (0 to 1), and how much it is a light's (0 to 1)."""
    drift = 0.35 + 0.55 * noise(x.shape, (3, 3), rng)
    vx, vy = np.cos(drift), np.sin(drift)
    bright = 0.42 + 0.17 * noise(x.shape, (5, 4), rng)
    ring = np.zeros_like(x)
    for i, ((cx, cy), radius) in enumerate(zip(lights, radii, strict=True)):
        dx, dy = x - cx, y - cy
        distance = np.hypot(dx, dy) + 1e-6
        turn = (-1) ** i
        near = np.exp(-((distance / (2.4 * radius)) ** 2)) * 6
        vx, vy = vx - turn * near * dy / distance, vy + turn * near * dx / distance
        bright = bright + 0.16 * np.cos(distance / radius * 3.0) * np.exp(-distance / (2.2 * radius))
        bright = bright + 0.22 * np.exp(-((distance / (2.1 * radius)) ** 2))
        ring = np.maximum(ring, np.exp(-((distance / (1.15 * radius)) ** 2)))
    return np.arctan2(vy, vx), bright, ring


def _colours(glow: Array, ring: Array, width: float, rng: np.random.Generator) -> Array:
    """(S, 3): night or light, each stroke a little off; now and then an accent."""
    count = len(glow)
    jitter = rng.standard_normal(count) * (0.10 if width > 0.02 else 0.17)
    night = shade(NIGHT, glow + jitter)
    light = shade(LIGHT, ring + jitter)
    mix = np.clip((ring - 0.28 + 0.6 * jitter) * 4, 0, 1)[:, None]
    colours = night * (1 - mix) + light * mix
    accent = (rng.random(count) < 0.10) & (mix[:, 0] < 0.2)
    colours[accent] = ACCENTS[rng.integers(0, len(ACCENTS), count)][accent]
    return np.clip(colours * (1 + 0.06 * rng.standard_normal((count, 3))), 0, 1).astype(np.float32)
