"""Pictures that move: the frames of an animation, and a camera that wanders over a photograph."""

from __future__ import annotations

import io
import math
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageSequence
from torch import Tensor

from . import PictureError, check, fit, read, resize
from .decoding import from_image
from .video import ENDINGS, images, is_video

MOVING = (*ENDINGS, ".gif", ".webp")  # endings of files that are read here, frame by frame
CLOSER = 1.5  # how much nearer than the whole photograph the camera is
SWINGS = 97, 61  # frames in which the camera swings from side to side, and up and down


def frames(source: Any, most: int = 60, max_side: int = 320) -> Tensor:
    """The first `most` frames of an animation or a film as (N, 3, H, W), at most `max_side` pixels a side.

    `source` is anything that `pictures.read` takes, or a film (MP4, QuickTime, WebM, AVI), as its path or its
    bytes; these take the extra `video`. What does not move has one frame. Raises `PictureError` as `read`
    does, and for an animation that breaks off within a frame; a GIF that was cut between two frames is only
    shorter.
    """
    if isinstance(source, str | Path) and Path(source).suffix.lower() in MOVING and Path(source).is_file():
        source = Path(source).read_bytes()
    if isinstance(source, bytes) and is_video(source):
        found = [from_image(image, "the film", max_side) for image in images(source, most)]
        if not found:
            raise PictureError("the film holds no pictures: download or copy it again.")
        return torch.cat(found)
    first = read(source, max_side=max_side)
    if not isinstance(source, bytes):
        return first
    try:
        image = Image.open(io.BytesIO(source))
        if getattr(image, "n_frames", 1) == 1:
            return first
        moving = islice(ImageSequence.Iterator(image), most)
        return torch.cat([from_image(frame.copy(), "the animation", max_side) for frame in moving])
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds for damaged files
        raise PictureError(
            f"the animation is damaged or cut short ({error}): download or copy it again."
        ) from error


def pan(picture: Tensor, size: int, moment: int) -> Tensor:
    """(1, C, size, size): what a camera sees of `picture` (1, C, H, W) at a `moment`, a number of frames.

    It starts at the centre and wanders along a Lissajous figure, `CLOSER` to the photograph than `fit`.
    """
    check(picture)
    near = resize(picture, round(CLOSER * size))
    down, right = (
        round((side - size) * (0.5 + 0.5 * math.sin(2 * math.pi * moment / swing)))
        for side, swing in zip(near.shape[2:], SWINGS, strict=True)
    )
    return near[..., down : down + size, right : right + size]


def view(clip: Tensor, size: int, moment: int, panning: bool) -> Tensor:
    """(1, C, size, size): frame number `moment` of `clip` (N, C, H, W), which starts anew at its end."""
    picture = clip[moment % len(clip)][None]
    return pan(picture, size, moment) if panning else fit(picture, size)
