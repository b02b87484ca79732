"""The small agent while it learns, for a live panel: its field, and its score so far."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ..live import Frame
from ..pictures.sheets import font
from .orchard import SIDE, Orchard, Picker
from .ppo import Settings, train
from .records import play

SQUARE = 44  # pixels of the sheet for one of the field
FIELD = SIDE * SQUARE
CHART = 700, FIELD  # pixels
NIGHT, GRID, BASKET, APPLE, STONE = "#10131a", "#232838", "#F0E442", "#009E73", "#D55E00"
INK, LINE, PALE = "#222222", "#0072B2", "#BBBBBB"
SHOWN = 60  # moments of play between two stretches of learning
GAMES = 64
DEFAULTS = Settings(steps=400_000, length=32, step_size=1e-3)


class Steered:
    """`DEFAULTS`, but for what a panel sets, whose values are asked for anew each time."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self.settings, name, getattr(DEFAULTS, name))


def grow(settings: Any) -> Iterator[Frame]:
    """A `Picker` learns from 64 games at once; a frame is one update, from 2,048 moves.

    settings: `seed` and any of `Settings`, such as `step_size`, `discount` or `entropy`, read anew at each
    update; `shown` plays the game between updates, so that one sees how well.
    """
    policy, reached, curve = Picker(settings.seed), [0.0], [(0, 0.0)]
    yield Frame(sheet(Orchard(1).reset(settings.seed)[0][0], curve), "It knows nothing yet.")
    for number, update in enumerate(train(Orchard(GAMES), policy, Steered(settings), settings.seed)):
        reached = [*reached, *update.scores][-100:]
        score = float(np.mean(reached))
        curve.append((update.steps, score))
        words = f"{update.steps:,} moves: {score:.1f} apples, mean of the last {len(reached)} games."
        moments = [moment.seen[0] for moment in islice(play(policy, Orchard(1), number), SHOWN)]
        for seen in moments if settings.shown else moments[-1:]:
            yield Frame(sheet(seen, curve), words, score)


def sheet(seen: np.ndarray, curve: list[tuple[int, float]]) -> Image.Image:
    """The field as it is seen (3, 10, 10), and the score by moves."""
    image = Image.new("RGB", (FIELD + 40 + CHART[0], FIELD), "white")
    image.paste(field(seen))
    draw, left = ImageDraw.Draw(image), FIELD + 80
    most = max(curve[-1][0], 1)
    top = max(5.0, *(score for _, score in curve))
    base, room = FIELD - 40, FIELD - 100
    draw.text((left, 24), "apples a game", INK, font(26), anchor="lm")
    draw.text((left - 8, base - room), f"{top:.0f}", INK, font(22), anchor="rm")
    draw.text((left, FIELD - 16), f"0 to {most:,} moves", INK, font(22), anchor="lm")
    draw.line((left, base - room, left, base, image.width - 10, base), PALE, 3)
    wide = image.width - 20 - left
    points = [(left + wide * steps / most, base - room * score / top) for steps, score in curve]
    draw.line([*points, points[-1]], LINE, 5, joint="curve")
    return image


def field(seen: np.ndarray, square: int = SQUARE) -> Image.Image:
    """What is seen (3, 10, 10): the basket yellow, apples green and round, stones orange and square."""
    image = Image.new("RGB", (SIDE * square, SIDE * square), NIGHT)
    draw = ImageDraw.Draw(image)
    for k in range(1, SIDE):
        draw.line((k * square, 0, k * square, SIDE * square), GRID)
        draw.line((0, k * square, SIDE * square, k * square), GRID)
    edge = square // 7
    for kind, row, column in np.argwhere(seen):
        box = [place * square + add for add in (edge, square - edge) for place in (column, row)]
        if kind == 0:
            top, low = row * square + square // 2, (row + 1) * square
            draw.rectangle((box[0], top, box[2], low), BASKET)
        elif kind == 1:
            draw.ellipse(box, APPLE)
        else:
            draw.rectangle(box, STONE)
    return image
