"""Learning by stochastic gradient descent, one mini-batch a step, with settings that may change at any step;
and a network that has learned as a file."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ...datasets import PictureSet
from ...networks import Network, activations, tensor_files
from ...pictures.sheets import History
from .architecture import Architecture, require

CHUNK, TESTED = 250, 1000  # test pictures that are looked at together, and at most, while a network learns
POINTS = 300  # of a curve
Snapshot = tuple[dict[str, Any], dict[str, Tensor]]
FOREIGN = "this is no snapshot of a network from the layer view, or it is damaged: export one with save()."


@dataclass
class LearningSettings:
    """How to learn. All may change while a network learns.

    rate: the step size. momentum: the share of the last step that is kept, 0 to below 1. batch: pictures a
    step. decay: how strongly weights are drawn towards 0 (weight decay, L2).
    """

    rate: float = 0.01
    momentum: float = 0.9
    batch: int = 20
    decay: float = 0.0005


class Evaluation(NamedTuple):
    """What a network makes of test pictures after so many steps: the share it names rightly, its mean loss,
    and for each layer what no picture brings above 0: the share of its units, and how many whole maps."""

    step: int
    accuracy: float
    loss: float
    dead_units: dict[str, float]
    dead_maps: dict[str, int]


class Learner:
    """A network that learns to name the pictures of a set. Everything random follows from `seed`.

    How it has learned so far: `loss`, the mean over the last mini-batches; the last `evaluation`; `curves`.
    """

    evaluation: Evaluation

    def __init__(self, data: PictureSet, architecture: Architecture, seed: int = 0, steps: int = 0) -> None:
        """Before the first of its steps, or after `steps` that it took elsewhere."""
        some = data.train.pictures[:TESTED]
        mean, std = some.mean((0, 2, 3)).tolist(), some.std((0, 2, 3)).clamp(min=1e-3).tolist()
        module, name = architecture.build(data.shape, len(data.names), seed), f"network for {data.name}"
        self.network = Network(module, mean, std, data.names, data.shape[1], name)
        self.data, self.architecture, self.seed = data, architecture, seed
        self.parameters = list(self.network.parameters())
        self.velocities = [torch.zeros_like(p) for p in self.parameters]
        self.steps, self.loss, self._began = steps, 0.0, steps
        self._losses, self._evaluations = History[tuple[int, float]](POINTS), History[Evaluation](POINTS)
        self._draw = torch.Generator().manual_seed(seed)
        self._order = torch.empty(0, dtype=torch.long)  # what is left of this round through the pictures

    def step(self, settings: LearningSettings) -> float:
        """Learn from one mini-batch; its loss (cross-entropy) before the step.

        v <- momentum v + gradient + decay w;  w <- w - rate v, as torch.optim.SGD does it. ValueError where
        the loss is no longer a number.
        """
        pictures, labels = self.data.train
        chosen, network = self._next(min(settings.batch, len(labels))), self.network.train()
        logits = network.logits(network.normalise(pictures[chosen]))
        network.eval()
        loss = cross_entropy(logits, labels[chosen].to(logits.device))
        value, reason = loss.item(), f"no longer a number after {self.steps:,} steps: they were too large."
        require(math.isfinite(value), f"the loss is {reason} Lower the step size, and press Reset.")
        gradients = torch.autograd.grad(loss, self.parameters)
        with torch.no_grad():
            for weights, velocity, gradient in zip(self.parameters, self.velocities, gradients, strict=True):
                velocity.mul_(settings.momentum).add_(gradient).add_(weights, alpha=settings.decay)
                weights.sub_(velocity, alpha=settings.rate)
        self._note(value)
        return value

    def learn(self, settings: LearningSettings, every: int = 100) -> Iterator[Evaluation | None]:
        """Steps without end; `settings` are read anew at each. An evaluation after each `every` of them, else
        None."""
        while True:
            self.step(settings)
            yield self.evaluate() if self.steps % every == 0 else None

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """The network on the first 1000 test pictures."""
        names, right, loss, on = self.network.layers.names, 0, 0.0, dict[str, Tensor]()
        pictures, labels = self.data.test.part(slice(TESTED))
        with activations(self.network, *names, keep=lambda output: (output > 0).any(0)) as seen:
            for some, wanted in zip(pictures.split(CHUNK), labels.split(CHUNK), strict=True):
                logits = self.network.logits(self.network.normalise(some)).cpu()
                right += int((logits.argmax(1) == wanted).sum())
                loss += cross_entropy(logits, wanted, reduction="sum").item()
                on = {name: on[name] | units if on else units for name, units in seen.items()}
        units = {name: 1 - units.float().mean().item() for name, units in on.items()}
        maps = {name: int((~units.reshape(len(units), -1).any(1)).sum()) for name, units in on.items()}
        self.evaluation = Evaluation(self.steps, right / len(labels), loss / len(labels), units, maps)
        self._evaluations.add(self.evaluation)
        return self.evaluation

    def curves(self) -> tuple[dict[int, float], dict[int, float]]:
        """By step, short enough to draw, the last always among them: `loss`, and the accuracy."""
        losses = {**dict(self._losses.kept), self.steps: self.loss} if self._losses.kept else {}
        return losses, {one.step: one.accuracy for one in (*self._evaluations.kept, self.evaluation)}

    def save(self, path: str | Path) -> None:
        """Write the network as it is now to a .safetensors file, which holds numbers and words and no
        program; the layer view's *Snapshot* control reads it again."""
        about = {
            "architecture": self.architecture, "steps": self.steps, "data": self.data.name,
            "classes": self.data.names, "shape": self.data.shape,
        }  # fmt: skip
        tensor_files.write(Path(path), about, self.network.state_dict())

    def _next(self, size: int) -> Tensor:
        """The next pictures to learn from: all come once, in random order, before any comes again."""
        if len(self._order) < size:
            self._order = torch.randperm(len(self.data.train.labels), generator=self._draw)
        chosen, self._order = self._order[:size], self._order[size:]
        return chosen

    def _note(self, loss: float) -> None:
        """Count a step and its loss."""
        self.steps += 1
        share = max(0.03, 1 / (self.steps - self._began))  # a running mean over the last 30 or so
        self.loss += share * (loss - self.loss)
        self._losses.add((self.steps, self.loss))


def read_snapshot(content: bytes) -> Snapshot:
    """What is in a file that `Learner.save` wrote, given its bytes: words about the network, and its numbers
    by name. ValueError where they are damaged or something else."""
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder, "snapshot")
            path.write_bytes(content)
            about, numbers = tensor_files.read(path)
        Architecture(about["architecture"])
        return about, numbers
    except (ValueError, KeyError, AttributeError) as error:
        raise ValueError(FOREIGN) from error


def restored(snapshot: Snapshot, data: PictureSet, seed: int = 0) -> Learner:
    """The network of a snapshot, ready to learn on. ValueError where `data` are of another kind than its
    own."""
    about, numbers = snapshot
    alike = [about.get("shape"), about.get("classes")] == [list(data.shape), list(data.names)]
    words = "the snapshot learned {0}, and {1} differs in shape or classes: choose {0} as the data."
    require(alike, words.format(about.get("data"), data.name))
    try:
        learner = Learner(data, Architecture(about["architecture"]), seed, int(about["steps"]))
        learner.network.load_state_dict(numbers)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(FOREIGN) from error
    return learner
