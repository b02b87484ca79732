"""Make a function live: `live(function, **controls)` shows what it makes of sliders while they move."""

from .clickable import ClickablePicture
from .controls import (
    Control,
    Point,
    Rectangle,
    choice,
    label,
    layer,
    picture,
    point,
    rectangle,
    seed,
    slider,
    square,
    toggle,
)
from .frames import Frame, bars
from .panel import Panel, live
from .progress import progress

__all__ = [
    "ClickablePicture",
    "Control",
    "Frame",
    "Panel",
    "Point",
    "Rectangle",
    "bars",
    "choice",
    "label",
    "layer",
    "live",
    "picture",
    "point",
    "progress",
    "rectangle",
    "seed",
    "slider",
    "square",
    "toggle",
]
