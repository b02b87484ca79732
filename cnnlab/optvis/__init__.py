"""Pictures that climb: objectives, canvases, transforms, regularisers, the ascent, and what they make."""

from .ascent import Ascent, Climb, Step
from .canvases import Canvas, fourier, pixels
from .dream import carried, dream, guided, octaves, original, zoom
from .inversion import code, cooling, goal, inversion, mean_distance, normalised_error, pack, unpack
from .objectives import Objective, Seen, channel, diversity, energy, logit, match, neuron, probability
from .regularisers import l2, total_variation
from .transforms import blurred, jitter, rotate, scale, smooth_gradient
from .visualization import YOSINSKI, Setting, gallery, robust, visualization, yosinski

__all__ = [
    "YOSINSKI",
    "Ascent",
    "Canvas",
    "Climb",
    "Objective",
    "Seen",
    "Setting",
    "Step",
    "blurred",
    "carried",
    "channel",
    "code",
    "cooling",
    "diversity",
    "dream",
    "energy",
    "fourier",
    "gallery",
    "goal",
    "guided",
    "inversion",
    "jitter",
    "l2",
    "logit",
    "match",
    "mean_distance",
    "neuron",
    "normalised_error",
    "octaves",
    "original",
    "pack",
    "pixels",
    "probability",
    "robust",
    "rotate",
    "scale",
    "smooth_gradient",
    "total_variation",
    "unpack",
    "visualization",
    "yosinski",
    "zoom",
]
