"""Which pixels can a unit see? The receptive field of every value in a network, from its graph.

The graph is walked once, forwards. Beside each tensor walks its *view*: for each spatial axis, the first
and the last pixel that each index along that axis depends on. Convolution and pooling widen a view,
branches join views, and what mixes all positions (a linear layer, attention) ends in no view at all: it
depends on the whole picture. An operation without a rule here counts as one that mixes everything, so a
view may be wider than the truth, never narrower.

Background: Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks",
Distill 2019.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, fx, nn


@dataclass(frozen=True)
class Axis:
    """What the indices along one spatial axis of a tensor see of the picture.

    Index i depends on the pixels first[i] to last[i], both included, cut at the picture's border, of the
    picture's rows (`of` = 0) or columns (`of` = 1). Neither list ever decreases.
    """

    of: int
    first: np.ndarray
    last: np.ndarray

    def covering(self, start: np.ndarray, stop: np.ndarray) -> Axis:
        """The axis whose index i sees all that this one's indices start[i] to stop[i] see."""
        end = len(self.first) - 1
        return Axis(self.of, self.first[np.clip(start, 0, end)], self.last[np.clip(stop, 0, end)])


View = list[Axis | None] | None
"""One entry per dimension of a tensor, None where it is not spatial; no list: it sees the whole picture."""


