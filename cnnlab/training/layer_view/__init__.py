"""Watch a convolutional network learn, layer by layer, and open any of its numbers."""

from .architecture import SMALL_NETWORK, Architecture
from .arithmetic import LayerArrays, layer_names
from .digit_canvas import drawn_digit
from .learner import Learner, LearningSettings
from .panels import LayerView, show_layer

__all__ = [
    "SMALL_NETWORK", "Architecture", "LayerArrays", "LayerView", "Learner", "LearningSettings", "drawn_digit",
    "layer_names", "show_layer",
]  # fmt: skip
