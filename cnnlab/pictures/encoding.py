"""Pictures as bytes: JPEG to send, PNG to keep."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from .checking import PictureError, check

FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


def encode(picture: Tensor, format: str = "jpeg", quality: int = 85) -> bytes:
    """One picture (1, C, H, W) as the bytes of a JPEG (`quality` 1 to 95) or of a PNG (exact to 1/255)."""
    return compress(to_image(picture), format, quality)


def save(picture: Any, path: str | Path, quality: int = 95) -> None:
    """Write one picture (1, C, H, W), or what `tile` or `compare` made, to a .png, .jpg or .jpeg file."""
    format = FORMATS.get(Path(path).suffix.lower())
    if format is None:
        raise PictureError(f"{str(path)!r} does not end in .png, .jpg or .jpeg: choose one of these.")
    image = getattr(picture, "image", None)  # tiles carry theirs
    Path(path).write_bytes(compress(image or to_image(picture), format, quality))


def to_image(picture: Tensor) -> Image.Image:
    """One picture (1, C, H, W) as a PIL image, rounded to 8 bits."""
    check(picture)
    if len(picture) != 1:
        raise PictureError(
            f"picture holds {len(picture)} pictures and one is wanted: choose with picture[i:i+1], "
            "or put them side by side with pictures.tile(picture)."
        )
    levels = picture.detach()[0].cpu().numpy() * 255  # (C, H, W); NumPy wakes no threads
    planes = [Image.fromarray(plane) for plane in np.rint(levels).astype(np.uint8)]
    return planes[0] if len(planes) == 1 else Image.merge("RGB", planes)


def compress(image: Image.Image, format: str, quality: int = 85) -> bytes:
    """A PIL image as the bytes of a "jpeg" or a "png"."""
    if format not in FORMATS.values():
        raise PictureError(f'format {format!r} is not known here: use "jpeg" or "png".')
    if not isinstance(quality, int) or not 1 <= quality <= 95:
        raise PictureError(f"quality is {quality!r}; give a whole number from 1 (small) to 95 (fine).")
    buffer = io.BytesIO()
    if format == "jpeg":
        image.save(
            buffer, "JPEG", quality=quality, subsampling=0 if quality >= 90 else -1
        )  # fine: full colour
    else:
        image.save(buffer, "PNG")
    return buffer.getvalue()
