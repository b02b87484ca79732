"""Films of pictures, as files that every browser plays."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image
from torch import Tensor

from .pictures import PictureError
from .pictures.encoding import to_image

FORMATS = (".gif", ".webp")


class Film:
    """A film at `path`, an animated .gif (256 colours a picture) or .webp (all colours, smaller files).

    film = Film("dream.gif")
    for picture in pictures:
        film.add(picture)  # the file is whole after each: stop when you like, and keep what is there

    `fps` is how many pictures it shows in a second. An older file at `path` is replaced by the first picture.
    Raises `PictureError` for another ending, or for a picture of another size than the first.
    """

    def __init__(self, path: str | Path, fps: int = 12) -> None:
        self.path, self.fps = Path(path), fps
        if self.path.suffix.lower() not in FORMATS:
            raise PictureError(f"{self.path.name!r} does not end in {' or '.join(FORMATS)}: choose one.")
        if not 1 <= fps <= 50:
            raise PictureError(f"browsers play from 1 to 50 pictures a second, not {fps}.")
        self._images: list[Image.Image] = []

    def __len__(self) -> int:
        return len(self._images)

    def add(self, picture: Tensor) -> None:
        """One more picture (1, C, H, W) at the end."""
        image = to_image(picture).convert("RGB")
        if self._images and image.size != self._images[0].size:
            first = "{} x {}".format(*self._images[0].size)
            raise PictureError(f"the film is {first} pixels and this picture {image.width} x {image.height}.")
        gif = self.path.suffix.lower() == ".gif"
        self._images.append(image.quantize(256, Image.Quantize.MEDIANCUT) if gif else image)
        self._write()

    def _write(self) -> None:
        """Beside the old file first, so that there is a whole one at any moment."""
        new = self.path.with_name(f".{self.path.name}")
        first, *others = self._images
        first.save(
            new, self.path.suffix[1:].upper(), save_all=True, append_images=others,
            duration=round(1000 / self.fps), loop=0,
        )  # fmt: skip
        os.replace(new, self.path)
