"""What helps, and what only seems to: pictures changed before the network sees them, adversarial training.

A defence maps pictures (N, C, H, W) in [0, 1] to pictures. `Defended(network, defence)` is a network that
looks through it; that it has no gradient, or a useless one, is no protection: Athalye, Carlini and Wagner
2018 (arXiv:1802.00420).

Adversarial training is Goodfellow, Shlens and Szegedy 2015 (arXiv:1412.6572), section 6: the loss is half
that of the pictures and half that of their adversarial twins, made anew at each step. `noisy` is their
control: the same size, no aim.
"""

from collections.abc import Callable, Iterator

import torch
import torchvision.transforms.functional as TF
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from ..networks import Network, wrap
from ..pictures import encode, read
from .linear import sign_step

Defence = Callable[[Tensor], Tensor]
Teacher = Callable[[Network, Tensor, Tensor, Generator], Tensor]  # pictures and labels -> more pictures


def jpeg(quality: int) -> Defence:
    """Saved as a JPEG of this `quality`, 1 to 95, and read again. It has no gradient."""
    return lambda pictures: _stored(pictures, "jpeg", quality)


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
    return lambda pictures: pictures + (defence(pictures.detach()) - pictures).detach()


class Defended(nn.Module):
    """`network`, with a `defence` before it and its logits multiplied by `factor`."""

    def __init__(self, network: Network, defence: Defence = lambda p: p, factor: float = 1.0) -> None:
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
    batch: int = 50,
    learning_rate: float = 0.002,
    seed: int = 0,
) -> Iterator[float]:
    """Trains `network` in place, with Adam; yields the mean loss of each epoch.

    pictures: (N, C, H, W) in [0, 1], labels (N,). `seed` draws their order and what the teacher draws.
    teacher: what half of the loss is taken on instead, `adversarial(eps)` or `noisy(eps)`.
    """
    random = Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(pictures), generator=random).split(batch):
            some, known = pictures[chosen], labels[chosen].to(network.device)
            shown = [some] if teacher is None else [some, teacher(network, some, known, random)]
            losses = [cross_entropy(network.logits(network.normalise(each)), known) for each in shown]
            loss = torch.stack(losses).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(chosen)
        yield total / len(pictures)
