"""What counts as a picture, and the one sentence that says why something does not."""

import torch
from torch import Tensor

TOLERANCE = 1e-4  # how far outside [0, 1] rounding may carry a value


class PictureError(ValueError):
    """A picture that cannot be used; the message says what was wrong and what to do."""


def check(picture: Tensor, name: str = "picture") -> None:
    """Raise `PictureError` unless `picture` is float32 (N, C, H, W), C = 3 (RGB) or 1, in [0, 1].

    Values may leave [0, 1] by 1e-4, as rounding does. `name` is what the sentence calls the picture.
    The check reads the picture once (about 20 microseconds at 227 x 227), so that every public
    function can afford it.
    """
    if not isinstance(picture, Tensor):
        raise PictureError(
            f"{name} is {a_kind(picture)}, not a tensor: pictures.read(...) makes a (1, 3, H, W) tensor "
            "of a name, a path, bytes, an array or a PIL image."
        )
    if picture.ndim != 4 or picture.shape[1] not in (1, 3) or picture.numel() == 0:
        raise PictureError(_wrong_shape(picture, name))
    if picture.dtype is not torch.float32:
        raise PictureError(_wrong_dtype(picture, name))
    low, high = (value.item() for value in picture.detach().aminmax())
    if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):  # false for NaN, too
        raise PictureError(_wrong_range(low, high, name))


def a_kind(thing: object) -> str:
    kind = type(thing).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


def _wrong_shape(picture: Tensor, name: str) -> str:
    shape = tuple(picture.shape)
    start = f"{name} has shape {shape}"
    if picture.numel() == 0:
        return f"{start}, which holds no pixels: a picture is (N, C, H, W) with at least one of each."
    if picture.ndim == 3 and shape[0] in (1, 3):
        return f"{start}; a picture is (N, C, H, W): add the first axis with {name}[None]."
    if picture.ndim == 3 and shape[2] in (1, 3):
        return f"{start}, colours last; a picture is (N, C, H, W): {name}.permute(2, 0, 1)[None]."
    if picture.ndim == 2:
        return f"{start}; a picture is (N, C, H, W): add the first two axes with {name}[None, None]."
    if picture.ndim == 4 and shape[3] in (1, 3):
        return f"{start}, colours last; a picture is (N, C, H, W): {name}.permute(0, 3, 1, 2)."
    if picture.ndim == 4 and shape[1] == 4:
        return f"{start}, four channels; leave out the transparency with {name}[:, :3]."
    if picture.ndim == 4:
        return f"{start}, so {shape[1]} channels; a picture (N, C, H, W) has 3 (RGB) or 1 (grey)."
    return f"{start}; a picture is (N, C, H, W) with 3 channels (RGB) or 1 (grey)."


def _wrong_dtype(picture: Tensor, name: str) -> str:
    kind = str(picture.dtype).removeprefix("torch.")
    if picture.dtype is torch.uint8:
        return f"{name} is uint8, 0 to 255; a picture is float32 in [0, 1]: use {name}.float() / 255."
    return f"{name} is {kind}; a picture is float32 in [0, 1]: use {name}.float()."


def _wrong_range(low: float, high: float, name: str) -> str:
    """The sentence for values outside [0, 1]; `low` and `high` may be NaN or infinite."""
    if low != low or high != high:
        return (
            f"{name} holds NaN (not a number): look for 0/0, the log of 0 or a step size that is too large."
        )
    if float("-inf") in (low, high) or float("inf") in (low, high):
        return f"{name} holds infinite values: look for a division by 0 or a step size that is too large."
    start = f"{name} has values from {low:.4g} to {high:.4g}; a picture lies in [0, 1]"
    if low >= 0 and 1.5 < high <= 255.5:
        return f"{start}: divide by 255."
    if low < 0 and high <= 3.5:
        return f"{start}: undo the normalisation (networks here normalise inside), or use .clamp(0, 1)."
    return f"{start}: rescale it, or use .clamp(0, 1)."
