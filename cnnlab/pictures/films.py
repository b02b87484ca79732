"""Pictures that move: read from animations and films, written to files that every browser plays.

MP4 and its kin take the extra `video`, which brings PyAV.
"""

from __future__ import annotations

import io
import math
import os
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageSequence
from torch import Tensor

from .checking import PictureError, check
from .decoding import from_image
from .encoding import to_image
from .reading import read
from .sizing import fit, resize

VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi")
WRITTEN = (".gif", ".webp", ".mp4")
CLOSER = 1.5  # how much nearer than the whole photograph the camera is
SWINGS = 97, 61  # frames in which the camera swings from side to side, and up and down
NO_PYAV = (
    "films such as MP4 need PyAV: install it with  pip install av  and restart the kernel, or use an "
    "animated GIF or WebP."
)


def frames(source: Any, most: int = 60, max_side: int = 320) -> Tensor:
    """The first `most` frames of an animation or a film as (N, 3, H, W), at most `max_side` pixels a side.

    `source` is anything that `pictures.read` takes, or a film (MP4, QuickTime, WebM, AVI), as its path or its
    bytes; these take the extra `video`. What does not move has one frame. Raises `PictureError` as `read`
    does, and for an animation that breaks off within a frame; a GIF that was cut between two frames is only
    shorter.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        if path.suffix.lower() in (*VIDEOS, ".gif", ".webp") and path.is_file():
            source = path.read_bytes()
    if not isinstance(source, bytes):
        return read(source, max_side=max_side)
    if is_video(source):
        return torch.cat([from_image(image, "the film", max_side) for image in _video(source, most)])
    first = read(source, max_side=max_side)
    moving = _animation(source, most)
    return torch.cat([from_image(image, "the animation", max_side) for image in moving]) if moving else first


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


class Film:
    """A film at `path`: an animated .gif (256 colours a picture), .webp (all colours, smaller files) or .mp4.

    with Film("dream.gif") as film:
        for picture in pictures:
            film.add(picture)

    A GIF or a WebP is whole after each picture: stop when you like, and keep what is there. An MP4 is the
    smallest, takes the extra `video` and is there from `close` on; where a side is odd, its last pixel is
    there twice. `fps` is how many pictures it shows in a second. An older file at `path` is replaced.
    Raises `PictureError` for another ending, for a picture of another size than the first, for one after
    `close`, and without the extra.
    """

    def __init__(self, path: str | Path, fps: int = 12) -> None:
        self.path, self.fps = Path(path), fps
        kind = self.path.suffix.lower()
        if kind not in WRITTEN:
            raise PictureError(f"{self.path.name!r} does not end in {', '.join(WRITTEN)}: choose one.")
        if not 1 <= fps <= 50:
            raise PictureError(f"browsers play from 1 to 50 pictures a second, not {fps}.")
        if kind == ".mp4":
            _av()
        self.mp4, self.closed, self.length = kind == ".mp4", False, 0
        self.partial = self.path.with_name(f".{self.path.name}")
        self._images: list[Image.Image] = []
        self._size: tuple[int, int] | None = None
        self._video: Any = None

    def __len__(self) -> int:
        return self.length

    def add(self, picture: Tensor) -> None:
        """One more picture (1, C, H, W) at the end."""
        if self.closed:
            raise PictureError(f"{self.path.name!r} is closed: begin another film.")
        image = to_image(picture).convert("RGB")
        self._size = self._size or image.size
        if image.size != self._size:
            first = "{} x {}".format(*self._size)
            raise PictureError(f"the film is {first} pixels and this picture {image.width} x {image.height}.")
        if self.mp4:
            self._add_to_video(np.asarray(image))
        else:
            self._add_to_animation(image)
        self.length += 1

    def close(self) -> None:
        """No more pictures: an MP4 is put in its place."""
        if self._video is not None and not self.closed:
            self._video.close()
            os.replace(self.partial, self.path)
        self.closed = True

    def __enter__(self) -> Film:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _add_to_animation(self, image: Image.Image) -> None:
        """Write all of it anew, beside the old file first: there is a whole one at any moment."""
        gif = self.path.suffix.lower() == ".gif"
        self._images.append(image.quantize(256, Image.Quantize.MEDIANCUT) if gif else image)
        first, *others = self._images
        first.save(
            self.partial, "GIF" if gif else "WEBP", save_all=True, append_images=others,
            duration=round(1000 / self.fps), loop=0,
        )  # fmt: skip
        os.replace(self.partial, self.path)

    def _add_to_video(self, pixels: np.ndarray) -> None:
        """One more frame (H, W, 3) of H.264, which wants even sides."""
        if self._video is None:
            import imageio.v3 as iio

            self._video = iio.imopen(self.partial, "w", plugin="pyav", extension=".mp4")
            self._video.init_video_stream("libx264", fps=self.fps)
        odd = [(0, side % 2) for side in pixels.shape[:2]]
        self._video.write_frame(np.pad(pixels, [*odd, (0, 0)], "edge"))


def is_video(data: bytes) -> bool:
    """Whether these are the first bytes of a film in MP4 or QuickTime, Matroska or WebM, or AVI."""
    still = data[8:12] in (b"avif", b"heic", b"mif1")
    return (data[4:8] == b"ftyp" and not still) or data[:4] == b"\x1aE\xdf\xa3" or data[8:12] == b"AVI "


def _video(data: bytes, most: int) -> list[Image.Image]:
    """The first pictures of a film, at least one."""
    av = _av()
    import imageio.v3 as iio  # here, as few lessons open a film

    try:
        moving = iio.imiter(io.BytesIO(data), plugin="pyav")
        found = [Image.fromarray(pixels) for pixels in islice(moving, most)]
    except (av.FFmpegError, OSError, LookupError, ValueError) as error:
        raise PictureError(
            f"the film is damaged or holds no pictures ({error}): download it again."
        ) from error
    if not found:
        raise PictureError("the film holds no pictures: download or copy it again.")
    return found


def _animation(data: bytes, most: int) -> list[Image.Image]:
    """The first pictures of an animation; none of what does not move."""
    try:
        image = Image.open(io.BytesIO(data))
        if getattr(image, "n_frames", 1) == 1:
            return []
        return [frame.copy() for frame in islice(ImageSequence.Iterator(image), most)]
    except Exception as error:  # Pillow's decoders raise many kinds for damaged files
        raise PictureError(
            f"the animation is damaged or cut short ({error}): download or copy it again."
        ) from error


def _av() -> Any:
    """PyAV, which imageio asks for its films."""
    try:
        import av
    except ImportError:
        raise PictureError(NO_PYAV) from None
    return av
