"""Arrays, tensors, PIL images and encoded pictures as pictures: upright, sRGB, opaque, in [0, 1].

Photographs arrive as phones, scanners and web sites leave them: turned by EXIF, in palettes, with
transparency, for print (CMYK), in 16 bits. What leaves here is one plain tensor.
"""

import io
import warnings

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps
from torch import Tensor

from .checking import TOLERANCE, PictureError

MOST_PIXELS = 80_000_000  # a quarter of a gigabyte once decoded
FORMATS = ("PNG", "JPEG", "MPO", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO", "AVIF")  # none runs a program
SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L", "I;16N")
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def decode(data: bytes, name: str, max_side: int | None = None) -> Tensor:
    """The bytes of a picture file as (1, 3, H, W); `name` is what a complaint calls it."""
    if not data:
        raise PictureError(f"{name} is empty (0 bytes): download or copy it again.")
    Image.init()
    known = [format for format in FORMATS if format in Image.OPEN]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is damaged comes as an error, too
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=known)
            _allow(image, name)
            if max_side is not None and image.format == "JPEG":
                image.draft(None, (max_side, max_side))  # decode at 1/2, 1/4 or 1/8, never below max_side
            return from_image(image, name, max_side)
    except PictureError:
        raise
    except BOMBS as error:
        raise PictureError(_too_many(name, "more")) from error
    except Image.UnidentifiedImageError as error:
        raise PictureError(
            f"{name} is not a picture this course can read (it starts with {data[:12]!r}): "
            "use a PNG, JPEG, GIF, WebP, TIFF or BMP file."
        ) from error
    except Exception as error:  # Pillow's decoders raise many kinds for damaged files
        raise PictureError(f"{name} is damaged or cut short ({error}): download or copy it again.") from error


def from_image(image: Image.Image, name: str, max_side: int | None = None) -> Tensor:
    """A PIL image of any mode as (1, 3, H, W), upright, its long side at most `max_side`."""
    _allow(image, name)
    image = ImageOps.exif_transpose(image)
    if image.mode in SIXTEEN_BITS or image.mode == "F":
        return from_array(_levels(image, name), name)
    rgb = _opaque(_standard_colours(image))
    if max_side is not None and max(rgb.size) > max_side:
        rgb.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return from_array(np.array(rgb), name)


def _allow(image: Image.Image, name: str) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise PictureError(_too_many(name, f"{image.width} x {image.height}"))
    if image.width * image.height == 0:
        raise PictureError(f"{name} is {image.width} x {image.height}: it holds no pixels.")


def _too_many(name: str, size: str) -> str:
    limit = f"{MOST_PIXELS // 1_000_000} million pixels"
    return f"{name} has too many pixels ({size}; the limit is {limit}): make it smaller in a picture editor."


def _levels(image: Image.Image, name: str) -> np.ndarray:
    """A grey image of 16 bits, or of floats, as an array that says its own range."""
    levels = np.asarray(image)
    if image.mode == "F":
        return levels
    if levels.min() < 0 or levels.max() > 65535:
        raise PictureError(
            f"{name} has 32-bit values from {levels.min()} to {levels.max()}, more than 16 bits hold: "
            "turn it into a float array in [0, 1] and read that."
        )
    return levels.astype(np.uint16)


def _standard_colours(image: Image.Image) -> Image.Image:
    """The image in sRGB where it carries another colour profile; its own mode otherwise."""
    profile_bytes = image.info.get("icc_profile")
    if not profile_bytes:
        return image
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    alpha = image.getchannel("A") if "A" in image.getbands() else None
    colours = image.convert({"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode))
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return image
        converted = ImageCms.profileToProfile(
            colours, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (
        ImageCms.PyCMSError,
        OSError,
        ImportError,
    ):  # broken, or for other colours: better none than wrong
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _opaque(image: Image.Image) -> Image.Image:
    """The image as RGB, what is transparent laid on white."""
    see_through = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
    if not see_through:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


# --- arrays and tensors ---

WHOLE = {np.dtype(np.bool_): 1.0, np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}


def from_array(array: np.ndarray, name: str = "the array") -> Tensor:
    """An array (H, W) or (H, W, 1, 3 or 4) as (1, 3, H, W), float32 in [0, 1].

    bool, uint8 and uint16 are scaled from their whole range; floats have to lie in [0, 1] already.
    A fourth channel is opacity: the picture is laid on white.
    """
    if array.size == 0:
        raise PictureError(f"{name} has shape {array.shape}, which holds no pixels.")
    if array.ndim == 3 and array.shape[2] not in (1, 3, 4) and array.shape[0] in (1, 3, 4):
        raise PictureError(f"{name} has shape {array.shape}, colours first: use array.transpose(1, 2, 0).")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise PictureError(
            f"{name} has shape {array.shape}; an array is (H, W) for grey, or (H, W, C) with C = 3 (RGB), "
            "4 (RGB and opacity) or 1."
        )
    levels = _scaled(array, name)
    if levels.ndim == 2:
        levels = levels[:, :, None]
    if levels.shape[2] == 4:
        levels = levels[:, :, :3] * levels[:, :, 3:] + (1 - levels[:, :, 3:])
    picture = torch.from_numpy(np.ascontiguousarray(levels.transpose(2, 0, 1)))[None]  # (1, C, H, W)
    return picture.expand(-1, 3, -1, -1).contiguous()


def from_tensor(tensor: Tensor, name: str = "the tensor") -> Tensor:
    """A tensor (H, W), (C, H, W) or (1, C, H, W) with C = 1, 3 or 4 as (1, 3, H, W) on its own device."""
    shape = tuple(tensor.shape)
    if tensor.ndim == 4 and shape[0] > 1:
        raise PictureError(f"{name} holds {shape[0]} pictures and one is wanted: choose with tensor[i:i+1].")
    one = tensor.detach()[0] if tensor.ndim == 4 and shape[0] == 1 else tensor.detach()
    if one.ndim == 3 and one.shape[0] not in (1, 3, 4) and one.shape[2] in (1, 3, 4):
        raise PictureError(f"{name} has shape {shape}, colours last: use tensor.movedim(-1, -3).")
    if one.ndim not in (2, 3) or (one.ndim == 3 and one.shape[0] not in (1, 3, 4)):
        raise PictureError(
            f"{name} has shape {shape}; a tensor is (H, W), (C, H, W) or (1, C, H, W), C = 1, 3 or 4."
        )
    if one.dtype in (torch.bfloat16, torch.float16):  # NumPy has no bfloat16
        one = one.float()
    array = (one if one.ndim == 2 else one.permute(1, 2, 0)).cpu().numpy()
    return from_array(array, name).to(tensor.device)


def _scaled(array: np.ndarray, name: str) -> np.ndarray:
    """The array as float32 in [0, 1]."""
    if array.dtype.newbyteorder("=") in WHOLE:
        return array.astype(np.float32) / np.float32(WHOLE[array.dtype.newbyteorder("=")])
    if array.dtype.kind != "f":
        raise PictureError(
            f"{name} is {array.dtype}; use uint8 (0 to 255), uint16 (0 to 65535), bool, or floats in [0, 1]."
        )
    low, high = float(array.min()), float(array.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise PictureError(f"{name} holds NaN or infinite values: replace them, with np.nan_to_num say.")
    if low < -TOLERANCE or high > 1 + TOLERANCE:
        remedy = "divide by 255" if low >= 0 and 1.5 < high <= 255.5 else "rescale them first"
        raise PictureError(f"{name} has values from {low:.4g} to {high:.4g}; floats lie in [0, 1]: {remedy}.")
    return array.astype(np.float32).clip(0, 1)
