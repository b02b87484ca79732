"""Learning from one's mistakes: small networks that train on what would fool them at that moment.

Goodfellow, Shlens and Szegedy 2015 (arXiv:1412.6572), section 6: the loss is half that of the pictures and
half that of their adversarial twins, made anew at each step. `noisy` is their control: the same size, no aim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from ..networks import Network, wrap
from .transfer import sign_step

Teacher = Callable[[Network, Tensor, Tensor, Generator], Tensor]  # pictures and labels -> more pictures


def adversarial(eps: float) -> Teacher:
    """Shows the network its own adversarial twins, one step of the fast gradient sign method away."""
    return lambda network, pictures, labels, generator: sign_step(network, pictures, labels, eps)


def noisy(eps: float) -> Teacher:
    """Shows the pictures with eps added to each value, or taken away, as a coin says."""

    def teacher(network: Network, pictures: Tensor, labels: Tensor, generator: Generator) -> Tensor:
        coins = torch.randint(0, 2, pictures.shape, generator=generator).to(pictures)
        return pictures + eps * (2 * coins - 1)

    return teacher


def digit_network(
    hidden: tuple[int, ...] = (), convolutions: bool = False, seed: int = 0, side: int = 28
) -> Network:
    """An untrained network for digits (N, 1, side, side), its weights drawn with `seed`.

    `hidden` are numbers of neurons, () is softmax regression; `convolutions` puts two layers of these before.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        front: list[nn.Module] = [nn.Flatten()]
        if convolutions:
            front = [
                nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(),
                nn.Conv2d(16, 32, 5, stride=2, padding=2), nn.ReLU(), nn.Flatten(),
            ]  # fmt: skip
        before = 32 * ((side + 3) // 4) ** 2 if convolutions else side**2
        for width in hidden:
            front += [nn.Linear(before, width), nn.ReLU()]
            before = width
        module = nn.Sequential(*front, nn.Linear(before, 10))
    return wrap(module, (0.0,), (1.0,), [str(digit) for digit in range(10)], side)


def learn(
    network: Network,
    pictures: Tensor,
    labels: Tensor,
    epochs: int,
    teacher: Teacher | None = None,
    alpha: float = 0.5,
    batch: int = 50,
    step_size: float = 0.002,
    seed: int = 0,
) -> Iterator[float]:
    """Trains `network` in place, with Adam; yields the mean loss of each epoch.

    pictures: (N, C, H, W) in [0, 1], labels (N,). `seed` draws their order and what the teacher draws.
    teacher: what else to learn from, `adversarial(eps)` or `noisy(eps)`; `alpha` is the weight of the clean
        pictures' loss, 1 - alpha that of the teacher's.
    """
    random = Generator().manual_seed(seed)
    rule = torch.optim.Adam(network.parameters(), lr=step_size)
    for _ in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(pictures), generator=random).split(batch):
            some, known = pictures[chosen], labels[chosen].to(network.device)
            loss = cross_entropy(network.logits(network.normalise(some)), known)
            if teacher is not None:
                taught = network.normalise(teacher(network, some, known, random))
                loss = alpha * loss + (1 - alpha) * cross_entropy(network.logits(taught), known)
            rule.zero_grad()
            loss.backward()
            rule.step()
            total += loss.item() * len(chosen)
        yield total / len(pictures)
