"""The filters of a first layer in numbers: how colourful they are, and the direction of their stripes.

A filter (C, h, w) that was trained on photographs is often one pattern times one colour. The pattern is then
near a Gabor function, a wave under a round window: Gabor 1946, "Theory of communication"; Jones and Palmer
1987, "An evaluation of the two-dimensional Gabor filter model", for cells of a cat's brain; Krizhevsky,
Sutskever and Hinton 2012 for the first layer of a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import least_squares  # type: ignore[import-untyped]
from torch import Tensor

SMALL = 5  # filters of fewer pixels a side are too small to tell where the window stands: its centre stays
FREQUENCIES = np.linspace(0, 0.5, 7)
DIRECTIONS = np.arange(0, np.pi, np.pi / 8)


class Gabor(NamedTuple):
    """A wave under a round window, as it was fitted to a pattern (h, w).

    orientation: of its stripes, in degrees from 0 (level) counter-clockwise to below 180; 90 is upright.
    frequency: of its wave, in cycles a pixel, from 0 (no stripes: a blob) to 0.5 (every other pixel).
    sigma: the standard deviation of its window, in pixels.
    explained: the share of the pattern's energy, the sum of squares, that it has, 0 to 1.
    pattern: the wave itself, (h, w).
    """

    orientation: float
    frequency: float
    sigma: float
    explained: float
    pattern: Tensor


def colourfulness(filters: Tensor) -> Tensor:
    """(N,): which share of each filter's energy weighs red, green and blue differently, 0 to 1.

    A filter (C = 3, h, w) of 0 looks at light and dark alone, one of 1 at colour alone. Weights that are
    drawn at random, each by itself, have 2/3.
    """
    _check(filters)
    if filters.shape[1] != 3:
        raise ValueError(f"colour needs filters with 3 channels, and these have {filters.shape[1]}.")
    grey = filters.mean(1, keepdim=True)
    energy = filters.square().sum((1, 2, 3)).clamp(min=1e-12)
    return (filters - grey).square().sum((1, 2, 3)) / energy


def one_colour(filters: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The best description of each filter (N, C, h, w) as one pattern times one colour.

    Returns the patterns (N, h, w); the colours (N, C), of length 1, their sum not negative; and the share of
    each filter's energy the two have together (N,), from 1 / C to 1: the first term of the singular value
    decomposition.
    """
    _check(filters)
    left, sizes, right = torch.linalg.svd(filters.flatten(2).float(), full_matrices=False)
    sign = torch.where(left[:, :, 0].sum(1) < 0, -1.0, 1.0)[:, None]
    patterns = (sign * sizes[:, :1] * right[:, 0]).unflatten(1, filters.shape[2:])
    share = sizes[:, 0].square() / sizes.square().sum(1).clamp(min=1e-12)
    return patterns, sign * left[:, :, 0], share


def fit_gabor(pattern: Tensor) -> Gabor:
    """The Gabor function that comes nearest to `pattern` (h, w), in the sense of least squares.

    A coarse search over frequency, direction and window, then descent from the best few. The centre of the
    window is free in patterns of 5 pixels a side and more. Raises ValueError for a pattern of zeros, or one
    that has no two dimensions of at least 3.
    """
    wanted = np.asarray(pattern.detach().cpu(), dtype=float)
    if wanted.ndim != 2 or min(wanted.shape) < 3 or not np.abs(wanted).max() > 0:
        raise ValueError(f"a pattern is (h, w), each 3 or more, and not all 0: this one is {wanted.shape}.")
    wanted = wanted / np.linalg.norm(wanted)
    side = max(wanted.shape)
    free = 5 if side >= SMALL else 3  # frequency, direction, sigma, and perhaps the centre
    low, high = [0, -np.inf, 0.4, -side / 2, -side / 2], [0.5, np.inf, 2 * side, side / 2, side / 2]

    def misfit(numbers: Sequence[float]) -> np.ndarray:
        return _wave(wanted, numbers) - wanted.ravel()

    grid = ((f, d, s, 0, 0)[:free] for f in FREQUENCIES for d in DIRECTIONS for s in (side / 6, side / 3))
    starts = sorted(grid, key=lambda start: np.linalg.norm(misfit(start)))
    found = [least_squares(misfit, start, bounds=(low[:free], high[:free])) for start in starts[:2]]
    best = min(found, key=lambda descent: descent.cost)  # half the sum of squares
    frequency, direction, sigma = map(float, best.x[:3])
    orientation = float(np.degrees(direction) + 90) % 180
    fitted = torch.from_numpy(_wave(wanted, best.x).reshape(wanted.shape))
    return Gabor(orientation, frequency, sigma, 1 - 2 * float(best.cost), fitted)


def _wave(wanted: np.ndarray, numbers: Sequence[float]) -> np.ndarray:
    """The wave of these numbers nearest to what is wanted (h, w), flat: least squares give the rest."""
    frequency, direction, sigma, right, up = (*numbers, 0.0, 0.0)[:5]
    height, width = wanted.shape
    x = np.arange(width) - (width - 1) / 2 - right
    y = (height - 1) / 2 - np.arange(height)[:, None] - up
    window = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    phase = 2 * np.pi * frequency * (np.cos(direction) * x + np.sin(direction) * y)
    waves = np.stack([(window * np.cos(phase)).ravel(), (window * np.sin(phase)).ravel()], 1)
    return waves @ np.linalg.lstsq(waves, wanted.ravel(), rcond=None)[0]


def grating(orientation: float, frequency: float = 0.23, size: int = 32) -> Tensor:
    """A picture (1, 3, size, size) of grey stripes; `orientation` and `frequency` as those of a `Gabor`.

    Level or upright stripes of 0.25 would meet a layer of stride 2 in two phases only; those of 0.23 drift.
    """
    places = torch.arange(size) - (size - 1) / 2
    across = torch.tensor(orientation + 90.0).deg2rad()
    phase = 2 * torch.pi * frequency * (across.cos() * places - across.sin() * places[:, None])
    return (0.5 + 0.5 * phase.cos()).expand(1, 3, size, size).contiguous()


def _check(filters: Tensor) -> None:
    if filters.ndim != 4 or filters.shape[1] not in (1, 3):
        raise ValueError(f"filters are (N, C, h, w) here, with C = 3 or 1, unlike {tuple(filters.shape)}.")
