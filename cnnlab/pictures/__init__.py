"""Pictures in, pictures out. A picture is a float32 tensor (N, C, H, W) in [0, 1], C = 3 (RGB) or 1.

panda = pictures.fit(pictures.read("panda"), 227)        # a name, path, address, array, upload ...
pictures.show(panda, alt="A giant panda chews bamboo")   # alt: words for those who do not see it
pictures.compare({"before": panda, "after": 1 - panda}, alt="The panda, and its negative")
pictures.show(pictures.overlay(panda, heat), alt="The heat lies on the panda's face")
pictures.names(), pictures.sample(kind="animal", count=4), pictures.credit("panda")
"""

from typing import Any

from .checking import PictureError, check
from .encoding import encode, save
from .figures import COLOURS, figure
from .heat import overlay, signed
from .reading import read
from .showing import show
from .shown import Shown
from .sizing import fit, resize
from .tiling import compare, tile

__all__ = [
    "COLOURS",
    "PictureError",
    "Shown",
    "check",
    "compare",
    "encode",
    "figure",
    "fit",
    "overlay",
    "read",
    "resize",
    "save",
    "show",
    "signed",
    "tile",
]


def __getattr__(name: str) -> Any:
    """The bundled photographs are looked up when they are first asked for."""
    if name in ("names", "kinds", "sample", "credit"):
        from . import bundle

        return getattr(bundle, name)
    raise AttributeError(f"cnnlab.pictures has no {name!r}")
