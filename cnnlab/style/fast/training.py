"""Teach a small network a style: it sees photographs and is told how far its pictures are from the goal.

training = Training(Stylist(), Perceptual(network, painted.read("oil", 256)))
for step in training:                     # without end: stop when you like, the network is kept
    training.content = settings.content   # every attribute is read anew at each step
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ...networks import tensor_files
from . import checkpoints
from .muon import Muon
from .network import Stylist
from .perceptual import Perceptual
from .photographs import Photographs


class Step(NamedTuple):
    """What one step found before it changed the network."""

    number: int  # steps so far
    loss: float  # the weighted sum that the step makes smaller
    parts: dict[str, float]  # "content", "style" and "smooth", without weights: means over the batch
    photographs: Tensor  # (N, 3, size, size), crops
    pictures: Tensor  # (N, 3, size, size): what the network made of them


@dataclass
class Training:
    """Iterating improves `stylist` in place and yields a `Step` each time, without end.

    Iterating again goes on. Every attribute is read anew at each step, so all may be changed meanwhile, the
    goal too.

    content, style, smooth: weights of the parts of the loss.
    step_size: of Muon, for the convolutions, and of Adam, for all else. size: the crops' side in pixels.
    batch: how many a step sees. seed: draws the crops.

    ValueError says that the loss is no number any more; the network is then as it was before that step.
    """

    stylist: Stylist
    goal: Perceptual
    photographs: Photographs = field(default_factory=Photographs)
    content: float = 3.0
    style: float = 6.0
    smooth: float = 0.3
    step_size: float = 4e-3
    size: int = 128
    batch: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        self.number = 0
        self._generator = torch.Generator().manual_seed(self.seed)
        weights = list(self.stylist.parameters())
        self._optimisers = {
            "muon": Muon(weight for weight in weights if weight.ndim > 1),  # several times as fast as Adam
            "adam": torch.optim.Adam([weight for weight in weights if weight.ndim == 1], betas=(0.9, 0.99)),
        }

    def __iter__(self) -> Iterator[Step]:
        while True:
            yield self._step()

    def _step(self) -> Step:
        device = self.goal.network.device
        self.stylist.to(device)
        photographs = self.photographs.crops(self.batch, self.size, self._generator).to(device)
        pictures = self.stylist(photographs)
        parts = {name: part.mean() for name, part in self.goal(pictures, photographs).items()}
        loss = sum(getattr(self, name) * part for name, part in parts.items())
        self.stylist.zero_grad()
        loss.backward()
        size = torch.nn.utils.clip_grad_norm_(self.stylist.parameters(), 10.0)
        if not (math.isfinite(loss.item()) and size.isfinite()):
            raise ValueError(
                "the loss is not a number any more: take smaller weights or a smaller step size."
            )
        for optimiser in self._optimisers.values():
            optimiser.param_groups[0]["lr"] = self.step_size
            optimiser.step()
        self.number += 1
        values = {name: part.item() for name, part in parts.items()}
        return Step(self.number, loss.item(), values, photographs, pictures.detach())

    def save(self, file: Path | str, **about: object) -> None:
        """Write all that `resume` needs to go on exactly here, with words `about` it, which JSON can hold."""
        tensors = checkpoints.pack(**self._parts())
        tensor_files.write(Path(file), {**about, "number": self.number}, tensors)

    def resume(self, file: Path | str) -> dict[str, object]:
        """Go on where `save` was called, and return its words. ValueError for a damaged or another file."""
        about, tensors = tensor_files.read(Path(file))
        checkpoints.unpack(tensors, **self._parts())
        self.number = about.pop("number")
        return about

    def _parts(self) -> dict[str, checkpoints.Part]:
        return {"stylist": self.stylist, "random": self._generator, **self._optimisers}
