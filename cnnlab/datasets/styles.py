"""Style images: pictures to take a style from. Seven painted by code, photographed surfaces, masterpieces.

styles.names()                  # all of them; names("painted") or names("texture") need no network
styles.read("oil")              # (1, 3, 384, 384) in [0, 1]
styles.read("starry night")     # fetched once from Wikimedia Commons
"""

from __future__ import annotations

from collections.abc import Collection
from importlib.resources import files

import numpy as np
from torch import Tensor

from ..arguments.names import unknown
from ..pictures import fit
from ..pictures import read as read_picture
from .masterpieces import MASTERPIECES, masterpiece

FOLDER = files("cnnlab") / "assets" / "style_pictures"
PAINTED = (
    "oil",
    "marbling",
    "mosaic",
    "comic",
    "woodcut",
    "glass",
    "cubist",
)  # scripts/make_style_pictures.py
TEXTURES = {  # photographs that ship with scikit-image
    "tissue": "immunohistochemistry",  # stained glands; no known copyright restrictions
    "retina": "retina",  # CC0
    "brick": "brick",  # CC0
    "grass": "grass",  # CC0
    "gravel": "gravel",  # CC0
    "hubble": "hubble_deep_field",  # NASA; public domain
}
KINDS: dict[str, Collection[str]] = {"painted": PAINTED, "texture": TEXTURES, "masterpiece": MASTERPIECES}
SMALLEST, LARGEST = 32, 1024  # pixels


def names(kind: str | None = None) -> list[str]:
    """The names that `read` knows: all, or those of one kind: "painted", "texture" or "masterpiece".

    Raises ValueError for another kind.
    """
    if kind is not None and kind not in KINDS:
        raise unknown("kind of style image", kind, KINDS, f"There are {', '.join(KINDS)}.")
    return [name for known, group in KINDS.items() if kind in (None, known) for name in group]


def read(name: str, size: int = 384) -> Tensor:
    """The style image called `name`: (1, 3, H, W), float32 in [0, 1], its long side `size` pixels at most.

    What is painted or a texture is square, `size` x `size`. Raises ValueError for an unknown name, with the
    nearest ones, and for a size that is not 32 to 1024; `PictureError` where a masterpiece cannot be fetched.
    """
    if name not in names():
        raise unknown("style image", name, names(), "styles.names() lists all of them.")
    if not isinstance(size, int) or not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size is {size!r}: give a whole number of pixels from {SMALLEST} to {LARGEST}.")
    if name in PAINTED:
        return fit(read_picture((FOLDER / f"{name}.png").read_bytes()), size)
    return texture(name, size) if name in TEXTURES else masterpiece(name, size)


def texture(name: str, size: int = 384) -> Tensor:
    """The surface called `name`, a key of `TEXTURES`: (1, 3, size, size) in [0, 1], cut square."""
    from skimage import data

    surface = getattr(data, TEXTURES[name])()
    if name == "retina":  # a disc on black: the largest square that fits into it
        edge = round(len(surface) * (1 - 0.5**0.5) / 2)
        surface = surface[edge:-edge, edge:-edge]
    return fit(read_picture(np.ascontiguousarray(surface)), size)
