"""What a picture shows and how it is painted: losses of activations and of their Gram matrices.

After Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks", CVPR 2016; the
perceptual loss after Johnson, Alahi and Fei-Fei 2016 (arXiv:1603.08155), section 3.2.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from ..networks import Network
from ..networks.probes import Reader
from ..optvis.objectives import NOTHING, Objective, Seen, match
from ..optvis.regularisers import total_variation
from ..pictures import PictureError, check

SMALLEST = 32  # pixels a side: fewer show no style
EVEN = {f"features.{number}": 1.0 for number in (1, 3, 4, 6, 7, 9)}  # layers of a style, each counts alike
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


def match_style(wanted: Grams, weights: Mapping[str, float], centred: bool = False) -> Objective:
    """Minus the style loss: the weighted sum over layers of ||G - wanted||^2 / ||wanted||^2.

    G is the picture's Gram matrix. 0 is the same style, -1 a layer that says nothing. Divided so, a layer's
    part does not depend on the size of its numbers. `weights` gives each layer's; one of 0 leaves it out.
    """
    used = {layer: weight for layer, weight in weights.items() if weight}
    if not used:
        return NOTHING

    def score(seen: Seen) -> Tensor:
        parts = []
        for layer, weight in used.items():
            goal = wanted[layer].to(seen.outputs[layer])
            squares = (gram(seen.outputs[layer], centred) - goal).square().sum((1, 2))  # (N,)
            parts.append(weight * squares / goal.square().sum((1, 2)).clamp_min(1e-12))
        return -torch.stack(parts).sum(0)

    return Objective(score, frozenset(used))


class PerceptualLoss:
    """The perceptual loss of pictures beside their photographs, as the embedded network sees them.

    style: the picture (1, 3, H, W) whose style is wanted, at the size at which its strokes are wanted.
    layers: the layers that compare styles, and the weight of each.
    content: the layer that compares what pictures show.

    Styles are compared twice, by Gram matrices, which hold the colours, and by centred ones, which hold how
    they change from place to place: by the first alone, a blue sky with yellow stars begins as all blue.

    Raises `PictureError` for a style that is no picture or has no texture, ValueError with the nearest names
    for an unknown layer.
    """

    def __init__(
        self, network: Network, style: Tensor, layers: Mapping[str, float] = EVEN, content: str = "features.3"
    ) -> None:
        check_style(style)
        if not sum(layers.values()) > 0:
            raise ValueError("the layers' styles have no weight: give one of them a number above 0.")
        self.network, self.content = network, content
        both = [match_style(grams(network, style, layers, way), layers, way) for way in (False, True)]
        self.style = 0.5 / sum(layers.values()) * (both[0] + both[1])
        self._code_of = Reader(network, [content])
        self._reader = Reader(network, self.style.layers | {content})

    @torch.no_grad()
    def parts(self, photographs: Tensor) -> dict[str, Objective]:
        """Three objectives of pictures of `photographs` (N, 3, H, W) in [0, 1]; each is 0 at best.

        "content": `objectives.match`; "style": `match_style`; "smooth": minus the total variation.
        """
        code = self._code_of(self.network.normalise(photographs))[self.content]
        return {"content": match(self.content, code), "style": self.style, "smooth": -total_variation()}

    def goal(self, photographs: Tensor, weights: Any) -> Objective:
        """What an `Ascent` climbs for the same loss: its parts, times the attributes of `weights`."""
        parts = self.parts(photographs)
        return sum((getattr(weights, name) * part for name, part in parts.items()), NOTHING)

    def __call__(self, pictures: Tensor, photographs: Tensor) -> dict[str, Tensor]:
        """How far `pictures` (N, 3, H, W) are from each goal, (N,) each, 0 at best; gradients flow."""
        seen = Seen(self.network, pictures, self._reader(self.network.normalise(pictures)))
        return {name: -part(seen) for name, part in self.parts(photographs).items()}


def check_style(style: Tensor) -> None:
    """Raise `PictureError`, in one sentence, for what is no picture, or too small to take a style from."""
    check(style, "the style picture")
    if min(style.shape[2:]) < SMALLEST:
        raise PictureError(
            f"the style picture is {style.shape[2]} x {style.shape[3]} pixels, too few to show how something "
            f"is painted: give a picture of {SMALLEST} or more a side."
        )
