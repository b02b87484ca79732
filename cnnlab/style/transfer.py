"""A picture that shows what a photograph shows, painted as other pictures are; live, from small to large.

settings = TransferSettings(content=0.1)             # all of it may be changed meanwhile
for frame in transfer(network, photograph, [painting], settings):
    frame.picture, frame.losses                      # how it looks, and how far it is off at each layer

After Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks", CVPR 2016. From
small to large: Gatys et al., "Controlling perceptual factors in neural style transfer", CVPR 2017.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ..networks import Network
from ..networks.probes import average_pooling
from ..optvis.ascent import Ascent
from ..optvis.canvases import Canvas, pixels
from ..optvis.inversion import code
from ..optvis.objectives import NOTHING, Objective, Seen, match
from ..optvis.regularisers import total_variation
from ..optvis.transforms import Transform, apply, framed
from ..pictures import PictureError, check, resize
from .colours import as_bright_as, coloured, grey, recoloured
from .losses import SMALLEST, check_style, grams, match_style
from .settings import TransferSettings

LARGEST = 1024  # pixels of the long side: a transfer then needs about 1 GB
PLACES = 8  # so many places of the picture within its border are taken in turn
KEPT = 64  # so many answers of the network are kept
Place = tuple[int, int, int]  # pixels above, left, and in both directions together: the border


class TransferFrame(NamedTuple):
    """One moment: `size` (from 1, the smallest), `step` (moves made at it), `picture`, `losses`, `score`.

    The picture (1, 3, H, W) is in [0, 1]. `losses` are distances without their weights: of the "content" and
    of the style at each layer, by its name (0 is the same, 1 as far as a layer that says nothing), and
    "smooth", the total variation. What has no weight is not measured. The score is minus the weighted sum.
    """

    size: int
    step: int
    picture: Tensor
    losses: dict[str, float]
    score: float


def transfer(
    network: Network,
    content: Tensor,
    styles: Sequence[Tensor],
    settings: TransferSettings,
    sizes: Sequence[int] = (64, 128, 256),
    start: str = "content",
    seed: int = 0,
) -> Iterator[TransferFrame]:
    """Paint `content` (1, 3, H, W) as `styles` are painted, pictures (1, 3, h, w) of any sizes.

    sizes: the long side in pixels, 32 to 1024, of each picture on the way. The content is scaled to each; the
        painting starts from the one before, enlarged.
    start: "content", "noise" or "style" (the first style picture, stretched), for the first size.
    seed: draws the noise and the jitter.

    Yields a frame before the first move at each size and after each. Without a content's weight it paints a
    texture, without layers it inverts: Gatys' figure 1 is made of both. Raises `PictureError` for what is no
    picture or too small a style, ValueError for settings that make no sense, also later, when they are
    changed; the last frame is then the last good picture. It checks when the first frame is asked for.
    """
    _check(content, styles, sizes)
    starts: dict[str, str | Tensor] = {"content": content, "noise": "noise", "style": styles[0]}
    if start not in starts:
        raise ValueError(f"start is one of {', '.join(starts)}, not {start!r}.")
    begin = starts[start]
    for number, size in enumerate(sizes, start=1):
        goals = _Goals(network, scaled(content, size), styles, seed)
        shape = goals.content.shape[2:]
        if isinstance(begin, Tensor):
            begin = resize(begin, shape)
        colours = "decorrelated" if settings.rule == "adam" else "rgb"  # L-BFGS finds axes of its own
        canvas = pixels((shape[0], shape[1]), begin, colours=colours, seed=seed)
        yield from _climb(goals, canvas, settings, number)
        begin = canvas().detach()


def _climb(goals: _Goals, canvas: Canvas, settings: TransferSettings, number: int) -> Iterator[TransferFrame]:
    """The climb at one size, until `settings.steps` moves are made."""
    losses: dict[str, float] = {}
    climb = Ascent(goals.network, NOTHING, canvas)
    steps, asked = iter(climb), None
    while True:
        settings.check(len(goals.styles))
        now = settings.frozen()
        place = goals.place(now, climb.number)
        with average_pooling(goals.network) if now.average else nullcontext():
            if asked != (now, place):
                climb.objective = goals.objective(now, place, losses)
                climb.transforms = _view(now.colours, place)
                asked = now, place
            climb.rule, climb.step_size = settings.rule, settings.step_length(climb.number)
            step = next(steps)
        picture = coloured(step.picture, goals.content) if now.colours == "luminance" else step.picture
        yield TransferFrame(number, step.number, picture, dict(losses), step.score)
        if step.number >= settings.steps:
            return


class _Goals:
    """The content (1, 3, H, W) at one size, the styles, and what a network says of them, asked once for each.

    `seed` draws the places at which the picture is shown within its border.
    """

    def __init__(self, network: Network, content: Tensor, styles: Sequence[Tensor], seed: int) -> None:
        self.network, self.content = network, content.to(network.device)
        self.styles = [style.to(network.device) for style in styles]
        self.shares = torch.rand(PLACES, 2, generator=Generator().manual_seed(seed)).tolist()
        self._code = lru_cache(KEPT)(self._ask_code)
        self._gram = lru_cache(KEPT)(self._ask_gram)

    def place(self, settings: TransferSettings, number: int) -> Place:
        """Where step `number` shows the picture."""
        border = min(settings.jitter, min(self.content.shape[2:]) - 1)  # mirrored once at most
        down, right = self.shares[number % PLACES] if settings.rule == "adam" else (0.5, 0.5)
        return round(down * border), round(right * border), border

    def objective(self, settings: TransferSettings, place: Place, losses: dict[str, float]) -> Objective:
        """What the settings ask for; each time it is computed, it writes the distances into `losses`."""
        parts: dict[str, tuple[float, Objective]] = {}
        if settings.content:
            wanted = self._code(settings.content_layer, settings.colours, place, settings.average)
            parts["content"] = settings.content, match(settings.content_layer, wanted)
        for layer, weight in settings.layers.items():
            if weight:
                blend = {layer: self._blended(settings, layer)}
                parts[layer] = weight, match_style(blend, {layer: 1.0}, settings.centred)
        if settings.smooth:
            parts["smooth"] = settings.smooth, -total_variation()

        def score(seen: Seen) -> Tensor:
            scores = {name: part(seen) for name, (_, part) in parts.items()}
            losses.clear()
            losses.update({name: -score.mean().item() for name, score in scores.items()})
            return torch.stack([weight * scores[name] for name, (weight, _) in parts.items()]).sum(0)

        return Objective(score, frozenset().union(*(part.layers for _, part in parts.values())))

    def _blended(self, settings: TransferSettings, layer: str) -> Tensor:
        """The mean of the style pictures' Gram matrices (1, C, C), each by its share.

        To be near to it is to be near to all: the sum of the squared distances differs by a constant.
        """
        shares = settings.blend or [1.0] * len(self.styles)
        how = settings.scale, settings.colours, settings.centred, settings.average
        parts = [self._gram(i, layer, how) * share for i, share in enumerate(shares) if share]
        return torch.stack(parts).sum(0) / sum(shares)

    def _ask_code(self, layer: str, colours: str, place: Place, average: bool) -> Tensor:
        """The content's code; the pooling, which it depends on, is chosen by the caller."""
        return code(self.network, apply(_view(colours, place), self.content, Generator()), layer)

    def _ask_gram(self, number: int, layer: str, how: tuple[float, str, bool, bool]) -> Tensor:
        """A style picture's Gram matrix (1, C, C); shown with as many pixels as the content has, its sides
        times the scale."""
        style, (scale, colours, centred, _) = self.styles[number], how
        if colours == "matched":
            style = recoloured(style, self.content)
        if colours == "luminance":
            style = as_bright_as(style, self.content)
        factor = scale * math.sqrt(self.content[0, 0].numel() / style[0, 0].numel())
        factor = max(factor, SMALLEST / min(style.shape[2:]))
        sized = resize(style, [round(side * factor) for side in style.shape[2:]])
        return grams(self.network, sized, [layer], centred)[layer]


def _view(colours: str, place: Place) -> list[Transform]:
    """How the network is shown a picture."""
    shades: list[Transform] = [lambda pictures, generator: grey(pictures)] if colours == "luminance" else []
    return [*shades, framed(*place)] if place[2] else shades


def scaled(picture: Tensor, long: int) -> Tensor:
    """`picture` (N, C, H, W) with a long side of `long` pixels."""
    factor = long / max(picture.shape[2:])
    return resize(picture, [max(1, round(side * factor)) for side in picture.shape[2:]])


def _check(content: Tensor, styles: Sequence[Tensor], sizes: Sequence[int]) -> None:
    if not styles:
        raise PictureError("there is no style picture: give one or more.")
    for name, picture in [("the content", content), *(("a style picture", style) for style in styles)]:
        check(picture, name)
        if picture.shape[:2] != (1, 3):
            raise PictureError(
                f"{name} has shape {tuple(picture.shape)}: give one picture with three channels, "
                "(1, 3, H, W), as pictures.read makes it."
            )
    for style in styles:
        check_style(style)
    if not sizes or not all(SMALLEST <= size <= LARGEST for size in sizes):
        raise ValueError(f"sizes are {SMALLEST} to {LARGEST} pixels, one or more, not {tuple(sizes)}.")
