"""cnnlab: see what convolutional networks see.

The core, which every lesson stands on:
    arguments     what public functions are handed: one sentence where a name is not known
    networks      networks by name or of your own; their layers, hooks and receptive fields
    pictures      read, resize, show, tile and film pictures
    datasets      labelled pictures: digits, MNIST, folders, styles
    live          the panel that puts any function under sliders
    course        predictions, exercises, progress, the doctor

A room for each technique, in the lecture's order:
    surfaces      II       loss surfaces: descents, ensembles, slices, paths, proofs
    neurons       III      filters, top patches, the toolbox
    training      III      the playground and the layer view
    embedding     IV       maps of codes
    agent         IV       an Atari player and what it knows
    attribution   V, VI    occlusion, gradients, guided backpropagation
    optvis        VII, IX  class images, inversion, dreams
    adversarial   VIII     attacks, and why they work
    style         X        neural style, and fast neural style
    flaws         XI       sealed networks with something wrong
"""

import importlib
import re
from typing import Any

_ROOMS = re.findall(r"^    (\w+)  ", __doc__, re.MULTILINE)
__all__ = _ROOMS


def __getattr__(name: str) -> Any:
    """A room is loaded when it is first asked for."""
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"cnnlab has no {name!r}: its rooms are {', '.join(_ROOMS)}.")


def __dir__() -> list[str]:
    return _ROOMS
