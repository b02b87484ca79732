"""A transfer on a live panel: the picture as it is painted, and a curve for every part of the loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw
from torch import Tensor

from ..live import Frame
from ..networks import Network
from ..pictures import COLOURS, resize
from ..pictures.encoding import to_image
from ..pictures.tiling import INK, font
from .settings import LAYERS, Settings
from .transfer import transfer

SIDE = 512  # pixels of the picture's long side
CURVES, NAMES = 420, 130  # pixels across: of the curves, of their names
TOP, BOTTOM = 1.0, 0.003  # losses that stand at the upper and at the lower end
LETTERS = 17
PALE = "#DDDDDD"
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
        yield Frame(sheet(frame.picture, history), words, frame.score)
        follow(asked, settings)


def follow(asked: Settings, settings: Any) -> None:
    """Take the panel's settings as they are now."""
    for name in ("content", "content_layer", "smooth", "scale", "colours", "centred", "rule", "step_size"):
        setattr(asked, name, getattr(settings, name))
    asked.layers = {layer: getattr(settings, name) for layer, name in SLIDERS.items()}
    asked.blend = (1 - settings.share, settings.share)


def sheet(picture: Tensor, history: Mapping[str, Sequence[tuple[int, float]]]) -> Image.Image:
    """The picture (1, 3, H, W), enlarged, and at its right the curves."""
    factor = SIDE / max(picture.shape[2:])
    image = to_image(resize(picture, [round(factor * side) for side in picture.shape[2:]]))
    whole = Image.new("RGB", (SIDE + CURVES + NAMES, SIDE), "white")
    whole.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    draw_curves(ImageDraw.Draw(whole), history)
    return whole


def draw_curves(pen: ImageDraw.ImageDraw, history: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    """Losses against time, each tenth of a loss as far below the last; their names stand at their ends."""
    left, last = SIDE + 60, max((curve[-1][0] for curve in history.values()), default=0)
    right = left + CURVES - 70
    for loss in (1.0, 0.1, 0.01):
        pen.line([(left, _level(loss)), (right, _level(loss))], PALE, 2)
        pen.text((left - 8, _level(loss)), f"{loss:g}", INK, font(LETTERS), anchor="rm")
    drawn = sorted(history.items(), key=lambda item: -item[1][-1][1])
    lowest = 0.0
    for number, (name, curve) in enumerate(drawn):
        colour = COLOURS[list(history).index(name) % len(COLOURS)]
        across = (right - left) / max(last, 1)
        points = [(left + across * moment, _level(loss)) for moment, loss in curve]
        pen.line([*points, points[-1]], colour, 4 if name == "content" else 2, joint="curve")
        room = SIDE - 14 - (LETTERS + 3) * (len(drawn) - 1 - number)  # for the names still to come
        lowest = min(max(_level(curve[-1][1]), lowest + LETTERS + 3), room)
        pen.text((right + 10, lowest), name, colour, font(LETTERS), anchor="lm")


def _level(loss: float) -> float:
    """The height in pixels at which a loss stands."""
    share = math.log(TOP / min(max(loss, BOTTOM), TOP)) / math.log(TOP / BOTTOM)
    return 20 + (SIDE - 40) * share
