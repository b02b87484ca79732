"""Make a function live: `live(function, **controls)` shows what it makes of sliders while they move."""

from .bound_control import Control
from .camera import camera
from .clickable import ClickablePicture
from .controls import choice, label, layer, seed, several, slider, text, toggle
from .frames import Frame, Hint, bars
from .layout import large_type
from .panel import Panel, live
from .picture_controls import Point, Rectangle, Stroke, drawing, point, square
from .states import Preset
from .status import progress
from .uploads import file, picture

__all__ = [
    "ClickablePicture", "Control", "Frame", "Hint", "Panel", "Point", "Preset", "Rectangle", "Stroke", "bars",
    "camera", "choice", "drawing", "file", "label", "large_type", "layer", "live", "picture", "point",
    "progress", "seed", "several", "slider", "square", "text", "toggle",
]  # fmt: skip
