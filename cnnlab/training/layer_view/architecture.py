"""A convolutional network written as a few lines of text, one layer a line.

conv 16 3x3 pad 1     16 maps, each from windows of 3 x 3; also `stride 2`
relu                  or `tanh`, `sigmoid`
pool 2                the largest of each 2 x 2; `avgpool 2` takes the mean
batchnorm
dropout .2            in training, each number is 0 with probability 0.2
dense 10              10 units that see everything; what comes before is put into one row

What follows a # is a remark. A layer is called by its kind and a number: conv1, relu1, conv2 ...
"""

import math
import re
from collections import Counter, OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from ...arguments.names import nearest

SMALL_NETWORK = "conv 16 3x3 pad 1\nrelu\npool 2\nconv 16 3x3 pad 1\nrelu\npool 2\ndense 10"  # for any set
MOST_WEIGHTS, MOST_NUMBERS = 4_000_000, 200_000  # of a layer, and that it puts out, on a laptop
Shape = tuple[int, ...]  # (C, H, W), or (N,) once it is one row


def require(holds: bool, words: str) -> None:
    """ValueError with these words, unless something holds."""
    if not holds:
        raise ValueError(words)


class Architecture(str):
    """A network in words, without remarks. ValueError names the line that cannot be read, and what could
    stand there."""

    def __new__(cls, text: str) -> "Architecture":
        """Read `text`."""
        lines = [" ".join(line.partition("#")[0].lower().split()) for line in text.splitlines()]
        require(any(lines), "there is no layer: write one a line, such as `conv 8 3x3` or `dense 10`.")
        for number, words in enumerate(lines, 1):
            if words:
                _numbers(number, words)
        return super().__new__(cls, "\n".join(lines))

    def build(self, shape: Shape, classes: int, seed: int = 0) -> nn.Sequential:
        """The network for pictures (C, H, W) = `shape`: a sequence of named layers, from pixels to `classes`
        logits.

        Weights are drawn with `seed` as He et al. 2015 (arXiv:1502.01852) propose, those of the last layer
        ten times smaller, so that all classes begin about equally likely; biases begin at 0. ValueError names
        the line, the layer and both shapes where one does not fit the one before.
        """
        draw, counts = torch.Generator().manual_seed(seed), Counter[str]()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        lines = [line for line in enumerate(self.splitlines(), 1) if line[1]]
        for number, words in lines:
            kind = words.split()[0]
            if kind == "dense" and len(shape) > 1:
                layers["flatten"], shape = nn.Flatten(), (math.prod(shape),)
            module, shape = _fitted(number, words, shape)
            counts[kind] += 1
            layers[f"{kind}{counts[kind]}"] = module
            _start(module, draw, 0.1 if number == lines[-1][0] else 1.0)
        wrong = f"{_words(shape)} and there are {classes} classes: end with dense {classes}."
        require(shape == (classes,), f"the last layer puts out {wrong}")
        return nn.Sequential(layers)


class Dropout(nn.Module):
    """nn.Dropout with a generator of its own."""

    def __init__(self, p: float) -> None:
        super().__init__()
        require(p < 1, "its share is 0 or more, and below 1.")
        self.p, self.draw = p, torch.Generator().manual_seed(0)

    def forward(self, x: Tensor) -> Tensor:
        """In training, some numbers are 0 and the others larger; x itself otherwise."""
        if not self.training:
            return x
        kept = torch.rand(x.shape, generator=self.draw) >= self.p
        return x * kept.to(x) / (1 - self.p)


def _numbers(number: int, words: str) -> dict[str, float]:
    """The numbers in a line, by name."""
    kind = words.split()[0]
    if kind not in KINDS:
        near = nearest(kind, KINDS)
        known = f"perhaps you mean {near[0]}" if near else f"there are {', '.join(KINDS)}"
        raise ValueError(f"line {number}: {kind!r} is no layer; {known}.")
    usage, pattern, _ = KINDS[kind]
    found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>\\d{1,5})", pattern), words)
    if found is None:
        raise ValueError(f"line {number}: {words!r} cannot be read; write it as {usage}.")
    return {name: float(n) if name == "p" else int(n) for name, n in found.groupdict().items() if n}


