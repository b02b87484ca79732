"""Transforms: small random changes between the canvas and the network, new ones at each step.

A picture that has to work under all of them cannot rest on the exact place of single pixels. A transform is
a function of pictures (N, C, H, W) and a generator, and keeps their size; a list is applied in order. After
Olah, Mordvintsev and Schubert, "Feature visualization", Distill 2017, section "Transformation robustness".
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
import torchvision.transforms.functional as TF
from torch import Generator, Tensor

Transform = Callable[[Tensor, Generator], Tensor]


def jitter(pixels: int) -> Transform:
    """Shift by up to `pixels` down or up and right or left; what leaves at one side comes in at the other."""

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        down, right = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        return pictures.roll((down, right), (2, 3)) if down or right else pictures

    return transform


def rotate(degrees: float) -> Transform:
    """Turn by up to `degrees` to either side; the corners are filled with the picture's mirror image."""

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        angle = math.radians(_between(-degrees, degrees, generator))
        return _warped(pictures, math.cos(angle), math.sin(angle)) if angle else pictures

    return transform


def scale(smallest: float, largest: float) -> Transform:
    """Shrink or enlarge by a factor between the two; the border is filled with the picture's mirror image."""
    if not 0 < smallest <= largest:
        raise ValueError(f"scale needs 0 < smallest <= largest, not {smallest} and {largest}.")

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        factor = _between(smallest, largest, generator)
        return _warped(pictures, 1 / factor, 0.0) if factor != 1 else pictures

    return transform


def crop(share: float) -> Transform:
    """A random part, `share` of each side (above 0, at most 1), enlarged to the whole size."""
    if not 0 < share <= 1:
        raise ValueError(f"crop keeps a share of each side, above 0 and at most 1, not {share}.")

    def transform(pictures: Tensor, generator: Generator) -> Tensor:
        size = pictures.shape[2:]
        height, width = (max(1, round(share * side)) for side in size)
        top, left = (
            int(torch.randint(side - part + 1, (), generator=generator))
            for side, part in zip(size, (height, width), strict=True)
        )
        part = pictures[..., top : top + height, left : left + width]
        return F.interpolate(part, size=size, mode="bilinear", align_corners=False)

    return transform


def blur(sigma: float) -> Transform:
    """Show the network the picture through a Gaussian blur of standard deviation `sigma` pixels."""
    return lambda pictures, generator: blurred(pictures, sigma)


def smooth_gradient(sigma: float) -> Transform:
    """Leave the picture as it is, and blur what flows back to it: gradients without their finest detail."""
    return lambda pictures, generator: _SmoothGradient.apply(pictures, sigma)


class _SmoothGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pictures: Tensor, sigma: float) -> Tensor:
        ctx.sigma = sigma
        return pictures.view_as(pictures)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return blurred(gradient, ctx.sigma), None


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """`pictures` after a Gaussian blur of standard deviation `sigma` pixels, cut off at twice that."""
    if not sigma:
        return pictures
    reach = min(math.ceil(2 * sigma), min(pictures.shape[2:]) - 1)  # mirrored at the border, once at most
    return TF.gaussian_blur(pictures, 2 * reach + 1, sigma)


def _between(low: float, high: float, generator: Generator) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def _warped(pictures: Tensor, cosine: float, sine: float) -> Tensor:
    """`pictures` read at places turned and stretched about the centre; beyond the border, mirrored."""
    height, width = pictures.shape[2:]
    matrix = [[cosine, -sine * height / width, 0], [sine * width / height, cosine, 0]]
    theta = torch.tensor(matrix, device=pictures.device).expand(len(pictures), 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
