"""The screen with what the player thinks beside it, for a live panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from ..live import Frame, bars
from ..pictures.sheets import font
from .games import Atari
from .looking import gradient, occlusion
from .player import ACTIONS
from .policy import Policy
from .records import Moment, play

SCALE = 3  # pixels of the sheet for one of the television
CHART = 120  # pixels high
REMEMBERED = 240  # moments in the chart: sixteen seconds of play
LINE, PALE, INK = "#0072b2", "#e8e8e8", "#222222"
LOOKS = ["nothing", "gradient", "occlusion"]
COLOURS = (matplotlib.colormaps["inferno"](np.arange(256))[:, :3] * 255).astype(np.uint8)


def look(policy: Policy, seen: np.ndarray, how: str) -> Tensor | None:
    """(84, 84) in [0, 1]: where the value comes from, by the gradient's size or by covering; or None."""
    if how == "nothing":
        return None
    pictures = torch.from_numpy(seen).float() / 255
    if how == "gradient":
        map_ = gradient(policy, pictures).abs().sum(0)
        map_ = avg_pool2d(map_[None], 5, 1, 2)[0]  # single pixels would not be seen
    else:
        lost = occlusion(policy, pictures, size=8, stride=4).abs()
        middle = interpolate(lost[None, None], scale_factor=4, mode="bilinear")[0, 0]
        map_ = pad(middle, (2, 2, 2, 2))
    return map_ / map_.max().clamp_min(1e-12)


def lit(screen: np.ndarray, map_: Tensor | None) -> Image.Image:
    """The screen (H, W, 3), enlarged; what a map (h, w) in [0, 1] marks glows, and the rest is dim."""
    size = screen.shape[1] * SCALE, screen.shape[0] * SCALE
    image = Image.fromarray(screen).resize(size, Image.Resampling.NEAREST)
    if map_ is None:
        return image
    levels = Image.fromarray((map_.numpy() * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    glow = COLOURS[np.asarray(levels)]
    return Image.fromarray(np.maximum(np.asarray(image) // 2, glow))


def chart(values: Sequence[float], width: int) -> Image.Image:
    """The last values as a line, from 0 to their highest."""
    image = Image.new("RGB", (width, CHART), "white")
    draw = ImageDraw.Draw(image)
    top = max(1.0, *values)
    room = CHART - 30
    points = [
        (width - 8 - (len(values) - 1 - k) * (width - 16) / REMEMBERED, CHART - 6 - room * max(v, 0) / top)
        for k, v in enumerate(values)
    ]
    draw.text((8, 4), f"value {values[-1]:.1f} (highest in sight {top:.1f})", INK, font(18))
    draw.line([(8, CHART - 6), (width - 8, CHART - 6)], PALE, 2)
    draw.line([*points, points[-1]], LINE, 4, joint="curve")
    return image


def perform(policy: Policy, settings: Any) -> Iterator[Frame]:
    """One game after another, for `cnnlab.live.live`.

    settings: `seed` of the games; `looks`, one of `LOOKS`; `pace`, actions a frame. A television shows
    fifteen actions a second.
    """
    values: list[float] = []
    score, lives = 0.0, 0
    for number, moment in enumerate(play(policy, Atari(1, screens=True), settings.seed)):
        values = [*values, moment.values.item()][-REMEMBERED:]
        if number % settings.pace == 0:
            yield _frame(policy, moment, values, settings.looks, score)
        score += moment.rewards[0]
        lives += bool(moment.ended[0])


def _frame(policy: Policy, moment: Moment, values: list[float], looks: str, score: float) -> Frame:
    top = lit(moment.screens[0], look(policy, moment.seen[0], looks))
    sheet = Image.new("RGB", (top.width, top.height + CHART), "white")
    sheet.paste(top)
    sheet.paste(chart(values, top.width), (0, top.height))
    rows = list(zip(ACTIONS, moment.chances[0].tolist(), strict=True))
    words = f"It now does: {ACTIONS[moment.actions[0]]}. Points so far: {score:.0f}."
    return Frame(sheet, words, values[-1], bars(rows))
