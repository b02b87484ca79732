"""Inversion: the picture whose code at a layer is a given one.

wanted = code(network, panda, "features.8")                # what the layer puts out: (1, 256, 14, 14)
climb = inversion(network, "features.8", wanted, 227)      # an Ascent: noise that takes on that code
for step in cooling(climb, 200):                           # its settings may be changed meanwhile
    step.picture, step.score

After Mahendran and Vedaldi, "Understanding deep image representations by inverting them", CVPR 2015
(arXiv:1412.0035).
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from ..networks import Network
from ..networks.probes import Reader
from ..pictures import check
from .ascent import Ascent, AscentStep
from .canvases import Canvas, fourier
from .objectives import Objective, match
from .regularisers import alpha_norm, total_variation

# Held as a spectrum that falls a little faster than photographs' own, a picture takes on its large forms
# first. Cut off instead of squeezed into [0, 1], it is a linear function of what climbs, as the code of an
# early layer nearly is of the picture: of the canvases tried, this one came nearest to the codes.
DECAY, BOUNDS = 1.3, "clip"
SMOOTH = 3.0  # weight of the total variation: the picture's grain goes, its edges stay
WALL = 0.01  # weight of the alpha norm, which only speaks near black and white
HEADER = struct.Struct("<ffBB")  # least and largest value, bits, number of axes; then the axes


@torch.no_grad()
def code(network: Network, pictures: Tensor, layer: str) -> Tensor:
    """What `layer` puts out for `pictures` (N, C, H, W) in [0, 1], usually (N, channels, height, width).

    The layer "" (`probes.LOGITS`) is the network as a whole: the logits (N, classes). Raises `PictureError`
    for what is no picture, ValueError with the nearest names for a layer that is not there.
    """
    check(pictures, "the picture")
    return Reader(network, [layer])(network.normalise(pictures))[layer]


def goal(layer: str, code: Tensor, smooth: float = SMOOTH, wall: float = WALL) -> Objective:
    """Minus what an inversion makes small: ||phi(I) - code||^2 / ||code||^2 + smooth * TV(I) + wall * A(I).

    TV is the total variation with beta = 2 and A the alpha norm with alpha = 6, each a mean over the
    picture's values, see `regularisers`. Raises ValueError for a code that holds no information.
    """
    if not code.isfinite().all():
        raise ValueError("the code holds NaN or infinite values: take it from a picture with code(...).")
    if not code.flatten(1).any(1).all():
        raise ValueError(
            f"the code of layer {layer!r} is 0 everywhere, and every picture without it would do: "
            "keep some of its values, or choose another layer."
        )
    return match(layer, code) - smooth * total_variation() - wall * alpha_norm(6)


def inversion(
    network: Network, layer: str, code: Tensor, canvas: Canvas | int | tuple[int, int], *,
    smooth: float = SMOOTH, wall: float = WALL, step_size: float = 0.04, seed: int = 0,
) -> Ascent:  # fmt: skip
    """A climb towards pictures whose code at `layer` is `code`; its score is 0 at a perfect match.

    code: for one picture or for each picture of the canvas, as `code` gives it for pictures of that size.
    canvas: where the pictures grow; a size in pixels stands for one Fourier canvas for each code, which
        begins as faint noise drawn with `seed`.
    smooth, wall: the regularisers' weights, see `goal`. To change them meanwhile, set `climb.objective`.

    Raises ValueError where `goal` does.
    """
    if not isinstance(canvas, Canvas):
        canvas = fourier(canvas, batch=len(code), bounds=BOUNDS, decay=DECAY, contrast=0.05, seed=seed)
    return Ascent(network, goal(layer, code, smooth, wall), canvas, step_size=step_size)


def cooling(climb: Ascent, steps: int) -> Iterator[AscentStep]:
    """The next `steps` moves of a climb, its step size falling to 0 along half a cosine: it comes to rest.

    Yields a step before each move and the last one after it, `steps` + 1 in all. The climb's step size is
    put back at the end.
    """
    whole = climb.step_size
    try:
        for done, step in enumerate(islice(climb, steps + 1)):
            climb.step_size = whole * (1 + math.cos(math.pi * done / steps)) / 2
            yield step
    finally:
        climb.step_size = whole


def mean_distance(codes: Tensor) -> float:
    """The mean distance between the codes (N, ...) of N different pictures, two or more.

    Mahendran and Vedaldi's unit for errors, N_phi: their section 5.1, the average pairwise Euclidean
    distance over the test pictures. Raises ValueError for fewer than two codes.
    """
    if len(codes) < 2:
        raise ValueError("a distance needs two codes: give those of two or more pictures.")
    return torch.pdist(codes.flatten(1)).mean().item()


def normalised_error(found: Tensor, wanted: Tensor, unit: float) -> Tensor:
    """(N,): how far each code of `found` (N, ...) is from its one in `wanted`, over `unit`: a share.

    With `mean_distance` as the unit, 0 is the same code, and 1 as far away as any other picture's.
    """
    return (found - wanted).flatten(1).norm(dim=1) / unit


def pack(code: Tensor, bits: int = 8) -> bytes:
    """A code as few bytes: its values rounded to 2 ** `bits` levels from least to largest, then deflated.

    `bits` is 1 to 8. The many zeros that a ReLU leaves cost next to nothing. `unpack` is the inverse, up to
    half a level.
    """
    if bits not in range(1, 9):
        raise ValueError(f"bits is {bits!r}: give a whole number from 1 to 8.")
    low, high = (value.item() for value in code.aminmax())
    if not math.isfinite(high - low):
        raise ValueError("the code holds NaN or infinite values, which have no levels.")
    levels = (code - low) * ((2**bits - 1) / ((high - low) or 1.0))
    header = HEADER.pack(low, high, bits, code.ndim) + struct.pack(f"<{code.ndim}I", *code.shape)
    return header + zlib.compress(levels.round().to(torch.uint8).cpu().numpy().tobytes(), 9)


def unpack(data: bytes) -> Tensor:
    """The code that `pack` made bytes of, float32. Raises ValueError for bytes that are not such a code."""
    try:
        low, high, bits, axes = HEADER.unpack_from(data)
        shape = struct.unpack_from(f"<{axes}I", data, HEADER.size)
        values = zlib.decompressobj().decompress(data[HEADER.size + 4 * axes :], math.prod(shape) + 1)
        levels = np.frombuffer(values, np.uint8).reshape(shape)
    except (struct.error, zlib.error, ValueError) as error:
        raise ValueError(
            "these bytes are no packed code, or not all of it: take what pack(...) gave."
        ) from error
    return low + (high - low) / (2**bits - 1) * torch.from_numpy(levels.astype(np.float32))
