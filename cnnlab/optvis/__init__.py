"""Pictures that climb: objectives, canvases, transforms, regularisers, the ascent, and what they make.

Ascent(network, logit("flamingo"), fourier(224), robust(224)).run(256).picture      # the four nouns, one loop
visualization(network, channel("features.5", 12))              # the same with settings that work: lesson 08
inversion(network, "features.8", code(network, panda, "features.8"), 224)        # back from a code: lesson 09
dream(network, photograph, DreamSettings(energy("features.11")))                           # dreams: lesson 11
"""

from .ascent import Ascent, AscentStep, Climb
from .canvases import Canvas, fourier, pixels
from .dream import DreamSettings, carried, dream, google_settings, guided, octaves, zoom
from .inversion import code, cooling, goal, inversion, mean_distance, normalised_error, pack, unpack
from .objectives import Objective, Seen, channel, diversity, energy, logit, match, neuron, probability
from .regularisers import l2, total_variation
from .transforms import Transform, apply, blurred, framed, jitter, rotate, scale, smooth_gradient
from .visualization import YOSINSKI, YosinskiSettings, gallery, robust, visualization, yosinski

__all__ = [
    "YOSINSKI", "Ascent", "AscentStep", "Canvas", "Climb", "DreamSettings", "Objective", "Seen", "Transform",
    "YosinskiSettings", "apply", "blurred", "carried", "channel", "code", "cooling", "diversity", "dream",
    "energy", "fourier", "framed", "gallery", "goal", "google_settings", "guided", "inversion", "jitter",
    "l2", "logit", "match", "mean_distance", "neuron", "normalised_error", "octaves", "pack", "pixels",
    "probability", "robust", "rotate", "scale", "smooth_gradient", "total_variation", "unpack",
    "visualization", "yosinski", "zoom",
]  # fmt: skip
