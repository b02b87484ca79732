"""What a panel shows: a frame, and how it becomes an image."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from ..pictures.encoding import compress, to_image


class Hint(NamedTuple):
    """Words for a line in the picture, from (x0, y0) to (x1, y1) in its pixels; both the same for a spot."""

    x0: float
    y0: float
    x1: float
    y1: float
    words: str


@dataclass(frozen=True)
class Frame:
    """One thing to show.

    picture: a tensor (1, C, H, W) or (C, H, W) in [0, 1], a PIL image, a uint8 array (H, W, 3),
        or a matplotlib `Figure` (made with `Figure()`, never with pyplot: calls run in a thread).
    caption: a plain sentence under the picture.
    score: a number to follow; it appears in the status line and, when a generator yields it, as a curve.
    text: a short HTML block beside the picture, such as `bars(...)`; escape what you did not write yourself.
    hints: words that the browser shows while the pointer is near their line, of several the nearest. While a
        panel plays they are sent a few times a second only.
    pause: a panel that plays pauses after this frame; Play goes on from there.
    """

    picture: Any
    caption: str = ""
    score: float | None = None
    text: str = ""
    hints: Sequence[Hint] = ()
    pause: bool = False


@dataclass(frozen=True)
class RenderedFrame:
    """A frame with its picture as an image and as JPEG bytes, made in the worker thread."""

    frame: Frame
    image: Image.Image
    data: bytes


def render(shown: Any) -> RenderedFrame:
    """What a function returned or yielded, a `Frame` or a bare picture, ready to be shown."""
    frame = shown if isinstance(shown, Frame) else Frame(shown)
    image = as_image(frame.picture)
    return RenderedFrame(frame, image, compress(image, "jpeg"))


def as_image(picture: Any) -> Image.Image:
    """Any picture that a `Frame` may hold, as a PIL image in mode RGB or L.

    Raises `TypeError` for what is not a picture, `PictureError` for a tensor out of range or shape.
    """
    if isinstance(picture, Tensor):
        return to_image(picture[None] if picture.ndim == 3 else picture)
    if isinstance(picture, Figure):
        canvas = FigureCanvasAgg(picture)
        canvas.draw()
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    if isinstance(picture, Image.Image):
        return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.shape[2:] == (3,):
        return Image.fromarray(picture)
    raise TypeError(
        f"A live function shows a picture and this one gave {_describe(picture)}: return or yield a tensor "
        "(1, C, H, W) in [0, 1], a PIL image, a uint8 array (H, W, 3), a matplotlib Figure or a Frame."
    )


def bars(rows: Iterable[tuple[str, float]]) -> str:
    """HTML for named shares of one, such as the top 5: `rows` of (label, share in [0, 1])."""
    cells = "".join(
        f'<tr><th scope="row">{html.escape(label)}</th><td class="cnnlab-share">{share:.1%}</td>'
        f'<td class="cnnlab-bar" aria-hidden="true"><span style="width:{100 * share:.1f}%"></span></td></tr>'
        for label, share in rows
    )
    return f'<table class="cnnlab-bars">{cells}</table>'


def _describe(thing: Any) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array {thing.shape} of {thing.dtype}"
    return "nothing" if thing is None else f"a {type(thing).__name__}"