def _fitted(number: int, words: str, shape: Shape) -> tuple[nn.Module, Shape]:
    """The module of one line, and the shape that it puts out."""
    try:
        module = KINDS[words.split()[0]][2](shape, **_numbers(number, words)).eval()
    except ValueError as error:
        raise ValueError(f"line {number}: {words} cannot take {_words(shape)}: {error}") from None
    with torch.no_grad():
        made = tuple(module(torch.zeros(1, *shape)).shape[1:])
    few = math.prod(made) <= MOST_NUMBERS
    require(few, f"line {number}: {words} would put out {_words(made)}: take fewer.")
    return module, made


def _start(module: nn.Module, draw: torch.Generator, scale: float) -> None:
    """The first weights of a layer, times `scale`."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, 0, scale * math.sqrt(2 / module.weight[0].numel()), draw)
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]
    if isinstance(module, Dropout):
        module.draw.manual_seed(int(torch.randint(2**31, (), generator=draw)))


def _words(shape: Shape) -> str:
    if len(shape) == 1:
        return f"{shape[0]} numbers"
    return f"{shape[0]} map{'s' if shape[0] > 1 else ''} of {shape[1]} x {shape[2]}"


def _few(weights: int) -> None:
    require(weights <= MOST_WEIGHTS, f"it would have {weights:,} weights; take {MOST_WEIGHTS:,} at most.")


def _conv(shape: Shape, maps: int, h: int, w: int, pad: int = 0, stride: int = 1) -> nn.Module:
    least = min(h, w)
    require(len(shape) > 1, "convolutions come before dense layers.")
    require(min(maps, least, stride) > 0, "its numbers, but pad, are 1 or more.")
    require(pad < least, f"with a pad of {pad} some windows would see nothing; take less than {least}.")
    room = h <= shape[1] + 2 * pad and w <= shape[2] + 2 * pad
    require(room, f"windows of {h} x {w} are larger than that, with a pad of {pad}.")
    _few(maps * shape[0] * h * w)
    return skip_init(nn.Conv2d, shape[0], maps, (h, w), padding=pad, stride=stride)


def _pool(kind: type[nn.Module], shape: Shape, size: int) -> nn.Module:
    require(len(shape) > 1, "pooling comes before dense layers.")
    require(1 <= size <= min(shape[1:]), f"take 1 to {min(shape[1:])}.")
    return kind(size)


def _dense(shape: Shape, units: int) -> nn.Module:
    require(units > 0, "take 1 unit or more.")
    _few(units * shape[0])
    return skip_init(nn.Linear, shape[0], units)


def _batchnorm(shape: Shape) -> nn.Module:
    return (nn.BatchNorm1d if len(shape) == 1 else nn.BatchNorm2d)(shape[0])


CONV = "conv 16 3x3, conv 16 3x3 pad 1 or conv 16 3x3 pad 1 stride 2"
# How a kind of layer is written, as a reader is told and as a pattern with whole numbers by name, and what
# makes it for inputs of a shape and these numbers; a ValueError says what it cannot take.
KINDS: dict[str, tuple[str, str, Callable[..., nn.Module]]] = {
    "conv": (CONV, "conv {maps} {h} ?[x×] ?{w}(?: pad {pad})?(?: stride {stride})?", _conv),
    "relu": ("relu", "relu", lambda shape: nn.ReLU()),
    "tanh": ("tanh", "tanh", lambda shape: nn.Tanh()),
    "sigmoid": ("sigmoid", "sigmoid", lambda shape: nn.Sigmoid()),
    "pool": ("pool 2", "pool {size}", lambda shape, size: _pool(nn.MaxPool2d, shape, size)),
    "avgpool": ("avgpool 2", "avgpool {size}", lambda shape, size: _pool(nn.AvgPool2d, shape, size)),
    "batchnorm": ("batchnorm", "batchnorm", _batchnorm),
    "dropout": ("dropout .2", r"dropout (?P<p>\d{0,3}\.?\d{1,6})", lambda shape, p: Dropout(p)),
    "dense": ("dense 10", "dense {units}", _dense),
}
