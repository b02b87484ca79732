"""Photographs of surfaces, cut square: they ship with scikit-image, and are free to use without a network."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from ..pictures import fit
from ..pictures import read as read_picture

TEXTURES = {
    "tissue": "immunohistochemistry",  # stained glands; no known copyright restrictions
    "retina": "retina",  # CC0
    "brick": "brick",  # CC0
    "grass": "grass",  # CC0
    "gravel": "gravel",  # CC0
    "hubble": "hubble_deep_field",  # NASA; public domain
}


def texture(name: str, size: int = 384) -> Tensor:
    """The surface called `name`, a key of `TEXTURES`: (1, 3, size, size) in [0, 1]."""
    from skimage import data

    surface = getattr(data, TEXTURES[name])()
    if name == "retina":  # a disc on black: the largest square that fits into it
        edge = round(len(surface) * (1 - 0.5**0.5) / 2)
        surface = surface[edge:-edge, edge:-edge]
    return fit(read_picture(np.ascontiguousarray(surface)), size)
