"""What a picture shows and how it is painted: two distances between pictures, as a network sees them.

After Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks", CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from ..networks import Network
from ..networks.probes import Reader
from ..optvis.objectives import NOTHING, Objective
from ..pictures import check

Grams = dict[str, Tensor]  # for each layer (N, C, C), or (1, C, C) for all pictures


def gram(maps: Tensor, centred: bool = False) -> Tensor:
    """(N, C, C): how strong every two of a layer's maps (N, C, H, W) are together, averaged over all places.

    `centred` takes each map's mean away first: then it is the covariance of the channels.
    """
    places = maps.permute(0, 2, 3, 1).flatten(1, 2)  # (N, H * W, C): the fast layout's own order, not copied
    if centred:
        places = places - places.mean(1, keepdim=True)
    return _Gram.apply(places)


class _Gram(torch.autograd.Function):
    """F^T F / places of F (N, places, C). Its gradient is symmetric: one product; autograd makes two."""

    @staticmethod
    def forward(ctx, places: Tensor) -> Tensor:
        ctx.save_for_backward(places)
        return places.mT @ places / places.shape[1]

    @staticmethod
    def backward(ctx, slope: Tensor) -> Tensor:
        [places] = ctx.saved_tensors
        both = (slope + slope.mT) / places.shape[1]
        channels_last = places.stride(2) == 1  # the gradient has to lie as the maps do, or adding it is slow
        return places @ both if channels_last else (both @ places.mT).mT


@torch.no_grad()
def grams(network: Network, pictures: Tensor, layers: Iterable[str], centred: bool = False) -> Grams:
    """The Gram matrix (N, C, C) of each of the `layers` for `pictures` (N, C, H, W) in [0, 1].

    Raises `PictureError` for what is no picture, ValueError with the nearest names for an unknown layer.
    """
    check(pictures, "the style")
    outputs = Reader(network, layers)(network.normalise(pictures))
    return {layer: gram(maps, centred) for layer, maps in outputs.items()}


def painted_like(wanted: Grams, weights: Mapping[str, float], centred: bool = False) -> Objective:
    """Minus the weighted sum over layers of ||G - wanted||^2 / ||wanted||^2, G the picture's Gram matrix.

    0 is the same style, -1 a layer that says nothing. Divided so, a layer's part does not depend on the size
    of its numbers. `weights` gives each layer's; one of 0 leaves the layer out.
    """
    used = {layer: weight for layer, weight in weights.items() if weight}
    if not used:
        return NOTHING

    def score(seen) -> Tensor:
        parts = [w * _unlike(gram(seen.outputs[k], centred), wanted[k]) for k, w in used.items()]
        return -torch.stack(parts).sum(0)

    return Objective(score, frozenset(used))


def _unlike(found: Tensor, wanted: Tensor) -> Tensor:
    """(N,): the squared distance of matrices (N, C, C), in units of the wanted ones' squared length."""
    wanted = wanted.to(found)
    return (found - wanted).square().sum((1, 2)) / wanted.square().sum((1, 2)).clamp_min(1e-12)
