"""Networks small enough to know by heart, and pictures for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor, nn

from cnnlab import networks
from cnnlab.networks import Network
from cnnlab.networks.probes import activations
from cnnlab.optvis.objectives import Seen

T = TypeVar("T")
LABELS = ["goldfish", "hen", "flamingo", "panda", "gorilla"]


def convolutional(channels: int = 3, activation: type[nn.Module] = nn.ReLU, seed: int = 0) -> Network:
    """Two convolutions, a max pooling and a linear layer, for pictures of 32 x 32 and of any other size."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = nn.Sequential(
            nn.Conv2d(channels, 6, 3, padding=1), activation(), nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(6, 8, 3, padding=1), activation(), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(8, 5),
        )  # fmt: skip
    network = networks.wrap(module, (0.5,) * channels, (0.25,) * channels, LABELS, 32)
    return network.requires_grad_(False)


def linear(size: tuple[int, int, int], seed: int = 0) -> Network:
    """A linear classifier of pictures (C, H, W) = `size`: a logit has the gradient weights / std."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(size).numel(), 5))
    network = networks.wrap(module, (0.5,) * size[0], (0.25,) * size[0], LABELS, size[1])
    return network.requires_grad_(False)


class Choosing(nn.Module):
    """A convolution and a choice that depends on its output, so that no tracer can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x.mean((2, 3)) if x.mean() > 0 else x.amax((2, 3))


def choosing(size: int) -> Network:
    """A network whose code cannot be followed, for pictures of `size` pixels a side."""
    return networks.wrap(Choosing(), (0.5,) * 3, (0.5,) * 3, ["a", "b"], size)


def elsewhere(work: Callable[[], T]) -> T:
    """What `work()` returns in another thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Pictures (N, C, H, W) in which every value is drawn by itself."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def seen_by(network: Network, layer: str, pictures: Tensor) -> Seen:
    """What an objective of one layer may look at; gradients flow."""
    with activations(network, layer) as outputs:
        network.logits(network.normalise(pictures))
    return Seen(network, pictures, outputs)


def hooks(network: nn.Module) -> int:
    """How many hooks are on a network's modules."""
    return sum(
        len(layer._forward_pre_hooks) + len(layer._forward_hooks) + len(layer._backward_hooks)
        for layer in network.modules()
    )


def one_sentence(error: BaseException) -> bool:
    """Whether an error says one or two whole sentences, without a tensor printed into it."""
    text = str(error)
    return text.endswith(".") and 20 < len(text) < 300 and "tensor(" not in text
