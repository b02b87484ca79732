"""Transforms: small random changes between the canvas and the network, new ones at each step.

A picture that has to work under all of them cannot rest on the exact place of single pixels. A transform is
a function of pictures (N, C, H, W) and a generator, and keeps their size; a list is applied in order. After
Olah, Mordvintsev and Schubert, "Feature visualization", Distill 2017, section "Transformation robustness".
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import mul

import torch
import torch.nn.functional as F
import torchvision.transforms.functional as TF
from torch import Generator, Tensor

Transform = Callable[[Tensor, Generator], Tensor]


def apply(transforms: Iterable[Transform], pictures: Tensor, generator: Generator) -> Tensor:
    """`pictures` (N, C, H, W) after all `transforms`, in order; neighbouring warps become one."""
    for warps, group in groupby(transforms, lambda transform: isinstance(transform, Warp)):
        for transform in [reduce(mul, group)] if warps else group:
            pictures = transform(pictures, generator)
    return pictures


def jitter(pixels: int) -> Transform:
    """Shift by up to `pixels` down or up and right or left; what leaves at one side comes in at the other."""

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        down, right = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        return pictures.roll((down, right), (2, 3)) if down or right else pictures

    return transform


def framed(above: int, left: int, border: int) -> Transform:
    """Add a mirrored border, always the same: `border` pixels in each direction, so many of them `above` and
    at the `left`."""

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        return F.pad(pictures, (left, border - left, above, border - above), mode="reflect")

    return transform


@dataclass(frozen=True)
class Warp:
    """Turns and stretches about the centre; what comes in from beyond the border is the mirror image.

    `draw(generator)` is a complex number: its angle says how far to turn, its length what one pixel becomes.
    Neighbouring warps are one multiplication, so that `apply` reads the picture between its pixels only once.
    """

    draw: Callable[[Generator], complex]

    def __call__(self, pictures: Tensor, generator: Generator) -> Tensor:
        turn = self.draw(generator)
        return pictures if turn == 1 else _warped(pictures, 1 / turn)

    def __mul__(self, other: Warp) -> Warp:
        return Warp(lambda generator: self.draw(generator) * other.draw(generator))


def rotate(degrees: float) -> Warp:
    """Turn by up to `degrees` to either side; the corners are filled with the picture's mirror image."""
    return Warp(lambda generator: cmath.rect(1, math.radians(_between(-degrees, degrees, generator))))


def scale(smallest: float, largest: float) -> Warp:
    """Shrink or enlarge by a factor between the two; the border is filled with the picture's mirror image."""
    if not 0 < smallest <= largest:
        raise ValueError(f"scale needs 0 < smallest <= largest, not {smallest} and {largest}.")
    return Warp(lambda generator: complex(_between(smallest, largest, generator)))


def tint(amount: float) -> Transform:
    """Change the light: each colour channel brighter or darker by up to `amount`, in [0, 1], and the contrast
    by up to that share. What has to work in every light is not carried by one colour over the whole picture.
    """

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        light = amount * (2 * torch.rand(1, pictures.shape[1], 1, 1, generator=generator) - 1)
        contrast = 1 + _between(-amount, amount, generator)
        return contrast * (pictures - 0.5) + 0.5 + light.to(pictures.device)

    return transform


def smooth_gradient(sigma: float) -> Transform:
    """Leave the picture as it is, and blur what flows back to it: gradients without their finest detail."""

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        shown = pictures.view_as(pictures)
        if shown.requires_grad:
            shown.register_hook(lambda gradient: blurred(gradient, sigma))
        return shown

    return transform


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """`pictures` after a Gaussian blur of standard deviation `sigma` pixels, cut off at twice that."""
    if not sigma:
        return pictures
    reach = min(math.ceil(2 * sigma), min(pictures.shape[2:]) - 1)  # mirrored at the border, once at most
    return TF.gaussian_blur(pictures, 2 * reach + 1, sigma)


def _between(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _warped(pictures: Tensor, step: complex) -> Tensor:
    """`pictures` read at places that a turn and a stretch of `step` lead to; beyond the border, mirrored."""
    height, width = pictures.shape[2:]
    matrix = [[step.real, -step.imag * height / width, 0], [step.imag * width / height, step.real, 0]]
    theta = torch.tensor(matrix).to(pictures).expand(len(pictures), 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
