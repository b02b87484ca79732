"""How far a picture may be moved: four small pieces that a norm swaps, so that one loop serves all of them.

Changes are (N, C, H, W); eps is one number for each picture, (N, 1, 1, 1).
"""

from typing import Protocol

import torch
from torch import Generator, Tensor

HALF = 2.0**-24  # how far adding may round a number in [0, 1], twice over: so no change ends beyond eps


class Norm(Protocol):
    """A norm, as an attack needs it."""

    def size(self, change: Tensor) -> Tensor:
        """The norm of each change, (N,)."""

    def direction(self, gradient: Tensor) -> Tensor:
        """Of all changes of size 1 the one along which a score with this gradient rises fastest.

        Where the gradient is 0, so is the change.
        """

    def project(self, change: Tensor, eps: Tensor) -> Tensor:
        """The nearest change whose size is at most eps, less what adding it to a picture may round."""

    def draw(self, change: Tensor, generator: Generator) -> Tensor:
        """Random changes of the same shape, evenly from all whose size is at most 1."""


class _Maximum:
    """No value of a picture moves by more than eps."""

    def size(self, change: Tensor) -> Tensor:
        return change.abs().flatten(1).amax(1)

    def direction(self, gradient: Tensor) -> Tensor:
        return gradient.sign()

    def project(self, change: Tensor, eps: Tensor) -> Tensor:
        bound = (eps - HALF).clamp_min(0)
        return change.clamp(-bound, bound)

    def draw(self, change: Tensor, generator: Generator) -> Tensor:
        return (2 * torch.rand(change.shape, generator=generator) - 1).to(change.device)


class _Euclidean:
    """The change is no longer than eps, as a vector of all its values."""

    def size(self, change: Tensor) -> Tensor:
        return change.flatten(1).norm(dim=1)

    def direction(self, gradient: Tensor) -> Tensor:
        return gradient / self._length(gradient)

    def project(self, change: Tensor, eps: Tensor) -> Tensor:
        bound = ((1 - 1e-6) * eps - HALF * change[0].numel() ** 0.5).clamp_min(0)
        return change * (bound / self._length(change)).clamp_max(1)

    def draw(self, change: Tensor, generator: Generator) -> Tensor:
        # the first n of n + 2 coordinates of a point drawn evenly from a sphere lie evenly in the ball
        n = change[0].numel()
        points = torch.randn(len(change), n + 2, generator=generator)
        points = points / points.norm(dim=1, keepdim=True)
        return points[:, :n].view(change.shape).to(change.device)

    def _length(self, change: Tensor) -> Tensor:
        return self.size(change).clamp_min(1e-12).view(-1, 1, 1, 1)


LINF: Norm = _Maximum()
L2: Norm = _Euclidean()
NORMS = {"max-norm": LINF, "L2": L2}
