"""Deep Dream: ask a layer what it sees in a photograph, and change the photograph to show it more of that.

settings = DreamSettings(energy("features.11"))            # half the squared norm of what the layer puts out
for frame in dream(network, photograph, settings):    # octave by octave, step by step
    settings.step_size = slider.value                 # read anew at each step

After Mordvintsev, Olah and Tyka 2015, "Inceptionism", and their notebook, github.com/google/deepdream.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..networks import Network, SizeError
from ..networks.probes import Reader
from ..pictures import PictureError, check, resize
from .ascent import Ascent, AscentStep
from .canvases import pixels
from .inversion import code
from .objectives import Objective, Seen, energy, tiled
from .transforms import jitter, scale, smooth_gradient

MOST = 2048 * 2048  # pixels of the largest picture: a dream then needs about 1 GB


@dataclass
class DreamSettings:
    """How to dream; every field may be changed while a dream runs.

    objective: what shall grow, such as `energy(layer)`, `channel(layer, 12)` or `guided(...)`.
    octaves, ratio: how many sizes, from the smallest to the picture's own, and from one to the next.
    steps: moves in each octave. step_size: the mean change, in one move, of the numbers that hold the
        picture: pixels' values with "rgb", about twice as much as these with "decorrelated".
    jitter: how far, in pixels, the picture is shifted at random before each move.
    smoothing: standard deviation in pixels of the blur that the gradient goes through.
    colours: "decorrelated" climbs along the axes along which photographs' colours vary, which keeps dreams
        from turning neon; "rgb" does not; None takes the first where there are three channels.
    tile: larger octaves are looked at in parts, at most so many pixels a side, to bound the memory.

    Changes of `octaves`, `ratio`, `colours` and `tile` show at the next octave or the next dream.
    """

    objective: Objective
    octaves: int = 4
    ratio: float = 1.4
    steps: int = 15
    step_size: float = 0.007
    jitter: int = 32
    smoothing: float = 0.6
    colours: str | None = None
    tile: int = 512


def google_settings(layer: str = "inception4c") -> DreamSettings:
    """The settings of google/deepdream, for torchvision's "googlenet": 1.5 of 255 a step, on plain RGB.

    `inception4c` is their `inception_4c/output`. Their network was Caffe's GoogLeNet, trained apart.
    """
    return DreamSettings(energy(layer), steps=10, step_size=1.5 / 255, smoothing=0.0, colours="rgb")


class DreamFrame(NamedTuple):
    """One moment: `octave` (from 1, the smallest), `step` (moves made in it), `picture`, `score`.

    The picture (N, C, H, W), in [0, 1], has the octave's size. The score is the objective's mean over the
    batch as the network saw it in this step, shifted; it grows with the size, so compare it within an octave.
    """

    octave: int
    step: int
    picture: Tensor
    score: float


def dream(network: Network, picture: Tensor, settings: DreamSettings, seed: int = 0) -> Iterator[DreamFrame]:
    """Dream of `picture` (N, C, H, W); the last frame has its size.

    Each octave begins with the picture at its size, plus the detail that the octaves before have added,
    enlarged. Yields a frame before the first move of an octave and after each. `seed` draws the shifts.

    Raises ValueError where an octave is too small for the network, a layer or channel is not there, or a
    score is no number (the last frame is then the last good picture); `PictureError` for what is no picture.
    """
    check(picture, "the picture")
    if picture.shape[2] * picture.shape[3] > MOST:
        height, width = picture.shape[2:]
        raise PictureError(
            f"the picture is {height} x {width} pixels, and a dream takes {MOST / 1e6:.1f} million at most: "
            "make it smaller with pictures.resize(picture, 1024)."
        )
    picture = picture.to(network.device)
    plan = octaves(picture.shape[2:], settings.octaves, settings.ratio)
    _refuse_small(network, plan, settings)
    dreamt = resize(picture, plan[0])
    for number, size in enumerate(plan, start=1):
        for step in _octave(network, carried(dreamt, picture, size), settings, seed + number):
            yield DreamFrame(number, step.number, step.picture, step.score)
        dreamt = step.picture


def carried(dreamt: Tensor, photograph: Tensor, size: tuple[int, int]) -> Tensor:
    """What a dream has added to a photograph, enlarged, over that photograph at another `size`.

    `dreamt` (N, C, h, w) in [0, 1] is of any size; what it has added is its difference from `photograph`
    (N, C, H, W) at that size. So only the additions get blurred: this is where the next octave starts.
    """
    detail = dreamt - resize(photograph, dreamt.shape[2:])
    detail = F.interpolate(detail, size, mode="bilinear", align_corners=False)
    return (resize(photograph, size) + detail).clamp(0, 1)


def _octave(network: Network, start: Tensor, settings: DreamSettings, seed: int) -> Iterator[AscentStep]:
    """The climb at one size, by Deep Dream's rule: a step is the gradient over its mean absolute value."""
    batch, channels, height, width = start.shape
    canvas = pixels((height, width), start, batch=batch, channels=channels, colours=settings.colours)
    climb = Ascent(network, settings.objective, canvas, rule="normalised", seed=seed)
    tile, generator = settings.tile, torch.Generator().manual_seed(seed)

    @lru_cache(1)  # what it learns of the network is used again, until something else is asked for
    def tile_by_tile(objective: Objective, smoothing: float) -> Objective:
        return tiled(network, objective, tile, [jitter(tile // 2), smooth_gradient(smoothing)], generator)

    def prepare() -> None:
        """Hand the settings, as they are now, to the climb; shifts of up to half a tile move its seams."""
        climb.step_size = settings.step_size
        if max(height, width) > tile:
            climb.objective = tile_by_tile(settings.objective, settings.smoothing)
        else:
            climb.objective = settings.objective
            climb.transforms = [jitter(settings.jitter), smooth_gradient(settings.smoothing)]

    prepare()
    for step in climb:
        yield step
        if step.number >= settings.steps:
            return
        prepare()


# --- what to ask for --------------------------------------------------------------------------------------


def guided(network: Network, layer: str, guide: Tensor) -> Objective:
    """The guide of google/deepdream: dream of what the picture `guide` (1, C, H, W) is made of.

    At each place of `layer`, take that feature vector of the guide whose dot product with the place's own is
    largest. The score is the sum of these products, and its gradient at the layer those vectors of the guide.
    """
    check(guide, "the guide")
    maps = code(network, guide, layer)
    vectors = maps.reshape(*maps.shape[:2], -1)[0]  # (channels, places of the guide)

    def score(seen: Seen) -> Tensor:
        maps = seen.outputs[layer]
        own = maps.reshape(*maps.shape[:2], -1)  # (N, channels, places)
        return (own.mT @ vectors).max(2).values.sum(1)

    return Objective(score, frozenset([layer]))


# --- sizes ------------------------------------------------------------------------------------------------


class Octaves(tuple[tuple[int, int], ...]):
    """The (height, width) of each octave, the smallest first; printed, it is a table."""

    def __repr__(self) -> str:
        largest = self[-1][0] * self[-1][1]
        lines = [
            f"{number:6}  {f'{height} x {width}':>11} px  {height * width / largest:5.0%} of the pixels"
            for number, (height, width) in enumerate(self, start=1)
        ]
        return "\n".join(["octave         size", *lines])


def octaves(size: Sequence[int], count: int = 4, ratio: float = 1.4) -> Octaves:
    """The plan of a dream: `count` sizes up to `size` (height, width), each `ratio` times the one before.

    Raises ValueError for a count below 1 or a ratio that is not above 1.
    """
    if count < 1 or count != int(count):
        raise ValueError(f"a dream has a whole number of octaves, 1 or more, not {count}.")
    if not (1 < ratio < math.inf):
        raise ValueError(f"each octave is larger than the one before: take a ratio above 1, not {ratio}.")
    height, width = size
    powers = (ratio**k for k in reversed(range(int(count))))
    return Octaves((max(1, round(height / p)), max(1, round(width / p))) for p in powers)


def least_side(network: Network, *layers: str) -> int:
    """The side in pixels of the smallest square picture from which `layers` can be computed.

    Raises ValueError for a layer that the network does not have, with the nearest names.
    """

    @torch.no_grad()
    def works(side: int) -> bool:
        grey = torch.full((1, network.mean.shape[1], side, side), 0.5)
        try:
            outputs = Reader(network, layers)(network.normalise(grey))
        except (SizeError, RuntimeError, AssertionError):  # these are what a network of one's own may say
            return False
        return all(output.numel() for output in outputs.values())

    return 1 + bisect_left(range(1, network.size), True, key=works)


def _refuse_small(network: Network, plan: Octaves, settings: DreamSettings) -> None:
    """Raise ValueError where the network cannot look at an octave, or at a tile."""
    needed = least_side(network, *settings.objective.layers)
    first, last = ("{} x {}".format(*plan[k]) for k in (0, -1))
    if min(plan[-1]) < needed:
        raise ValueError(
            f"the picture is {last} pixels, and {network.name} needs {needed} or more a side: take a larger "
            "picture."
        )
    if min(plan[0]) < needed:
        fitting = sum(min(size) >= needed for size in plan)
        raise ValueError(
            f"octave 1 of {len(plan)} would be {first} pixels, and {network.name} needs {needed} or more a "
            f"side for this layer: take at most {fitting} octave(s), a smaller ratio or a larger picture."
        )
    if settings.tile < 2 * needed:
        raise ValueError(
            f"tiles of {settings.tile} pixels are too small for {network.name}: take {2 * needed} or more."
        )


# --- the zoom ---------------------------------------------------------------------------------------------


def zoom(
    network: Network, picture: Tensor, settings: DreamSettings, share: float = 0.05, seed: int = 0
) -> Iterator[Tensor]:
    """Dream, step nearer by `share` of each side, dream of what is there now, and so on without end.

    Yields each finished dream (1, C, H, W); a `Film` keeps them. Raises as `dream` does.
    """
    if not 0 <= share < 1:
        raise ValueError(f"each picture is enlarged by a share of its sides, from 0 to below 1, not {share}.")
    nearer = scale(1 / (1 - share), 1 / (1 - share))
    generator = torch.Generator().manual_seed(seed)
    while True:
        drawn = int(torch.randint(2**31, (), generator=generator))
        for frame in dream(network, picture, settings, drawn):
            finished = frame.picture
        yield finished
        picture = nearer(finished, generator).clamp(0, 1)
