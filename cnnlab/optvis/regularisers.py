"""Regularisers: what we ask of a picture besides a high score, so that it looks like something.

Penalties are objectives, to be taken away with a weight: logit("flamingo") - 10 * total_variation().
Operators change the picture after each step: Ascent(..., after=[blur(0.5, every=4)]). Both measure a pixel by
its distance from grey.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .objectives import Objective
from .transforms import blurred

GREY = 0.5
Operator = Callable[[Tensor, Tensor, int], Tensor]  # (picture, gradient of the score, step) -> picture


def alpha_norm(alpha: float = 6.0) -> Objective:
    """The mean over all values of (distance from grey / 0.5) ** `alpha`: 0 for grey, 1 for black and white.

    The larger `alpha`, the more it is a wall at black and white and nothing before. Mahendran and Vedaldi
    2015 (arXiv:1412.0035), section 2, with their normalisation to the number and range of the values.
    """
    return Objective(lambda seen: ((seen.pictures - GREY) / GREY).abs().pow(alpha).flatten(1).mean(1))


def l2() -> Objective:
    """The mean over all values of (distance from grey / 0.5) ** 2, in [0, 1]: `alpha_norm(2)`.

    The penalty of Simonyan, Vedaldi and Zisserman 2014 (arXiv:1312.6034), equation 1.
    """
    return alpha_norm(2)


def total_variation(beta: float = 2.0) -> Objective:
    """The mean over all values of (down ** 2 + right ** 2) ** (`beta` / 2), the differences of neighbours.

    0 for one even colour. `beta` = 1 lets edges stand and flattens what lies between, 2 spreads them out.
    Mahendran and Vedaldi 2015, section 2, equation 3.
    """

    def score(seen) -> Tensor:
        down = (seen.pictures[..., 1:, :-1] - seen.pictures[..., :-1, :-1]).square()
        right = (seen.pictures[..., :-1, 1:] - seen.pictures[..., :-1, :-1]).square()
        steepness = down + right
        return (steepness if beta == 2 else (steepness + 1e-8).pow(beta / 2)).flatten(1).mean(1)

    return Objective(score)


def decay(share: float) -> Operator:
    """Draw every value towards grey by `share` of its distance, in [0, 1]: the step that `l2` would take.

    This and the next three operators: Yosinski, Clune, Nguyen, Fuchs and Lipson 2015 (arXiv:1506.06579).
    """
    return lambda picture, gradient, step: GREY + (picture - GREY) * (1 - share)


def blur(sigma: float, every: int = 4) -> Operator:
    """Blur with a Gaussian of standard deviation `sigma` pixels, after every `every`-th step."""
    return lambda picture, gradient, step: picture if (step + 1) % every else blurred(picture, sigma)


def clip_small_norm(percent: float) -> Operator:
    """Make grey the `percent` of the pixels that are nearest to grey (over their channels), 0 to 100."""
    return lambda picture, gradient, step: _clip(picture, (picture - GREY).norm(dim=1, keepdim=True), percent)


def clip_small_contribution(percent: float) -> Operator:
    """Make grey the `percent` of the pixels that the score would miss least, 0 to 100.

    What a pixel contributes is estimated to first order: the absolute value of the sum over its channels of
    its distance from grey times the gradient.
    """

    def operate(picture: Tensor, gradient: Tensor, step: int) -> Tensor:
        return _clip(picture, ((picture - GREY) * gradient).sum(1, keepdim=True).abs(), percent)

    return operate


def _clip(picture: Tensor, worth: Tensor, percent: float) -> Tensor:
    """`picture` with those pixels grey whose `worth` (N, 1, H, W) is in the lowest `percent`."""
    if not 0 <= percent <= 100:
        raise ValueError(f"percent runs from 0 to 100, and this is {percent}.")
    count = round(worth[0].numel() * percent / 100)
    lowest = worth.flatten(1).topk(count, largest=False).indices
    grey = torch.zeros_like(worth, dtype=torch.bool).flatten(1).scatter(1, lowest, True).view_as(worth)
    return picture.masked_fill(grey, GREY)
