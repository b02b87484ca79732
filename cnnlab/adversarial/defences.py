"""What is done to a picture before the network sees it, in the hope that an attack gets lost on the way.

A defence maps pictures (N, C, H, W) in [0, 1] to pictures. `Defended(network, defence)` is a network that
looks through it; that it has no gradient, or a useless one, is no protection: Athalye, Carlini and Wagner
2018 (arXiv:1802.00420).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torchvision.transforms.functional as TF
from torch import Tensor, nn

from ..networks import Network
from ..pictures import encode, read

Defence = Callable[[Tensor], Tensor]


def jpeg(quality: int) -> Defence:
    """Saved as a JPEG of this `quality`, 1 to 95, and read again. It has no gradient."""

    def defence(pictures: Tensor) -> Tensor:
        return _stored(pictures, "jpeg", quality)

    return defence


def png(pictures: Tensor) -> Tensor:
    """Saved as a PNG and read again: every value becomes a multiple of 1/255. It has no gradient."""
    return _stored(pictures, "png", 95)


def turned(degrees: float) -> Defence:
    """Turned by so many degrees about the centre; what comes in at the corners is black."""
    return lambda pictures: TF.rotate(pictures, degrees, TF.InterpolationMode.BILINEAR)


def straight_through(defence: Defence) -> Defence:
    """The defence, and on the way back nothing: gradients pass as if it were not there.

    That is how Athalye et al. break defences that have no gradient (they call it BPDA).
    """

    def lent(pictures: Tensor) -> Tensor:
        return pictures + (defence(pictures.detach()) - pictures).detach()

    return lent


class Defended(nn.Module):
    """`network`, with a `defence` before it and its logits multiplied by `factor`."""

    def __init__(
        self, network: Network, defence: Defence = lambda pictures: pictures, factor: float = 1.0
    ) -> None:
        super().__init__()
        self.network, self.defence, self.factor = network, defence, factor

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (N, classes) of pictures (N, C, H, W) in [0, 1]."""
        return self.factor * self.network(self.defence(pictures))


@torch.no_grad()
def _stored(pictures: Tensor, format: str, quality: int) -> Tensor:
    channels = pictures.shape[1]
    read_again = [read(encode(picture, format, quality))[:, :channels] for picture in pictures.split(1)]
    return torch.cat(read_again).to(pictures.device)
