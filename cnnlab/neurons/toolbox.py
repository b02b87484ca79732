"""A layer's channels all at once, and everything at hand about the one that is chosen.

Yosinski, Clune, Nguyen, Fuchs and Lipson 2015 (arXiv:1506.06579) drew such a sheet live from a camera: the
"deep visualization toolbox". `Toolbox.play` is a function for `cnnlab.live.live`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn.functional import interpolate

from ..attribution.gradients import attribution
from ..live import Frame
from ..networks.probes import Reader
from ..networks.receptive_fields import Field
from ..optvis.ascent import Ascent, Step
from ..optvis.canvases import fourier
from ..optvis.objectives import neuron
from ..optvis.visualization import robust
from ..pictures import signed
from ..pictures.clips import view
from ..pictures.encoding import to_image
from ..pictures.sheets import font
from .top_patches import TopPatches

TILE, GAP, LABEL = 300, 12, 34  # pixels of the sheet, which is made for screens that show two in one
MOSAIC = 2 * TILE + GAP + LABEL
LETTERS = 23
STEPS = 100  # that a picture climbs
MARGIN, LARGEST = 16, 160  # pixels around a neuron's field on its canvas, and the canvas at most
KEPT = 24  # climbs that can be gone on with
COLOURS = (matplotlib.colormaps["cividis"](np.arange(256))[:, :3] * 255).astype(np.uint8)
MARK = (230, 97, 0)  # orange stands out from cividis
PALE = (235, 235, 235)  # where there is nothing to show


class Look(NamedTuple):
    """What one layer says of one picture, as tiles, and the highest activation of the chosen channel."""

    mosaic: Image.Image
    picture: Image.Image
    answers: Image.Image
    gradient: Image.Image
    highest: float


class Toolbox:
    """Draws the sheet for the network of `index`; a channel that is chosen again goes on climbing."""

    def __init__(self, index: TopPatches) -> None:
        self.network, self.index = index.network, index
        self.climbs: dict[tuple[str, int], tuple[Iterator[Step], Step]] = {}
        self.readers = {layer: Reader(self.network, [layer]) for layer in index.layers}
        self.moment = 0  # of the film: it goes on when another channel is chosen
        self._asked: tuple = ()
        self._clip: Tensor | None = None

    def play(self, settings: Any) -> Iterator[Frame]:
        """Frames for the panel, until the picture has climbed; on and on where the picture moves.

        settings: `picture` (N, 3, H, W) is a photograph, a clip of N frames, or the newest picture that
        `live.camera` gives; `camera` pans over it; `layer` is a layer of the index; `channel` a point on the
        mosaic; `rule` that of `attribution`. For a channel that is new, the first frame has no gradient yet,
        so that it comes at once. Where nothing has changed since the last time, the climb begins anew.
        """
        layer, clip = settings.layer, settings.picture
        channel = channel_at(settings.channel, len(self.index.activations[layer]))
        moves = settings.camera or len(clip) > 1
        asked = layer, channel, settings.camera, settings.rule
        if asked == self._asked and clip is self._clip:
            self.climbs.pop((layer, channel), None)
        self._asked, self._clip = asked, clip
        patches = self._patches(layer, channel)
        look, hurry = None, (layer, channel) not in self.climbs
        for number in count():
            clip = settings.picture
            if moves or clip is not self._clip or number == 0 or (number == 1 and hurry):
                self._clip = clip
                seen = view(clip, self.index.size, self.moment, settings.camera)
                look = self._look(seen, layer, channel, None if hurry and number == 0 else settings.rule)
                self.moment += moves
            step = self.climb(layer, channel, min(number, 1))
            assert look is not None  # since the first round
            caption = self._words(layer, channel, look.highest)
            score = None if math.isnan(step.score) else step.score
            yield Frame(sheet(look, patches, step, layer, channel), caption, score)
            if step.number == STEPS and not moves:
                return

    def climb(self, layer: str, channel: int, steps: int) -> Step:
        """The channel's picture after so many more steps, up to `STEPS` in all.

        The score of a picture that has not taken any is not a number.
        """
        if (layer, channel) not in self.climbs:
            side = min(max(self.index.largest_field(layer)) + MARGIN, LARGEST)
            canvas = fourier(side, channels=self.network.mean.shape[1])
            goal, moves = neuron(layer, channel), robust(side, 0.4)
            ascent = Ascent(self.network, goal, canvas, moves, step_size=0.08, wake=STEPS)
            self.climbs[layer, channel] = iter(ascent), Step(0, canvas().detach(), math.nan)
            if len(self.climbs) > KEPT:
                self.climbs.pop(next(iter(self.climbs)))
        going, step = self.climbs[layer, channel]
        for _ in range(min(steps, STEPS - step.number)):
            step = next(going)
        self.climbs[layer, channel] = going, step
        return step

    @torch.no_grad()
    def _maps(self, picture: Tensor, layer: str) -> Tensor:
        """(C, h, w): what the layer answers."""
        maps = self.readers[layer](self.network.normalise(picture))[layer][0].cpu()
        return maps if maps.ndim == 3 else maps[:, None, None]

    def _look(self, picture: Tensor, layer: str, channel: int, rule: str | None) -> Look:
        """The tiles that depend on the picture; without a `rule`, the gradient's is empty."""
        maps = self._maps(picture, layer)
        record = self.index.activations[layer][:, :1, None].clamp(min=1e-6)
        shares = (maps / record).clamp(0, 1).sqrt()  # of each channel's record: the root lifts what is faint
        row, column = divmod(int(maps[channel].argmax()), maps.shape[2])
        highest = maps[channel, row, column].item()
        field = self.index.field(layer, row, column)
        answers = _tile(_coloured(shares[channel]))
        if highest <= 0:  # no neuron of the channel is on: there is nothing to box, and no gradient
            return Look(mosaic(shares, channel), _tile(picture), answers, _empty(), highest)
        gradient = torch.zeros_like(picture)
        if rule is not None:
            gradient = attribution(self.network, picture, neuron(layer, channel, row, column), rule).cpu()
        box = field.complete(signed(field.crop(gradient)), *self.index.largest_field(layer))
        return Look(mosaic(shares, channel), _boxed(picture, field), answers, _tile(box), highest)

    def _patches(self, layer: str, channel: int) -> Image.Image:
        """The nine best patches, three by three; nothing for a channel that was silent."""
        tile = _empty()
        if self.index.top(layer, channel)[0].activation <= 0:
            return tile
        third = TILE // 3
        for k, patch in enumerate(self.index.squares(layer, channel)[:9]):
            tile.paste(_tile(patch, third - 2), (third * (k % 3) + 1, third * (k // 3) + 1))
        return tile

    def _words(self, layer: str, channel: int, highest: float) -> str:
        best = self.index.top(layer, channel)[0]
        if best.activation <= 0:
            return f"{layer}, channel {channel} is silent: none of {len(self.index.names)} pictures wakes it."
        return (
            f"{layer}, channel {channel}: {highest:.0f} in this picture; "
            f"its record among {len(self.index.names)} pictures is {best.activation:.0f}, in {best.picture}."
        )


def columns(channels: int) -> int:
    """How many channels stand side by side in a mosaic."""
    return math.ceil(math.sqrt(channels))


def channel_at(point: tuple[int, int], channels: int) -> int:
    """The channel whose tile of the mosaic is at, or next to, a point (x, y) of the sheet."""
    across = columns(channels)
    column, row = (
        min(max((place - start) * across // MOSAIC, 0), across - 1)
        for place, start in zip(point, (0, LABEL), strict=True)
    )
    return min(row * across + column, channels - 1)


def point_of(channel: int, channels: int) -> tuple[int, int]:
    """The middle of a channel's tile, as a point (x, y) of the sheet: the inverse of `channel_at`."""
    across = columns(channels)
    row, column = divmod(channel, across)
    return (2 * column + 1) * MOSAIC // (2 * across), LABEL + (2 * row + 1) * MOSAIC // (2 * across)


def mosaic(shares: Tensor, chosen: int | None = None) -> Image.Image:
    """All maps (C, h, w) of shares in [0, 1] on one square, row by row; the `chosen` one framed."""
    across = columns(len(shares))
    edges = [k * MOSAIC // across for k in range(across + 1)]
    side = MOSAIC // across - 1  # a dark line between neighbours
    small = interpolate(shares[:, None], (side, side), mode="bilinear", antialias=True, align_corners=False)
    levels = (small[:, 0].clamp(0, 1) * 255).byte().numpy()
    canvas = np.zeros((MOSAIC, MOSAIC, 3), np.uint8)
    for k, tile in enumerate(COLOURS[levels]):
        top, left = edges[k // across], edges[k % across]
        canvas[top : top + side, left : left + side] = tile
    canvas[edges[-(-len(shares) // across)] :] = 255
    canvas[edges[(len(shares) - 1) // across] :, edges[(len(shares) - 1) % across + 1] :] = 255
    image = Image.fromarray(canvas)
    if chosen is not None:
        top, left = edges[chosen // across], edges[chosen % across]
        ImageDraw.Draw(image).rectangle((left - 3, top - 3, left + side + 2, top + side + 2), None, MARK, 4)
    return image


def sheet(look: Look, patches: Image.Image, step: Step, layer: str, channel: int) -> Image.Image:
    """The tiles with their words: the mosaic, and five pictures about the chosen channel around it."""
    right, low = MOSAIC + GAP, LABEL + MOSAIC + GAP
    climbed = f"climbed: step {step.number}"
    if step.number == STEPS and step.score <= 0:
        climbed = "climbed, but silent"
    gradient = "gradient in the box" if look.highest > 0 else "silent: no gradient"
    tiles = [
        (0, 0, look.mosaic, f"{layer}, channel {channel}: click another"),
        (right, 0, patches, "nine best patches"),
        (right, LABEL + TILE + GAP, _tile(step.picture), climbed),
        (0, low, look.picture, "the picture"),
        (right // 2, low, look.answers, "where it answers"),
        (right, low, look.gradient, gradient),
    ]
    made = Image.new("RGB", (right + TILE, low + LABEL + TILE), "white")
    draw = ImageDraw.Draw(made)
    for left, top, tile, words in tiles:
        draw.text((left + tile.width / 2, top + LABEL / 2), words, "#222222", font(LETTERS), anchor="mm")
        made.paste(tile, (left, top + LABEL))
    return made


def _tile(picture: Tensor, side: int = TILE) -> Image.Image:
    """A picture (1, C, H, W) on a square of the sheet; few pixels stay square."""
    few = max(picture.shape[2:]) < 24
    how = Image.Resampling.NEAREST if few else Image.Resampling.BICUBIC
    return to_image(picture).convert("RGB").resize((side, side), how)


def _empty() -> Image.Image:
    """A tile with nothing on it."""
    return Image.new("RGB", (TILE, TILE), PALE)


def _boxed(picture: Tensor, field: Field) -> Image.Image:
    """The picture with a frame around a receptive field."""
    tile = _tile(picture)
    top, left, bottom, right = (round(edge * TILE / picture.shape[2]) for edge in field)
    box = left, top, max(right, left + 6) - 1, max(bottom, top + 6) - 1
    ImageDraw.Draw(tile).rectangle(box, None, MARK, 4)
    return tile


def _coloured(shares: Tensor) -> Tensor:
    """A map (h, w) of shares in [0, 1] in colours: (1, 3, h, w)."""
    colours = torch.from_numpy(COLOURS[(shares * 255).byte().numpy()])
    return colours.permute(2, 0, 1)[None] / 255
