"""Neural style in one pass: a small network for each style, trained on the perceptual loss.

stylist = load("oil")                                   # names() lists the styles that ship
paint(stylist, "panda").picture                         # any size
for shot in paint_clip(stylist, "clip.gif", Film("painted.mp4")): ...

training = Training(Stylist(), Perceptual(network, painted.read("oil", 256)))       # your own
for step in training: ...                                                           # stop when you like

After Johnson, Alahi and Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution", ECCV
2016 (arXiv:1603.08155).
"""

from .measures import Comparison, compare, mean_parts
from .network import Stylist
from .painting import Painting, Shot, paint, paint_clip
from .perceptual import Perceptual
from .photographs import Photographs, held_out
from .shelf import load, names, save
from .training import Step, Training

__all__ = [
    "Comparison",
    "Painting",
    "Perceptual",
    "Photographs",
    "Shot",
    "Step",
    "Stylist",
    "Training",
    "compare",
    "held_out",
    "load",
    "mean_parts",
    "names",
    "paint",
    "paint_clip",
    "save",
]
