"""The live panel of lesson 12, and its settings sheet: many small transfers side by side."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

from PIL import Image
from torch import Tensor

from ..live import Frame
from ..networks import Network
from ..pictures import COLOURS
from ..pictures.encoding import to_image
from ..pictures.sheets import FAINT, PALE, Box, Sheet, thumbnail
from .settings import LAYER_WEIGHTS, TransferSettings
from .transfer import scaled, transfer

SLIDERS = {layer: layer.replace(".", "_") for layer in LAYER_WEIGHTS}  # the setting that is its weight
WIDE = 1120  # pixels across
SIDE, HIGH, LOW = 512, 400, 340  # of the picture: at most across, at most and at least from top to bottom
SMALL, GAP = 120, 12  # pixels across: of a painting, between them all
AXIS, NAMES, EDGE = 52, 130, 20  # pixels: of the numbers before the curves, the names behind, above and below
LOWEST = 0.003  # the loss that stands at the lower end; at the upper one stands 1
LETTERS = 17
LEFT, HEAD, BETWEEN = 92, 34, 6  # pixels of the settings sheet: for the words, and between pictures
Curves = dict[str, list[tuple[int, float]]]  # of each loss: moment and value


def play_transfer(network: Network, settings: Any) -> Iterator[Frame]:
    """Frames for `cnnlab.live.live`, until the picture is painted; every setting acts at the next step.

    settings: `photograph`, `painting` and `second`, pictures (1, 3, H, W); `share` of the second in [0, 1];
    `start`, `seed` and `size`, the long side of the largest picture, which are read at the beginning; those
    of `TransferSettings`, under their names; and the weights of the style layers, as `features_1` for
    "features.1".
    """
    asked = TransferSettings()
    _follow(asked, settings)
    sizes = [size for size in (64, 128) if size < settings.size] + [settings.size]
    styles = [settings.painting, settings.second]
    curves: Curves = {}
    moments = transfer(network, settings.photograph, styles, asked, sizes, settings.start, settings.seed)
    for moment, frame in enumerate(moments):
        for name, loss in frame.losses.items():
            curves.setdefault(name, []).append((moment, loss))
        height, width = frame.picture.shape[2:]
        words = f"{width} x {height} pixels, step {frame.step} of {asked.steps} at this size."
        shown = styles if settings.share > 0 else styles[:1]
        yield Frame(_sheet(frame.picture, shown, curves), words, frame.score)
        _follow(asked, settings)


def _follow(asked: TransferSettings, settings: Any) -> None:
    """Take the panel's settings as they are now."""
    for name in vars(asked).keys() & vars(settings).keys():
        setattr(asked, name, getattr(settings, name))
    asked.layers = {layer: getattr(settings, name) for layer, name in SLIDERS.items()}
    asked.blend = (1 - settings.share, settings.share)


def _sheet(picture: Tensor, styles: Sequence[Tensor], curves: Curves) -> Image.Image:
    """The picture (1, 3, H, W), enlarged; at its right, small, the paintings, and then the curves."""
    image = thumbnail(picture, SIDE, HIGH)
    sheet = Sheet(WIDE, max(image.height, LOW))
    sheet.paste(image, 0, 0)
    top = 0
    for style in styles:
        top = sheet.paste(thumbnail(style, SMALL, (LOW - GAP) // 2), image.width + GAP, top).bottom + GAP
    left = image.width + GAP + SMALL + AXIS
    _draw_curves(sheet, Box(left, EDGE, WIDE - NAMES, sheet.image.height - EDGE), curves)
    return sheet.image


def _draw_curves(sheet: Sheet, box: Box, curves: Curves) -> None:
    """Losses against time, each tenth of a loss as far below the last; their names stand at their ends."""
    high = box.bottom - box.top
    for loss in (1.0, 0.1, 0.01):
        sheet.curve(box, [(0, _level(loss)), (1, _level(loss))], PALE, 2)
        sheet.text(box.left - 8, box.bottom - high * _level(loss), f"{loss:g}", size=LETTERS, anchor="rm")
    last = max((curve[-1][0] for curve in curves.values()), default=0) or 1
    colours = dict(zip((name for name in curves if name != "smooth"), cycle(COLOURS), strict=False))
    drawn = sorted(curves.items(), key=lambda item: -item[1][-1][1])
    lowest, room = 0.0, sheet.image.height - 14 - (LETTERS + 3) * len(drawn)
    for name, curve in drawn:
        colour = colours.get(name, FAINT)
        points = [(moment / last, _level(loss)) for moment, loss in curve]
        sheet.curve(box, points, colour, 4 if name == "content" else 2)
        room += LETTERS + 3  # the lowest place that leaves room for the names still to come
        lowest = min(max(box.bottom - high * points[-1][1], lowest + LETTERS + 3), room)
        sheet.text(box.right + 10, lowest, name, colour, LETTERS)


def _level(loss: float) -> float:
    """How high a loss stands, from 0 to 1."""
    return 1 - math.log(min(max(loss, LOWEST), 1)) / math.log(LOWEST)


def weight_grid(
    network: Network,
    content: Tensor,
    styles: Sequence[Tensor],
    settings: TransferSettings,
    contents: Sequence[float],
    sets: Mapping[str, Mapping[str, float]],
    size: int = 160,
    seed: int = 0,
) -> Iterator[Image.Image]:
    """A sheet of transfers: one row for each of `sets` of style layers, one column for each content weight.

    Yields the whole sheet after each picture that was painted; where one is still to come, it shows the
    content. `settings` says how to paint, all but what the sheet is about. Raises as `transfer` does.
    """
    empty = to_image(scaled(content, size))
    wide, high = empty.width + BETWEEN, empty.height + BETWEEN
    sheet = Sheet(LEFT + len(contents) * wide - BETWEEN, HEAD + len(sets) * high - BETWEEN)
    sheet.text(LEFT - 10, HEAD / 2, "content", size=16, anchor="rm")
    places = {}
    for i, row in enumerate(sets):
        sheet.text(LEFT - 10, HEAD + i * high + empty.height / 2, row, size=16, anchor="rm")
        for j, column in enumerate(contents):
            places[row, column] = sheet.paste(empty, LEFT + j * wide, HEAD + i * high)
    for j, column in enumerate(contents):
        sheet.text(LEFT + j * wide + empty.width / 2, HEAD / 2, f"{column:g}", size=16, anchor="mm")
    for (row, column), place in places.items():
        asked = replace(settings, layers=sets[row], content=column)
        *_, frame = transfer(network, content, styles, asked, (max(32, size // 2), size), seed=seed)
        sheet.paste(to_image(frame.picture), place.left, place.top)
        yield sheet.image.copy()
