"""NumPy arrays and tensors as pictures: shapes and value ranges, told apart."""

import numpy as np
import torch
from torch import Tensor

from .checking import TOLERANCE, PictureError

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
