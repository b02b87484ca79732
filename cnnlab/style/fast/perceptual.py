"""The perceptual loss: does a picture show what its photograph shows, and is it painted in the style?

Johnson, Alahi and Fei-Fei 2016 (arXiv:1603.08155), section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ...networks import Network
from ...networks.probes import Reader
from ...optvis.objectives import NOTHING, Objective, Seen, match
from ...optvis.regularisers import total_variation
from ...pictures import PictureError, check
from .. import grams, painted_like

CONTENT = "features.3"
LAYERS = {f"features.{number}": 1.0 for number in (1, 3, 4, 6, 7, 9)}


class Perceptual:
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
        self, network: Network, style: Tensor, layers: Mapping[str, float] = LAYERS, content: str = CONTENT
    ) -> None:
        check(style, "the style")
        if min(style.shape[2:]) < 32:
            raise PictureError(
                f"the style is {style.shape[2]} x {style.shape[3]} pixels, too few to show how something is "
                "painted: give a picture of 32 or more a side."
            )
        if not sum(layers.values()) > 0:
            raise ValueError("the layers' styles have no weight: give one of them a number above 0.")
        self.network, self.content = network, content
        share = 0.5 / sum(layers.values())
        self.style = share * sum(
            (
                painted_like(grams(network, style, layers, centred), layers, centred)
                for centred in (False, True)
            ),
            NOTHING,
        )
        self._code_of = Reader(network, [content])
        self._reader = Reader(network, self.style.layers | {content})

    @torch.no_grad()
    def parts(self, photographs: Tensor) -> dict[str, Objective]:
        """Three objectives of pictures of `photographs` (N, 3, H, W) in [0, 1]; each is 0 at best.

        "content": `objectives.match`; "style": `style.painted_like`; "smooth": minus the total variation.
        """
        code = self._code_of(self.network.normalise(photographs))[self.content]
        return {
            "content": match(self.content, code),
            "style": self.style,
            "smooth": -total_variation(),
        }

    def goal(self, photographs: Tensor, settings: Any) -> Objective:
        """What an `Ascent` climbs for the same loss: its parts, weighted by attributes of `settings`."""
        parts = self.parts(photographs)
        return sum((getattr(settings, name) * part for name, part in parts.items()), NOTHING)

    def __call__(self, pictures: Tensor, photographs: Tensor) -> dict[str, Tensor]:
        """How far `pictures` (N, 3, H, W) are from each goal, (N,) each, 0 at best; gradients flow."""
        seen = Seen(self.network, pictures, self._reader(self.network.normalise(pictures)))
        return {name: -part(seen) for name, part in self.parts(photographs).items()}
