"""A picture that shows what a photograph shows, painted as other pictures are; live, from small to large.

settings = Settings(content=0.1)                     # all of it may be changed meanwhile
for frame in transfer(network, photograph, [painting], settings):
    frame.picture, frame.losses                      # how it looks, and how far it is off at each layer

After Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks", CVPR 2016. From
small to large: Gatys et al., "Controlling perceptual factors in neural style transfer", CVPR 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import NamedTuple

from torch import Tensor

from ..networks import Network
from ..networks.probes import average_pooling
from ..optvis.ascent import Ascent
from ..optvis.canvases import Canvas, pixels
from ..optvis.objectives import NOTHING
from ..pictures import PictureError, check, resize
from .goals import SMALLEST, Goals
from .settings import Settings

STARTS = ("content", "noise", "style")
LARGEST = 1024  # pixels of the long side: a transfer then needs about 1 GB


class Frame(NamedTuple):
    """One moment: `size` (from 1, the smallest), `step` (moves made at it), `picture`, `losses`, `score`.

    The picture (1, 3, H, W) is in [0, 1]. `losses` are distances without their weights: of the "content" and
    of the style at each layer, by its name (0 is the same, 1 as far as a layer that says nothing), and
    "smooth", the total variation. What has no weight is not measured. The score is minus the weighted sum.
    """

    size: int
    step: int
    picture: Tensor
    losses: dict[str, float]
    score: float


def transfer(
    network: Network,
    content: Tensor,
    styles: Sequence[Tensor],
    settings: Settings,
    sizes: Sequence[int] = (64, 128, 256),
    start: str = "content",
    seed: int = 0,
) -> Iterator[Frame]:
    """Paint `content` (1, 3, H, W) as `styles` are painted, pictures (1, 3, h, w) of any sizes.

    sizes: the long side in pixels, 32 to 1024, of each picture on the way. The content is scaled to each; the
        painting starts from the one before, enlarged.
    start: "content", "noise" or "style" (the first style picture, stretched), for the first size.
    seed: draws the noise and the jitter.

    Yields a frame before the first move at each size and after each. Without a content's weight it paints a
    texture, without layers it inverts: Gatys' figure 1 is made of both. Raises `PictureError` for what is no
    picture or too small a style, ValueError for settings that make no sense, also later, when they are
    changed; the last frame is then the last good picture.
    """
    _check(content, styles, sizes, start)
    settings.check(len(styles))
    return _transfer(network, content, styles, settings, sizes, start, seed)


def _transfer(network, content, styles, settings, sizes, start, seed) -> Iterator[Frame]:
    painted: Tensor | None = None
    for number, size in enumerate(sizes, start=1):
        goals = Goals(network, scaled(content, size), styles, seed)
        height, width = goals.content.shape[2:]
        begin = {"content": goals.content, "noise": "noise", "style": styles[0]}[start]
        begin = begin if painted is None else painted
        if isinstance(begin, Tensor):
            begin = resize(begin, (height, width))
        colours = "decorrelated" if settings.rule == "adam" else "rgb"  # L-BFGS finds axes of its own
        canvas = pixels((height, width), begin, colours=colours, seed=seed)
        yield from _paint(network, goals, canvas, settings, number)
        painted = canvas().detach()


def _paint(
    network: Network, goals: Goals, canvas: Canvas, settings: Settings, number: int
) -> Iterator[Frame]:
    """The climb at one size, until `settings.steps` moves are made."""
    losses: dict[str, float] = {}
    climb = Ascent(network, NOTHING, canvas)
    steps, asked = iter(climb), None
    while True:
        settings.check(len(goals.styles))
        now = settings.frozen()
        place = goals.place(now, climb.number)
        with average_pooling(network) if now.average else nullcontext():
            if asked != (now, place):
                climb.objective = goals.objective(now, place, losses)
                climb.transforms = goals.view(now, place)
                asked = now, place
            climb.rule, climb.step_size = settings.rule, settings.stride(climb.number)
            step = next(steps)
        yield Frame(number, step.number, goals.shown(now, step.picture), dict(losses), step.score)
        if step.number >= settings.steps:
            return


def scaled(picture: Tensor, long: int) -> Tensor:
    """`picture` (N, C, H, W) with a long side of `long` pixels."""
    height, width = picture.shape[2:]
    factor = long / max(height, width)
    return resize(picture, [max(1, round(side * factor)) for side in (height, width)])


def _check(content: Tensor, styles: Sequence[Tensor], sizes: Sequence[int], start: str) -> None:
    if not styles:
        raise PictureError("there is no style picture: give one or more.")
    for name, picture in [("the content", content), *(("a style picture", style) for style in styles)]:
        check(picture, name)
        if picture.shape[:2] != (1, 3):
            raise PictureError(
                f"{name} has shape {tuple(picture.shape)}: give one picture with three channels, "
                "(1, 3, H, W), as pictures.read makes it."
            )
    for style in styles:
        height, width = style.shape[2:]
        if min(height, width) < SMALLEST:
            raise PictureError(
                f"a style picture is {height} x {width} pixels, too few to hold a style: take one of "
                f"{SMALLEST} or more a side."
            )
    if not sizes or not all(SMALLEST <= size <= LARGEST for size in sizes):
        raise ValueError(f"sizes are {SMALLEST} to {LARGEST} pixels, one or more, not {tuple(sizes)}.")
    if start not in STARTS:
        raise ValueError(f"start is one of {', '.join(STARTS)}, not {start!r}.")
