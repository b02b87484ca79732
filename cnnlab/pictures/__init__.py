"""Pictures in, pictures out. A picture is a float32 tensor (N, C, H, W) in [0, 1], C = 3 (RGB) or 1.

panda = pictures.fit(pictures.read("panda"), 227)        # a name, path, address, array, upload ...
pictures.show(panda, alt="A giant panda chews bamboo")   # alt: words for those who do not see it
pictures.compare({"before": panda, "after": 1 - panda}, alt="The panda, and its negative")
pictures.show(pictures.overlay(panda, heat), alt="The heat lies on the panda's face")
pictures.names(), pictures.sample(kind="animal", count=4), pictures.credit("panda")
"""

from .checking import PictureError, check
from .encoding import encode, save
from .figures import COLOURS, figure
from .films import Film
from .heat import overlay, signed
from .photographs import credit, kinds, names
from .reading import read, sample
from .showing import compare, show, tile
from .shown import Shown
from .sizing import fit, resize

__all__ = [
    "COLOURS", "Film", "PictureError", "Shown", "check", "compare", "credit", "encode", "figure", "fit",
    "kinds", "names", "overlay", "read", "resize", "sample", "save", "show", "signed", "tile",
]  # fmt: skip
