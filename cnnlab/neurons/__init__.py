"""What excites a neuron: filters in numbers, the patches that excite a channel most, and the toolbox."""

from .filters import Gabor, colourfulness, fit_gabor, grating, one_colour
from .toolbox import Toolbox, point_of
from .top_patches import TopPatches, top_patches

__all__ = [
    "Gabor",
    "Toolbox",
    "TopPatches",
    "colourfulness",
    "fit_gabor",
    "grating",
    "one_colour",
    "point_of",
    "top_patches",
]
