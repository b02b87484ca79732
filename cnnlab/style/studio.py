"""A transfer on a live panel: the picture, what it is painted like, and a curve for every loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

from PIL import Image, ImageDraw
from torch import Tensor

from ..live import Frame
from ..networks import Network
from ..pictures import COLOURS, resize
from ..pictures.encoding import to_image
from ..pictures.sheets import INK, font
from .settings import LAYERS, Settings
from .transfer import transfer

WIDE = 1120  # pixels across
SIDE, HIGH, LOW = 512, 400, 340  # of the picture: at most across, at most and at least from top to bottom
SMALL, GAP = 120, 12  # pixels across: of a painting, between them all
AXIS, NAMES = 52, 130  # pixels across: of the numbers before the curves, of the names behind them
TOP, BOTTOM = 1.0, 0.003  # losses that stand at the upper and at the lower end
LETTERS = 17
PALE, GREY = "#DDDDDD", "#757575"
History = Mapping[str, Sequence[tuple[int, float]]]  # of each loss: moment and value
SLIDERS = {layer: layer.replace(".", "_") for layer in LAYERS}  # the setting that is a layer's weight


def play(network: Network, settings: Any) -> Iterator[Frame]:
    """Frames for `cnnlab.live.live`, until the picture is painted; every setting acts at the next step.

    settings: `photograph`, `painting` and `second`, pictures (1, 3, H, W); `share` of the second in [0, 1];
    `start`, `seed` and `size`, the long side of the largest picture, which are read at the beginning;
    `content_layer`, `content`, `smooth`, `scale`, `colours`, `centred`, `rule`, `step_size` as in
    `transfer.Settings`; and the weights of the style layers, under the names in `SLIDERS`.
    """
    asked = Settings()
    follow(asked, settings)
    sizes = [size for size in (64, 128) if size < settings.size] + [settings.size]
    styles = [settings.painting, settings.second]
    history: dict[str, list[tuple[int, float]]] = {}
    moments = transfer(network, settings.photograph, styles, asked, sizes, settings.start, settings.seed)
    for moment, frame in enumerate(moments):
        for name, loss in frame.losses.items():
            history.setdefault(name, []).append((moment, loss))
        height, width = frame.picture.shape[2:]
        words = f"{width} x {height} pixels, step {frame.step} of {asked.steps} at this size."
        shown = styles if settings.share > 0 else styles[:1]
        yield Frame(sheet(frame.picture, shown, history), words, frame.score)
        follow(asked, settings)


def follow(asked: Settings, settings: Any) -> None:
    """Take the panel's settings as they are now."""
    for name in ("content", "content_layer", "smooth", "scale", "colours", "centred", "rule", "step_size"):
        setattr(asked, name, getattr(settings, name))
    asked.layers = {layer: getattr(settings, name) for layer, name in SLIDERS.items()}
    asked.blend = (1 - settings.share, settings.share)


def sheet(picture: Tensor, styles: Sequence[Tensor], history: History) -> Image.Image:
    """The picture (1, 3, H, W), enlarged; at its right, small, the paintings, and then the curves."""
    image = to_image(_within(picture, SIDE, HIGH))
    whole = Image.new("RGB", (WIDE, max(image.height, LOW)), "white")
    whole.paste(image)
    left, top = image.width + GAP, 0
    for style in styles:
        small = to_image(_within(style, SMALL, (LOW - GAP) // 2))
        whole.paste(small, (left, top))
        top += small.height + GAP
    draw_curves(whole, left + SMALL + AXIS, history)
    return whole


def _within(picture: Tensor, across: int, high: int) -> Tensor:
    """The picture as large as fits."""
    factor = min(high / picture.shape[2], across / picture.shape[3])
    return resize(picture, [round(factor * side) for side in picture.shape[2:]])


def draw_curves(whole: Image.Image, left: int, history: History) -> None:
    """Losses against time, each tenth of a loss as far below the last; their names stand at their ends."""
    pen, high = ImageDraw.Draw(whole), whole.height
    right = whole.width - NAMES
    for loss in (1.0, 0.1, 0.01):
        pen.line([(left, _level(loss, high)), (right, _level(loss, high))], PALE, 2)
        pen.text((left - 8, _level(loss, high)), f"{loss:g}", INK, font(LETTERS), anchor="rm")
    last = max((curve[-1][0] for curve in history.values()), default=0)
    across = (right - left) / max(last, 1)
    colours = dict(zip((name for name in history if name != "smooth"), cycle(COLOURS), strict=False))
    drawn = sorted(history.items(), key=lambda item: -item[1][-1][1])
    lowest = 0.0
    for number, (name, curve) in enumerate(drawn):
        colour = colours.get(name, GREY)
        points = [(left + across * moment, _level(loss, high)) for moment, loss in curve]
        pen.line([*points, points[-1]], colour, 4 if name == "content" else 2, joint="curve")
        room = high - 14 - (LETTERS + 3) * (len(drawn) - 1 - number)  # for the names still to come
        lowest = min(max(_level(curve[-1][1], high), lowest + LETTERS + 3), room)
        pen.text((right + 10, lowest), name, colour, font(LETTERS), anchor="lm")


def _level(loss: float, high: int) -> float:
    """The height in pixels at which a loss stands, on a sheet of so many."""
    share = math.log(TOP / min(max(loss, BOTTOM), TOP)) / math.log(TOP / BOTTOM)
    return 20 + (high - 40) * share
