"""Heat over a picture: numbers as colours that colour-blind people can read."""

from typing import Any

import matplotlib
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from .checking import PictureError, check

ONE_WAY = ("magma", "viridis", "cividis", "inferno", "plasma", "gray")  # dark is low
TWO_WAY = ("RdBu_r", "PuOr_r", "BrBG_r")  # white is zero
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue: the Y of YIQ


def overlay(
    picture: Tensor,
    heat: Any,
    *,
    colormap: str | None = None,
    strength: float = 0.6,
    limits: tuple[float, float] | None = None,
) -> Tensor:
    """The picture (1, C, H, W) in grey under the colours of `heat`: a picture (1, 3, H, W).

    `heat` is an array or tensor (h, w) of any finite numbers, stretched over the whole picture. Without
    `colormap`, numbers of both signs are drawn from blue over white (zero) to red, others from black over red
    to white-yellow. `limits` are the values of the first and the last colour; without them, the least and the
    greatest heat (of both signs: the greatest size, either way). Keep them fixed to compare pictures.
    `strength` is the share of the colours, 0 to 1.
    """
    check(picture)
    if len(picture) != 1:
        raise PictureError(
            f"picture holds {len(picture)} pictures; heat lies over one: choose picture[i:i+1]."
        )
    if not 0 <= strength <= 1:
        raise PictureError(f"strength is {strength!r}; give a number from 0 (no heat) to 1 (only heat).")
    values = _values(heat)
    colormap = colormap or (TWO_WAY[0] if (limits[0] if limits else values.min()) < 0 else ONE_WAY[0])
    table = _table(colormap)
    low, high = limits or _limits(values, colormap in TWO_WAY)
    if limits and not low < high:
        raise PictureError(f"limits are {limits}; give (low, high) with low below high.")
    level = ((values - low) / (high - low)).clamp(0, 1) if high > low else torch.zeros_like(values)
    level = interpolate(level[None, None], picture.shape[-2:], mode="bilinear", align_corners=False)[0, 0]
    colours = table[(level * 255).round().long()].permute(2, 0, 1)[None].to(picture.device)  # (1, 3, H, W)
    return torch.lerp(luminance(picture).expand_as(colours), colours, strength).clamp(0, 1)


def signed(values: Tensor) -> Tensor:
    """Numbers of any sign, such as a gradient (N, C, H, W), as pictures: 0 is mid-grey, more is brighter.

    Each picture has its own scale, so only places within one compare. The strongest half percent of its
    numbers is clipped to black and white, so that a few do not hide the others.
    """
    if values.ndim != 4 or values.shape[1] not in (1, 3) or values.numel() == 0:
        raise PictureError(f"values have shape {tuple(values.shape)}; give (N, C, H, W) with C = 1 or 3.")
    if not values.isfinite().all():
        raise PictureError("values are NaN or infinite in places: replace them, with torch.nan_to_num say.")
    values = values.detach().float()
    strong = torch.tensor([_strong(one) for one in values.abs().cpu()], device=values.device)
    return (0.5 + 0.5 * values / strong.view(-1, 1, 1, 1)).clamp(0, 1)


def _strong(sizes: Tensor) -> float:
    """What all but half a percent of the sizes above 0 stay below."""
    some = sizes[sizes > 0].numpy()  # numpy, as torch's quantile takes 16 million numbers at most
    return float(np.quantile(some, 0.995)) if some.size else 1.0


def _values(heat: Any) -> Tensor:
    values = torch.as_tensor(np.asarray(heat.detach().cpu() if isinstance(heat, Tensor) else heat)).float()
    if values.ndim != 2 or values.numel() == 0:
        raise PictureError(f"heat has shape {tuple(values.shape)}; give one number a place, (h, w).")
    if not values.isfinite().all():
        raise PictureError("heat holds NaN or infinite values: replace them, with torch.nan_to_num say.")
    return values


def _limits(values: Tensor, two_way: bool) -> tuple[float, float]:
    low, high = values.min().item(), values.max().item()
    size = max(-low, high)
    return (-size, size) if two_way else (low, high)


def _table(colormap: str) -> Tensor:
    """The 256 colours of a map, (256, 3)."""
    if colormap not in ONE_WAY + TWO_WAY:
        raise PictureError(
            f"there is no colormap {colormap!r} here; choose from {', '.join(ONE_WAY + TWO_WAY)}."
        )
    return torch.from_numpy(matplotlib.colormaps[colormap](np.arange(256))[:, :3]).float()


def luminance(pictures: Tensor) -> Tensor:
    """How bright pictures (N, C, H, W) look at each pixel, (N, 1, H, W); gradients flow."""
    if pictures.shape[1] == 1:
        return pictures
    weights = pictures.new_tensor(LUMINANCE).view(1, 3, 1, 1)
    return (pictures * weights).sum(1, keepdim=True)
