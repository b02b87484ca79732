"""Feature visualization: the picture that a class, a channel or a neuron asks for.

Simonyan, Vedaldi and Zisserman 2014 (arXiv:1312.6034) for classes; Yosinski, Clune, Nguyen, Fuchs and Lipson
2015 (arXiv:1506.06579) for any neuron; Olah, Mordvintsev and Schubert, "Feature visualization", Distill 2017,
for the Fourier canvas and the transforms.
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

from torch import Tensor

from ..networks import Network
from ..pictures import read
from .ascent import Ascent
from .canvases import fourier, pixels
from .objectives import Objective
from .regularisers import Operator, blur, clip_small_contribution, clip_small_norm, decay, total_variation
from .transforms import Transform, jitter, rotate, scale, tint


class YosinskiSettings(NamedTuple):
    """Yosinski's regularisers: how strong each is, 0 for not at all.

    `decay` is the share taken from every pixel after each step; `sigma` a blur in pixels after every `every`
    steps; `small_norm` and `small_contribution` the percentage of pixels that are made grey.
    """

    decay: float
    sigma: float
    every: int
    small_norm: float
    small_contribution: float

    def operators(self) -> list[Operator]:
        """The regularisers that are switched on, in the paper's order."""
        switched = [
            (self.decay, decay(self.decay)),
            (self.sigma, blur(self.sigma, self.every)),
            (self.small_norm, clip_small_norm(self.small_norm)),
            (self.small_contribution, clip_small_contribution(self.small_contribution)),
        ]
        return [operator for strength, operator in switched if strength]


YOSINSKI = {  # table 1 of the paper
    "small blurs, half off": YosinskiSettings(0.0, 0.5, 4, 50, 0),
    "decay, a fifth off": YosinskiSettings(0.3, 0.0, 1, 20, 0),
    "wide blurs": YosinskiSettings(0.0001, 1.0, 4, 0, 0),
    "nine tenths off": YosinskiSettings(0.0, 0.5, 4, 0, 90),
}


def visualization(
    network: Network, objective: Objective, size: int = 224, smooth: float = 1500.0, seed: int = 0
) -> Ascent:
    """A climb with the settings that gave this course its clearest pictures; `.run(256)` makes one.

    The canvas is Fourier's, `size` pixels a side; `seed` draws its start and the transforms. `smooth` is the
    weight of the total variation (beta 1) at 224 pixels, in units of the objective, and suits class scores of
    the embedded network; for other sizes it is taken in proportion, as the same form has flatter slopes on
    more pixels.
    """
    canvas = fourier(size, channels=network.mean.shape[1], seed=seed)
    smoothed = objective - smooth * size / 224 * total_variation(1)
    return Ascent(network, smoothed, canvas, robust(size), seed=seed, wake=16)


def robust(size: int, strength: float = 1.0) -> list[Transform]:
    """Transforms for pictures of `size` pixels a side, so strong that only what has a form survives them.

    `strength` 0 leaves the picture alone, 1 is what `visualization` takes.
    """
    return [
        jitter(round(strength * size / 14)),
        scale(0.7**strength, 1.2**strength),
        rotate(15 * strength),
        tint(0.4 * strength),
    ]


def yosinski(
    network: Network, objective: Objective, setting: YosinskiSettings, size: int = 224, seed: int = 0
) -> Ascent:
    """A climb of pixels under one of `YOSINSKI`'s settings, from grey with a little noise.

    The paper's step sizes belong to its network's gradients. Here a step is 0.02 times the gradient over its
    mean absolute value, whatever the network.
    """
    canvas = pixels(size, channels=network.mean.shape[1], contrast=0.04, seed=seed)
    return Ascent(network, objective, canvas, (), 0.02, "normalised", setting.operators(), seed)


def gallery() -> dict[str, Tensor]:
    """Class images (1, 3, 224, 224) of the embedded network by label, 256 steps each, one try each."""
    found = sorted((files("cnnlab") / "assets" / "class_images").iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".jpg"): read(file.read_bytes()) for file in found}
