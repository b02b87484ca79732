"""Films of pictures, as files that every browser plays."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from torch import Tensor

from . import PictureError
from .encoding import to_image
from .video import Mp4

FORMATS = (".gif", ".webp", ".mp4")


class Film:
    """A film at `path`: an animated .gif (256 colours a picture), .webp (all colours, smaller files) or .mp4.

    with Film("dream.gif") as film:
        for picture in pictures:
            film.add(picture)  # the file is whole after each: stop when you like, and keep what is there

    `fps` is how many pictures it shows in a second. An older file at `path` is replaced by the first picture.
    MP4 is the smallest and takes the extra `video`. Its last picture is written by `close`, and where a side
    is odd, its last pixel is there twice. Raises `PictureError` for another ending, for a picture of another
    size than the first, for one after `close`, and without the extra.
    """

    def __init__(self, path: str | Path, fps: int = 12) -> None:
        self.path, self.fps = Path(path), fps
        if self.path.suffix.lower() not in FORMATS:
            raise PictureError(f"{self.path.name!r} does not end in {', '.join(FORMATS)}: choose one.")
        if not 1 <= fps <= 50:
            raise PictureError(f"browsers play from 1 to 50 pictures a second, not {fps}.")
        self._writer = (Mp4 if self.path.suffix.lower() == ".mp4" else Animation)(self.path, fps)
        self._size: tuple[int, int] | None = None
        self._length = 0
        self._closed = False

    def __len__(self) -> int:
        return self._length

    def add(self, picture: Tensor) -> None:
        """One more picture (1, C, H, W) at the end."""
        if self._closed:
            raise PictureError(f"{self.path.name!r} is closed: begin another film.")
        image = to_image(picture).convert("RGB")
        self._size = self._size or image.size
        if image.size != self._size:
            first = "{} x {}".format(*self._size)
            raise PictureError(f"the film is {first} pixels and this picture {image.width} x {image.height}.")
        self._writer.add(image)
        self._length += 1

    def close(self) -> None:
        """No more pictures: only an MP4 needs it."""
        if not self._closed:
            self._writer.close()
        self._closed = True

    def __enter__(self) -> Film:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Animation:
    """A GIF or WebP file at `path` that is whole after each picture: all of it is written anew each time."""

    def __init__(self, path: Path, fps: int) -> None:
        self.path, self.fps = path, fps
        self._images: list[Image.Image] = []

    def add(self, image: Image.Image) -> None:
        """One more picture; beside the old file first, so that there is a whole one at any moment."""
        gif = self.path.suffix.lower() == ".gif"
        self._images.append(image.quantize(256, Image.Quantize.MEDIANCUT) if gif else image)
        new = self.path.with_name(f".{self.path.name}")
        first, *others = self._images
        first.save(
            new, self.path.suffix[1:].upper(), save_all=True, append_images=others,
            duration=round(1000 / self.fps), loop=0,
        )  # fmt: skip
        os.replace(new, self.path)

    def close(self) -> None:
        """The file is whole already."""
