"""Pictures of nothing: what does a network say when there is nothing to see?

An honest one would say that it does not know. Nguyen, Yosinski and Clune 2015 (arXiv:1412.1897) found
pictures that people cannot name and networks name with certainty; Goodfellow et al. 2015 (arXiv:1412.6572)
count, in an appendix, how often plain noise is taken for a class.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..networks import Network
from .attacks import Attack
from .budgets import L2

NOISE = 0.1  # standard deviation of the grey noise that a fooling picture starts from


def fooling(network: Network, goals: Tensor, size: int, length: float = 1.0, seed: int = 0) -> Attack:
    """An attack that turns grey noise (N, C, size, size), drawn with `seed`, into N goals (N,).

    Anything in [0, 1] is within its budget; each step is `length` long, in L2.
    """
    channels = network.mean.shape[1]
    shape = len(goals), channels, size, size
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    reach = (channels * size**2) ** 0.5  # from black to white
    return Attack(
        network, (0.5 + NOISE * noise).clamp(0, 1), goals, eps=reach, budget=L2, stride=length / reach
    )


@torch.no_grad()
def taken_for_something(network: Network, count: int, threshold: float = 0.5, seed: int = 0) -> float:
    """The share of `count` drawn inputs N(0, I) whose likeliest class has more than `threshold`, 0 to 1.

    They are drawn as the paper draws them, so they leave [0, 1].
    """
    shape = count, network.mean.shape[1], network.size, network.size
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    sure = network.logits(network.normalise(noise)).softmax(1).amax(1)
    return (sure > threshold).float().mean().item()
