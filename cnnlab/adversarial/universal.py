"""One change for all pictures: what it is added to, the network mistakes.

Such a change was first found by Moosavi-Dezfooli et al. 2017 (arXiv:1610.08401); this is the shorter way of
Shafahi et al. 2020 (arXiv:1811.11304): ascend the loss of many pictures at once, each capped, so that those
that are fooled already leave the others their say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..networks import Network
from ..pictures import check
from .attacks import margin
from .budgets import MAX, Budget

CAP = 2.0  # a picture that another class leads by so many logits counts as done


@dataclass(frozen=True)
class Shared:
    """The `change` (1, C, H, W) after `number` moves, and which share of the last batch it `fooled`."""

    number: int
    change: Tensor
    fooled: float


@dataclass
class Universal:
    """A change that climbs, batch after batch of `pictures` (N, C, H, W), within `eps` in `budget`'s norm.

    Iterating yields a `Shared` before each move, without end; every attribute is read anew. `seed` draws the
    batches. What is to be fooled is the network's own label of each picture.
    """

    network: Network
    pictures: Tensor
    eps: float = 10 / 255
    budget: Budget = MAX
    stride: float = 0.1
    batch: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        check(self.pictures, "pictures")
        self.change = torch.zeros_like(self.pictures[:1])

    def __iter__(self) -> Iterator[Shared]:
        random, number = torch.Generator().manual_seed(self.seed), 0
        labels = said(self.network, self.pictures)
        while True:
            for chosen in torch.randperm(len(self.pictures), generator=random).split(self.batch):
                change = self.change.clone().requires_grad_()
                logits = self.network(added(self.pictures[chosen], change))
                lead = margin(logits, labels[chosen])
                yield Shared(number, self.change, (lead > 0).float().mean().item())
                (gradient,) = torch.autograd.grad(lead.clamp_max(CAP).sum(), change)
                moved = self.change + self.stride * self.eps * self.budget.direction(gradient)
                self.change = self.budget.project(moved, torch.tensor(self.eps).view(1, 1, 1, 1))
                number += 1


def added(pictures: Tensor, change: Tensor) -> Tensor:
    """Each picture (N, C, H, W) with the change (1, C, H, W) added, cut off at black and white."""
    return (pictures + change).clamp(0, 1)


@torch.no_grad()
def said(network: Network, pictures: Tensor, batch: int = 32) -> Tensor:
    """(N,): the network's labels of many pictures, a few at a time."""
    return torch.cat([network(part).argmax(1) for part in pictures.split(batch)])
