"""A small network that paints a picture in one style, in one pass."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...pictures import PictureError, check

SMALLEST = 20  # pixels a side: what the reflections of the widest convolution need, with room
MOST_PIXELS = 4_000_000  # one picture then takes a gigabyte


class TransformerNet(nn.Module):
    """Pictures (N, 3, H, W) in [0, 1] to pictures of the same size in [0, 1], of any height and width.

    The image transformation network of Johnson, Alahi and Fei-Fei 2016 (arXiv:1603.08155) with half its
    filters: two strided convolutions, five residual blocks, two enlargements. Each convolution is followed by
    instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022). It enlarges by drawing
    values between pixels before a convolution, which leaves no checkerboard (Odena, Dumoulin and Olah 2016),
    and pads with reflections. All weights are drawn from `seed`. `about` says what it was trained on, where
    that is known.
    """

    def __init__(self, filters: int = 16, blocks: int = 5, seed: int = 0) -> None:
        super().__init__()
        few, some, many = filters, 2 * filters, 4 * filters
        self.layers = nn.Sequential(
            _conv(3, few, 9), nn.ReLU(inplace=True),
            _conv(few, some, 3, stride=2), nn.ReLU(inplace=True),
            _conv(some, many, 3, stride=2), nn.ReLU(inplace=True),
            *(Residual(many) for _ in range(blocks)),
            nn.Upsample(scale_factor=2, mode="bilinear"), _conv(many, some, 3), nn.ReLU(inplace=True),
            nn.Upsample(scale_factor=2, mode="bilinear"), _conv(some, few, 3), nn.ReLU(inplace=True),
            _conv(few, 3, 5, norm=False), nn.Sigmoid(),
        )  # fmt: skip
        self.about: dict = {}
        generator = torch.Generator().manual_seed(seed)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 3, H, W) in [0, 1], painted; `PictureError` where they are none, or too large."""
        height, width = pictures.shape[2:] if pictures.ndim == 4 else (0, 0)
        if height * width > MOST_PIXELS:
            raise PictureError(
                f"{width} x {height} pixels take too much memory to paint: pictures.read(picture, "
                "max_side=1024) reduces them."
            )
        check(pictures, "the picture")
        if pictures.shape[1] != 3:
            raise PictureError("the picture has one channel: pictures.read(picture) makes it RGB.")
        wide, high = (max(-side % 4, SMALLEST - side) for side in (width, height))
        padded = F.pad(pictures, (0, wide, 0, high), "replicate")
        painted = self.layers((padded - 0.5).contiguous(memory_format=torch.channels_last))
        return painted[..., :height, :width].contiguous()


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, norm: bool = True) -> nn.Sequential:
    """A convolution whose padding is reflected, and instance normalisation.

    Groups of one channel are instances: so said, it keeps channels last in memory, and is far faster.
    """
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=not norm, padding_mode="reflect")
    return nn.Sequential(conv, *([nn.GroupNorm(outputs, outputs)] if norm else []))


class Residual(nn.Module):
    """What two convolutions make of the maps, added to them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            _conv(channels, channels, 3), nn.ReLU(inplace=True), _conv(channels, channels, 3)
        )

    def forward(self, maps: Tensor) -> Tensor:
        return maps + self.change(maps)
