"""A layer's channels all at once, and everything at hand about the one that is chosen.

Yosinski, Clune, Nguyen, Fuchs and Lipson 2015 (arXiv:1506.06579) drew such a sheet live from a camera: the
"deep visualization toolbox". `Toolbox.play` is a function for `cnnlab.live.live`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count
from typing import Any

from torch import Tensor

from ..attribution.gradients import attribution
from ..live import Frame
from ..networks.probes import Reader
from ..networks.receptive_fields import Field
from ..optvis.ascent import Ascent, AscentStep
from ..optvis.canvases import fourier
from ..optvis.objectives import neuron
from ..optvis.visualization import robust
from ..pictures import signed
from ..pictures.films import view
from .toolbox_sheet import channel_at, toolbox_sheet
from .top_patches import TopPatches

STEPS = 100  # that a picture climbs
MARGIN, LARGEST = 16, 160  # pixels around a neuron's field on its canvas, and the canvas at most
KEPT = 24  # climbs that can be gone on with


class Toolbox:
    """Draws the sheet for the network of `index`; a channel that is chosen again goes on climbing."""

    def __init__(self, index: TopPatches) -> None:
        self.network, self.index = index.network, index
        self.climbs: dict[tuple[str, int], tuple[Iterator[AscentStep], AscentStep]] = {}
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
        self._asked, self._clip = asked, None
        best = self.index.top(layer, channel)[0]
        patches = self.index.squares(layer, channel)[:9] if best.activation > 0 else []
        hurry = (layer, channel) not in self.climbs
        for number in count():
            clip = settings.picture
            if moves or clip is not self._clip or (number == 1 and hurry):
                self._clip = clip
                picture = view(clip, self.index.size, self.moment, settings.camera)
                rule = None if hurry and number == 0 else settings.rule
                shares, highest, field, gradient = self._look(picture, layer, channel, rule)
                self.moment += moves
            step = self.climb(layer, channel, min(number, 1))
            vain = step.number == STEPS and step.score <= 0
            tiles = {
                "nine best patches": patches,
                "climbed, but silent" if vain else f"climbed: step {step.number}": [step.picture],
                "the picture": [picture],
                "gradient in the box" if field else "silent: no gradient": gradient,
            }
            sheet = toolbox_sheet(f"{layer}, channel {channel}", shares, channel, tiles, field)
            score = None if math.isnan(step.score) else step.score
            yield Frame(sheet, self._caption(layer, channel, highest), score)
            if step.number == STEPS and not moves:
                return

    def climb(self, layer: str, channel: int, steps: int) -> AscentStep:
        """The channel's picture after so many more steps, up to `STEPS` in all.

        The score of a picture that has not taken any is not a number.
        """
        if (layer, channel) not in self.climbs:
            side = min(max(self.index.largest_field(layer)) + MARGIN, LARGEST)
            canvas = fourier(side, channels=self.network.mean.shape[1])
            goal, moves = neuron(layer, channel), robust(side, 0.4)
            ascent = Ascent(self.network, goal, canvas, moves, step_size=0.08, wake=STEPS)
            self.climbs[layer, channel] = iter(ascent), AscentStep(0, canvas().detach(), math.nan)
            if len(self.climbs) > KEPT:
                self.climbs.pop(next(iter(self.climbs)))
        going, step = self.climbs[layer, channel]
        for _ in range(min(steps, STEPS - step.number)):
            step = next(going)
        self.climbs[layer, channel] = going, step
        return step

    def _look(
        self, picture: Tensor, layer: str, channel: int, rule: str | None
    ) -> tuple[Tensor, float, Field | None, list[Tensor]]:
        """What the layer says of a picture (1, C, H, W): all channels' activations as shares of their records
        (C, h, w), the chosen one's highest, and what the neuron there sees: its field, and the gradient in it
        as a picture. No gradient without a `rule`, no field and no gradient where the channel is silent.
        """
        output = self.readers[layer](self.network.normalise(picture))[layer][0].detach().cpu()
        maps = output if output.ndim == 3 else output[:, None, None]  # (C, h, w)
        records = self.index.activations[layer][:, :1, None].clamp(min=1e-6)
        shares = (maps / records).clamp(0, 1).sqrt()  # the root lifts what is faint
        row, column = divmod(int(maps[channel].argmax()), maps.shape[2])
        highest = maps[channel, row, column].item()
        field = self.index.field(layer, row, column) if highest > 0 else None
        if field is None or rule is None:
            return shares, highest, field, []
        gradient = attribution(self.network, picture, neuron(layer, channel, row, column), rule).cpu()
        box = field.complete(signed(field.crop(gradient)), *self.index.largest_field(layer))
        return shares, highest, field, [box]

    def _caption(self, layer: str, channel: int, highest: float) -> str:
        best, pictures = self.index.top(layer, channel)[0], f"{len(self.index.names)} pictures"
        if best.activation <= 0:
            return f"{layer}, channel {channel} is silent: none of {pictures} wakes it."
        record = f"its record among {pictures} is {best.activation:.0f}, in {best.picture}"
        return f"{layer}, channel {channel}: {highest:.0f} in this picture; {record}."
