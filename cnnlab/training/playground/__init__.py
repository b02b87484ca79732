"""A small network that learns before your eyes: TensorFlow Playground in a notebook, with its users' wishes.

playground.panel()                                        # all of it, live
playground.panel(data="spiral", layers="8 tanh, 8 relu")
for frame in playground.play(playground.PlaygroundSettings(rate=0.1)):
    ...                                                   # the same without a panel

Smilkov, Carter, Sculley, Viegas and Wattenberg 2017, "Direct-Manipulation Visualization of Deep Networks".
"""

from .drawing import coloured, levels
from .panel import PRESETS, PlaygroundSettings, panel
from .playing import TrainingRun, play
from .points import read_csv
from .words import code, equation

__all__ = [
    "PRESETS", "PlaygroundSettings", "TrainingRun", "code", "coloured", "equation", "levels", "panel", "play",
    "read_csv",
]  # fmt: skip
