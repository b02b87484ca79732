"""One change for all pictures: what it is added to, the network mistakes.

Such a change was first found by Moosavi-Dezfooli et al. 2017 (arXiv:1610.08401); this is the shorter way of
Shafahi et al. 2020 (arXiv:1811.11304): gradient steps on batches of pictures. What descends is the logit of
each picture's own label. (The lead of another class, margin(...), does worse on pictures that it never saw:
each has a nearest class of its own, and what all have in common is what speaks for the right one.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..networks import Network, answers
from ..pictures import PictureError, check, fit
from .norms import LINF, Norm


@dataclass(frozen=True)
class UniversalStep:
    """The `change` (1, C, size, size) after `number` moves, and which share of the last batch it `fooled`."""

    number: int
    change: Tensor
    fooled: float


@dataclass
class Universal:
    """A change that climbs, batch after batch of `pictures` (N, C, H, W), within `eps` in a `norm`.

    Iterating yields a `UniversalStep` before each move, without end; every attribute is read anew. Each batch
    is cut to `size` pixels at a random place, and mirrored half of the time: without that, a hundred pictures
    are learned by heart and the change does less to others. `seed` draws the batches, cuts and mirrors. The
    labels are what the network says of the pictures' middles.
    """

    network: Network
    pictures: Tensor
    size: int
    eps: float = 10 / 255
    norm: Norm = LINF
    rel_stepsize: float = 0.1
    batch: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        check(self.pictures, "pictures")
        if not 0 < self.size <= min(self.pictures.shape[2:]):
            height, width = self.pictures.shape[2:]
            raise PictureError(f"A square of {self.size} cannot be cut out of {height} x {width} pixels.")
        self.change = torch.zeros(1, self.pictures.shape[1], self.size, self.size, device=self.network.device)
        self._random = torch.Generator().manual_seed(self.seed)

    def __iter__(self) -> Iterator[UniversalStep]:
        number, labels = 0, answers(self.network, fit(self.pictures, self.size))
        while True:
            for chosen in torch.randperm(len(self.pictures), generator=self._random).split(self.batch):
                cut = self._cut(self.pictures[chosen].to(self.network.device))
                change = self.change.clone().requires_grad_()
                with torch.enable_grad():
                    logits = self.network(added(cut, change))
                    own = logits.gather(1, labels[chosen, None])
                fooled = (logits.argmax(1) != labels[chosen]).float().mean().item()
                yield UniversalStep(number, self.change, fooled)
                (gradient,) = torch.autograd.grad(-own.sum(), change)
                moved = self.change + self.rel_stepsize * self.eps * self.norm.direction(gradient)
                self.change = self.norm.project(moved, moved.new_full((1, 1, 1, 1), self.eps))
                number += 1

    def _cut(self, pictures: Tensor) -> Tensor:
        """A square at a random place, the same in each, perhaps mirrored."""
        places = [side - self.size + 1 for side in pictures.shape[2:]]
        top, left = (int(torch.randint(most, (), generator=self._random)) for most in places)
        cut = pictures[..., top : top + self.size, left : left + self.size]
        return cut.flip(3) if torch.rand((), generator=self._random) < 0.5 else cut


def added(pictures: Tensor, change: Tensor) -> Tensor:
    """Each picture (N, C, H, W) with the change (1, C, H, W) added, cut off at black and white."""
    return (pictures + change).clamp(0, 1)
