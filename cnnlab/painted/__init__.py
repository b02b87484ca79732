"""Pictures to take a style from: painted by code in this package, photographed surfaces, and masterpieces.

painted.names()                  # all of them; names("painted") or names("texture") need no network
painted.read("oil")              # (1, 3, 384, 384) in [0, 1]
painted.read("starry night")     # fetched once from Wikimedia Commons
painted.credit("starry night")   # who painted it, when, and where the file comes from
painted.oil(512, seed=3)         # another night by the same hand
"""

import functools
from collections.abc import Callable, Collection

from torch import Tensor

from ..arguments.names import unknown
from ..datasets.masterpieces import MASTERPIECES, masterpiece
from ..datasets.textures import TEXTURES, texture
from .comic import comic
from .cubist import cubist
from .glass import glass
from .marbling import marbling
from .mosaic import mosaic
from .oil import oil
from .woodcut import woodcut

PAINTERS: dict[str, Callable[..., Tensor]] = {
    painter.__name__: painter for painter in (oil, marbling, mosaic, comic, woodcut, glass, cubist)
}
KINDS: dict[str, Collection[str]] = {"painted": PAINTERS, "texture": TEXTURES, "masterpiece": MASTERPIECES}
SMALLEST, LARGEST = 32, 1024  # pixels


def names(kind: str | None = None) -> list[str]:
    """The names that `read` knows: all, or those of one kind: "painted", "texture" or "masterpiece".

    Raises ValueError for another kind.
    """
    if kind is not None and kind not in KINDS:
        raise unknown("kind of style picture", kind, KINDS, f"There are {', '.join(KINDS)}.")
    return [name for known, group in KINDS.items() if kind in (None, known) for name in group]


def read(name: str, size: int = 384) -> Tensor:
    """The style picture called `name`: (1, 3, H, W), float32 in [0, 1], its long side `size` pixels at most.

    What is painted or a texture is square, `size` x `size`. Raises ValueError for an unknown name, with the
    nearest ones, and for a size that is not 32 to 1024; `PictureError` where a masterpiece cannot be fetched.
    """
    if name not in names():
        raise unknown("style picture", name, names(), "painted.names() lists all of them.")
    if not isinstance(size, int) or not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size is {size!r}: give a whole number of pixels from {SMALLEST} to {LARGEST}.")
    return _picture(name, size).clone()


def credit(name: str) -> str:
    """Who made the style picture called `name`; ValueError, with the nearest names, if there is none."""
    if name not in names():
        raise unknown("style picture", name, names(), "painted.names() lists all of them.")
    if name in MASTERPIECES:
        return str(MASTERPIECES[name])
    return f"{name}: painted by cnnlab" if name in PAINTERS else f"{name}: a picture of scikit-image's"


@functools.lru_cache(32)
def _picture(name: str, size: int) -> Tensor:
    if name in PAINTERS:
        return PAINTERS[name](size)
    return texture(name, size) if name in TEXTURES else masterpiece(name, size)
