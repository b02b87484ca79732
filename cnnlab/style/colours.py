"""The colours of a painting, or of the photograph: two ways to keep the latter.

After Gatys, Bethge, Hertzmann and Shechtman, "Preserving color in neural artistic style transfer", 2016
(arXiv:1606.05897).
"""

import torch
from torch import Tensor

from ..pictures.heat import luminance


def recoloured(style: Tensor, content: Tensor) -> Tensor:
    """`style` (1, 3, H, W) with the mean and the covariance of the colours of `content` (1, 3, h, w).

    The paper's section 4.1: x' = A (x - mean of the style) + mean of the content, with A the root of the
    content's covariance times the inverse root of the style's. Values that leave [0, 1] are cut off.
    """
    (mean, spread), (wanted_mean, wanted) = _statistics(style), _statistics(content)
    matrix = _power(wanted, 0.5) @ _power(spread, -0.5)
    moved = torch.einsum("dc,nchw->ndhw", matrix, style.double() - mean) + wanted_mean
    return moved.float().clamp(0, 1)


def grey(picture: Tensor) -> Tensor:
    """The luminance of `picture` (N, 3, H, W) in all three channels; gradients flow."""
    return luminance(picture).expand(-1, 3, -1, -1)


def as_bright_as(style: Tensor, content: Tensor) -> Tensor:
    """`style` (1, 3, H, W) in grey, its luminance of the mean and deviation of that of `content`.

    The paper's equation 10: so a dark painting does not darken a bright photograph.
    """
    style, content = grey(style), grey(content)
    contrast = content.std() / style.std().clamp_min(1e-6)
    return ((style - style.mean()) * contrast + content.mean()).clamp(0, 1)


def coloured(picture: Tensor, content: Tensor) -> Tensor:
    """The luminance of `picture` with the colours (I and Q of YIQ) of `content`, both (1, 3, H, W).

    As much more of red, green and blue changes luminance alone. What leaves [0, 1] is cut off.
    """
    return (content + grey(picture) - grey(content)).clamp(0, 1)


def _statistics(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean colour (1, 3, 1, 1) and covariance (3, 3) of a picture (1, 3, H, W), float64."""
    flat = picture[0].flatten(1).double()
    return flat.mean(1).view(1, 3, 1, 1), torch.cov(flat, correction=0)


def _power(spread: Tensor, power: float) -> Tensor:
    """A power of a covariance; directions in which nothing varies (grey has two) stay 0."""
    values, vectors = torch.linalg.eigh(spread)
    known = values > 1e-6
    return (vectors * values.where(known, 1.0).pow(power).where(known, 0.0)) @ vectors.T