class Field(NamedTuple):
    """A rectangle of the picture, in pixels: rows `top` to `bottom` and columns `left` to `right`, the last
    of each left out, as in a slice.
    """

    top: int
    left: int
    bottom: int
    right: int

    def crop(self, picture: Tensor) -> Tensor:
        """The part of `picture` (N, C, H, W) inside the rectangle."""
        return picture[..., self.top : self.bottom, self.left : self.right]

    def complete(self, patch: Tensor, height: int, width: int) -> Tensor:
        """`patch` (N, C, h, w), cut out here, as (N, C, height, width): pale grey beyond the border."""
        down, right = height - patch.shape[2], width - patch.shape[3]
        above, before = down if self.top == 0 else 0, right if self.left == 0 else 0
        return F.pad(patch, (before, right - before, above, down - above), value=0.92)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _windowed(view: list, shape: torch.Size, module: Any) -> View:
    """Convolution, pooling: kernel, stride, padding, dilation. Ceil mode shows in the result's shape."""
    if getattr(module, "padding_mode", "zeros") != "zeros":
        return None  # at the border it looks at pixels elsewhere
    kernel, stride = _pair(module.kernel_size), _pair(module.stride)
    dilation = _pair(getattr(module, "dilation", 1))
    reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    named = {"same": tuple(r // 2 for r in reach), "valid": (0, 0)}
    padding = named[module.padding] if isinstance(module.padding, str) else _pair(module.padding)
    if any(p > r for p, r in zip(padding, reach, strict=True)):
        return None  # some windows lie in the padding and see no pixel at all
    result: list[Axis | None] = [None, None]
    for i in (0, 1):
        start = np.arange(shape[2 + i]) * stride[i] - padding[i]
        result.append(view[2 + i].covering(start, start + reach[i]))
    return result


def _adaptive(view: list, shape: torch.Size, _: Any) -> View:
    result: list[Axis | None] = [None, None]
    for axis, outputs in zip(view[2:], shape[2:], strict=True):
        i, inputs = np.arange(outputs), len(axis.first)
        result.append(axis.covering(i * inputs // outputs, -(-(i + 1) * inputs // outputs) - 1))
    return result


def _unchanged(view: list, *_: Any) -> View:
    return view


def _along_last(view: list, _: Any, module: Any = None) -> View:
    """A linear layer or a layer norm, which mixes positions only if the last dimensions are spatial."""
    mixed = len(getattr(module, "normalized_shape", (1,)))
    return view if all(axis is None for axis in view[-mixed:]) else None


def _join(views: list[list], shapes: list[torch.Size], shape: torch.Size) -> View:
    """Arithmetic on several tensors, or their concatenation: each index sees what any of theirs saw."""
    result: list[Axis | None] = []
    for dim in range(-len(shape), 0):
        here = [(view[dim], s[dim]) for view, s in zip(views, shapes, strict=True) if len(view) >= -dim]
        axes = [axis for axis, _ in here if axis is not None]
        if axes and any(axis is None and side > 1 for axis, side in here):
            return None  # a parameter with a value for each position
        if len({axis.of for axis in axes}) > 1 or any(len(a.first) not in (1, shape[dim]) for a in axes):
            return None  # rows meet columns, or a concatenation along a spatial axis
        first = [np.broadcast_to(axis.first, shape[dim]) for axis in axes]
        last = [np.broadcast_to(axis.last, shape[dim]) for axis in axes]
        joined = axes and Axis(axes[0].of, np.minimum.reduce(first), np.maximum.reduce(last))
        result.append(joined or None)
    return result


def _index(view: list, key: Any) -> View:
    """`x[:, 0]` and the like: whole slices and integers, on dimensions that are not spatial."""
    result = list(view)
    for dim, k in reversed(list(enumerate(key if isinstance(key, tuple) else (key,)))):
        if isinstance(k, int) and view[dim] is None:
            del result[dim]
        elif k != slice(None):
            return None
    return result


def _rearranged(view: list, function: Any, args: tuple) -> View:
    """Functions that move dimensions about, called with positional arguments as torchvision does."""
    match function, args:
        case operator.getitem, [key]:
            return _index(view, key)
        case (torch.permute, [[*dims]]) | ("permute", [*dims]):
            return [view[dim] for dim in dims]
        case torch.unsqueeze, [int(dim)] if dim >= 0:
            return [*view[:dim], None, *view[dim:]]
        case F.layer_norm, [[_], *_]:
            return _along_last(view, None)
    return None


MODULES: dict[type, Any] = {
    **dict.fromkeys((nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d), _windowed),
    **dict.fromkeys((nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d), _adaptive),
    **dict.fromkeys((nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Sigmoid), _unchanged),
    **dict.fromkeys((nn.Tanh, nn.Hardswish, nn.Hardsigmoid, nn.Mish, nn.Softplus), _unchanged),
    **dict.fromkeys((nn.BatchNorm2d, nn.Dropout, nn.Dropout2d, nn.Identity), _unchanged),
    **dict.fromkeys((nn.Linear, nn.LayerNorm), _along_last),
}
JOINING: set[Any] = {
    torch.add,
    torch.mul,
    torch.sub,
    torch.div,
    torch.cat,
    torch.relu,
    torch.sigmoid,
    torch.tanh,
}
JOINING |= {operator.add, operator.iadd, operator.mul, operator.imul, operator.sub, operator.truediv}
JOINING |= {F.relu, F.relu6, F.leaky_relu, F.elu, F.gelu, F.silu, F.hardswish, F.hardsigmoid, F.dropout}
JOINING |= {"add", "add_", "mul", "relu", "contiguous", torchvision.ops.stochastic_depth}
POOLS: dict[Any, type] = {F.avg_pool2d: nn.AvgPool2d, F.max_pool2d: nn.MaxPool2d}


class Tracing(fx.Interpreter):
    """What one run of a traced module on a picture (1, C, H, W) tells about each node of its graph.

    `shapes[node]` is the shape of a node's tensor, `work[node]` the multiply-adds spent on it, in forward
    order; nodes that yield no tensor are absent.
    """

    def __init__(self, traced: fx.GraphModule, picture: Tensor) -> None:
        super().__init__(traced)
        self.shapes: dict[fx.Node, torch.Size] = {}
        self.work: dict[fx.Node, int] = {}
        with torch.no_grad():
            self.run(picture)
        self._views: dict[fx.Node, dict[fx.Node, View]] = {}

    @property
    def views(self) -> dict[fx.Node, View]:
        """How each node sees the picture."""
        return self.views_of(next(iter(self.shapes)))

    def run_node(self, n: fx.Node) -> Any:
        """Note the shape of what a node yields, and the work behind it."""
        result = super().run_node(n)
        if isinstance(result, Tensor):
            self.shapes[n] = result.shape
            self.work[n] = result.numel() * _work_per_value(self.layer(n))
        return result

    def views_of(self, source: fx.Node) -> dict[fx.Node, View]:
        """How the nodes from `source` on see `source`, as if its tensor (1, C, h, w) were the picture."""
        if source in self._views:
            return self._views[source]
        size = self.shapes[source][2:]
        views: dict[fx.Node, View] = {
            source: [None, None, *(Axis(i, np.arange(s), np.arange(s)) for i, s in enumerate(size))]
        }
        for n, shape in self.shapes.items():
            if n.op == "get_attr":  # a parameter: the same wherever it is used
                views[n] = [None] * len(shape)
            elif n > source:
                views[n] = self._view(n, shape, [views.get(m) for m in n.all_input_nodes])
        self._views[source] = views
        return views

    def _view(self, n: fx.Node, shape: torch.Size, views: list[View]) -> View:
        known = [view for view in views if view is not None]
        if not known or len(known) < len(views):
            return None
        module = POOLS[n.target](*n.args[1:], **n.kwargs) if n.target in POOLS else self.layer(n)
        if module is not None:
            rule = MODULES.get(type(module))
            return rule(known[0], shape, module) if rule else None
        if n.target in JOINING:
            return _join(known, [self.shapes[m] for m in n.all_input_nodes], shape)
        return _rearranged(known[0], n.target, n.args[1:])

    def node_of(self, name: str) -> fx.Node | None:
        """The node of the graph that holds the output of the layer called `name`."""
        inside = [node for node in self.shapes if name in _homes(node)]
        return inside[-1] if inside else None

    def field(self, name: str, row: int = 0, column: int = 0) -> Field:
        """What the units of layer `name` at (row, column) of its feature maps see of the picture.

        It is the smallest rectangle that holds every pixel they depend on, with one exception: at the border,
        dilated kernels can make it too wide by less than the dilation. Units that see everything, or whose
        code has no rule here, have the whole picture. Raises ValueError for a layer that is not in the graph
        and for a place outside its maps.
        """
        node = self.node_of(name)
        if node is None:
            raise ValueError(f"layer {name!r} puts out nothing here: take one of network.layers.")
        height, width = self.shapes[next(iter(self.shapes))][2:]
        spans = [(0, height), (0, width)]
        for axis in self.views[node] or []:
            if axis is not None:
                index, outputs = (row, column)[axis.of], len(axis.first)
                if not 0 <= index < outputs:
                    what = ("row", "column")[axis.of]
                    raise ValueError(f"layer {name!r} has no {what} {index}: take 0 to {outputs - 1}.")
                spans[axis.of] = int(axis.first[index]), int(axis.last[index]) + 1
        (top, bottom), (left, right) = spans
        return Field(top, left, bottom, right)

    def layer(self, n: fx.Node) -> Any:
        """The module that a node calls, if it does."""
        return self.fetch_attr(str(n.target)) if n.op == "call_module" else None


def _homes(node: fx.Node) -> set[str]:
    """Names of the modules inside which a node of the graph was traced."""
    return {home for home, _ in node.meta.get("nn_module_stack", {}).values()}


def _work_per_value(module: Any) -> int:
    """Multiply-adds behind each value that a module puts out."""
    return module.weight[0].numel() if isinstance(module, (nn.Conv2d, nn.Linear)) else 0


def trace(module: nn.Module, picture: Tensor) -> Tracing | None:
    """Shapes, work and views of all that `module` computes from `picture` (1, C, H, W).

    None where its forward method cannot be traced, because it branches on the values of tensors.
    """
    try:
        traced = fx.symbolic_trace(module)
    except Exception:  # whatever a forward method may raise when handed a proxy
        return None
    return Tracing(traced, picture)
