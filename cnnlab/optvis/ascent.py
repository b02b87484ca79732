"""The one loop in which pictures climb: show, transform, ask the network, follow the gradient, again.

climb = Ascent(network, logit("flamingo"), fourier(224), transforms=[jitter(8), rotate(10)])
climb.run(256)                          # a Climb: the picture, the score before and after
for step in climb:                      # or step by step, and change what you like meanwhile
    climb.step_size = settings.step_size
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice

import torch
from torch import Tensor
from torch.optim import LBFGS, SGD, Adam, Optimizer

from ..arguments.names import unknown
from ..networks import Network
from ..networks.probes import Reader, leaky_relus
from .canvases import Canvas
from .objectives import Objective, Seen
from .regularisers import Operator
from .transforms import Transform, apply

REACH = 0.1  # no number moves further in one step, as nothing was yet seen of what lies there
SCALE = 1000.0  # torch's ignores moves along which the gradient changes by next to nothing: 1e-10


class QuasiNewton(LBFGS):
    """torch's L-BFGS (Liu and Nocedal 1989) without a line search, which asks for no more gradients.

    It remembers 10 moves: on pictures, 100 take longer and come no further. `maximize` climbs.
    """

    def __init__(self, held: Iterable[Tensor], lr: float = 1.0, maximize: bool = False) -> None:
        super().__init__(held, lr, max_iter=1, history_size=10, tolerance_grad=0.0, tolerance_change=0.0)
        self.scale = -SCALE if maximize else SCALE

    def step(self, closure=None) -> None:  # type: ignore[override]
        """Move along the gradient that the one parameter has."""
        [held] = self.param_groups[0]["params"]
        before = held.detach().clone()
        held.grad.mul_(self.scale)
        super().step(lambda: torch.zeros(()))
        with torch.no_grad():
            move = (held - before).clamp_(-REACH, REACH)
            held.copy_(before + move)
        self.state[held] |= {"d": move.flatten(), "t": 1.0}  # what is learnt of it at the next step


RULES: dict[str, Callable[..., Optimizer]] = {
    "adam": partial(Adam, fused=True),  # every number moves by about the step size (Kingma and Ba 2015)
    "gradient": SGD,  # the step size times the gradient
    "momentum": partial(SGD, momentum=0.9),
    "lbfgs": QuasiNewton,  # the step size times the step that the curvature met so far suggests
    "normalised": SGD,  # the step size times the gradient over its mean absolute value: Deep Dream's rule
}
FAR = 1e30  # a canvas whose numbers add up to more is on its way out of float32


@dataclass(frozen=True)
class AscentStep:
    """One moment of a climb: `picture` (N, C, H, W) in [0, 1], after `number` moves, and its `score`.

    The score is the objective's mean over the batch, as the network saw it in this step: transformed.
    """

    number: int
    picture: Tensor
    score: float


@dataclass(frozen=True)
class Climb:
    """What a climb came to: its last `picture` (N, C, H, W) in [0, 1], and the `scores` of its steps.

    `before` and `after` are the objective's mean over the batch for the first picture and for the last, both
    without transforms.
    """

    picture: Tensor
    before: float
    after: float
    scores: tuple[float, ...]

    @property
    def rose(self) -> bool:
        """Whether the score is higher than it was: a climb that does not climb is a wrong sign somewhere."""
        return self.after > self.before


@dataclass
class Ascent:
    """The pictures on `canvas`, climbing towards a higher `objective` of what `network` sees.

    Iterating yields an `AscentStep` before each move, without end. Every attribute is read anew at each step,
    so all may be changed meanwhile. Iterating again goes on from where the canvas is.

    transforms: what happens to the pictures, in order, before the network sees them.
    step_size: how far a move goes; `rule` says of what: "adam", "gradient", "momentum", "lbfgs" or
        "normalised". For "lbfgs" 1 is the whole step; it begins anew with another objective, and needs a
        score that stays the same meanwhile, so no transforms that are drawn anew.
    after: operators that change the pictures after each move, see `regularisers`.
    seed: draws the transforms.
    wake: for so many steps gradients leak through ReLUs that are off, so that what is switched off can rise.

    The canvas moves to the device of the network. ValueError says that the score or its gradient is
    no number, or that no gradient arrives at all; the canvas then shows the last good pictures.
    """

    network: Network
    objective: Objective
    canvas: Canvas
    transforms: Sequence[Transform] = ()
    step_size: float = 0.05
    rule: str = "adam"
    after: Sequence[Operator] = ()
    seed: int = 0
    wake: int = 0

    def __post_init__(self) -> None:
        self.number = 0
        self._generator = torch.Generator().manual_seed(self.seed)
        self._optimizers: dict[tuple[str, Canvas], Optimizer] = {}
        self._reader = Reader(self.network, self.objective.layers)
        self._asked = self.objective

    def __iter__(self) -> Iterator[AscentStep]:
        while True:
            canvas = self.canvas.to(self.network.device)
            pictures = canvas()
            if self.objective is not self._asked:  # what was learnt of another's curvature misleads
                self._asked = self.objective
                self._optimizers.pop(("lbfgs", canvas), None)
            with leaky_relus(self.network) if self.number < self.wake else nullcontext():
                score = self._score(pictures, self.transforms)
            yield AscentStep(self.number, pictures.detach(), score.mean().item())
            if canvas is self.canvas:  # another one that was put in meanwhile is looked at first
                self._move(pictures, score)
                self.number += 1

    def run(self, steps: int) -> Climb:
        """Make so many moves."""
        before = self.score()
        *_, last = taken = list(islice(self, steps + 1))
        return Climb(last.picture, before, self.score(), tuple(step.score for step in taken))

    @torch.no_grad()
    def score(self) -> float:
        """The objective's mean over the batch for what the canvas shows, without transforms."""
        return self._score(self.canvas.to(self.network.device)(), ()).mean().item()

    def _score(self, pictures: Tensor, transforms: Sequence[Transform]) -> Tensor:
        """(N,): the objective for `pictures` that the network sees through `transforms`."""
        if (self._reader.network, self._reader.names) != (self.network, self.objective.layers):
            self._reader = Reader(self.network, self.objective.layers)
        transformed = apply(transforms, pictures, self._generator)
        outputs = self._reader(self.network.normalise(transformed))
        return self.objective(Seen(self.network, pictures, outputs))

    def _move(self, pictures: Tensor, score: Tensor) -> None:
        """One step up, and the operators."""
        optimizer, held = self._optimizer(), self.canvas.held
        gradient, slope = _gradients(score, held, pictures)
        _check(score, gradient, self.step_size)
        if self.rule == "normalised":
            gradient = gradient / (gradient.abs().mean(tuple(range(1, held.ndim)), keepdim=True) + 1e-12)
        held.grad = torch.empty_like(held).copy_(gradient)  # in its layout: fused Adam walks through both
        good = held.detach().clone()
        optimizer.param_groups[0]["lr"] = self.step_size
        optimizer.step()
        if not held.detach().norm(1) < FAR:
            held.data.copy_(good)
            raise ValueError(f"A step size of {self.step_size:g} is too large for a picture: take less.")
        if self.after or self.canvas.bounds == "clip":  # what went past black or white comes back
            picture = self.canvas().detach()
            for operator in self.after:
                picture = operator(picture, slope, self.number)
            self.canvas.paint(picture.clamp(0, 1))

    def _optimizer(self) -> Optimizer:
        if self.rule not in RULES:
            raise unknown("rule", self.rule, RULES, f"The rules are {', '.join(RULES)}.")
        key = self.rule, self.canvas
        if key not in self._optimizers:
            self._optimizers[key] = RULES[self.rule]([self.canvas.held], lr=0.1, maximize=True)
        return self._optimizers[key]


def _gradients(score: Tensor, *places: Tensor) -> list[Tensor]:
    """The gradient of a score (N,) at some places; the network's weights get none."""
    if not score.requires_grad:
        return [torch.zeros_like(place) for place in places]
    found = torch.autograd.grad(score.sum(), places, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(places, found, strict=True)]


def _check(score: Tensor, gradient: Tensor, step_size: float) -> None:
    """Raise ValueError where a move would spoil the picture, or could not move it."""
    size = gradient.norm(1).item()
    if not (math.isfinite(size) and score.isfinite().all()):
        raise ValueError(
            "The score or its gradient is not a number any more, so the climb stopped at its last good "
            "picture: take smaller weights or a smaller step size."
        )
    if not math.isfinite(step_size):
        raise ValueError(
            f"The step size is {step_size}, and it must be a number: the picture stays as it was."
        )
    if not size:
        raise ValueError(
            "No gradient reaches the picture: a ReLU switches off what should rise, all weights are 0, or "
            "the picture is all black and white. Start from another one, or take the layer before the ReLU."
        )
