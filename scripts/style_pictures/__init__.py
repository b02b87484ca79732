"""Seven painters: pictures to take a style from, painted by code. `make_style_pictures.py` runs them."""

from collections.abc import Callable

from torch import Tensor

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
