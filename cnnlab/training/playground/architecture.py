"""The hidden layers as a line of text: "8, 8" or "8 tanh, 4 relu"."""

import re
from typing import NamedTuple

ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear")
MOST_LAYERS, MOST_UNITS = 6, 16
LETTERS = "abcdef"  # the units of the first layer are a1, a2 ..., of the second b1, b2 ...


class Layer(NamedTuple):
    """`units` neurons with one `activation`, of `ACTIVATIONS`."""

    units: int
    activation: str


def parse(text: str) -> tuple[tuple[int, str | None], ...]:
    """Sizes, each with its activation if the text names one: "8 tanh, 4" is ((8, "tanh"), (4, None)).

    Empty text is no hidden layer. Raises `ValueError` with one sentence that names the layer.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", text)]
    if parts == [""]:
        return ()
    if len(parts) == 1 and re.fullmatch(r"\d+(\s+\d+)+", parts[0]):  # "8 8"
        parts = parts[0].split()
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"there are {len(parts)} hidden layers: at most {MOST_LAYERS}.")
    return tuple(_one(number, part) for number, part in enumerate(parts, 1))


def _one(number: int, part: str) -> tuple[int, str | None]:
    size, _, activation = part.partition(" ")
    activation = activation.strip().lower()
    if not re.fullmatch(r"-?\d+", size):
        what = f"says {part!r}" if part else "is empty"
        raise ValueError(f'layer {number} {what}: give a number of units, such as 8 or "8 tanh".')
    if len(size) > 4 or not 1 <= int(size) <= MOST_UNITS:
        bound = "at least 1" if size.startswith("-") or not size.strip("0") else f"at most {MOST_UNITS}"
        raise ValueError(f"layer {number} asks for {size[:12]} units: {bound}.")
    if activation and activation not in ACTIVATIONS:
        raise ValueError(f"layer {number} has no activation {activation!r}: use {', '.join(ACTIVATIONS)}.")
    return int(size), activation or None


def complete(parsed: tuple[tuple[int, str | None], ...], activation: str) -> tuple[Layer, ...]:
    """The layers, with `activation` where the text named none."""
    return tuple(Layer(units, named or activation) for units, named in parsed)
