"""What live panels show: the player's screen with what it expects, and the small agent while it learns."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from ..live import Frame, bars
from ..pictures.sheets import PALE, Box, Sheet, colour_table
from .games import SIDE, Atari, CatchGame
from .policy import ACTIONS, CatchPolicy, Policy
from .ppo import PPOSettings, train
from .rollouts import Moments, Runner

LINE = "#0072B2"  # of both curves
SCALE = 3  # pixels of the sheet for one of the television
CHART = 120  # pixels high
REMEMBERED = 240  # moments in the chart: sixteen seconds of play
LOOKS = ["nothing", "gradient", "occlusion"]
SQUARE = 44  # pixels of the sheet for one of the field
FIELD, WIDTH = SIDE * SQUARE, SIDE * SQUARE + 740  # pixels
NIGHT, GRID, BASKET, APPLE, STONE = "#10131a", "#232838", "#F0E442", "#009E73", "#D55E00"
GAMES, SHOWN = 64, 60  # games to learn from; moments of play between two stretches of learning
DEFAULTS = PPOSettings(total_timesteps=400_000, num_steps=32, learning_rate=1e-3)


def gradient(policy: Policy, observation: Tensor) -> Tensor:
    """(C, H, W): how the value changes with each pixel of an observation (C, H, W), floats in [0, 1]."""
    pixels = observation[None].detach().clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(policy(pixels)[1].sum(), pixels)[0][0]


@torch.no_grad()
def occlusion(policy: Policy, observation: Tensor, size: int = 8, stride: int = 4) -> Tensor:
    """(h, w): what the value loses when a square is covered, in all C pictures of (C, H, W) at once.

    The squares have `size` pixels a side and begin at every multiple of `stride` at which they fit; they are
    black as the sky of these games. Zeiler and Fergus 2014 (arXiv:1311.2901).
    """
    _, height, width = observation.shape
    if not 0 < size <= min(height, width) or stride < 1:
        raise ValueError(f"a square of {size}, {stride} apart, does not fit pictures of {width} x {height}.")
    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    covered = observation.repeat(len(tops) * len(lefts), 1, 1, 1)
    for one, (top, left) in zip(covered, product(tops, lefts), strict=True):
        one[:, top : top + size, left : left + size] = 0
    values = torch.cat([policy(batch)[1] for batch in covered.split(64)])
    return (policy(observation[None])[1] - values).view(len(tops), len(lefts))


def saliency(policy: Policy, observation: Tensor, looks: str) -> Tensor | None:
    """(84, 84) in [0, 1]: what the value of (4, 84, 84) uint8 depends on, by one of `LOOKS`; or None."""
    if looks == "nothing":
        return None
    pictures = observation.float() / 255
    if looks == "gradient":
        slope = gradient(policy, pictures).abs().sum(0)
        map_ = avg_pool2d(slope[None], 5, 1, 2)[0]  # single pixels would not be seen
    else:
        lost = occlusion(policy, pictures).abs()
        map_ = pad(interpolate(lost[None, None], scale_factor=4, mode="bilinear")[0, 0], (2, 2, 2, 2))
    return map_ / map_.max().clamp_min(1e-12)


def lit(screen: Tensor, map_: Tensor | None) -> Image.Image:
    """The screen (H, W, 3), enlarged; what a map (h, w) in [0, 1] marks glows, and the rest is dim."""
    size = screen.shape[1] * SCALE, screen.shape[0] * SCALE
    image = Image.fromarray(screen.numpy()).resize(size, Image.Resampling.NEAREST)
    if map_ is None:
        return image
    levels = Image.fromarray((map_.numpy() * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return Image.fromarray(np.maximum(np.asarray(image) // 2, colour_table("inferno")[np.asarray(levels)]))


def play_view(policy: Policy, settings: Any) -> Iterator[Frame]:
    """One game after another, for `cnnlab.live.live`: the screen, and its last values as a curve from 0.

    settings: `seed` of the games; `looks`, one of `LOOKS`; `pace`, actions a frame. A television shows
    fifteen actions a second.
    """
    values: list[float] = []
    score = 0.0
    for number, moment in enumerate(Runner(Atari(1, screens=True), settings.seed).play(policy)):
        values = [*values, moment.values.item()][-REMEMBERED:]
        if number % settings.pace == 0:
            yield _player_frame(policy, moment, values, settings.looks, score)
        score += moment.rewards.item()


def _player_frame(policy: Policy, moment: Moments, values: list[float], looks: str, score: float) -> Frame:
    screen = lit(moment.screens[0], saliency(policy, moment.observations[0], looks))
    sheet, highest = Sheet(screen.width, screen.height + CHART), max(1.0, *values)
    sheet.paste(screen, 0, 0)
    sheet.text(8, screen.height + 15, f"value {values[-1]:.1f} (highest in sight {highest:.1f})", size=18)
    box = Box(8, screen.height + 30, screen.width - 8, sheet.image.height - 6)
    sheet.pen.line((box.left, box.bottom, box.right, box.bottom), PALE, 2)
    points = [(1 - k / REMEMBERED, max(v, 0) / highest) for k, v in enumerate(reversed(values))]
    sheet.curve(box, points, LINE)
    words = f"It now does: {ACTIONS[moment.actions[0]]}. Points so far: {score:.0f}."
    rows = zip(ACTIONS, moment.log_probs[0].exp().tolist(), strict=True)
    return Frame(sheet.image, words, values[-1], bars(rows))


class Steered:
    """`DEFAULTS`, but for what a panel sets, whose values are asked for anew each time."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self.settings, name, getattr(DEFAULTS, name))


