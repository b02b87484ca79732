"""Ways from one trained network to another: straight, after matching their neurons, along a learned curve.

curve = straight(parameters_of(a), parameters_of(b))
barrier(curve.losses(loss))                                 # over the mountain
barrier(straight(parameters_of(a), parameters_of(matched(a, b))).losses(loss))
for step in Bezier(parameters_of(a), parameters_of(b), batch_loss(a, inputs, labels)):
    step.curve                                              # falls into the valley
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice

import torch
from scipy.optimize import linear_sum_assignment
from torch import Generator, Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from .slices import Loss, Parameters, check_alike

BatchLoss = Callable[[Parameters, Generator], Tensor]
"""The loss of parameters on a batch that the generator draws; gradients flow to the parameters."""
NEURON_BY_NEURON = (nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.Identity, nn.Dropout, nn.Flatten)


@dataclass(frozen=True)
class BezierCurve:
    """A quadratic Bezier curve through parameter space, from `start` to `end`, drawn towards `middle`."""

    start: Parameters
    middle: Parameters
    end: Parameters

    def __post_init__(self) -> None:
        check_alike(self.start, self.middle)
        check_alike(self.start, self.end)

    def at(self, t: float) -> Parameters:
        """The parameters at t in [0, 1]: (1 - t)^2 start + 2 t (1 - t) middle + t^2 end."""
        return {
            name: (1 - t) ** 2 * start + 2 * t * (1 - t) * self.middle[name] + t**2 * self.end[name]
            for name, start in self.start.items()
        }

    @torch.no_grad()
    def losses(self, loss: Loss, points: int = 25) -> Tensor:
        """(points,), float64: the loss at evenly spaced t, both ends included."""
        if points < 3:
            raise ValueError(f"{points} points cannot show what is between the ends: take at least 3.")
        places = torch.linspace(0, 1, points, dtype=torch.float64).tolist()
        return torch.tensor([float(loss(self.at(t))) for t in places], dtype=torch.float64)


def straight(start: Parameters, end: Parameters) -> BezierCurve:
    """The straight line between two networks: a Bezier curve whose middle is half-way."""
    check_alike(start, end)
    return BezierCurve(start, {name: (value + end[name]) / 2 for name, value in start.items()}, end)


def barrier(losses: Tensor) -> float:
    """How much the highest loss of a path (T,) lies above the worse of its ends; 0 if none lies above."""
    return (losses.max() - torch.maximum(losses[0], losses[-1])).item()


@torch.no_grad()
def matched(a: nn.Sequential, b: nn.Sequential) -> nn.Sequential:
    """A copy of `b` that computes the same, its neurons ordered to be most like those of `a`.

    Weight matching, section 3.2 of Ainsworth et al., "Git Re-Basin", ICLR 2023 (arXiv:2209.04836): layer
    after layer the best assignment while the others keep theirs, until none gets better. That need not be
    the best of all. Both are the same chain of `nn.Linear`, with ReLUs or other functions of single neurons.
    """
    copy = deepcopy(b)
    ours, theirs = _chain(a), _chain(copy)
    if [layer.weight.shape for layer in ours] != [layer.weight.shape for layer in theirs]:
        raise ValueError("Only the neurons of two networks of the same shape can be matched.")
    improved = True
    while improved:
        improved = False
        for k in range(len(theirs) - 1):  # the last layer's neurons are the classes and stay
            alike = _similarity(ours[k : k + 2], theirs[k : k + 2])
            order = torch.from_numpy(linear_sum_assignment(alike, maximize=True)[1])
            if alike.gather(1, order[:, None]).sum() - alike.trace() > 1e-12 * alike.abs().sum():
                improved = True
                for parameter in theirs[k].parameters():
                    parameter.copy_(parameter[order])
                theirs[k + 1].weight.copy_(theirs[k + 1].weight[:, order])
    return copy


def _similarity(ours: list[nn.Linear], theirs: list[nn.Linear]) -> Tensor:
    """(n, n), float64: how alike our neuron i and their neuron j are in what goes in and out of them.

    Each is the layer of these neurons and the next one.
    """
    ours_in, ours_out, theirs_in, theirs_out = (layer.weight.cpu().double() for layer in (*ours, *theirs))
    biases = [layer.bias.cpu().double() for layer in (ours[0], theirs[0]) if layer.bias is not None]
    similarity = ours_in @ theirs_in.T + ours_out.T @ theirs_out
    return similarity + torch.outer(*biases) if len(biases) == 2 else similarity


def _chain(network: nn.Sequential) -> list[nn.Linear]:
    for layer in network:
        if not isinstance(layer, (nn.Linear, *NEURON_BY_NEURON)):
            kind = type(layer).__name__
            raise ValueError(f"Neurons can be matched in chains of nn.Linear and ReLU; {kind} is neither.")
    return [layer for layer in network if isinstance(layer, nn.Linear)]


def batch_loss(module: nn.Module, inputs: Tensor, labels: Tensor, batch: int = 100) -> BatchLoss:
    """The cross-entropy of `batch` examples, drawn with replacement from `inputs` (N, ...) and `labels` (N,).

    As `slices.loss_on`, it works on a copy of `module` in evaluation mode.
    """
    if batch < 1:
        raise ValueError(f"A batch holds at least one example, not {batch}.")
    if not len(inputs):
        raise ValueError("There are no examples to draw a batch from.")
    copy = deepcopy(module).eval()

    def loss(parameters: Parameters, random: Generator) -> Tensor:
        chosen = torch.randint(len(inputs), (batch,), generator=random).to(inputs.device)
        return cross_entropy(functional_call(copy, parameters, (inputs[chosen],)), labels[chosen])

    return loss


@dataclass(frozen=True)
class BezierStep:
    """One moment: after `number` moves the `curve`, and the `loss` of one batch at one place of it."""

    number: int
    loss: float
    curve: BezierCurve


@dataclass
class Bezier:
    """A curve between two networks whose middle learns, so that the loss is low all along; iterate to let it.

    Section 3 of Garipov et al., "Loss surfaces, mode connectivity, and fast ensembling of DNNs", NeurIPS 2018
    (arXiv:1802.10026); Draxler et al., ICML 2018 (arXiv:1803.00885), found such valleys at the same time.
    Each move draws a place of the curve and a batch with `seed`, and takes `step_size` times the gradient
    from `middle`; `start` and `end` never move. Iterating yields a `BezierStep` before each move, without
    end; `step_size` is read anew each time. Iterating again goes on from `middle`.

    ValueError says that the loss is no number any more; `curve` is then the last whose loss was one.
    """

    start: Parameters
    end: Parameters
    loss_of_batch: BatchLoss
    step_size: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if not all(value.isfinite().all() for end in (self.start, self.end) for value in end.values()):
            raise ValueError("An end of the curve holds numbers that are not finite: its training diverged.")
        self.number = 0
        self.curve = straight(self.start, self.end)
        self._random = torch.Generator().manual_seed(self.seed)

    def __iter__(self) -> Iterator[BezierStep]:
        good = self.number, self.curve
        while True:
            loss, gradient = self.slope(torch.rand((), generator=self._random).item())
            if not math.isfinite(loss + sum(part.norm(1).item() for part in gradient.values())):
                self.number, self.curve = good
                raise ValueError(
                    f"The loss is no number any more: a step size of {self.step_size:g} is too large."
                )
            yield BezierStep(self.number, loss, self.curve)
            good = self.number, self.curve
            moved = {n: value - self.step_size * gradient[n] for n, value in self.curve.middle.items()}
            self.curve = BezierCurve(self.start, moved, self.end)
            self.number += 1

    def run(self, steps: int) -> BezierCurve:
        """Make so many moves."""
        *_, last = islice(self, steps + 1)
        return last.curve

    def slope(self, t: float) -> tuple[float, Parameters]:
        """The loss of a batch at t, and its gradient for the curve's `middle`."""
        with torch.enable_grad():
            middle = {name: value.detach().requires_grad_() for name, value in self.curve.middle.items()}
            loss = self.loss_of_batch(replace(self.curve, middle=middle).at(t), self._random)
            gradients = torch.autograd.grad(loss, list(middle.values()))
        return loss.item(), dict(zip(middle, gradients, strict=True))
