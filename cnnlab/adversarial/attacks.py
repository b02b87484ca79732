"""The one loop: ask the network, follow the gradient, stay within the budget, again.

One step of the whole length is the fast gradient sign method (Goodfellow, Shlens and Szegedy 2015,
arXiv:1412.6572); many short ones are the basic iterative method (Kurakin et al. 2017, arXiv:1607.02533) and,
from a random start, projected gradient descent (Madry et al. 2018, arXiv:1706.06083).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import torch
import torch.nn.functional as F
from torch import Tensor

from ..networks import Network
from ..pictures import check
from .budgets import MAX, Budget

Loss = Callable[[Tensor, Tensor], Tensor]  # logits (N, K) and labels (N,): how far from them, (N,)
Classes = str | int | Tensor  # one for all pictures, or (N,) numbers


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,): minus the logarithm of the label's probability. What is certain has no gradient left."""
    return F.cross_entropy(logits, labels, reduction="none")


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,): by how much the best other class leads the label; it cannot saturate.

    Carlini and Wagner 2017 (arXiv:1608.04644), their f6.
    """
    own = logits.gather(1, labels[:, None])[:, 0]
    return logits.scatter(1, labels[:, None], -math.inf).amax(1) - own


@dataclass(frozen=True)
class Step:
    """One moment: `pictures` (N, C, H, W) after `number` moves, their `logits` (N, K), the mean `score`."""

    number: int
    pictures: Tensor
    logits: Tensor
    score: float


@dataclass(frozen=True)
class Found:
    """What an attack came to, as the network sees the very `pictures` (N, C, H, W) that are returned.

    labels: (N,) what the network says now, with which `confidence` (N,) in [0, 1].
    success: (N,) whether that is the goal or, without one, another label than before.
    before, after: the mean score, which rises towards success.
    """

    pictures: Tensor
    labels: Tensor
    confidence: Tensor
    success: Tensor
    before: float
    after: float


@dataclass
class Attack:
    """`pictures` (N, C, H, W) in [0, 1], on their way to another label, within a budget around each.

    Iterating yields a `Step` before each move, without end, and goes on from where it was. Every attribute
    is read anew at each step, so all may be changed meanwhile.

    network: maps pictures to logits (N, K). A `Network` says what to do about a picture that it cannot take.
    goal: the class to reach, by label or number, or (N,) numbers. None: any class but `labels`.
    labels: (N,) what the pictures show. None: what the network says.
    eps: how far each picture may be moved, one number or (N,), in `budget`'s norm: `MAX` or `L2`.
    stride: how far a step goes, as a share of eps.
    loss: which distance from a label to climb (or, towards a goal, to descend).
    random: start at a random place within the budget, drawn with `seed`.

    Raises `PictureError` for what is no picture in [0, 1] (a picture from 0 to 255, say), ValueError for an
    unknown class, a budget or a stride that is no number, and where no gradient arrives.
    """

    network: Callable[[Tensor], Tensor]
    pictures: Tensor
    goal: Classes | None = None
    labels: Tensor | None = None
    eps: float | Tensor = 8 / 255
    budget: Budget = MAX
    stride: float = 0.25
    loss: Loss = cross_entropy
    random: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        check(self.pictures, "pictures")
        if isinstance(self.network, Network):
            self.pictures = self.pictures.to(self.network.device)
        self.pictures = self.pictures.detach().clamp(0, 1)
        self.at = self.pictures
        self.number = 0
        if self.random:
            generator = torch.Generator().manual_seed(self.seed)
            self.at = self._moved(self._eps() * self.budget.draw(self.pictures, generator))

    def __iter__(self) -> Iterator[Step]:
        while True:
            pictures = self.at.detach().requires_grad_()
            with torch.enable_grad():
                logits = self.network(pictures)
            yield Step(self.number, pictures.detach(), logits.detach(), self._score(logits).mean().item())
            with torch.enable_grad():
                score = self._score(logits)
            self.at = self._moved(self.at - self.pictures + self._stride() * self._way(score, pictures))
            self.number += 1

    def run(self, steps: int) -> Found:
        """Make so many moves."""
        if steps < 1:
            raise ValueError(f"An attack of {steps} steps does nothing: make at least 1.")
        every = islice(self, steps + 1)
        before = (last := next(every)).score
        for last in every:  # noqa: B007
            pass
        confidence, labels = last.logits.softmax(1).max(1)
        return Found(last.pictures, labels, confidence, self.succeeded(last.logits), before, last.score)

    def succeeded(self, logits: Tensor) -> Tensor:
        """(N,): for which of the pictures these logits say what is wanted."""
        said = logits.argmax(1)
        return said != self._labels(logits) if self.goal is None else said == self._goal(logits)

    def _score(self, logits: Tensor) -> Tensor:
        """(N,): what climbs."""
        if self.goal is None:
            return self.loss(logits, self._labels(logits))
        return -self.loss(logits, self._goal(logits))

    def _labels(self, logits: Tensor) -> Tensor:
        if self.labels is None:
            with torch.no_grad():
                self.labels = (logits if self.at is self.pictures else self.network(self.pictures)).argmax(1)
        return _classes(self.labels, logits)

    def _goal(self, logits: Tensor) -> Tensor:
        assert self.goal is not None
        if isinstance(self.goal, Tensor):
            return _classes(self.goal, logits)
        if isinstance(self.network, Network):
            self.goal = self.network.class_index(self.goal)
        return _classes(torch.full((len(logits),), int(self.goal)), logits)

    def _way(self, score: Tensor, pictures: Tensor) -> Tensor:
        """The change of size 1 along which the score rises fastest."""
        if not score.requires_grad:
            raise ValueError(
                "No gradient reaches the pictures: something before the network has none, such as a JPEG; "
                "defences.straight_through lends it one."
            )
        (gradient,) = torch.autograd.grad(score.sum(), pictures)
        if not math.isfinite(gradient.norm(1).item()):
            raise ValueError("The gradient is not a number: the network gives infinite or undefined logits.")
        return self.budget.direction(gradient)

    def _moved(self, change: Tensor) -> Tensor:
        """The pictures after the change, within the budget and within [0, 1]."""
        return (self.pictures + self.budget.project(change, self._eps())).clamp_(0, 1)

    def _eps(self) -> Tensor:
        eps = torch.as_tensor(self.eps, dtype=torch.float32).to(self.pictures.device)
        if not (eps.isfinite().all() and (eps >= 0).all()) or eps.numel() not in (1, len(self.pictures)):
            given = f"{eps.numel()} numbers" if eps.numel() > 1 else self.eps
            raise ValueError(f"eps is {given}: give one number, 0 or more, or one for each picture.")
        return eps.view(-1, 1, 1, 1)

    def _stride(self) -> Tensor:
        if not math.isfinite(self.stride):
            raise ValueError(f"stride is {self.stride}: give a share of eps, such as 0.25.")
        return self.stride * self._eps()


def fast_gradient_sign(
    network: Callable[[Tensor], Tensor],
    pictures: Tensor,
    eps: float | Tensor,
    goal: Classes | None = None,
    labels: Tensor | None = None,
) -> Found:
    """One step that moves every value by eps, up or down as the gradient of the loss says, within [0, 1].

    Goodfellow, Shlens and Szegedy 2015 (arXiv:1412.6572), section 4. Arguments and errors are `Attack`'s.
    """
    return Attack(network, pictures, goal, labels, eps, stride=1.0).run(1)


def _classes(numbers: Tensor, logits: Tensor) -> Tensor:
    """Numbers of classes (N,), one for each row of the logits (N, K)."""
    count, most = logits.shape
    if numbers.shape != (count,):
        raise ValueError(f"There are {count} pictures and {tuple(numbers.shape)} labels: give one for each.")
    if numbers.is_floating_point() or not ((numbers >= 0) & (numbers < most)).all():
        raise ValueError(f"Labels are whole numbers from 0 to {most - 1}, one for each picture.")
    return numbers.to(logits.device)
