"""Pictures to take a style from.

painted.names()       # paintings made by code in this package
painted.read("oil")   # (1, 3, 384, 384) in [0, 1]
"""

import functools
from collections.abc import Callable

from torch import Tensor

from ..names import unknown
from .comic import comic
from .cubist import cubist
from .glass import glass
from .marbling import marbling
from .mosaic import mosaic
from .oil import oil
from .woodcut import woodcut

PAINTERS: dict[str, Callable[..., Tensor]] = {
    "oil": oil,
    "marbling": marbling,
    "mosaic": mosaic,
    "comic": comic,
    "woodcut": woodcut,
    "glass": glass,
    "cubist": cubist,
}


def names() -> list[str]:
    """The names that `read` knows."""
    return list(PAINTERS)


@functools.cache
def read(name: str, size: int = 384) -> Tensor:
    """The picture called `name`, (1, 3, H, W) in [0, 1], its long side `size` pixels.

    An unknown name raises ValueError with the nearest ones.
    """
    if name not in PAINTERS:
        raise unknown("painting", name, names(), "painted.names() lists all of them.")
    return PAINTERS[name](size)
