"""A classifier that takes RGB pictures in [0, 1], and what it says of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..arguments.names import unknown
from ..pictures import PictureError, check, fit
from .layers import Layers, layers_of

# How PyTorch and torchvision say that a picture is too small, or not of the one size that a network takes.
WRONG_SIZE = re.compile(
    "Output size is too small|greater than actual input size|shapes cannot be multiplied"
    "|is invalid for input of size|Wrong image (height|width)"
)


class SizeError(PictureError):
    """A picture of a size that a network cannot look at."""


class Network(nn.Module):
    """A classifier with its normalisation inside, the names of its classes and of its layers.

    `module` maps normalised pictures to logits (N, classes); where it returns several heads, as GoogLeNet
    does in training, the first counts. `mean` and `std` hold one number for each channel, on the scale
    where white is 1. `size` is the side in pixels of the pictures that it was made for. In-place
    activations are turned off, because they would overwrite what a lesson wants to look at.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        module: nn.Module,
        mean: Sequence[float],
        std: Sequence[float],
        labels: Sequence[str],
        size: int = 224,
        name: str = "",
    ) -> None:
        super().__init__()
        if len(mean) != len(std) or len(mean) not in (1, 3):
            raise ValueError(
                f"mean and std need one number a channel, 3 or 1, not {len(mean)} and {len(std)}."
            )
        if not all(s > 0 for s in std):
            raise ValueError(f"std divides the picture, so its numbers must be above 0, unlike {tuple(std)}.")
        self.module = module.eval()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1))
        self.labels = list(labels)
        self.size = size
        self.name = name or type(module).__name__
        for layer in module.modules():
            if getattr(layer, "inplace", False):
                layer.inplace = False  # type: ignore[assignment]

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (N, classes) of `pictures` (N, C, H, W) in [0, 1]; a `PictureError` says what is not so."""
        check(pictures, "the picture")
        return self.logits(self.normalise(pictures))

    def logits(self, normalised: Tensor) -> Tensor:
        """Logits (N, classes) of pictures that `normalise` has been through.

        Raises `SizeError` where they are too small for the network, or not of the one size that it takes.
        """
        normalised = normalised.contiguous(memory_format=torch.channels_last)
        try:
            output = self.module(normalised)
        except (RuntimeError, AssertionError) as error:
            (height, width), side = normalised.shape[2:], self.size
            if height == width == side or not WRONG_SIZE.search(str(error)):
                raise
            raise SizeError(
                f"{self.name} cannot look at a picture of {height} x {width} pixels: take the size that it "
                f"was made for, {side} x {side}, as pictures.fit(picture, {side}) does."
            ) from error
        return output if isinstance(output, Tensor) else output[0]

    def normalise(self, pictures: Tensor) -> Tensor:
        """`pictures` in [0, 1], on the network's device, as its first layer wants them."""
        if pictures.shape[1] != self.mean.shape[1]:
            wants, got = self.mean.shape[1], pictures.shape[1]
            raise ValueError(f"{self.name} looks at pictures with {wants} channel(s), this one has {got}.")
        return (pictures.to(self.device) - self.mean) / self.std

    @property
    def device(self) -> torch.device:
        """Where the network's numbers are, and so where its work is done."""
        return self.mean.device

    @cached_property
    def layers(self) -> Layers:
        """The layers in forward order, with output shapes and receptive fields, for pictures of `size`."""
        picture = torch.zeros(1, self.mean.shape[1], self.size, self.size)
        return layers_of(self.module, self.normalise(picture))

    def layer(self, name: str) -> nn.Module:
        """The module called `name`; one that is not there raises ValueError with the nearest names."""
        try:
            return self.module.get_submodule(name)
        except AttributeError:
            raise unknown("layer", name, self.layers.names, "network.layers lists all of them.") from None

    def class_index(self, label: str | int) -> int:
        """The number of the class called `label` (upper or lower case), or that has this number.

        A class that is not there raises ValueError with the nearest names.
        """
        if isinstance(label, int):
            if 0 <= label < len(self.labels):
                return label
            raise ValueError(f"class {label} is not there: the classes are 0 to {len(self.labels) - 1}.")
        folded = [known.lower() for known in self.labels]
        if label.strip().lower() in folded:
            return folded.index(label.strip().lower())
        raise unknown("class", label, self.labels, "network.labels lists all of them.")

    @torch.no_grad()
    def predict(self, picture: Tensor, k: int = 5) -> Prediction:
        """The `k` likeliest labels of one picture (1, C, H, W), with their probabilities in [0, 1].

        A picture of another size than the network's is resized and cropped at its centre first.
        """
        check(picture, "the picture")
        if len(picture) != 1:
            raise ValueError(f"predict looks at one picture at a time, not at {len(picture)}.")
        if picture.shape[2:] != (self.size, self.size):
            picture = fit(picture, self.size)
        logits = self(picture)
        if logits.shape[1] != len(self.labels):
            classes, labels = logits.shape[1], len(self.labels)
            raise ValueError(f"{self.name} has {classes} classes and {labels} label(s): give one for each.")
        top = logits.softmax(1)[0].topk(min(k, len(self.labels)))
        return Prediction(
            Guess(self.labels[i], p) for p, i in zip(top.values.tolist(), top.indices.tolist(), strict=True)
        )


@torch.no_grad()
def answers(network: Network, pictures: Tensor, batch: int = 16) -> Tensor:
    """(N,): the number of the likeliest class for each of many pictures (N, C, H, W), `batch` at a time."""
    return torch.cat([network(part).argmax(1) for part in pictures.split(batch)])


class Guess(NamedTuple):
    """A label and its probability in [0, 1]."""

    label: str
    probability: float


class Prediction(tuple[Guess, ...]):
    """The likeliest labels, most probable first; a notebook shows them with bars."""

    def __repr__(self) -> str:
        return "\n".join(f"{p:6.1%}  {label}" for label, p in self)

    def _repr_html_(self) -> str:
        bar = "<div style='background:#0072b2;height:.8em;width:{:.0f}px'></div>"
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(label)}</td><td>{p:.1%}</td>"
            f"<td style='text-align:left'>{bar.format(200 * p)}</td></tr>"
            for label, p in self
        )
        return f"<table><tbody>{rows}</tbody></table>"
