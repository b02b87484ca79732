"""A canvas to draw a digit on, and digits that were drawn or photographed, made like those that a network
learned from.

MNIST's digits were black or white, scaled to fit 20 x 20 pixels and put on 28 x 28 with their centre of mass
in the middle (LeCun et al. 1998). The digits of 8 x 8 are counts of ink in blocks of 4 x 4, on a page of
32 x 32 that they fill from top to bottom (Alpaydin and Kaynak 1998).
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from skimage.filters import threshold_otsu  # type: ignore[import-untyped]
from torch import Tensor

from ...live import Stroke
from ...networks import Network
from ...pictures import PictureError
from ...pictures.encoding import to_image
from ...pictures.sheets import FAINT, INK, PALE, Sheet, clipped, thumbnail
from .architecture import require
from .layout import BLUE

WIDTH, HEIGHT = 1280, 660
AREA = (8, 44, 600, 600)  # left, top, width, height: where drawing is taken
SEEN, PEN = 232, 34  # the side of what the network sees, and of the reader's pen, in pixels
FINE = 8  # a pixel of a page is drawn as 8 x 8
LARGEST = 256  # pixels of a photograph that are looked at, at most, along its longer side
PAGES = {(1, 28, 28): (28, 2.6, 20), (1, 8, 8): (32, 5.2, 32)}  # side, pen, a digit's longer side, in pixels


@torch.no_grad()
def read_digit(network: Network, strokes: Sequence[Stroke], photo: Tensor | None) -> tuple[Image.Image, str]:
    """The canvas with strokes (in its pixels), what a network sees of them, or of a photograph where nothing
    is drawn, and what it takes that for, which is said in a sentence, too."""
    shape = network.mean.shape[1], network.size, network.size
    seen, words = drawn_digit(strokes, shape), "draw a digit, large"
    if photo is not None and not strokes:
        seen, words = photographed_digit(photo, shape)
    shares, sheet, (left, top, width, height) = network(seen).softmax(1)[0], Sheet(WIDTH, HEIGHT), AREA
    paper = Image.new("RGB", (width, height), "white")
    _ink(paper, [np.array(stroke.points) - (left, top) for stroke in strokes], INK, PEN)
    sheet.text(left, 20, words)
    sheet.paste(paper, left, top)
    sheet.frame((left + 2, top + 2, left + width - 2, top + height - 2), PALE, 2)
    x = left + width + 40
    sheet.text(x, 20, "the network sees")
    sheet.paste(thumbnail(seen, SEEN, SEEN), x, top)
    sheet.text(x, top + SEEN + 22, f"{seen.shape[2]} × {seen.shape[3]} pixels", FAINT)
    x += SEEN + 44
    sheet.text(x, 20, "and takes it for")
    for k, (label, share) in enumerate(zip(network.labels, shares.tolist(), strict=True)):
        y, best = top + 60 * k + 30, k == int(shares.argmax())
        sheet.text(x, y, clipped(label, 60, 32), INK if best else FAINT, 32)
        sheet.bar(x + 44, y, share, WIDTH - x - 150, 38, BLUE if best else PALE)
        sheet.text(WIDTH - 4, y, f"{share:.0%}", INK if best else FAINT, 28, "rm")
    taken = f"It takes it for a {network.labels[int(shares.argmax())]}. " if seen.any() else ""
    return sheet.image, taken


def drawn_digit(strokes: Sequence[Stroke], shape: tuple[int, int, int]) -> Tensor:
    """What was drawn as a picture (1, 1, H, W) like those of a set of `shape` (1, 28, 28) or (1, 8, 8).

    White on black, in [0, 1]; without strokes it is black. ValueError for another shape.
    """
    page, pen, filled = _page(shape)
    if not strokes:
        return torch.zeros(1, *shape)
    lines = [np.array(stroke.points, dtype=float) for stroke in strokes]
    everything, room = np.concatenate(lines), filled - pen
    low, high = everything.min(0), everything.max(0)
    factor = min(room / max((high - low).max(), 1e-9), room / 12)  # a dot stays a dot
    fine = Image.new("L", (3 * page * FINE, 3 * page * FINE))
    placed = [((line - (low + high) / 2) * factor + 1.5 * page) * FINE for line in lines]
    _ink(fine, placed, 255, pen * FINE)
    return _finished(fine.reduce(FINE), shape)


def photographed_digit(picture: Tensor, shape: tuple[int, int, int]) -> tuple[Tensor, str]:
    """A photograph (1, C, H, W) of one digit as `drawn_digit` makes it, and a word about what was done.

    Dark ink on a light page is turned into white on black. Ink is what lies beyond Otsu's threshold.
    ValueError where nothing stands out.
    """
    page, _, filled = _page(shape)
    image = to_image(picture[:1]).convert("L")
    image.thumbnail((LARGEST, LARGEST))
    grey = np.asarray(image.filter(ImageFilter.MedianFilter(5)))  # without specks
    if np.ptp(grey) < 26:
        raise PictureError("nothing stands out in this photograph: take one of a dark digit on a light page.")
    light = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])) > 127
    ink = Image.fromarray(((grey > threshold_otsu(grey)) ^ light).astype(np.uint8) * 255)
    digit = ImageOps.pad(ink.crop(ink.getbbox()), (filled, filled))
    whole = ImageOps.expand(digit, (3 * page - filled) // 2)
    words = "dark on light, so it was inverted" if light else "light on dark, as it is"
    return _finished(whole, shape), words


def _page(shape: tuple[int, int, int]) -> tuple[int, float, int]:
    """The page on which digits of this shape were made."""
    seen = f"this network looks at {' x '.join(map(str, shape))}: let it learn digits or MNIST."
    require(shape in PAGES, f"digits are 28 x 28 or 8 x 8 in grey, and {seen}")
    return PAGES[shape]


def _ink(image: Image.Image, lines: list[np.ndarray], colour: str | int, wide: float) -> None:
    """Lines with round ends through some points."""
    pen = ImageDraw.Draw(image)
    for line in lines:
        if len(line) > 1:
            pen.line([tuple(point) for point in line], colour, round(wide), joint="curve")
        for x, y in line:
            pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), colour)


def _finished(whole: Image.Image, shape: tuple[int, int, int]) -> Tensor:
    """A digit somewhere on a page three times as large (3 S x 3 S), put where it belongs."""
    page, small, mass = whole.width // 3, shape[1] == 8, np.asarray(whole) / 255
    if small:
        left, top, right, bottom = whole.getbbox() or (0, 0, 0, 0)
        middle = [(left + right) / 2, (top + bottom) / 2]
    else:  # its centre of mass comes to the middle
        middle = [float((mass.sum(axis) * (np.arange(3 * page) + 0.5)).sum() / mass.sum()) for axis in (0, 1)]
    left, top = (min(max(round(place - page / 2), 0), 2 * page) for place in middle)
    digit = mass[top : top + page, left : left + page]
    if small:  # the share of each block of 4 x 4 that has ink
        digit = (digit > 0.502).reshape(8, 4, 8, 4).mean((1, 3))
    return torch.from_numpy(digit).float()[None, None].contiguous()
