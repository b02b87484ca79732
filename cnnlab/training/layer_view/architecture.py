"""A convolutional network written as a few lines of text, one layer a line.

conv 16 3x3 pad 1     16 maps, each from windows of 3 x 3; also `stride 2`
relu                  or `tanh`, `sigmoid`
pool 2                the largest of each 2 x 2; `avgpool 2` takes the mean
batchnorm
dropout .2            in training, each number is 0 with probability 0.2
dense 10              10 units that see everything; what comes before is put into one row

What follows a # is a remark. A layer is called by its kind and a number: conv1, relu1, conv2 ...
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from ...arguments.names import nearest

Shape = tuple[int, ...]  # (C, H, W), or (N,) once it is one row
MOST_WEIGHTS = 4_000_000  # of a layer: more would not learn on a laptop
MOST_NUMBERS = 200_000  # that a layer puts out for one picture
ROW = "flatten"


@dataclass(frozen=True)
class Kind:
    """A kind of layer: how it is written, and how it is made of the numbers found there.

    build(shape, numbers): the module for inputs of this shape; a ValueError says what it cannot take.
    """

    usage: str
    pattern: str
    build: Callable[[Shape, dict[str, float]], nn.Module]


@dataclass(frozen=True)
class Line:
    """One layer as it was written: `number` is that of its line, from 1."""

    number: int
    text: str
    kind: str
    numbers: dict[str, float]


class Architecture(tuple[Line, ...]):
    """The layers that a text asks for, in order; `parse` makes it, `str` gives the text back."""

    def __str__(self) -> str:
        return "\n".join(line.text for line in self)


class Dropout(nn.Module):
    """nn.Dropout with a generator of its own."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.draw = torch.Generator().manual_seed(0)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.rand(x.shape, generator=self.draw) >= self.p
        return x * kept.to(x) / (1 - self.p)


def parse(text: str) -> Architecture:
    """The layers that `text` asks for. ValueError names the line that cannot be read, and what could stand
    there."""
    lines = []
    for number, written in enumerate(text.splitlines(), start=1):
        words = " ".join(written.partition("#")[0].lower().split())
        if words:
            lines.append(_line(number, words))
    if not lines:
        raise ValueError("there is no layer: write one a line, such as `conv 8 3x3` or `dense 10`.")
    return Architecture(lines)


def build(architecture: Architecture, shape: Shape, classes: int, seed: int = 0) -> nn.Sequential:
    """The network for pictures (C, H, W) = `shape`: a sequence of named layers, from pixels to `classes`
    logits.

    Weights are drawn with `seed` as He et al. 2015 (arXiv:1502.01852) propose, those of the last layer ten
    times smaller, so that all classes begin about equally likely; biases begin at 0. ValueError names the
    line, the layer and both shapes where one does not fit the one before.
    """
    draw = torch.Generator().manual_seed(seed)
    counts: Counter[str] = Counter()
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for line in architecture:
        if line.kind == "dense" and len(shape) > 1 and ROW not in layers:
            layers[ROW], shape = nn.Flatten(), (math.prod(shape),)
        counts[line.kind] += 1
        module, shape = _fitted(line, shape)
        layers[f"{line.kind}{counts[line.kind]}"] = module
        _start(module, draw, 0.1 if line is architecture[-1] else 1.0)
    if shape != (classes,):
        raise ValueError(
            f"the last layer puts out {_words(shape)} and there are {classes} classes: "
            f"end with dense {classes}."
        )
    return nn.Sequential(layers)


def _line(number: int, words: str) -> Line:
    name = words.split()[0]
    if name not in KINDS:
        near = nearest(name, KINDS)
        known = f"perhaps you mean {near[0]}" if near else f"there are {', '.join(KINDS)}"
        raise ValueError(f"line {number}: {name!r} is no layer; {known}.")
    found = re.fullmatch(KINDS[name].pattern, words)
    if found is None:
        raise ValueError(f"line {number}: {words!r} cannot be read; write it as {KINDS[name].usage}.")
    return Line(number, words, name, {key: float(value) for key, value in found.groupdict().items() if value})


def _fitted(line: Line, shape: Shape) -> tuple[nn.Module, Shape]:
    """The module of one line, and the shape that it puts out."""
    try:
        module = KINDS[line.kind].build(shape, line.numbers).eval()
    except ValueError as error:
        raise ValueError(f"line {line.number}: {line.text} cannot take {_words(shape)}: {error}") from None
    with torch.no_grad():
        made = tuple(module(torch.zeros(1, *shape)).shape[1:])
    if math.prod(made) > MOST_NUMBERS:
        raise ValueError(f"line {line.number}: {line.text} would put out {_words(made)}: take fewer.")
    return module, made


