"""What a network makes of one picture, seen at one layer: what flows forward, what flows back, the
weights."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ...networks import Network
from ...networks.hooks import Hooks
from ...networks.probes import activations
from ...pictures import check
from .architecture import ROW

SOFTMAX = "softmax"  # stands for the last step, from logits to probabilities, which is no module


@dataclass(frozen=True)
class Look:
    """One picture, one layer. Activations are (C, h, w), with h = w = 1 where a layer puts out a row.

    gradients: of `of` (the "loss" of `label`, or its "logit"), by each activation: (C, h, w). weights,
    weight_gradients: as PyTorch keeps them, (out, in, h, w) or (out, in) or (C,), None where a layer has
    none. arithmetic: how many parameters, and why. inputs: the shape (C, h, w) of what the layer sees, with
    what was put into one row still in maps. logits: (K,). maps: what the layers asked for put out.
    """

    layer: str
    kind: str
    activations: Tensor
    gradients: Tensor
    weights: Tensor | None
    weight_gradients: Tensor | None
    arithmetic: str
    inputs: tuple[int, ...]
    logits: Tensor
    of: str
    label: int
    maps: dict[str, Tensor]


def look(
    network: Network, picture: Tensor, layer: str, label: int | None = None, others: Iterable[str] = ()
) -> Look:
    """Run one picture (1, C, H, W) forward, and a gradient back as far as `layer`.

    With a `label`, it is that of the loss -log p(label), as in training. Without, it is that of the logit of
    the likeliest class: where a network is certain, its loss has hardly any gradient left. `layer` is one of
    `network.layers`, or "softmax", where it is always the loss; what the `others` put out is kept, too.
    Weights and their gradients stay untouched: the layer's own come from running it once more. ValueError for
    a layer that is not there or is not used.
    """
    check(picture, "the picture")
    if len(picture) != 1:
        raise ValueError(f"a look is at one picture, not at {len(picture)}.")
    module = nn.Identity() if layer == SOFTMAX else network.layer(layer)
    held: dict[str, Tensor] = {}
    rows: list[tuple[int, ...]] = []  # maps that were put into one row

    def cut(layer: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        held["input"], held["output"] = inputs[0].detach(), output.detach().clone().requires_grad_()
        return held["output"]

    names = [name for name in dict.fromkeys(others) if name != SOFTMAX]
    with torch.enable_grad(), Hooks() as hooks, activations(network, *names, keep=_copy) as seen:
        hooks.instead(module, cut)
        for flatten in (part for part in network.modules() if isinstance(part, nn.Flatten)):
            hooks.after(flatten, lambda part, inputs, output: rows.append(tuple(inputs[0].shape[1:])))
        logits = network.logits(network.normalise(picture))
        if layer == SOFTMAX:
            held["input"], held["output"] = logits, logits.detach().softmax(1).requires_grad_()
        elif "output" not in held:
            raise ValueError(f"layer {layer!r} is not used by {network.name}: take another.")
        target = int(logits.argmax()) if label is None else network.class_index(label)
        of = "logit" if label is None and layer != SOFTMAX else "loss"
        if of == "logit":
            goal = logits[0, target]
        else:
            goal = -(held["output"].log() if layer == SOFTMAX else logits.log_softmax(1))[0, target]
        (gradient,) = torch.autograd.grad(goal, held["output"])
    maps = {name: as_maps(output) for name, output in seen.items()}
    if SOFTMAX in others:
        maps[SOFTMAX] = as_maps(logits.detach().softmax(1))
    weights = getattr(module, "weight", None)
    return Look(
        layer,
        SOFTMAX if layer == SOFTMAX else type(module).__name__,
        as_maps(held["output"].detach()),
        as_maps(gradient),
        None if weights is None else weights.detach().clone(),
        None if weights is None else _weight_gradient(module, held["input"], gradient),
        arithmetic(module),
        inner_shape(held["input"], rows),
        logits.detach()[0],
        of,
        target,
        maps,
    )


def layer_names(network: Network) -> list[str]:
    """The layers that can be looked at, in forward order, softmax last. Putting maps into one row changes
    nothing."""
    return [layer.name for layer in network.layers if layer.name != ROW] + [SOFTMAX]


def as_maps(output: Tensor) -> Tensor:
    """One picture's output (1, C, h, w) or (1, C) as (C, h, w); other shapes are a ValueError."""
    if output.ndim not in (2, 4):
        raise ValueError(
            f"a layer whose output has the shape {tuple(output.shape)} holds no maps: take another."
        )
    return output[0] if output.ndim == 4 else output[0, :, None, None]


def arithmetic(module: nn.Module) -> str:
    """How many parameters a layer has: "3 × 3 × 1 × 16 + 16 = 160"."""
    counts = {name: p.numel() for name, p in module.named_parameters(recurse=False)}
    total = sum(p.numel() for p in module.parameters())
    if not counts:
        return f"{total:,} in its parts" if total else "none"
    weight = dict(module.named_parameters(recurse=False)).get("weight")
    if weight is None or weight.ndim < 2:
        return f"{' + '.join(f'{n:,}' for n in counts.values())} = {total:,}"
    shape = [*weight.shape[2:], weight.shape[1], weight.shape[0]]
    bias = f" + {counts['bias']:,}" if "bias" in counts else ""
    return f"{' × '.join(f'{n:,}' for n in shape)}{bias} = {total:,}"


def pictured(weights: Tensor, inputs: tuple[int, ...]) -> Tensor:
    """Weights as tiles (out, in, h, w), for a layer that sees `inputs` (C, h, w).

    Those of a dense layer, (out, C h w), are cut into the maps that they look at where these fit.
    """
    if weights.ndim == 1:
        return weights[:, None, None, None]
    if weights.ndim == 2 and math.prod(inputs) == weights.shape[1]:
        return weights.unflatten(1, inputs)
    return (
        weights.flatten(2)[..., None]
        if weights.ndim == 3
        else weights.reshape(*weights.shape[:2], *_sides(weights))
    )


def _sides(weights: Tensor) -> tuple[int, ...]:
    return tuple(weights.shape[2:]) if weights.ndim == 4 else (1, 1)


def inner_shape(inputs: Tensor, rows: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape (C, h, w) of what a layer sees; a row made of maps, which had one of the shapes `rows`, as
    maps."""
    if inputs.ndim == 4:
        return tuple(inputs.shape[1:])
    fitting = [shape for shape in rows if math.prod(shape) == inputs.shape[1]]
    return fitting[-1] if fitting else (inputs.shape[1], 1, 1)


def _copy(output: Tensor) -> Tensor:
    return output.detach().clone()


def _weight_gradient(module: nn.Module, inputs: Tensor, gradient: Tensor) -> Tensor:
    """The gradient of the loss by a layer's weights, from its input and the gradient by its output."""
    free = {name: p.detach().clone().requires_grad_() for name, p in module.named_parameters()}
    with torch.enable_grad():
        output = functional_call(module, free, (inputs.detach(),))
        (found,) = torch.autograd.grad(output, free["weight"], gradient)
    return found
