"""Films as cameras and telephones make them, MP4 and its kin, by way of PyAV: the extra `video` brings it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from . import PictureError

ENDINGS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi")
# A fragment for each picture, written when the next one comes: then the file is whole at any moment.
FRAGMENTS = {"movflags": "frag_every_frame+empty_moov+default_base_moof", "flush_packets": "1"}
# zerolatency: a picture is written when it comes, and not when the next ones have come.
CODEC = {"crf": "20", "preset": "veryfast", "tune": "zerolatency"}


def is_video(data: bytes) -> bool:
    """Whether these are the first bytes of a film in MP4 or QuickTime, Matroska or WebM, or AVI."""
    still = data[8:12] in (b"avif", b"heic", b"mif1")
    return (data[4:8] == b"ftyp" and not still) or data[:4] == b"\x1aE\xdf\xa3" or data[8:12] == b"AVI "


def images(data: bytes, most: int) -> Iterator[Image.Image]:
    """The first `most` pictures of a film. `PictureError` says that PyAV is missing, or the film damaged."""
    av = _av()
    try:
        with av.open(io.BytesIO(data)) as container:
            for frame in islice(container.decode(video=0), most):
                yield frame.to_image()
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise PictureError(
            f"the film is damaged or holds no pictures ({error}): download it again."
        ) from error


class Mp4:
    """An MP4 file (H.264) at `path`, whole at any moment but for the last picture, which `close` writes.

    H.264 wants even sides: of odd ones the last pixel is repeated.
    """

    def __init__(self, path: Path, fps: int) -> None:
        self._av = _av()
        self.path, self.fps = path, fps
        self._container: Any = None

    def add(self, image: Image.Image) -> None:
        """One more picture at the end, of the size of the first."""
        even = image.width + image.width % 2, image.height + image.height % 2
        if image.size != even:
            image = _wider(image, even)
        if self._container is None:
            self._container = self._av.open(str(self.path), "w", format="mp4", options=FRAGMENTS)
            self._stream = self._container.add_stream("libx264", rate=self.fps, options=CODEC)
            self._stream.width, self._stream.height = even
            self._stream.pix_fmt = "yuv420p"
        self._container.mux(self._stream.encode(self._av.VideoFrame.from_image(image)))

    def close(self) -> None:
        """The end: the last picture is written."""
        if self._container is not None:
            self._container.mux(self._stream.encode())
            self._container.close()


def _wider(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """An image of `size`, at most a pixel more a side than the given one, whose last pixels are repeated."""
    right, down = size[0] - image.width, size[1] - image.height
    return Image.fromarray(np.pad(np.asarray(image), ((0, down), (0, right), (0, 0)), "edge"))


def _av() -> Any:
    try:
        import av
    except ImportError:
        raise PictureError(
            "films such as MP4 need PyAV: install it with  pip install av  and restart the kernel, or use an "
            "animated GIF or WebP."
        ) from None
    return av
