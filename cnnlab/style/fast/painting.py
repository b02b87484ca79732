"""Pictures and clips of any size, painted by a stylist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ...pictures import PictureError, clips, read
from ...pictures.film import Film
from .network import Stylist

LARGEST = 1024  # pixels of the long side: half a gigabyte of memory, and a second or two


class Painting(NamedTuple):
    """A painted picture (1, 3, H, W) in [0, 1], and words on its size."""

    picture: Tensor
    words: str


class Shot(NamedTuple):
    """One painted frame (1, 3, H, W) of a clip: its number from 1 up, and the share that is done."""

    picture: Tensor
    number: int
    done: float


@torch.no_grad()
def paint(stylist: Stylist, source: Any, largest: int = LARGEST) -> Painting:
    """What `stylist` makes of anything that `pictures.read` takes.

    A long side of more than `largest` pixels is reduced to it first, and the words say so. Raises
    `PictureError` for what is no picture.
    """
    picture, note = read(source, max_side=largest + 1), ""
    if max(picture.shape[2:]) > largest:
        picture, note = read(source, max_side=largest), ": the picture was larger and has been reduced"
    height, width = picture.shape[2:]
    return Painting(stylist(picture), f"{width} x {height} pixels{note}.")


def paint_clip(
    stylist: Stylist, source: Any, film: Film | None = None, *, most: int = 60, max_side: int = 320
) -> Iterator[Shot]:
    """Paint a clip frame by frame; `film` takes the frames, and keeps those that are there on a stop.

    `source` is anything that `clips.frames` takes, which says what `most` and `max_side` do, or frames
    (N, 3, H, W). Raises `PictureError` where that does, and for a film that another clip was painted into.
    """
    if film is not None and len(film):
        raise PictureError(f"{film.path.name!r} already holds {len(film)} frames: begin another film.")
    several = isinstance(source, Tensor) and source.ndim == 4 and len(source) > 1
    frames = source if several else clips.frames(source, most, max_side)
    try:
        for number, frame in enumerate(frames.split(1), start=1):
            with torch.no_grad():
                picture = stylist(frame)
            if film is not None:
                film.add(picture)
            yield Shot(picture, number, number / len(frames))
    finally:
        if film is not None:
            film.close()
