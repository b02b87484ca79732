"""What one layer makes of one picture: its activations, its weights, the gradients of both, and the
arithmetic behind any single number, taken apart so that it can be followed with a pencil."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ...networks import Hooks, Network, activations
from ...pictures import check
from .architecture import Dropout, require

SOFTMAX = "softmax"  # the name of the last step, from logits to probabilities
STRIP = 10  # layers whose maps are kept, the layer itself among them: all, where there are fewer
Unit = tuple[int, int, int]  # map, row, column


class Softmax(nn.Softmax):
    """The last step, which is no module of a network."""


class Term(NamedTuple):
    """Part of a number: what a layer sees there (h, w), times weights (h, w) where it has any."""

    name: str
    seen: Tensor
    weights: Tensor | None
    value: float


class Arithmetic(NamedTuple):
    """How one number comes about.

    put_out: what the network's own layer did. value: what the arithmetic gives. way: "sum" (terms, strongest
    first, and a bias), "largest" or "mean" (of one term), "function" (of one number, in words: `formula`) or
    "softmax" (one term a class: a logit).
    """

    unit: Unit
    put_out: float
    way: str
    terms: tuple[Term, ...]
    value: float
    bias: float = 0.0
    formula: str = ""


class LayerArrays:
    """What `layer` makes of one picture (1, C, H, W), which is run forward, and a gradient back to the layer.

    `layer` is one of `network.layers`, or "softmax". activations: (C, h, w), with h = w = 1 where the layer
    puts out a row. gradients: of `of` by each activation, (C, h, w). With a `label`, that is the "loss"
    -log p(label), as in training; without, the "logit" of the likeliest class, as where a network is certain
    its loss has hardly any gradient left; of softmax it is always the loss. weights, weight_gradients: tiles
    (out, in, h, w), None where the layer has none; those of a dense layer are cut into the maps that they
    look at where these fit. logits: (K,). maps: what the layers around it put out.

    The network's own weights and their gradients stay untouched: the layer's come from running it once more.
    ValueError for a layer that is not there or is not used.
    """

    weights: Tensor | None = None
    weight_gradients: Tensor | None = None

    @torch.enable_grad()
    def __init__(self, network: Network, picture: Tensor, layer: str, label: int | None = None) -> None:
        check(picture, "the picture")
        require(len(picture) == 1, f"a look is at one picture, not at {len(picture)}.")
        self.network, self.picture, self.layer = network, picture, layer
        self.module = Softmax(1) if layer == SOFTMAX else network.layer(layer)
        names = layer_names(network)
        place = names.index(layer) if layer in names else 0
        first = min(max(place - STRIP // 2, 0), max(len(names) - STRIP, 0))
        names = names[first : first + STRIP]
        with activations(network, *({*names} - {SOFTMAX}), keep=lambda found: found.detach().clone()) as seen:
            logits = self._forward()
        seen[SOFTMAX] = logits.detach().softmax(1)
        self.maps = {name: as_maps(seen[name]) for name in names if seen[name].ndim in (2, 4)}
        self.of = "logit" if label is None and layer != SOFTMAX else "loss"
        self.label = int(logits.argmax()) if label is None else network.class_index(label)
        log_shares = self._output.log() if layer == SOFTMAX else logits.log_softmax(1)
        goal = logits[0, self.label] if self.of == "logit" else -log_shares[0, self.label]
        (gradient,) = torch.autograd.grad(goal, self._output)
        self.activations, self.gradients = as_maps(self._output.detach()), as_maps(gradient)
        self.logits = logits.detach()[0]
        free = {name: p.detach().clone().requires_grad_() for name, p in self.module.named_parameters()}
        if "weight" in free:
            again = functional_call(self.module, free, (self._inputs,))
            (found,) = torch.autograd.grad(again, free["weight"], gradient)
            self.weights, self.weight_gradients = self._tiles(free["weight"].detach()), self._tiles(found)

    @torch.no_grad()
    def explain(self, channel: int, y: int = 0, x: int = 0) -> Arithmetic:
        """How the layer comes to its number in map `channel`, row `y`, column `x`.

        Convolutions, dense layers, pooling, batch normalisation, ReLU, tanh, sigmoid and "softmax" can be
        opened. ValueError for other layers, and for a place that is not there.
        """
        unit, shape, kind = (channel, y, x), self.activations.shape, type(self.module)
        there = all(0 <= place < size for place, size in zip(unit, shape, strict=True))
        where = f"none at map {channel}, row {y}, column {x}: count from 0."
        require(there, f"{self.layer} puts out {' x '.join(map(str, shape))} numbers, and {where}")
        made_of_parts = any(self.module.children())
        why = "is made of other layers: open one of those" if made_of_parts else "is not opened here"
        require(kind in WAYS, f"{self.layer} ({kind.__name__}) {why}.")
        found = WAYS[kind](self.module, self._inputs[0].double().reshape(self._shape), unit)
        return Arithmetic(unit, float(self.activations[unit]), *found)

    def _forward(self) -> Tensor:
        """The logits. What the layer gets is kept, with its shape (C, h, w) from before it was put into one
        row, and what it puts out, as a leaf, so that a gradient goes back no further."""
        network = self.network
        rows: list[tuple[int, ...]] = []  # maps that were put into one row

        def cut(part: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
            self._inputs, self._output = inputs[0].detach(), output.detach().clone().requires_grad_()
            return self._output

        with Hooks() as hooks:
            hooks.instead(self.module, cut)
            for flatten in (part for part in network.modules() if isinstance(part, nn.Flatten)):
                hooks.after(flatten, lambda part, inputs, output: rows.append(tuple(inputs[0].shape[1:])))
            logits = network.logits(network.normalise(self.picture))
            if self.layer == SOFTMAX:
                self.module(logits)
        used = hasattr(self, "_output")
        require(used, f"layer {self.layer!r} is not used by {network.name}: take another.")
        count = self._inputs[0].numel()
        rows = [tuple(self._inputs.shape[1:])] if self._inputs.ndim == 4 else [(count, 1, 1), *rows]
        self._shape = [shape for shape in rows if math.prod(shape) == count][-1]
        return logits

    def _tiles(self, weights: Tensor) -> Tensor:
        """Weights as tiles (out, in, h, w)."""
        if weights.ndim == 2 and math.prod(self._shape) == weights.shape[1]:
            return weights.unflatten(1, self._shape)
        return weights.reshape((*weights.shape, 1, 1, 1)[:4])


def layer_names(network: Network) -> list[str]:
    """The layers that can be looked at, in forward order, softmax last. Putting maps into one row changes
    nothing."""
    return [name for name in network.layers.names if name != "flatten"] + [SOFTMAX]


def as_maps(output: Tensor) -> Tensor:
    """One picture's output (1, C, h, w) or (1, C) as (C, h, w); other shapes are a ValueError."""
    shape = tuple(output.shape)
    require(len(shape) in (2, 4), f"a layer whose output has the shape {shape} holds no maps: take another.")
    return output[0] if output.ndim == 4 else output[0, :, None, None]


