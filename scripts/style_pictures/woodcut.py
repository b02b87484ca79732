"""A woodcut of breaking waves in indigo on cream paper: carved lines that follow the water, foam, and a sun.

Every line lies at an even distance from the crest of its wave, as in the prints of Hokusai's time.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from .canvas import Array, finished, noise, palette, places, shade

INDIGO, BLUE, SLATE, PALE, CREAM, RED = palette(
    "#14224a", "#23508f", "#6f9dbd", "#c3d6d3", "#f4e9cf", "#c8402e"
)
WATER = np.stack([CREAM, INDIGO, BLUE, PALE, INDIGO, SLATE, CREAM, BLUE])
ROWS = 6


def woodcut(size: int = 384, seed: int = 0) -> Tensor:
    """Waves printed from a wood block, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    x, y = places(size)
    sheet = _sky(x, y, rng)
    for row in range(ROWS):
        base = 0.36 + 0.66 * row / (ROWS - 1)
        crest, height = _crest(base, 0.15 + 0.16 * row / (ROWS - 1), rng)
        _wave(sheet, crest, row, rng)
        _foam(sheet, crest, height, rng)
    fibre = noise(x.shape, (240, 9), rng) + 0.6 * noise(x.shape, (300, 120), rng)
    worn = np.clip(0.06 * fibre - 0.02, -0.05, 0.16)[..., None]  # where the block took less ink
    return finished(sheet + (CREAM - sheet) * worn)


def _sky(x: Array, y: Array, rng: np.random.Generator) -> Array:
    """Wind in carved lines that swell and thin out, about a red sun."""
    sun, radius = rng.uniform((0.25, 0.16), (0.75, 0.26)), rng.uniform(0.10, 0.13)
    away = np.hypot(x - sun[0], y - sun[1]) / radius
    wind = y + 0.030 * noise(x.shape, (3, 3), rng) + 0.05 * np.exp(-((away / 1.8) ** 2)) * np.sign(y - sun[1])
    share = 0.42 + 0.17 * noise(x.shape, (7, 5), rng) - 0.30 * np.exp(-((away / 1.5) ** 4))
    carved = np.abs(np.mod(wind / 0.021, 1) - 0.5) * 2 < np.maximum(share, 0.17)  # no sky is blank
    ink = shade(np.stack([SLATE, BLUE, INDIGO]), 0.75 - 1.6 * y + 0.12 * noise(x.shape, (3, 3), rng))
    sheet = np.where(carved[..., None], ink, CREAM)
    rays = np.abs(np.mod(away * 4.5, 1) - 0.5) < 0.34
    sheet = np.where(((away < 1) & rays)[..., None], RED, np.where((away < 1)[..., None], CREAM, sheet))
    return np.where((np.abs(away - 1.0) < 0.05)[..., None], INDIGO, sheet).astype(np.float32)


def _crest(base: float, tall: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """The outline (P, 2) of a row of breaking waves, and how high on its wave (P,) each point is, 0 to 1."""
    t = np.linspace(-0.6, 1.6, 1400)
    length = tall * rng.uniform(2.2, 2.8)
    swing = np.cos(2 * np.pi * (t / length + rng.uniform()) + 0.5 * np.sin(t * 5))
    height = (0.5 + 0.5 * swing) ** 1.7
    rise = tall * (1 + 0.25 * np.sin(t * 4.1 + rng.uniform(0, 6)))
    over = 0.75 * height**2.2  # the top runs ahead of its foot, and falls
    up = height - 0.42 * height**7
    return np.stack([t - rise * over, base - rise * up], 1), height


def _wave(sheet: Array, crest: Array, row: int, rng: np.random.Generator) -> None:
    side = len(sheet)
    mask = Image.new("1", (side, side))
    shape = np.array([*crest, (1.8, 1.6), (-0.8, 1.6)]) * side
    ImageDraw.Draw(mask).polygon([tuple(point) for point in shape.tolist()], fill=1)
    inside = np.asarray(mask)
    depth = distance_transform_edt(np.pad(inside, ((0, 1), (1, 1)), constant_values=True))[:-1, 1:-1] / side
    depth = depth + 0.004 * noise(depth.shape, (9, 9), rng)
    band = depth / (0.012 + 0.055 * depth)  # bands widen with depth
    which = np.minimum(band.astype(int), 40)
    colours = WATER[(which + row) % len(WATER)]
    cut = np.abs(np.mod(band * 2, 1) - 0.5) > 0.30 + 0.12 * noise(depth.shape, (12, 12), rng)
    dark = colours.sum(2) < 1.6
    colours = np.where((cut & ~dark & (which > 1))[..., None], INDIGO, colours)
    colours = np.where((depth < 0.006)[..., None], INDIGO, colours)
    sheet[inside] = colours[inside]


def _foam(sheet: Array, crest: Array, height: Array, rng: np.random.Generator) -> None:
    """Foam along the tops, its lobes grown together, and spray before them."""
    image = Image.fromarray((sheet * 255).astype(np.uint8))
    tops = np.flatnonzero((height > 0.45) & (crest[:, 0] > -0.1) & (crest[:, 0] < 1.1))
    chosen = rng.choice(tops, min(len(tops), 150), replace=False)
    radii = rng.uniform(0.004, 0.015, (len(chosen), 1)) * (0.4 + height[chosen, None])
    middles = crest[chosen] + rng.normal(0, 0.006, (len(chosen), 2)) + (0, 0.002)
    _discs(image, middles, radii + 0.004, INDIGO)
    _discs(image, middles, radii, CREAM)
    large = radii[:, 0] > 0.009
    middles, radii = middles[large], radii[large]
    _discs(image, middles + 0.2 * radii, 0.62 * radii, SLATE)  # their shaded side
    _discs(image, middles, 0.45 * radii, CREAM)
    spray = crest[rng.choice(tops, 60)] + rng.normal(0, 0.02, (60, 2)) - (0.02, 0.028)
    _discs(image, spray, rng.uniform(0.0018, 0.0048, (60, 1)), CREAM)
    sheet[:] = np.asarray(image, np.float32) / 255


def _discs(image: Image.Image, middles: Array, radii: Array, colour: Array) -> None:
    """Draw round spots in units of the image's side."""
    draw, fill = ImageDraw.Draw(image), tuple((colour * 255).astype(int).tolist())
    for box in (np.hstack([middles - radii, middles + radii]) * image.width).tolist():
        draw.ellipse(box, fill=fill)
