"""The table of a network's layers: name, kind, output shape and receptive field, in forward order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import torch
from torch import Tensor, nn

from .hooks import Hooks
from .receptive_fields import Tracing, View, trace


@dataclass(frozen=True)
class Layer:
    """One layer. `shape` is its output without the batch axis; `sees` its receptive field in pixels.

    `sees` is (height, width) of the largest patch of the picture that one unit depends on, the picture's
    whole size where units see everything, None where the network's code could not be followed.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    sees: tuple[int, int] | None


class Layers(Sequence):
    """All layers in forward order; `layers[3]`, `layers["features.3"]`, `"features.3" in layers`.

    A notebook shows it as a table.
    """

    def __init__(self, layers: list[Layer], size: tuple[int, int]) -> None:
        self._layers = layers
        self._by_name = {layer.name: layer for layer in layers}
        self.size = size

    @property
    def names(self) -> list[str]:
        """The layers' names, in forward order."""
        return list(self._by_name)

    def __getitem__(self, key):
        return self._by_name[key] if isinstance(key, str) else self._layers[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_name or key in self._layers

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [("layer", "kind", "output", "a unit sees")] + [
            (layer.name, layer.kind, " × ".join(map(str, layer.shape)), self._sight(layer)) for layer in self
        ]

    def _sight(self, layer: Layer) -> str:
        if layer.sees is None:
            return "not known"
        if layer.sees == self.size:
            return "the whole picture"
        return "{} × {} px".format(*layer.sees)

    def __repr__(self) -> str:
        rows = self._rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        header, *body = self._rows()
        head = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in header)
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def layers_of(module: nn.Module, picture: Tensor) -> Layers:
    """The layers that `module` runs through for `picture` (1, C, H, W), already normalised."""
    outputs = _outputs(module, picture)
    tracing = trace(module, picture)
    height, width = picture.shape[2:]
    layers = [
        Layer(name, type(layer).__name__, tuple(shape[1:]), _sees(name, tracing, (height, width)))
        for name, (layer, shape) in outputs.items()
    ]
    return Layers(layers, (height, width))


def _outputs(module: nn.Module, picture: Tensor) -> dict[str, tuple[nn.Module, torch.Size]]:
    """Each layer that puts out one tensor, with its shape, in the order in which they finish.

    Left out: the network itself and sequences, whose output is that of their last layer.
    """
    found: dict[str, tuple[nn.Module, torch.Size]] = {}

    def note(name: str):
        def hook(layer: nn.Module, inputs: tuple, output: object) -> None:
            if isinstance(output, Tensor):
                found.pop(name, None)  # a layer that is used twice stands where it was used last
                found[name] = layer, output.shape

        return hook

    with Hooks() as hooks, torch.no_grad():
        for name, layer in module.named_modules():
            if name and not isinstance(layer, nn.Sequential):
                hooks.after(layer, note(name))
        module(picture)
    return found


def _sees(name: str, tracing: Tracing | None, size: tuple[int, int]) -> tuple[int, int] | None:
    if tracing is None:
        return None
    node = tracing.node_of(name)
    return _extent(tracing.views.get(node), size) if node else None


def _extent(view: View, size: tuple[int, int]) -> tuple[int, int]:
    """The largest receptive field (height, width) among a view's units."""
    height, width = size
    for axis in view or []:
        if axis is not None and axis.of == 0:
            height = int((axis.last - axis.first).max()) + 1
        if axis is not None and axis.of == 1:
            width = int((axis.last - axis.first).max()) + 1
    return height, width
