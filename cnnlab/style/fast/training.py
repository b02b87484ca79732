"""Teach a small network a style: it sees photographs and is told how far its pictures are from the goal.

training = StyleTraining(TransformerNet(), PerceptualLoss(network, styles.read("oil", 256)))
for step in training:                     # without end: stop when you like, the network is kept
    training.content = settings.content   # every attribute is read anew at each step
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor
from torch.optim import Adam, Optimizer

from ...datasets.sources import entries
from ...pictures import PictureError, names, resize
from ..losses import PerceptualLoss
from .network import TransformerNet

SIDE = 256  # pixels of the short side at which photographs are held
HELD = 300  # so many stay in memory, a quarter of a megabyte each; others are read again when they are drawn
SMALLEST = 0.5  # the smallest crop, as a share of the short side
QUINTIC = 3.4445, -4.7750, 2.0315  # Jordan's: five rounds bring singular values from 0.01 to about 1
ROUNDS = 5


class StyleTrainingStep(NamedTuple):
    """What one step found before it changed the network."""

    number: int  # steps so far
    loss: float  # the weighted sum that the step makes smaller
    parts: dict[str, float]  # "content", "style" and "smooth", without weights: means over the batch
    photographs: Tensor  # (N, 3, size, size), crops
    pictures: Tensor  # (N, 3, size, size): what the network made of them


def held_out() -> list[str]:
    """Every tenth of the bundled photographs' names: for measuring, never for training."""
    return names()[::10]


class Photographs:
    """Many photographs, of which random crops are taken: anywhere, from half of the short side to all of it,
    half of them mirrored.

    source: anything that `sources.entries` takes, a folder or a data set, say. By default the bundled
        photographs that are not `held_out`.

    Raises `PictureError` for anything else. What cannot be read is left out when its turn comes.
    """

    def __init__(self, source: Any = None) -> None:
        if source is None:
            source = [(name, name) for name in names() if name not in held_out()]
        self._entries = list(entries(source))
        if not self._entries:
            raise PictureError("there is no photograph to learn from: give a folder that holds some.")
        self._read = lru_cache(HELD)(_small)

    def __len__(self) -> int:
        return len(self._entries)

    def crops(self, count: int, size: int, generator: Generator) -> Tensor:
        """(count, 3, size, size), drawn with `generator`.

        Raises `PictureError` where none of the photographs can be read.
        """
        return torch.cat([self._crop(size, generator) for _ in range(count)])

    def _crop(self, size: int, generator: Generator) -> Tensor:
        photograph = self._draw(generator)
        height, width = photograph.shape[2:]
        closer, down, right, mirror = torch.rand(4, generator=generator).tolist()
        side = max(1, round(min(height, width) * (SMALLEST + (1 - SMALLEST) * closer)))
        top, left = round(down * (height - side)), round(right * (width - side))
        crop = resize(photograph[..., top : top + side, left : left + side].float() / 255, (size, size))
        return crop.flip(3) if mirror < 0.5 else crop

    def _draw(self, generator: Generator) -> Tensor:
        """One photograph, (1, 3, H, W) as bytes."""
        while self._entries:
            number = int(torch.randint(len(self._entries), (1,), generator=generator))
            try:
                return self._read(self._entries[number][1])
            except (PictureError, OSError):
                del self._entries[number]
        raise PictureError("none of the photographs can be read: give a folder of JPEG or PNG files.")


def _small(get: Callable[[], Tensor]) -> Tensor:
    """The photograph that `get` gets, small, (1, 3, H, W) as bytes."""
    return (resize(get(), SIDE) * 255).round().byte()


@dataclass
class StyleTraining:
    """Iterating improves `transformer` in place and yields a `StyleTrainingStep` each time, without end.

    Iterating again goes on. Every attribute is read anew at each step, so all may be changed meanwhile, the
    goal too. `number` counts the steps; they, `generator`, the network and the `optimizers` are all that a
    checkpoint must hold.

    content, style, smooth: weights of the parts of the loss.
    step_size: of Muon, for the convolutions, and of Adam, for all else. size: the crops' side in pixels.
    batch: how many a step sees. seed: draws the crops.

    ValueError says that the loss is no number any more; the network is then as it was before that step.
    """

    transformer: TransformerNet
    goal: PerceptualLoss
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
        self.generator = Generator().manual_seed(self.seed)
        weights = list(self.transformer.parameters())
        self.optimizers = (
            Muon(weight for weight in weights if weight.ndim > 1),  # several times as fast as Adam
            Adam([weight for weight in weights if weight.ndim == 1], betas=(0.9, 0.99)),
        )

    def __iter__(self) -> Iterator[StyleTrainingStep]:
        while True:
            yield self._step()

    def _step(self) -> StyleTrainingStep:
        device = self.goal.network.device
        self.transformer.to(device)
        photographs = self.photographs.crops(self.batch, self.size, self.generator).to(device)
        pictures = self.transformer(photographs)
        parts = {name: part.mean() for name, part in self.goal(pictures, photographs).items()}
        loss = sum(getattr(self, name) * part for name, part in parts.items())
        weights = list(self.transformer.parameters())
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient  # those of the network that judges get none
        size = torch.nn.utils.clip_grad_norm_(weights, 10.0)
        if not (math.isfinite(loss.item()) and size.isfinite()):
            raise ValueError(
                "the loss is not a number any more: take smaller weights or a smaller step size."
            )
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = self.step_size
            optimizer.step()
        self.number += 1
        values = {name: part.item() for name, part in parts.items()}
        return StyleTrainingStep(self.number, loss.item(), values, photographs, pictures.detach())


class Muon(Optimizer):
    """Moves in which no direction of a weight matrix is larger than another.

    For the weights of convolutions (O, I, h, w), read as matrices (O, I * h * w), and for matrices.
    Jordan et al. 2024 (kellerjordan.github.io/posts/muon), with Nesterov's momentum. Moves are as long as
    Adam's of the same `lr` usually are: 0.2 in the root of the mean square (Liu et al. 2025,
    arXiv:2502.16982).
    """

    def __init__(self, weights: Iterable[Tensor], lr: float = 2e-3, momentum: float = 0.9) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None) -> None:  # type: ignore[override]
        """Move the weights that have a gradient."""
        for group in self.param_groups:
            for weight in (weight for weight in group["params"] if weight.grad is not None):
                state, share = self.state[weight], 1 - group["momentum"]
                mean = state.setdefault("mean", torch.zeros_like(weight)).lerp_(weight.grad, share)
                ahead = weight.grad.lerp(mean, group["momentum"]).flatten(1)
                move = orthogonal(ahead) * 0.2 * max(ahead.shape) ** 0.5
                weight.sub_(move.view_as(weight), alpha=group["lr"])


def orthogonal(matrix: Tensor) -> Tensor:
    """U V' of a matrix (m, n) = U S V', nearly: singular values come out between 0.7 and 1.2."""
    tall = matrix.shape[0] > matrix.shape[1]
    wide = (matrix.mT if tall else matrix) / matrix.norm().clamp_min(1e-7)
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        square = wide @ wide.mT
        wide = a * wide + (b * square + c * square @ square) @ wide
    return wide.mT if tall else wide
