"""Make a function live: `live(function, **controls)` shows what it makes of sliders while they move."""

from .camera import camera
from .clickable import ClickablePicture
from .controls import choice, label, layer, seed, several, slider, text, toggle
from .frames import Frame, Hint, bars
from .knobs import Control
from .lettering import large_type
from .marks import Rectangle, drawing, point, rectangle, square
from .panel import Panel, live
from .progress import progress
from .sharing import Preset
from .strokes import Point, Stroke
from .uploads import file, picture

__all__ = [
    "ClickablePicture",
    "Control",
    "Frame",
    "Hint",
    "Panel",
    "Point",
    "Preset",
    "Rectangle",
    "Stroke",
    "bars",
    "camera",
    "choice",
    "drawing",
    "file",
    "label",
    "large_type",
    "layer",
    "live",
    "picture",
    "point",
    "progress",
    "rectangle",
    "seed",
    "several",
    "slider",
    "square",
    "text",
    "toggle",
]
