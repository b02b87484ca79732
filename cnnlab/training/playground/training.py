"""Stochastic gradient descent by hand: batches, weight decay, dropout, and a watch for steps too large.

for epoch in range(100):
    for step in train(network, points, lambda: Pace(rate=0.03), random): ...
print(judge(network, points).test_loss)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from .network import Network
from .points import Points

EXPLODED = 1e4  # a weight beyond this does not come back


class Pace(NamedTuple):
    """What training asks for at every step: the step size, the points in a batch, two decays, a share."""

    rate: float
    batch: int = 10
    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0


def train(network: Network, points: Points, pace: Callable[[], Pace], random: Generator) -> Iterator[int]:
    """One epoch, in place: every training point once, in an order that `random` draws. Yields after each step
    the number of points seen.

    A step moves the parameters by `rate` against the gradient of the mean loss of `batch` points. `l2` adds
    l2 w to the gradient of each weight w; `l1` then moves each weight by rate * l1 towards 0, where it stops.
    Biases are not decayed. `pace` is called at each step.
    """
    inputs, targets = network.look(points.inputs[points.train]), points.targets[points.train]
    order = random.permutation(len(targets))
    seen = 0
    while seen < len(order):
        rate, batch, l1, l2, dropout = pace()
        chosen = order[seen : seen + batch]
        seen += len(chosen)
        with np.errstate(over="ignore", invalid="ignore"):  # `diverged` looks at what came out
            gradient = network.gradient(inputs[chosen], targets[chosen], random, dropout)
            descend(network, gradient, rate, l1, l2)
        yield seen


def descend(network: Network, gradient: ndarray, rate: float, l1: float, l2: float) -> None:
    """One step downhill, in place."""
    if l2:
        for weights, slot in zip(network.weights, network.views(gradient)[0], strict=True):
            slot += l2 * weights
    network.parameters[:] -= rate * gradient
    if l1:
        for weights in network.weights:
            weights[:] = np.sign(weights) * np.maximum(np.abs(weights) - rate * l1, 0)


@dataclass(frozen=True)
class Judgement:
    """How good a network is. Losses are means of (output - target)^2 / 2; accuracies are shares in [0, 1],
    None for numbers to fit; those of the test are None without test points. dead: of each layer, (units,) of
    bool: ReLUs that are on for no point at all.
    """

    train_loss: float
    test_loss: float | None
    train_accuracy: float | None
    test_accuracy: float | None
    dead: list[ndarray]


def judge(network: Network, points: Points) -> Judgement:
    """Look at all points, with no unit dropped."""
    outputs = network.forward(network.look(points.inputs))
    answer, train = outputs[-1][:, 0], points.train
    losses = 0.5 * (answer - points.targets) ** 2
    right = (answer > 0) == (points.targets > 0)
    dead: list[ndarray] = [
        np.all(values <= 0, axis=0) if layer.activation == "relu" else np.zeros(layer.units, bool)
        for values, layer in zip(outputs[1:], network.layers, strict=True)
    ]
    tested = bool((~train).any())
    return Judgement(
        float(losses[train].mean()),
        float(losses[~train].mean()) if tested else None,
        None if points.regression else float(right[train].mean()),
        float(right[~train].mean()) if tested and not points.regression else None,
        dead,
    )


def diverged(network: Network) -> bool:
    """Whether a weight is not finite, or too large ever to come back."""
    return not np.abs(network.parameters).max() < EXPLODED