def _conv(shape: Shape, numbers: dict[str, float]) -> nn.Module:
    maps, h, w = (int(numbers[key]) for key in ("maps", "h", "w"))
    pad, stride = int(numbers.get("pad", 0)), int(numbers.get("stride", 1))
    if len(shape) == 1:
        raise ValueError("convolutions come before dense layers.")
    if min(maps, h, w, stride) < 1:
        raise ValueError("its numbers, but pad, are 1 or more.")
    if pad >= min(h, w) and pad:
        raise ValueError(f"with a pad of {pad} some windows would see nothing; take less than {min(h, w)}.")
    if h > shape[1] + 2 * pad or w > shape[2] + 2 * pad:
        raise ValueError(f"windows of {h} x {w} are larger than that, with a pad of {pad}.")
    _allow(maps * shape[0] * h * w)
    return skip_init(nn.Conv2d, shape[0], maps, (h, w), padding=pad, stride=stride)


def _allow(weights: int) -> None:
    if weights > MOST_WEIGHTS:
        raise ValueError(f"it would have {weights:,} weights; take {MOST_WEIGHTS:,} at most.")


def _pool(kind: type[nn.Module]) -> Callable:
    def make(shape: Shape, numbers: dict[str, float]) -> nn.Module:
        size = int(numbers["size"])
        if len(shape) == 1:
            raise ValueError("pooling comes before dense layers.")
        if not 1 <= size <= min(shape[1:]):
            raise ValueError(f"take 1 to {min(shape[1:])}.")
        return kind(size)

    return make


def _dense(shape: Shape, numbers: dict[str, float]) -> nn.Module:
    units = int(numbers["units"])
    if units < 1:
        raise ValueError("take 1 unit or more.")
    _allow(units * shape[0])
    return skip_init(nn.Linear, shape[0], units)


def _dropout(shape: Shape, numbers: dict[str, float]) -> nn.Module:
    if not 0 <= numbers["p"] < 1:
        raise ValueError("its share is 0 or more, and below 1.")
    return Dropout(numbers["p"])


def _batchnorm(shape: Shape, numbers: dict[str, float]) -> nn.Module:
    return (nn.BatchNorm1d if len(shape) == 1 else nn.BatchNorm2d)(shape[0])


def _start(module: nn.Module, draw: torch.Generator, scale: float) -> None:
    """The first weights of a layer, times `scale`."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        with torch.no_grad():
            fan_in = module.weight[0].numel()
            module.weight.normal_(0, scale * math.sqrt(2 / fan_in), generator=draw)
            assert module.bias is not None
            module.bias.zero_()
    if isinstance(module, Dropout):
        module.draw.manual_seed(int(torch.randint(2**31, (), generator=draw)))


def _words(shape: Shape) -> str:
    if len(shape) == 1:
        return f"{shape[0]} numbers"
    return f"{shape[0]} map{'s' if shape[0] > 1 else ''} of {shape[1]} x {shape[2]}"


N = r"(\d{1,5})"
SHARE = r"(\d{0,3}\.?\d{1,6})"


def _named(name: str, pattern: str = N) -> str:
    return pattern.replace("(", f"(?P<{name}>", 1)


def _plain(kind: type[nn.Module]) -> Callable:
    return lambda shape, numbers: kind()


KINDS: dict[str, Kind] = {
    "conv": Kind(
        "conv 16 3x3, conv 16 3x3 pad 1 or conv 16 3x3 pad 1 stride 2",
        f"conv {_named('maps')} {_named('h')} ?[x×] ?{_named('w')}"
        f"(?: pad {_named('pad')})?(?: stride {_named('stride')})?",
        _conv,
    ),
    "relu": Kind("relu", "relu", _plain(nn.ReLU)),
    "tanh": Kind("tanh", "tanh", _plain(nn.Tanh)),
    "sigmoid": Kind("sigmoid", "sigmoid", _plain(nn.Sigmoid)),
    "pool": Kind("pool 2", f"pool {_named('size')}", _pool(nn.MaxPool2d)),
    "avgpool": Kind("avgpool 2", f"avgpool {_named('size')}", _pool(nn.AvgPool2d)),
    "batchnorm": Kind("batchnorm", "batchnorm", _batchnorm),
    "dropout": Kind("dropout .2", f"dropout {_named('p', SHARE)}", _dropout),
    "dense": Kind("dense 10", f"dense {_named('units')}", _dense),
}