def training_view(settings: Any) -> Iterator[Frame]:
    """A `CatchPolicy` learns from 64 games at once; a frame is one update, from 2,048 moves.

    settings: `seed` and any of `PPOSettings`, such as `learning_rate`, `gamma` or `entropy_coef`, read anew
    at each update; `shown` plays the game between updates, so that one sees how well.
    """
    policy, reached, curve = CatchPolicy(settings.seed), [0.0], [(0, 0.0)]
    yield Frame(draw(Runner(CatchGame(1), settings.seed).observations[0], curve), "It knows nothing yet.")
    for number, update in enumerate(train(CatchGame(GAMES), policy, Steered(settings), settings.seed)):
        reached = [*reached, *update.scores][-100:]
        score = float(np.mean(reached))
        curve.append((update.global_step, score))
        words = f"{update.global_step:,} moves: {score:.1f} apples, mean of the last {len(reached)} games."
        played = Runner(CatchGame(1), number).play(policy)
        moments = [moment.observations[0] for moment in islice(played, SHOWN)]
        for observation in moments if settings.shown else moments[-1:]:
            yield Frame(draw(observation, curve), words, score)


def draw(observation: Tensor, curve: list[tuple[int, float]]) -> Image.Image:
    """The field of an observation (3, 10, 10), and the score by moves."""
    sheet = Sheet(WIDTH, FIELD)
    draw_field(sheet, observation)
    most, top = max(curve[-1][0], 1), max(5.0, *(score for _, score in curve))
    box = Box(FIELD + 80, 60, WIDTH - 20, FIELD - 40)
    sheet.text(box.left, 24, "apples a game", size=26)
    sheet.text(box.left - 8, box.top, f"{top:.0f}", size=22, anchor="rm")
    sheet.text(box.left, FIELD - 16, f"0 to {most:,} moves", size=22)
    sheet.pen.line((box.left, box.top, box.left, box.bottom, WIDTH - 10, box.bottom), PALE, 3)
    sheet.curve(box, [(moves / most, score / top) for moves, score in curve], LINE, 5)
    return sheet.image


def draw_field(sheet: Sheet, observation: Tensor) -> None:
    """An observation (3, 10, 10): the basket yellow, apples green and round, stones orange and square."""
    sheet.pen.rectangle((0, 0, FIELD - 1, FIELD - 1), NIGHT)
    for k in range(SQUARE, FIELD, SQUARE):
        sheet.pen.line((k, 0, k, FIELD - 1), GRID)
        sheet.pen.line((0, k, FIELD - 1, k), GRID)
    edge, half = SQUARE // 7, SQUARE // 2
    basket, apple = (sheet.pen.rectangle, BASKET, half, 0), (sheet.pen.ellipse, APPLE, edge, edge)
    kinds = basket, apple, (sheet.pen.rectangle, STONE, edge, edge)
    for kind, row, column in observation.nonzero().tolist():
        shape, colour, above, below = kinds[kind]
        left, top = column * SQUARE, row * SQUARE
        shape((left + edge, top + above, left + SQUARE - edge, top + SQUARE - below), colour)