def parameter_count(module: nn.Module) -> str:
    """How many parameters a layer has: "3 × 3 × 1 × 16 + 16 = 160"."""
    sizes = ([*p.shape[2:], *p.shape[1::-1]] for p in module.parameters(recurse=False))
    products = " + ".join(" × ".join(f"{n:,}" for n in size) for size in sizes)
    total = sum(p.numel() for p in module.parameters())
    return f"{products} = {total:,}" if products else f"{total:,} in its parts" if total else "none"


Made = tuple[str, tuple[Term, ...], float, float, str]  # way, terms, value, bias, formula


def _products(module: Any, seen: Tensor, unit: Unit, first: int = 0) -> Made:
    """What is seen (C, h, w) times a unit's weights, map by map, counted from `first`; and its bias."""
    name = "input" if seen.shape[1:] == (1, 1) else "map"
    weights = module.weight[unit[0]].double().view(seen.shape)
    values = (seen * weights).flatten(1).sum(1).tolist()
    parts = enumerate(zip(seen, weights, values, strict=True), first)
    terms = sorted((Term(f"{name} {k}", *part) for k, part in parts), key=lambda term: -abs(term.value))
    bias = 0.0 if module.bias is None else float(module.bias[unit[0]])
    return "sum", tuple(terms), sum(values) + bias, bias, ""


