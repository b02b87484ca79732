"""What excites a neuron: filters in numbers, the patches that excite a channel most, and the toolbox."""

from .filters import colourfulness, fit_gabor, grating, one_colour
from .toolbox import Toolbox
from .toolbox_sheet import point_of
from .top_patches import top_patches

__all__ = [
    "Toolbox", "colourfulness", "fit_gabor", "grating", "one_colour", "point_of", "top_patches",
]  # fmt: skip
