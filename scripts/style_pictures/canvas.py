"""What every painter starts from: places, smooth noise, palettes, and the finished picture.

A canvas is painted at `FINER` times the size wanted and averaged down, which smooths every edge. Places are
in units of the canvas' side, so a painting of another size is the same painting.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

Array = NDArray[Any]
FINER = 2


def places(size: int) -> tuple[Array, Array]:
    """x and y, each (n, n) for n = FINER * size: the middles of the fine canvas' pixels, from 0 to 1."""
    middles = (np.arange(FINER * size, dtype=np.float32) + 0.5) / (FINER * size)
    y, x = np.meshgrid(middles, middles, indexing="ij")
    return x, y


def noise(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Array:
    """Smooth noise: bumps of mean 0 and standard deviation 1, `cells` of them down and across `shape`."""
    lattice = rng.standard_normal((1, 1, cells[0] + 1, cells[1] + 1), dtype=np.float32)
    field = F.interpolate(torch.from_numpy(lattice), shape, mode="bicubic", align_corners=True)[0, 0]
    return ((field - field.mean()) / field.std().clamp_min(1e-6)).numpy()


def palette(*colours: str) -> Array:
    """(n, 3) in [0, 1], for colours written as "#rrggbb"."""
    return np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours], np.float32) / 255


def shade(colours: Array, at: Array) -> Array:
    """(..., 3): the palette `colours` as a ramp, read at `at` from 0 (its first colour) to 1 (its last)."""
    place = np.clip(at, 0, 1) * (len(colours) - 1)
    low = np.minimum(place.astype(int), len(colours) - 2)
    part = (place - low)[..., None]
    return colours[low] * (1 - part) + colours[low + 1] * part


def finished(canvas: Array) -> Tensor:
    """The picture (1, 3, size, size) in [0, 1] of a fine canvas (n, n, 3), averaged down."""
    fine = torch.from_numpy(
        np.ascontiguousarray(np.asarray(canvas, np.float32).clip(0, 1).transpose(2, 0, 1))
    )
    return F.avg_pool2d(fine[None], FINER)
