"""How good a stylist is, beside optimising each picture for the same loss."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .. import pictures
from .network import Stylist
from .perceptual import Perceptual


@torch.no_grad()
def mean_parts(stylist: Stylist, goal: Perceptual, names: Sequence[str], size: int = 128) -> dict[str, float]:
    """The parts of the loss of a stylist's pictures, means over photographs cut to `size` pixels a side."""
    whole: dict[str, float] = {}
    for name in names:
        photograph = pictures.fit(pictures.read(name), size).to(goal.network.device)
        for part, value in goal(stylist(photograph), photograph).items():
            whole[part] = whole.get(part, 0.0) + value.item() / len(names)
    return whole
