"""What a picture that is being painted is compared with, at one size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import torch
from torch import Generator, Tensor

from ..networks import Network
from ..optvis.inversion import code
from ..optvis.objectives import Objective, match
from ..optvis.regularisers import total_variation
from ..optvis.transforms import Transform, apply, framed
from ..pictures import resize
from .colours import as_bright_as, coloured, grey, recoloured
from .losses import grams, painted_like
from .settings import Settings

PLACES = 8  # so many places of the picture within its border are taken in turn
KEPT = 64  # so many answers of the network are kept
SMALLEST = 32  # pixels: no style is shown smaller
Place = tuple[int, int, int]  # pixels above, left, and in both directions together: the border


class Goals:
    """The content (1, 3, H, W) at one size, the styles, and what a network says of them, asked once for each.

    `seed` draws the places at which the picture is shown within its border.
    """

    def __init__(self, network: Network, content: Tensor, styles: Sequence[Tensor], seed: int) -> None:
        self.network, self.content = network, content.to(network.device)
        self.styles = [style.to(network.device) for style in styles]
        self.shares = torch.rand(PLACES, 2, generator=Generator().manual_seed(seed)).tolist()
        self._code = lru_cache(KEPT)(self._ask_code)
        self._gram = lru_cache(KEPT)(self._ask_gram)

    def place(self, settings: Settings, number: int) -> Place:
        """Where step `number` shows the picture."""
        border = min(settings.jitter, min(self.content.shape[2:]) - 1)  # mirrored once at most
        down, right = self.shares[number % PLACES] if settings.rule == "adam" else (0.5, 0.5)
        return round(down * border), round(right * border), border

    def view(self, settings: Settings, place: Place) -> list[Transform]:
        """How the network is shown the picture."""
        return _view(settings.colours, place)

    def objective(self, settings: Settings, place: Place, losses: dict[str, float]) -> Objective:
        """What the settings ask for; each time it is computed, it writes the distances into `losses`."""
        parts: dict[str, tuple[float, Objective]] = {}
        if settings.content:
            wanted = self._code(settings.content_layer, settings.colours, place, settings.average)
            parts["content"] = settings.content, match(settings.content_layer, wanted)
        for layer, weight in settings.layers.items():
            if weight:
                blend = {layer: self._blended(settings, layer)}
                parts[layer] = weight, painted_like(blend, {layer: 1.0}, settings.centred)
        if settings.smooth:
            parts["smooth"] = settings.smooth, -total_variation()
        return _noted(parts, losses)

    def shown(self, settings: Settings, picture: Tensor) -> Tensor:
        """The picture (1, 3, H, W) in the colours that it is to have."""
        return coloured(picture, self.content) if settings.colours == "luminance" else picture

    def _blended(self, settings: Settings, layer: str) -> Tensor:
        """The mean of the style pictures' Gram matrices (1, C, C), each by its share.

        To be near to it is to be near to all: the sum of the squared distances differs by a constant.
        """
        shares = settings.blend or [1.0] * len(self.styles)
        how = settings.scale, settings.colours, settings.centred, settings.average
        parts = [self._gram(i, layer, *how) * share for i, share in enumerate(shares) if share]
        return torch.stack(parts).sum(0) / sum(shares)

    def _ask_code(self, layer: str, colours: str, place: Place, average: bool) -> Tensor:
        """The content's code; the pooling, which it depends on, is chosen by the caller."""
        return code(self.network, apply(_view(colours, place), self.content, Generator()), layer)

    def _ask_gram(
        self, number: int, layer: str, scale: float, colours: str, centred: bool, average: bool
    ) -> Tensor:
        style = self.styles[number]
        if colours == "matched":
            style = recoloured(style, self.content)
        if colours == "luminance":
            style = as_bright_as(style, self.content)
        return grams(self.network, self._sized(style, scale), [layer], centred)[layer]

    def _sized(self, style: Tensor, scale: float) -> Tensor:
        """`style` with as many pixels as the content has, its sides then multiplied by `scale`."""
        factor = scale * math.sqrt(self.content[0, 0].numel() / style[0, 0].numel())
        factor = max(factor, SMALLEST / min(style.shape[2:]))
        return resize(style, [round(side * factor) for side in style.shape[2:]])


def _view(colours: str, place: Place) -> list[Transform]:
    shades: list[Transform] = [lambda pictures, generator: grey(pictures)] if colours == "luminance" else []
    return [*shades, framed(*place)] if place[2] else shades


def _noted(parts: Mapping[str, tuple[float, Objective]], losses: dict[str, float]) -> Objective:
    """The weighted sum of the parts; each one's distance, without its weight, is written into `losses`."""

    def score(seen) -> Tensor:
        scores = {name: part(seen) for name, (_, part) in parts.items()}
        losses.clear()
        losses.update({name: -score.mean().item() for name, score in scores.items()})
        return torch.stack([weight * scores[name] for name, (weight, _) in parts.items()]).sum(0)

    return Objective(score, frozenset().union(*(part.layers for _, part in parts.values())))
