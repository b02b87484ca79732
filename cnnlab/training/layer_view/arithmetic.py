"""The arithmetic behind one number of a network, taken apart so that it can be followed with a pencil."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...networks import Network
from ...networks.hooks import Hooks
from ...pictures import check
from .architecture import Dropout
from .looking import SOFTMAX, as_maps, inner_shape

Unit = tuple[int, int, int]  # map, row, column


@dataclass(frozen=True)
class Term:
    """Part of a number: what a layer sees there (h, w), times weights (h, w) where it has any."""

    name: str
    seen: Tensor
    weights: Tensor | None
    value: float


@dataclass(frozen=True)
class Worked:
    """How one number comes about.

    way: "sum" (terms, strongest first, and a bias), "largest" or "mean" (of one term), "function" (of one
    number, in words: `formula`) or "softmax" (one term a class: a logit). value: what the arithmetic gives;
    put_out: what the network's own layer did.
    """

    layer: str
    kind: str
    unit: Unit
    way: str
    terms: tuple[Term, ...]
    bias: float
    formula: str
    value: float
    put_out: float


def explain(network: Network, picture: Tensor, layer: str, channel: int, y: int = 0, x: int = 0) -> Worked:
    """How `layer` comes to its number in map `channel`, row `y`, column `x`, for one picture (1, C, H, W).

    Convolutions, dense layers, pooling, batch normalisation, ReLU, tanh, sigmoid and "softmax" can be opened.
    ValueError for other layers, and for a place that is not there.
    """
    check(picture, "the picture")
    seen, output, row, module = _call(network, picture[:1], layer)
    maps = as_maps(output)
    if not all(0 <= place < size for place, size in zip((channel, y, x), maps.shape, strict=True)):
        raise ValueError(
            f"{layer} puts out {' x '.join(map(str, maps.shape))} numbers, and none at map {channel}, "
            f"row {y}, column {x}: count from 0."
        )
    way = SOFTMAX if layer == SOFTMAX else type(module)
    if way not in WAYS:
        kind = type(module).__name__
        parts = any(module.children())
        why = "is made of other layers: open one of those" if parts else "is not opened here"
        raise ValueError(f"{layer} ({kind}) {why}.")
    shape = tuple(seen.shape[1:]) if seen.ndim == 4 else row
    inputs = seen[0].double().reshape(shape)
    made = WAYS[way](module, inputs, (channel, y, x))
    kind = SOFTMAX if layer == SOFTMAX else type(module).__name__
    return Worked(layer, kind, (channel, y, x), *made, float(maps[channel, y, x]))


KEEPS = "x (numbers are dropped in training alone)"
Made = tuple[str, tuple[Term, ...], float, str, float]  # way, terms, bias, formula, value


@torch.no_grad()
def _call(network: Network, picture: Tensor, layer: str) -> tuple[Tensor, Tensor, tuple[int, ...], nn.Module]:
    """What a layer got, what it put out, its input's shape (C, h, w) from before it was put into one row,
    itself."""
    module = nn.Identity() if layer == SOFTMAX else network.layer(layer)
    held: list[tuple[Tensor, Tensor]] = []
    rows: list[tuple[int, ...]] = []
    with Hooks() as hooks:
        hooks.after(module, lambda part, inputs, output: held.append((inputs[0].clone(), output.clone())))
        for flatten in (part for part in network.modules() if isinstance(part, nn.Flatten)):
            hooks.after(flatten, lambda part, inputs, output: rows.append(tuple(inputs[0].shape[1:])))
        logits = network.logits(network.normalise(picture))
    if layer == SOFTMAX:
        held = [(logits, logits.softmax(1))]
    if not held:
        raise ValueError(f"layer {layer!r} is not used by {network.name}: take another.")
    seen, output = held[-1]
    return seen, output, inner_shape(seen, rows), module


def _sum(terms: list[Term], bias: float) -> Made:
    strongest = tuple(sorted(terms, key=lambda term: -abs(term.value)))
    return "sum", strongest, bias, "", sum(term.value for term in terms) + bias


def _bias(module: nn.Module, channel: int) -> float:
    bias = module.bias
    return float(bias.detach()[channel]) if isinstance(bias, Tensor) else 0.0


def _conv(module: nn.Conv2d, inputs: Tensor, unit: Unit) -> Made:
    if isinstance(module.padding, str) or module.padding_mode != "zeros":
        raise ValueError("a convolution is opened where zeros are its pad, and their number is given.")
    channel, y, x = unit
    columns = nn.functional.unfold(
        inputs[None], module.kernel_size, module.dilation, module.padding, module.stride
    )
    height, width = module.kernel_size
    pad, dilation, stride = module.padding[1], module.dilation[1], module.stride[1]
    across = (inputs.shape[2] + 2 * pad - dilation * (width - 1) - 1) // stride + 1
    patch = columns[0, :, y * across + x].view(len(inputs), height, width)
    each = module.in_channels // module.groups
    first = channel // (module.out_channels // module.groups) * each
    weights = module.weight.detach()[channel].double()
    return _sum(_products(patch[first : first + each], weights, first), _bias(module, channel))


def _dense(module: nn.Linear, inputs: Tensor, unit: Unit) -> Made:
    weights = module.weight.detach()[unit[0]].double().view(inputs.shape)
    return _sum(_products(inputs, weights, 0), _bias(module, unit[0]))


def _products(seen: Tensor, weights: Tensor, first: int) -> list[Term]:
    name = "input" if seen.shape[1:] == (1, 1) else "map"
    values = (seen * weights).flatten(1).sum(1).tolist()
    return [
        Term(f"{name} {first + k}", a, w, value)
        for k, (a, w, value) in enumerate(zip(seen, weights, values, strict=True))
    ]


def _window(module: nn.Module, inputs: Tensor, unit: Unit) -> Tensor:
    """What a pooling layer sees; past the border there is nothing."""
    channel, y, x = unit
    if getattr(module, "dilation", 1) not in (1, (1, 1)):
        raise ValueError("pooling with gaps between its inputs (dilation) is not opened here.")
    size, stride, pad = (_pair(getattr(module, name)) for name in ("kernel_size", "stride", "padding"))
    top, left = (place * s - p for place, s, p in zip((y, x), stride, pad, strict=True))
    return inputs[channel, max(top, 0) : top + size[0], max(left, 0) : left + size[1]]


def _largest(module: nn.Module, inputs: Tensor, unit: Unit) -> Made:
    window = _window(module, inputs, unit)
    value = float(window.max())
    return "largest", (Term(f"map {unit[0]}", window, None, value),), 0.0, "", value


def _mean(module: nn.Module, inputs: Tensor, unit: Unit) -> Made:
    if isinstance(module, nn.AdaptiveAvgPool2d):
        parts = zip(unit[1:], inputs.shape[1:], _pair(module.output_size), strict=True)
        rows, columns = (
            slice(place * side // out, math.ceil((place + 1) * side / out)) for place, side, out in parts
        )
        window = inputs[unit[0], rows, columns]
    elif _pair(module.padding) != (0, 0):
        raise ValueError("a mean over windows with a pad is not opened here.")
    else:
        window = _window(module, inputs, unit)
    value = float(window.mean())
    return "mean", (Term(f"map {unit[0]}", window, None, value),), 0.0, "", value


def _function(formula: str, compute: Callable[[float], float]) -> Callable:
    def way(module: nn.Module, inputs: Tensor, unit: Unit) -> Made:
        number = inputs[unit]
        term = Term(f"map {unit[0]}", number.view(1, 1), None, float(number))
        return "function", (term,), 0.0, formula, compute(float(number))

    return way


@torch.no_grad()
def _batchnorm(module: nn.Module, inputs: Tensor, unit: Unit) -> Made:
    mean, variance, scale, shift = (
        float(numbers[unit[0]])  # type: ignore[index]
        for numbers in (module.running_mean, module.running_var, module.weight, module.bias)
    )
    formula = f"(x − {mean:.3g}) / √({variance:.3g} + {module.eps:g}) × {scale:.3g} + {shift:.3g}"

    def compute(x: float) -> float:
        return (x - mean) / math.sqrt(variance + module.eps) * scale + shift  # type: ignore[operator]

    return _function(formula, compute)(module, inputs, unit)


def _softmax(module: nn.Module, inputs: Tensor, unit: Unit) -> Made:
    logits = inputs.flatten()
    terms = [Term(str(k), logits[k].view(1, 1), None, float(z)) for k, z in enumerate(logits)]
    powers = (logits - logits.max()).exp()
    value = float(powers[unit[0]] / powers.sum())
    return "softmax", tuple(sorted(terms, key=lambda term: -term.value)), 0.0, "", value


def _pair(number: Any) -> tuple[int, int]:
    return number if isinstance(number, tuple) else (number, number)


WAYS: dict[object, Callable[..., Made]] = {
    nn.Conv2d: _conv,
    nn.Linear: _dense,
    nn.MaxPool2d: _largest,
    nn.AvgPool2d: _mean,
    nn.AdaptiveAvgPool2d: _mean,
    nn.ReLU: _function("max(0, x)", lambda x: max(0.0, x)),
    nn.Tanh: _function("tanh x", math.tanh),
    nn.Sigmoid: _function("1 / (1 + e to the −x)", lambda x: 1 / (1 + math.exp(-x)) if x > -700 else 0.0),
    nn.BatchNorm1d: _batchnorm,
    nn.BatchNorm2d: _batchnorm,
    nn.Dropout: _function(KEEPS, float),
    Dropout: _function(KEEPS, float),
    SOFTMAX: _softmax,
}
