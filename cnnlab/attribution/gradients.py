"""Which pixels excite a neuron: an objective's gradient with respect to the picture.

attribution(network, panda, logit("giant panda"))                      # backpropagation
attribution(network, panda, neuron("features.9", 12), rule="guided")   # guided backpropagation

All methods run the network forward, set the gradient to 1 at what is asked for, and go back to the picture.
They differ in what a ReLU passes on (see `relu_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from ..networks import Network
from ..networks.hooks import Hooks
from ..networks.probes import Reader
from ..optvis.objectives import Objective, Seen
from ..pictures import check
from .relu_rules import apply_rule


def attribution(network: Network, pictures: Tensor, objective: Objective, rule: str = "gradient") -> Tensor:
    """(N, C, H, W): the gradient of each picture's score under one of `relu_rules.RULES`.

    `pictures` are (N, C, H, W) in [0, 1], and so the gradient is in score per unit of brightness; it lies on
    the network's device. Raises ValueError for an unknown rule, layer or class, for a network whose
    activations have no such rule, and for an objective that does not depend on the picture.
    """
    pictures, score = _scored(network, pictures, objective, rule)
    return torch.autograd.grad(score, pictures)[0]


class LayerGradient(NamedTuple):
    """What became of the gradient on its way back through one call of the layer `name`, of the kind `kind`.

    `grad_output` arrived at the layer's output, `grad_input` left through its input; `derivative` is what the
    layer's own derivative makes of what arrived.
    """

    name: str
    kind: str
    grad_output: Tensor
    grad_input: Tensor
    derivative: Tensor

    @property
    def difference(self) -> float:
        """|grad_input - derivative| over the larger of the two norms: 0 for the usual one, up to 2."""
        larger = torch.maximum(self.grad_input.norm(), self.derivative.norm())
        return float((self.grad_input - self.derivative).norm() / larger) if larger else 0.0


def layer_gradients(
    network: Network, pictures: Tensor, objective: Objective, rule: str = "gradient"
) -> list[LayerGradient]:
    """The gradient before and after each layer, in forward order: which layers does the rule change?

    Followed are the layers without layers inside that turn one tensor into one tensor; a layer that is called
    twice has two of them. Arguments and errors are those of `attribution`.
    """
    with _calls(network) as calls:
        _, score = _scored(network, pictures, objective, rule)
    gates = [gate for call in calls for gate in (call.exit, call.entry)]
    gradients = torch.autograd.grad(score, gates, allow_unused=True)
    return [
        LayerGradient(call.name, type(call.layer).__name__, arrived, left, call.pull(arrived))
        for call, arrived, left in zip(calls, gradients[::2], gradients[1::2], strict=True)
        if arrived is not None and left is not None
    ]


class _Call(NamedTuple):
    """One call of a layer: its input, and where in the graph the gradient comes in and goes out."""

    name: str
    layer: nn.Module
    input: Tensor
    entry: GradientEdge
    exit: GradientEdge

    def pull(self, gradient: Tensor) -> Tensor:
        """`gradient` at the output, taken to the input by the layer's own derivative."""
        with torch.enable_grad():
            given = self.input.requires_grad_()
            return torch.autograd.grad(self.layer(given.clone()), given, gradient)[0]


@contextmanager
def _calls(network: Network) -> Iterator[list[_Call]]:
    """Collects the calls of the network's innermost layers inside the `with` block, in this thread."""
    calls: list[_Call] = []
    entered: list[tuple[Tensor, GradientEdge]] = []

    def enter(layer: nn.Module, inputs: tuple) -> tuple | None:
        entered.clear()
        if len(inputs) != 1 or not isinstance(inputs[0], Tensor) or not inputs[0].requires_grad:
            return None
        given = inputs[0].clone()  # an edge of its own: branches that read the same maps stay apart
        entered.append((inputs[0].detach().clone(), get_gradient_edge(given)))
        return (given,)

    def leave(name: str, layer: nn.Module, inputs: tuple, output: object) -> None:
        if entered and isinstance(output, Tensor) and output.requires_grad:
            calls.append(_Call(name, layer, *entered.pop(), get_gradient_edge(output)))

    with Hooks() as hooks:
        for name, layer in network.module.named_modules():
            if not any(layer.children()):
                hooks.before(layer, enter)
                hooks.after(layer, partial(leave, name))
        yield calls


def _scored(network: Network, pictures: Tensor, objective: Objective, rule: str) -> tuple[Tensor, Tensor]:
    """The pictures as the start of a graph that obeys `rule`, and the sum of their scores as its end."""
    check(pictures)
    with torch.enable_grad():
        pictures = pictures.detach().to(network.device).requires_grad_()
        outputs = Reader(network, objective.layers)(network.normalise(pictures))
        apply_rule(rule, outputs.values(), network.name)
        score = objective(Seen(network, pictures, outputs)).sum()
    if not score.requires_grad:
        raise ValueError(
            "the objective does not depend on the picture, so it has no gradient: ask for a class or neuron."
        )
    return pictures, score
