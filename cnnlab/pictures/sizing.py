"""Pictures of another size, without jagged edges."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import interpolate

from .checking import PictureError, check

LONGEST = 4  # fit() looks at no more than this many times the short side


def resize(picture: Tensor, size: int | Sequence[int]) -> Tensor:
    """The picture (N, C, H, W) at `size`: one number for its short side, or (height, width).

    One number keeps the proportions, as in torchvision's transforms; a pair need not. Bilinear and
    antialiased. Gradients flow through.
    """
    check(picture)
    height, width = _two(size, picture)
    if (height, width) == tuple(picture.shape[-2:]):
        return picture
    resized = interpolate(picture, (height, width), mode="bilinear", antialias=True, align_corners=False)
    return resized.clamp(0, 1)


def fit(picture: Tensor, size: int | Sequence[int]) -> Tensor:
    """The centre of a picture (N, C, H, W) as a square (N, C, size, size), or at `size` = (height, width).

    One number: the short side becomes so long, then the middle is cut out, as ImageNet networks expect.
    A pair: the largest part of that shape is cut out of the middle, then resized.
    """
    check(picture)
    height, width = picture.shape[-2:]
    if isinstance(size, Sequence):
        tall, wide = _two(size, picture)
        scale = min(height / tall, width / wide)
        part = max(1, round(tall * scale)), max(1, round(wide * scale))
        return resize(_centre(picture, *part), (tall, wide))
    side = _side(size)
    short = min(height, width)
    if max(height, width) > LONGEST * short:  # a ribbon would grow huge before it is cut
        picture = _centre(picture, min(height, LONGEST * short), min(width, LONGEST * short))
    return _centre(resize(picture, side), side, side)


def _centre(picture: Tensor, height: int, width: int) -> Tensor:
    top = round((picture.shape[-2] - height) / 2)
    left = round((picture.shape[-1] - width) / 2)
    return picture[..., top : top + height, left : left + width].contiguous()


def _two(size: int | Sequence[int], picture: Tensor) -> tuple[int, int]:
    """Height and width."""
    if not isinstance(size, Sequence) or isinstance(size, str):
        height, width = picture.shape[-2:]
        side, short = _side(size), min(height, width)
        return side * height // short, side * width // short
    if len(size) != 2:
        raise PictureError(f"size is {size!r}; give (height, width), or one number for the short side.")
    return _side(size[0]), _side(size[1])


def _side(size: int) -> int:
    if not isinstance(size, int) or size < 1:
        raise PictureError(f"size is {size!r}; give whole numbers of pixels above 0.")
    return size
