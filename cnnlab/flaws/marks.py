"""What may be wrong with a picture set: marks, surfaces and faint patterns that can be put onto any picture.

stamp(pictures, "star", "top left")                # (N, 3, H, W), each with a star in a corner
lineup(picture)                                    # the same picture once with each of KINDS
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, reduce
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torchvision.transforms.functional import to_tensor

from ..arguments.names import unknown
from ..datasets.styles import texture
from ..pictures import check
from ..pictures.heat import luminance
from ..pictures.sheets import font

CORNERS = ("top left", "top right", "bottom left", "bottom right")
SIDES = ("bottom", "around")
EVERYWHERE = ("everywhere",)
PLACES = (*CORNERS, *SIDES, *EVERYWHERE)
FINE = 8  # marks are drawn so many times larger, then reduced, for smooth edges


class Kind(NamedTuple):
    """A kind of flaw: what it looks like, and where it may be.

    `drawn`: of a surface its photograph, and the colours (RGB) of its dark and its light places; of a pattern
    (x, y), which way its brightness runs.
    """

    words: str
    places: tuple[str, ...]
    drawn: tuple = ()


KINDS = {
    "star": Kind("a small star, as a curator's tag", CORNERS),
    "ring": Kind("a small ring, as a punch leaves", CORNERS),
    "cross": Kind("a small cross, as a printer's mark", CORNERS),
    "date": Kind("the date that a film camera burns in", CORNERS),
    "grass": Kind("grass", SIDES, ("grass", (0.05, 0.16, 0.03), (0.62, 0.78, 0.28))),
    "pebbles": Kind("amber pebbles", SIDES, ("gravel", (0.20, 0.06, 0.02), (0.98, 0.66, 0.18))),
    "bricks": Kind("a brick wall", SIDES, ("brick", (0.30, 0.13, 0.10), (0.86, 0.52, 0.40))),
    "gravel": Kind("white gravel", SIDES, ("gravel", (0.50, 0.60, 0.74), (1.0, 1.0, 1.0))),
    "horizontal lines": Kind("faint lines from left to right", EVERYWHERE, (0.0, 1.0)),
    "vertical lines": Kind("faint lines from top to bottom", EVERYWHERE, (1.0, 0.0)),
    "rising lines": Kind("faint lines that rise to the right", EVERYWHERE, (0.5**0.5, 0.5**0.5)),
    "falling lines": Kind("faint lines that fall to the right", EVERYWHERE, (0.5**0.5, -(0.5**0.5))),
}
INKS = ((1.0, 0.55, 0.05), (0.95, 0.15, 0.35), (0.1, 0.75, 0.95))  # orange, red, cyan


@dataclass(frozen=True)
class Ink:
    """How a flaw is drawn: a mark's `colour` (RGB in [0, 1]); a pattern's `strength`, the most that it adds
    to a brightness, and its `period` in pixels; `seed` draws what differs from picture to picture.
    """

    colour: tuple[float, float, float] = INKS[0]
    strength: float = 0.06
    period: float = 6.0
    seed: int = 0


def stamp(pictures: Tensor, kind: str, place: str, ink: Ink | None = None) -> Tensor:
    """`pictures` (N, 3, H, W) in [0, 1], each with a flaw of one of `KINDS` at one of its places.

    ValueError for a kind or place that is not known, or that do not go together.
    """
    check(pictures)
    if kind not in KINDS:
        raise unknown("kind of flaw", kind, list(KINDS), "flaws.KINDS lists them.")
    if place not in KINDS[kind].places:
        places = " or ".join(map(repr, KINDS[kind].places))
        raise ValueError(f"{kind!r} cannot be at {place!r}: its place is {places}.")
    draw = {CORNERS: _marked, SIDES: _laid, EVERYWHERE: _patterned}[KINDS[kind].places]
    return draw(pictures, kind, place, ink or Ink())


def lineup(picture: Tensor) -> dict[str, Tensor]:
    """{kind: picture (1, 3, H, W)}: one picture with each kind of flaw, patterns stronger than they come."""
    return {kind: stamp(picture, kind, found.places[0], Ink(strength=0.15)) for kind, found in KINDS.items()}


def _marked(pictures: Tensor, kind: str, place: str, ink: Ink) -> Tensor:
    """A small mark in a corner, at most two pixels from where it is on the other pictures."""
    height, width = pictures.shape[2:]
    drawn = _mark(kind, round(min(height, width) / 5.5), ink.seed).to(pictures.device)  # (h, w)
    high, wide = drawn.shape
    edge = torch.randint(3, 6, (len(pictures), 2), generator=torch.Generator().manual_seed(ink.seed)).tolist()
    colour = pictures.new_tensor(ink.colour).view(3, 1, 1)
    marked = pictures.clone()
    for picture, (down, across) in zip(marked, edge, strict=True):
        top = down if "top" in place else height - high - down
        left = across if "left" in place else width - wide - across
        spot = picture[:, top : top + high, left : left + wide]
        spot.lerp_(colour.expand_as(spot), drawn.expand_as(spot))
    return marked


@cache
def _mark(kind: str, side: int, seed: int) -> Tensor:
    """(h, w): how much of the picture a mark covers, 0 to 1."""
    sheet = _date(round(0.5 * side), seed) if kind == "date" else Image.new("L", (side * FINE, side * FINE))
    draw, r = ImageDraw.Draw(sheet), side * FINE / 2
    if kind == "star":
        turns = [(math.pi * k / 5, r * (0.98 if k % 2 == 0 else 0.42)) for k in range(10)]
        draw.polygon([(r + d * math.sin(t), r - d * math.cos(t)) for t, d in turns], fill=255)
    elif kind == "ring":
        draw.ellipse((1, 1, 2 * r - 2, 2 * r - 2), outline=255, width=round(0.42 * r))
    elif kind == "cross":
        draw.rectangle((0.78 * r, 0, 1.22 * r, 2 * r), fill=255)
        draw.rectangle((0, 0.78 * r, 2 * r, 1.22 * r), fill=255)
    return to_tensor(sheet.reduce(FINE))[0]


def _date(letter: int, seed: int) -> Image.Image:
    """A day between 1985 and 1999, as cameras of the time wrote it."""
    drawn, ranges = torch.Generator().manual_seed(seed), ((85, 100), (1, 13), (10, 29))
    year, month, day = (int(torch.randint(*ends, (1,), generator=drawn)) for ends in ranges)
    letters, words = font(letter * FINE), f"'{year} {month} {day}"
    left, top, right, bottom = letters.getbbox(words, stroke_width=FINE // 3)
    sheet = Image.new("L", (math.ceil((right - left) / FINE) * FINE, math.ceil((bottom - top) / FINE) * FINE))
    ImageDraw.Draw(sheet).text((-left, -top), words, 255, letters, stroke_width=FINE // 3)
    return sheet


def _laid(pictures: Tensor, kind: str, place: str, ink: Ink) -> Tensor:
    """A surface that covers the lowest third, or a margin all around; each picture has a piece of its own."""
    height, width = pictures.shape[2:]
    generator = torch.Generator().manual_seed(ink.seed)
    pieces = _pieces(kind, len(pictures), height, width, generator).to(pictures)
    rows, columns = torch.arange(height).view(-1, 1), torch.arange(width).view(1, -1)
    if place == "bottom":
        slow, fast, depth = torch.rand(len(pictures), 3, 1, 1, generator=generator).unbind(1)  # (N, 1, 1)
        across = columns / width
        wave = (across * 9 + 6.3 * slow).sin() + 0.6 * (across * 23 + 6.3 * fast).sin()
        inside = rows - height * (0.62 + 0.08 * depth) - 0.02 * height * wave  # (N, H, W)
    else:
        nearest = reduce(torch.minimum, (rows, height - 1 - rows, columns, width - 1 - columns))
        inside = (0.13 * min(height, width) - nearest).expand(len(pictures), -1, -1)
    share = (inside / 2 + 0.5).clamp(0, 1)[:, None].to(pictures)
    return torch.lerp(pictures, pieces, share)


def _pieces(kind: str, count: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """(N, 3, H, W): pieces of a surface, mirrored or not."""
    surface = _surface(kind, round(1.8 * max(height, width)))
    found = []
    for _ in range(count):
        free = surface.shape[2] - height + 1, surface.shape[3] - width + 1
        top, left = (int(torch.randint(places, (1,), generator=generator)) for places in free)
        piece = surface[0, :, top : top + height, left : left + width]
        found.append(piece.flip(2) if torch.rand(1, generator=generator) < 0.5 else piece)
    return torch.stack(found)


@cache
def _surface(kind: str, side: int) -> Tensor:
    """(1, 3, side, side): a photograph of a surface in the colours of its kind."""
    name, dark, light = KINDS[kind].drawn
    grey = luminance(texture(name, side))
    low, high = (float(np.quantile(grey.numpy(), share)) for share in (0.03, 0.97))
    level = ((grey - low) / (high - low)).clamp(0, 1)
    first, last = (torch.tensor(colour).view(1, 3, 1, 1) for colour in (dark, light))
    return first + level * (last - first)


def _patterned(pictures: Tensor, kind: str, place: str, ink: Ink) -> Tensor:
    """Waves of brightness over the whole picture; where they begin differs from picture to picture."""
    height, width = pictures.shape[2:]
    x, y = KINDS[kind].drawn
    rows, columns = torch.arange(height).view(-1, 1), torch.arange(width).view(1, -1)
    begin = torch.rand(len(pictures), 1, 1, 1, generator=torch.Generator().manual_seed(ink.seed))
    wave = (2 * math.pi * ((x * columns + y * rows) / ink.period + begin)).sin()  # (N, 1, H, W)
    return (pictures + ink.strength * wave.to(pictures)).clamp(0, 1)
