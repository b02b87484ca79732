"""Neural style in one pass: a small network for each style, trained on the perceptual loss."""

from .measures import mean_parts
from .network import Stylist
from .perceptual import Perceptual
from .photographs import Photographs, held_out
from .shelf import load, names, save
from .training import Step, Training

__all__ = [
    "Perceptual",
    "Photographs",
    "Step",
    "Stylist",
    "Training",
    "held_out",
    "load",
    "mean_parts",
    "names",
    "save",
]
