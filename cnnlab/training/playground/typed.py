"""What a reader types: the hidden layers "8 tanh, 4 relu", a place to stop "test loss 0.05", a weight to set
"x1 > a3 = 1.5". Each `parse_...` raises `ValueError` with one sentence for words that it cannot read.
"""

import math
import re
from collections.abc import Callable

from .network import ACTIVATIONS, MLP, Evaluation, Layer

MOST_LAYERS, MOST_UNITS = 6, 16
STOPS = 'write "loss 0.05", "train loss 0.05", "accuracy 95 %" or "epoch 100", or nothing'


def parse_layers(text: str) -> tuple[Layer, ...]:
    """Layers, with an activation where the text names one: "8 tanh, 4" is ((8, "tanh"), (4, ""))."""
    parts = re.split(r"[,;\n]|(?<=\d)\s+(?=\d)", text) if text.strip() else []  # "8 8", too
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"there are {len(parts)} hidden layers: at most {MOST_LAYERS}.")
    layers = []
    for number, part in enumerate(map(str.strip, parts), 1):
        size, _, activation = part.partition(" ")
        activation = activation.strip().lower()
        if not re.fullmatch(r"-?\d+", size):
            what = f"says {part!r}" if part else "is empty"
            raise ValueError(f'layer {number} {what}: give a number of units, such as 8 or "8 tanh".')
        units = int(size[:12])
        if not 1 <= units <= MOST_UNITS:
            bound = "at least 1" if units < 1 else f"at most {MOST_UNITS}"
            raise ValueError(f"layer {number} asks for {size[:12]} units: {bound}.")
        if activation and activation not in ACTIVATIONS:
            raise ValueError(
                f"layer {number} has no activation {activation!r}: use {', '.join(ACTIVATIONS)}."
            )
        layers.append(Layer(units, activation))
    return tuple(layers)


def parse_stop(text: str) -> Callable[[float, Evaluation], bool] | None:
    """When to stop, a function of the epoch and how the network does then; None where there are no words.

    "loss" and "accuracy" are those of the test, unless there are no test points or the text says "train".
    """
    if not text.strip():
        return None
    pattern = r"(?:(train|test)\s+)?(loss|accuracy|epoch)\s*[<>=]*\s*(\d+\.?\d*|\.\d+)\s*(%?)"
    found = re.fullmatch(pattern, text.strip().lower())
    if not found:
        raise ValueError(f"{text.strip()[:40]!r} is no place to stop: {STOPS}.")
    which, kind, number, percent = found.groups()
    value = float(number)
    if kind == "accuracy":
        value = value / 100 if percent or value > 1 else value
        if not 0 < value <= 1:
            raise ValueError(f"an accuracy of {number} cannot be reached: give one up to 100 %.")

    def met(epoch: float, now: Evaluation) -> bool:
        if kind == "epoch":
            return epoch >= value
        reached = getattr(now, f"{'train' if now.test_loss is None else which or 'test'}_{kind}")
        return reached is not None and (reached <= value if kind == "loss" else reached >= value)

    return met


def parse_edit(text: str) -> Callable[[MLP], None] | None:
    """A weight "x1 > a3 = 1.5" or a bias "a3 = 0.5", as a function that sets it in a network, which raises
    `ValueError` where there is no such link. None where there are no words.
    """
    if not text.strip():
        return None
    link, _, number = text.partition("=")
    source, _, unit = (part.strip() for part in link.rpartition(">"))
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not unit or not math.isfinite(value):
        what = f"{text.strip()[:40]!r} sets nothing"
        raise ValueError(f'{what}: write "x1 > a3 = 1.5", or "a3 = 0.5" for a bias.')

    def edit(network: MLP) -> None:
        for _, before, after, weights, biases in network.connections():
            if unit in after and not source:
                biases[after.index(unit)] = value
                return
            if unit in after and source in before:
                weights[before.index(source), after.index(unit)] = value
                return
        link = f"link {source} > {unit}" if source else f"unit {unit}"
        raise ValueError(f"there is no {link} in this network: hover over a line to see its name.")

    return edit
