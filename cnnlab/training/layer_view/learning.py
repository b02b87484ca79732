"""Learning by stochastic gradient descent, one mini-batch a step, with settings that may change at any
step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ...datasets.picture_sets import PictureSet
from ...networks import Network
from ...networks.probes import activations
from .architecture import Architecture, build

CHUNK = 250  # pictures that are looked at together in a test
TESTED = 1000  # pictures of the test set, at most, while a network learns


@dataclass
class Settings:
    """How to learn. All may change while a network learns.

    rate: the step size. momentum: the share of the last step that is kept, 0 to below 1. batch: pictures a
    step. decay: how strongly weights are drawn towards 0 (weight decay, L2).
    """

    rate: float = 0.01
    momentum: float = 0.9
    batch: int = 20
    decay: float = 0.0005


@dataclass(frozen=True)
class Exam:
    """What a network makes of test pictures: the share it names rightly, its mean loss, and for each layer
    what no picture brings above 0: the share of its numbers, and how many whole maps."""

    accuracy: float
    loss: float
    never_on: dict[str, float]
    dead_maps: dict[str, int]


@dataclass(frozen=True)
class Step:
    """After so many steps: the loss of the last mini-batch, and an exam where one was due."""

    number: int
    loss: float
    exam: Exam | None


class Learner:
    """A network that learns to name the pictures of a set. Everything random follows from `seed`."""

    def __init__(self, pictures: PictureSet, architecture: Architecture, seed: int = 0) -> None:
        side = pictures.shape[1]
        module = build(architecture, pictures.shape, len(pictures.names), seed)
        some = pictures.pictures[:TESTED]
        mean, std = some.mean((0, 2, 3)).tolist(), some.std((0, 2, 3)).clamp(min=1e-3).tolist()
        self.network = Network(module, mean, std, pictures.names, side, name=f"network for {pictures.name}")
        self.pictures, self.architecture, self.seed = pictures, architecture, seed
        self.parameters = list(self.network.parameters())
        self.velocities = [torch.zeros_like(p) for p in self.parameters]
        self.steps = 0
        self._draw = torch.Generator().manual_seed(seed)
        self._order = torch.empty(0, dtype=torch.long)  # what is left of this round through the pictures

    def step(self, settings: Settings) -> float:
        """Learn from one mini-batch; its loss (cross-entropy) before the step.

        v <- momentum v + gradient + decay w;  w <- w - rate v, as torch.optim.SGD does it. ValueError where
        the loss is no longer a number.
        """
        chosen = self._next(min(settings.batch, len(self.pictures.labels)))
        network = self.network.train()
        logits = network.logits(network.normalise(self.pictures.pictures[chosen]))
        loss = cross_entropy(logits, self.pictures.labels[chosen].to(logits.device))
        if not math.isfinite(value := loss.item()):
            network.eval()
            raise ValueError(
                f"the loss is no longer a number after {self.steps:,} steps: they were too large. Lower the "
                "step size, and press Reset."
            )
        gradients = torch.autograd.grad(loss, self.parameters)
        with torch.no_grad():
            for weights, velocity, gradient in zip(self.parameters, self.velocities, gradients, strict=True):
                velocity.mul_(settings.momentum).add_(gradient).add_(weights, alpha=settings.decay)
                weights.sub_(velocity, alpha=settings.rate)
        network.eval()
        self.steps += 1
        return value

    def learn(self, settings: Settings, every: int = 100) -> Iterator[Step]:
        """Steps without end; `settings` are read anew at each. An exam after each `every` steps."""
        while True:
            loss = self.step(settings)
            yield Step(self.steps, loss, self.exam() if self.steps % every == 0 else None)

    @torch.no_grad()
    def exam(self, most: int = TESTED) -> Exam:
        """The network on the first `most` test pictures."""
        names = [layer.name for layer in self.network.layers]
        right, loss, on = 0, 0.0, dict[str, Tensor]()
        pictures, labels = self.pictures.test_pictures[:most], self.pictures.test_labels[:most]
        with activations(self.network, *names, keep=lambda output: (output > 0).any(0)) as seen:
            for some, wanted in zip(pictures.split(CHUNK), labels.split(CHUNK), strict=True):
                logits = self.network.logits(self.network.normalise(some)).cpu()
                right += int((logits.argmax(1) == wanted).sum())
                loss += cross_entropy(logits, wanted, reduction="sum").item()
                on = {name: on[name] | units if on else units for name, units in seen.items()}
        never = {name: 1 - units.float().mean().item() for name, units in on.items()}
        dead = {name: int((~units.reshape(len(units), -1).any(1)).sum()) for name, units in on.items()}
        return Exam(right / len(labels), loss / len(labels), never, dead)

    def _next(self, size: int) -> Tensor:
        """The next pictures to learn from: all come once, in random order, before any comes again."""
        if len(self._order) < size:
            self._order = torch.randperm(len(self.pictures.labels), generator=self._draw)
        chosen, self._order = self._order[:size], self._order[size:]
        return chosen
