"""A small network that learns before your eyes: TensorFlow Playground in a notebook, with its users' wishes.

playground.panel()                                        # all of it, live
playground.panel(data="spiral", layers="8 tanh, 8 relu")
for frame in playground.play(playground.Settings(rate=0.1)):
    ...                                                   # the same without a panel

Smilkov, Carter, Sculley, Viegas and Wattenberg 2017, "Direct-Manipulation Visualization of Deep Networks".
"""

from .own import drawn, read_csv
from .panel import panel
from .playing import Run, Settings, play
from .points import Points, make
from .presets import PRESETS
from .words import code, equation

__all__ = [
    "PRESETS",
    "Points",
    "Run",
    "Settings",
    "code",
    "drawn",
    "equation",
    "make",
    "panel",
    "play",
    "read_csv",
]
