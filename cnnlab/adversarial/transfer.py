"""Does what fools one network fool another? Made on each, shown to all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from ..networks import Network
from .linear import loss_gradient


class Table(NamedTuple):
    """`error[i, j]`: the share of wrong labels that network j gives to what was made on network i.

    `clean` (K,) is their error on the pictures as they were.
    """

    names: tuple[str, ...]
    clean: Tensor  # (K,)
    error: Tensor  # (K, K)


def sign_step(network: Network, pictures: Tensor, labels: Tensor, eps: float) -> Tensor:
    """`pictures` (N, C, H, W) after one step of the fast gradient sign method, not cut at black and white.

    So the paper's experiments on digits have it. It may leave [0, 1]; `fast_gradient_sign` stays within.
    """
    return pictures + eps * loss_gradient(network, pictures, labels).sign()


@torch.no_grad()
def transfer(
    networks: Mapping[str, Network], pictures: Tensor, labels: Tensor, make: Callable[[Network], Tensor]
) -> Table:
    """How networks (K, by name) that take the same pictures (N, C, H, W) fare on those that `make(network)`
    makes for each of them; they may leave [0, 1]."""

    def error(network: Network, shown: Tensor) -> float:
        said = network.logits(network.normalise(shown)).argmax(1)
        return (said != labels.to(said.device)).float().mean().item()

    clean = torch.tensor([error(network, pictures) for network in networks.values()])
    rows = []
    for source in networks.values():
        with torch.enable_grad():
            made = make(source)
        rows.append([error(network, made) for network in networks.values()])
    return Table(tuple(networks), clean, torch.tensor(rows))
