"""The one loop of all attacks: ask the network, follow the gradient, stay within eps in a norm, again.

One step of the whole length is the fast gradient sign method (Goodfellow, Shlens and Szegedy 2015,
arXiv:1412.6572); many short ones are the basic iterative method (Kurakin et al. 2017, arXiv:1607.02533) and,
from a random start, projected gradient descent (Madry et al. 2018, arXiv:1706.06083).

The same loop turns noise into any class, and noise alone is often taken for one: rubbish class examples.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..networks import Network
from ..pictures import check
from .norms import L2, LINF, Norm

NOISE = 0.1  # standard deviation of the grey noise that a fooling picture starts from
Loss = Callable[[Tensor, Tensor], Tensor]  # logits (N, K) and labels (N,): how far from them, (N,)
Classes = str | int | Tensor | None  # one for all pictures, or (N,) numbers
Model = Callable[[Tensor], Tensor]  # pictures (N, C, H, W) in [0, 1] -> logits (N, K)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,): minus the logarithm of the label's probability. What is certain has no gradient left."""
    return F.cross_entropy(logits, labels, reduction="none")


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,): by how much the best other class leads the label; it cannot saturate.

    Carlini and Wagner 2017 (arXiv:1608.04644), their f6.
    """
    own = logits.gather(1, labels[:, None])[:, 0]
    return logits.scatter(1, labels[:, None], -math.inf).amax(1) - own


class AttackStep(NamedTuple):
    """One step: `pictures` (N, C, H, W) after `number` moves, their `logits` (N, K), the mean `score`."""

    number: int
    pictures: Tensor
    logits: Tensor
    score: float


class Found(NamedTuple):
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
    """`pictures` (N, C, H, W) in [0, 1], on their way to another label, each within `eps` of itself.

    Iterating yields an `AttackStep` before each move, without end, and goes on from where it was. Every
    attribute is read anew at each step, so all may be changed meanwhile.

    network: maps pictures to logits (N, K). A `Network` says what to do about a picture that it cannot take.
    goal: the class to reach, by label or number, or (N,) numbers. None: any class but `labels`.
    labels: (N,) what the pictures show. None: what the network says.
    eps: how far each picture may be moved, one number or (N,), in the `norm`: `LINF` or `L2`.
    rel_stepsize: how far a step goes, as a share of eps.
    loss: which distance from a label to climb (or, towards a goal, to descend).
    random: start at a random place within eps, drawn with `seed`.

    Raises `PictureError` for what is no picture in [0, 1] (a picture from 0 to 255, say), ValueError for an
    unknown class, a budget or a stride that is no number, and where no gradient arrives.
    """

    network: Model
    pictures: Tensor
    goal: Classes = None
    labels: Tensor | None = None
    eps: float | Tensor = 8 / 255
    norm: Norm = LINF
    rel_stepsize: float = 0.25
    loss: Loss = cross_entropy
    random: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        check(self.pictures, "pictures")
        if isinstance(self.network, Network):
            self.pictures = self.pictures.to(self.network.device)
        self.at = self.pictures = self.pictures.detach().clamp(0, 1)
        self.number = 0
        if self.random:
            generator = torch.Generator().manual_seed(self.seed)
            self.at = self._moved(self._eps() * self.norm.draw(self.pictures, generator))

    def __iter__(self) -> Iterator[AttackStep]:
        while True:
            pictures = self.at.detach().requires_grad_()
            with torch.enable_grad():
                logits = self.network(pictures)
            score = self._score(logits).mean().item()
            yield AttackStep(self.number, pictures.detach(), logits.detach(), score)
            self.at = self._moved(self.at - self.pictures + self._step(logits, pictures))
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
        same = labels == self._classes(last.logits)
        success = ~same if self.goal is None else same
        return Found(last.pictures, labels, confidence, success, before, last.score)

    def _score(self, logits: Tensor) -> Tensor:
        """(N,): what climbs, the distance from the labels or the closeness to the goal."""
        loss = self.loss(logits, self._classes(logits))
        return loss if self.goal is None else -loss

    def _classes(self, logits: Tensor) -> Tensor:
        """(N,): the classes to reach or, without a goal, to leave, one for each row of the logits (N, K)."""
        if self.goal is None and self.labels is None:
            with torch.no_grad():
                self.labels = (logits if self.at is self.pictures else self.network(self.pictures)).argmax(1)
        if isinstance(self.network, Network) and isinstance(self.goal, str | int):
            self.goal = self.network.class_index(self.goal)
        classes = torch.as_tensor(self.labels if self.goal is None else self.goal)
        n, most = logits.shape
        classes = classes.expand(n) if classes.ndim == 0 else classes
        if classes.shape != (n,):
            raise ValueError(f"There are {n} pictures and {tuple(classes.shape)} labels: give one for each.")
        if classes.is_floating_point() or not ((classes >= 0) & (classes < most)).all():
            raise ValueError(f"Labels are whole numbers from 0 to {most - 1}, one for each picture.")
        return classes.to(logits.device)

    def _step(self, logits: Tensor, pictures: Tensor) -> Tensor:
        """The change of `rel_stepsize` times eps along which the score rises fastest."""
        if not math.isfinite(self.rel_stepsize):
            raise ValueError(f"rel_stepsize is {self.rel_stepsize}: give a share of eps, such as 0.25.")
        with torch.enable_grad():
            score = self._score(logits).sum()
        if not score.requires_grad:
            raise ValueError(
                "No gradient reaches the pictures: something before the network has none, such as a JPEG; "
                "defences.straight_through lends it one."
            )
        (gradient,) = torch.autograd.grad(score, pictures)
        if not math.isfinite(gradient.norm(1).item()):
            raise ValueError("The gradient is not a number: the network gives infinite or undefined logits.")
        return self.rel_stepsize * self._eps() * self.norm.direction(gradient)

    def _moved(self, change: Tensor) -> Tensor:
        """The pictures after the change, within eps and within [0, 1]."""
        return (self.pictures + self.norm.project(change, self._eps())).clamp_(0, 1)

    def _eps(self) -> Tensor:
        eps = torch.as_tensor(self.eps, dtype=torch.float32).to(self.pictures.device)
        if not (eps.isfinite().all() and (eps >= 0).all()) or eps.numel() not in (1, len(self.pictures)):
            given = f"{eps.numel()} numbers" if eps.numel() > 1 else self.eps
            raise ValueError(f"eps is {given}: give one number, 0 or more, or one for each picture.")
        return eps.view(-1, 1, 1, 1)


def fast_gradient_sign(
    network: Model, pictures: Tensor, eps: float | Tensor, goal: Classes = None, labels: Tensor | None = None
) -> Found:
    """One step that moves every value by eps, up or down as the gradient of the loss says, within [0, 1].

    Goodfellow, Shlens and Szegedy 2015 (arXiv:1412.6572), section 4. Arguments and errors are `Attack`'s.
    """
    return Attack(network, pictures, goal, labels, eps, rel_stepsize=1.0).run(1)


def fooling(network: Network, goals: Tensor, size: int, length: float = 1.0, seed: int = 0) -> Attack:
    """An attack that turns grey noise (N, C, size, size), drawn with `seed`, into N goals (N,).

    Anything in [0, 1] is within its eps; each step is `length` long, in L2. Nguyen, Yosinski and Clune 2015
    (arXiv:1412.1897) found such pictures, which people cannot name and networks name with certainty.
    """
    noise = _noise((len(goals), network.mean.shape[1], size, size), seed)
    reach = noise[0].numel() ** 0.5  # from black to white
    grey = (0.5 + NOISE * noise).clamp(0, 1)
    return Attack(network, grey, goals, eps=reach, norm=L2, rel_stepsize=length / reach)


@torch.no_grad()
def taken_for_something(network: Network, count: int, threshold: float = 0.5, seed: int = 0) -> float:
    """The share of `count` drawn inputs N(0, I) whose likeliest class has more than `threshold`, 0 to 1.

    An honest network would say that it does not know: Goodfellow et al. 2015 count these rubbish class
    examples in an appendix. They are drawn as there, so they leave [0, 1].
    """
    noise = _noise((count, network.mean.shape[1], network.size, network.size), seed)
    confidence = network.logits(network.normalise(noise)).softmax(1).amax(1)
    return (confidence > threshold).float().mean().item()


def _noise(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