def _conv(module: Any, inputs: Tensor, unit: Unit) -> Made:
    zeros = module.padding_mode == "zeros" and not isinstance(module.padding, str)
    require(zeros, "a convolution is opened where zeros are its pad, and their number is given.")
    (above, left), (down, across) = module.padding, module.stride
    (dy, dx), (height, width) = module.dilation, module.kernel_size
    count = module.in_channels // module.groups
    first = unit[0] // (module.out_channels // module.groups) * count
    padded = nn.functional.pad(inputs[first : first + count], (left, left, above, above))
    seen = padded[:, unit[1] * down :, unit[2] * across :][:, : height * dy : dy, : width * dx : dx]
    return _products(module, seen, unit, first)


def _pool(module: Any, inputs: Tensor, unit: Unit) -> Made:
    """What pooling sees, and the largest or the mean of it. Past the border there is nothing."""
    close = getattr(module, "dilation", 1) in (1, (1, 1))
    require(close, "pooling with gaps between its inputs (dilation) is not opened here.")
    way = "largest" if isinstance(module, nn.MaxPool2d) else "mean"

    def seen(axis: int) -> slice:
        k, side = unit[axis], inputs.shape[axis]
        if isinstance(module, nn.AdaptiveAvgPool2d):
            count = _pair(module.output_size)[axis - 1]
            return slice(k * side // count, -(-(k + 1) * side // count))
        pairs = module.kernel_size, module.stride, module.padding
        size, stride, pad = (_pair(numbers)[axis - 1] for numbers in pairs)
        require(way == "largest" or not pad, "a mean over windows with a pad is not opened here.")
        return slice(max(k * stride - pad, 0), k * stride - pad + size)

    window = inputs[unit[0], seen(1), seen(2)]
    value = float(window.max() if way == "largest" else window.mean())
    return way, (Term(f"map {unit[0]}", window, None, value),), value, 0.0, ""


def _pair(number: Any) -> tuple[int, int]:
    return number if isinstance(number, tuple) else (number, number)


def _function(formula: str, compute: Callable, module: Any, inputs: Tensor, unit: Unit) -> Made:
    x = float(inputs[unit])
    return "function", (Term(f"map {unit[0]}", inputs[unit].view(1, 1), None, x),), compute(x), 0.0, formula


def _batchnorm(module: Any, inputs: Tensor, unit: Unit) -> Made:
    numbers = module.running_mean, module.running_var, module.weight, module.bias
    mean, variance, scale, shift = (float(each[unit[0]]) for each in numbers)
    formula = f"(x − {mean:.3g}) / √({variance:.3g} + {module.eps:g}) × {scale:.3g} + {shift:.3g}"
    deviation = math.sqrt(variance + module.eps)
    return _function(formula, lambda x: (x - mean) / deviation * scale + shift, module, inputs, unit)


def _softmax(module: Any, inputs: Tensor, unit: Unit) -> Made:
    logits = inputs.flatten()
    terms = [Term(str(k), logits[k].view(1, 1), None, float(z)) for k, z in enumerate(logits)]
    terms.sort(key=lambda term: -term.value)
    return "softmax", tuple(terms), float(logits.softmax(0)[unit[0]]), 0.0, ""


_sigmoid = partial(_function, "1 / (1 + e to the −x)", lambda x: 1 / (1 + math.exp(-x)) if x > -700 else 0.0)
_dropout = partial(_function, "x (numbers are dropped in training alone)", float)
WAYS: dict[type[nn.Module], Callable[[Any, Tensor, Unit], Made]] = {
    nn.Conv2d: _conv, nn.Linear: _products, Softmax: _softmax,
    nn.MaxPool2d: _pool, nn.AvgPool2d: _pool, nn.AdaptiveAvgPool2d: _pool,
    nn.BatchNorm1d: _batchnorm, nn.BatchNorm2d: _batchnorm, nn.Dropout: _dropout, Dropout: _dropout,
    nn.ReLU: partial(_function, "max(0, x)", lambda x: max(0.0, x)),
    nn.Tanh: partial(_function, "tanh x", math.tanh), nn.Sigmoid: _sigmoid,
}  # fmt: skip
