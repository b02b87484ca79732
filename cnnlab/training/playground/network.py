"""A small network by hand, in NumPy: forward, and backward by the chain rule. It is six times as fast as
PyTorch at this size, where a step costs some microseconds of arithmetic and the rest is calling.

network = start(("x1", "x2"), (Layer(8, "tanh"),), regression=False, seed=0)
output = network.forward(network.look(points.inputs))[-1]     # (N, 1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy import ndarray
from numpy.random import Generator, default_rng

from .architecture import LETTERS, Layer

FEATURES: dict[str, Callable[[ndarray, ndarray], ndarray]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1 * x1,
    "x2^2": lambda x1, x2: x2 * x2,
    "x1*x2": lambda x1, x2: x1 * x2,
    "sin(x1)": lambda x1, x2: np.sin(x1),
    "sin(x2)": lambda x1, x2: np.sin(x2),
}


def _sigmoid(z: ndarray) -> ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))  # never overflows


ACTIVATE: dict[str, Callable[[ndarray], ndarray]] = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "linear": lambda z: z,
}
SLOPE: dict[str, Callable[[ndarray], ndarray | float]] = {  # of the output, by the output itself
    "relu": lambda a: a > 0,
    "tanh": lambda a: 1 - a * a,
    "sigmoid": lambda a: a * (1 - a),
    "linear": lambda a: 1.0,
}


class Network:
    """features: which of `FEATURES` go in. layers: hidden ones, then the output (1 unit, tanh for two
    classes, linear for numbers). parameters: (P,) float64, all weights and biases, which `weights`
    [(inputs, units), ...] and `biases` [(units,), ...] are views of.
    """

    def __init__(self, features: Sequence[str], layers: Sequence[Layer], parameters: ndarray) -> None:
        self.features, self.layers, self.parameters = tuple(features), tuple(layers), parameters
        self.weights, self.biases = self.views(parameters)

    def copy(self) -> Network:
        """The same network with parameters of its own."""
        return Network(self.features, self.layers, self.parameters.copy())

    def views(self, parameters: ndarray) -> tuple[list[ndarray], list[ndarray]]:
        """`parameters` (P,), or as many numbers of another meaning, as weights and biases."""
        weights, biases, at, before = [], [], 0, len(self.features)
        for after, _ in self.layers:
            weights.append(parameters[at : at + before * after].reshape(before, after))
            at += before * after
            biases.append(parameters[at : at + after])
            at, before = at + after, after
        return weights, biases

    def look(self, places: ndarray) -> ndarray:
        """(N, 2) places as the network's inputs (N, F)."""
        return np.stack([FEATURES[name](*places.T) for name in self.features], 1)

    def forward(self, inputs: ndarray) -> list[ndarray]:
        """Inputs (N, F) and the outputs of every layer, (N, units) each; the last is the answer."""
        outputs = [inputs]
        for weights, biases, (_, activation) in zip(self.weights, self.biases, self.layers, strict=True):
            outputs.append(ACTIVATE[activation](outputs[-1] @ weights + biases))
        return outputs

    def gradient(self, inputs: ndarray, targets: ndarray, random: Generator, dropout: float = 0.0) -> ndarray:
        """(P,): the gradient of the mean of (output - target)^2 / 2 over inputs (N, F), targets (N,).

        With `dropout` (0 to below 1), `random` switches this share of the hidden units off, anew for each
        example, and raises the others accordingly (Srivastava et al. 2014).
        """
        raw, kept = [inputs], [inputs]
        masks: list[ndarray | None] = [None]
        for weights, biases, (_, activation) in zip(self.weights, self.biases, self.layers, strict=True):
            raw.append(ACTIVATE[activation](kept[-1] @ weights + biases))
            mask = None
            if dropout and len(raw) <= len(self.layers):  # the output is never dropped
                mask = (random.random(raw[-1].shape) >= dropout) / (1 - dropout)
            masks.append(mask)
            kept.append(raw[-1] if mask is None else raw[-1] * mask)
        gradient = np.empty_like(self.parameters)
        to_weights, to_biases = self.views(gradient)
        delta = (raw[-1] - targets[:, None]) / len(targets) * SLOPE[self.layers[-1].activation](raw[-1])
        for at in reversed(range(len(self.layers))):
            np.matmul(kept[at].T, delta, out=to_weights[at])
            delta.sum(0, out=to_biases[at])
            if at:
                delta = delta @ self.weights[at].T * SLOPE[self.layers[at - 1].activation](raw[at])
                if (mask := masks[at]) is not None:
                    delta *= mask
        return gradient

    def names(self) -> list[list[str]]:
        """What goes in, and the units of each layer by name: features, a1, a2 ..., b1 ..., y."""
        hidden = [
            [f"{LETTERS[at]}{i + 1}" for i in range(layer.units)] for at, layer in enumerate(self.layers[:-1])
        ]
        return [list(self.features), *hidden, ["y"]]


def start(
    features: Sequence[str], hidden: Sequence[Layer], *, regression: bool, seed: int, scale: float = 1.0
) -> Network:
    """A network before it learned: weights normal, of deviation `scale` / sqrt(inputs), times sqrt(2) before
    a ReLU (He et al. 2015); biases 0. `scale` 0 makes all units alike. Raises `ValueError` without a feature.
    """
    unknown = [name for name in features if name not in FEATURES]
    if not features or unknown:
        chosen = f"there is no feature {unknown[0]!r}" if unknown else "the network has nothing to look at"
        raise ValueError(f"{chosen}: choose from {', '.join(FEATURES)}.")
    layers = (*hidden, Layer(1, "linear" if regression else "tanh"))
    sizes = [len(features), *(layer.units for layer in layers)]
    random, pieces = default_rng([seed, 2]), []
    for (before, after), (_, activation) in zip(pairwise(sizes), layers, strict=True):
        deviation = scale * np.sqrt((2 if activation == "relu" else 1) / before)
        pieces += [deviation * random.standard_normal(before * after), np.zeros(after)]
    return Network(tuple(features), layers, np.concatenate(pieces))
