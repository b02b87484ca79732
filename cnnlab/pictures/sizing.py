"""Pictures of another size, without jagged edges."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import interpolate

from .checking import PictureError, check

LONGEST = 4  # fit() looks at no more than this many times the short side


def resize(picture: Tensor, size: int | Sequence[int]) -> Tensor:
    """The picture (N, C, H, W) at `size`: (height, width), or one number for a square.

    Bilinear and antialiased, as in PIL and in torchvision's transforms; proportions are not kept
    (`fit` keeps them). Gradients flow through.
    """
    check(picture)
    height, width = _two(size)
    if (height, width) == tuple(picture.shape[-2:]):
        return picture
    resized = interpolate(picture, (height, width), mode="bilinear", antialias=True, align_corners=False)
    return resized.clamp(0, 1)


def fit(picture: Tensor, size: int) -> Tensor:
    """The centre of a picture (N, C, H, W) as a square (N, C, size, size).

    The short side becomes `size`, then the middle is cut out: what ImageNet networks expect.
    """
    check(picture)
    side = _side(size)
    height, width = picture.shape[-2:]
    short = min(height, width)
    if max(height, width) > LONGEST * short:  # a ribbon would grow huge before it is cut
        picture = _centre(picture, min(height, LONGEST * short), min(width, LONGEST * short))
        height, width = picture.shape[-2:]
    scaled = resize(picture, (max(side, side * height // short), max(side, side * width // short)))
    return _centre(scaled, side, side)


def _centre(picture: Tensor, height: int, width: int) -> Tensor:
    top = round((picture.shape[-2] - height) / 2)
    left = round((picture.shape[-1] - width) / 2)
    return picture[..., top : top + height, left : left + width].contiguous()


def _two(size: int | Sequence[int]) -> tuple[int, int]:
    """Height and width."""
    if not isinstance(size, Sequence) or isinstance(size, str):
        return _side(size), _side(size)
    if len(size) != 2:
        raise PictureError(f"size is {size!r}; give (height, width), or one number for a square.")
    return _side(size[0]), _side(size[1])


def _side(size: int) -> int:
    if not isinstance(size, int) or size < 1:
        raise PictureError(f"size is {size!r}; give whole numbers of pixels above 0.")
    return size
