"""Exact inference on many variants of one picture, each changed only inside a small window.

A window can change only those values of a layer whose receptive field it touches. So the network is cut
into stages at layers through which everything passes. A stage runs only the crop of its input from which
the values that a window changes can be computed, all windows as one batch; these are pasted into what
the unchanged picture gave, and the next stage takes its crops from there. The last stage runs on whole
inputs. Crops start at multiples of a stage's stride, and their sides differ from the whole input's by
multiples of it, so that every layer meets the same grid of positions, and at the border the same
padding, as in the whole picture. The result is the same up to rounding.

The idea is Krypton's (Nakandala, Kumar and Papakonstantinou, SIGMOD 2019), which does it layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, fx, nn

from ..networks.receptive_fields import Axis, Tracing, trace

Intervals = Sequence[tuple[int, int]]
"""The first pixel of each window along one axis, and the first after it."""

COPYING = 40  # multiply-adds that take about as long as moving one value into a stage's input


class Crops(NamedTuple):
    """A stage's crops along one axis; the arrays have an entry for each window.

    The crop of window w is `start[w]` to `start[w] + side` of the stage's input. It computes the outputs
    from index `offset[w]` on, of which `low[w]` to `high[w]`, both included, may have changed.
    """

    side: int
    start: np.ndarray
    offset: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def crop(self, w: int) -> slice:
        """Where window w's crop lies in the stage's input."""
        return slice(int(self.start[w]), int(self.start[w]) + self.side)

    def paste(self, w: int, region: slice) -> tuple[slice, slice]:
        """Window w's changed outputs: as indices into `region` of all outputs, and into its crop's."""
        low, stop = max(int(self.low[w]), region.start), min(int(self.high[w]) + 1, region.stop)
        stop, offset = max(low, stop), int(self.offset[w])
        return slice(low - region.start, stop - region.start), slice(low - offset, stop - offset)


def changed(axis: Axis, windows: Intervals) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last index along `axis` that each window may change; last < first where none."""
    first_pixel, after_pixel = np.array(windows).T
    return np.searchsorted(axis.last, first_pixel), np.searchsorted(axis.first, after_pixel) - 1


def crops_along(axis: Axis, length: int, low: np.ndarray, high: np.ndarray) -> Crops:
    """The smallest crops of an input of this `length` that suffice for the outputs `low` to `high`.

    `axis` is how the stage's output sees its input. At worst the crops are the whole input.
    """
    steps = np.diff(axis.first)[axis.first[:-1] > 0]  # from 0 on, a step may be cut short by the border
    if not len(steps) or not steps[0] or (steps != steps[0]).any():
        return whole(length, low, high)
    stride = int(steps[0])
    first = axis.first[np.minimum(low, len(axis.first) - 1)]
    last = np.where(low <= high, axis.last[np.maximum(high, 0)], first)
    start = first // stride
    left_out = min(int((start + (length - 1 - last) // stride).min()), len(axis.first) - 1)
    offset = np.minimum(start, left_out)
    return Crops(length - left_out * stride, offset * stride, offset, low, high)


def whole(length: int, low: np.ndarray, high: np.ndarray) -> Crops:
    """The crops that are no crops: all of an input of this length."""
    return Crops(length, 0 * low, 0 * low, low, high)


class Stage(NamedTuple):
    """A part of the network, its input for the unchanged picture (1, C, h, w), and its crops of that."""

    module: fx.GraphModule
    clean: Tensor
    rows: Crops
    columns: Crops


class Plan(NamedTuple):
    """How to run a network on variants of one picture. `saving`: all work over what is left of it.

    Work is counted in multiply-adds, and copying as so many of them (see `COPYING`).
    """

    stages: list[Stage]
    saving: float

    @torch.no_grad()
    def run(self, variants: Tensor, windows: Sequence[tuple[int, int]]) -> Tensor:
        """The network's output for N variants, the nth changed in row and column windows[n] of the grid.

        `variants` (N, C, H, W) holds the crops that `crop` names, normalised.
        """
        values = self.stages[0].module(variants.contiguous(memory_format=torch.channels_last))
        for stage, following in pairwise(self.stages):
            values = following.module(_pasted(values, stage, following, windows))
        return values

    def crop(self, window: tuple[int, int]) -> tuple[slice, slice]:
        """The rows and columns of the picture to hand to `run` for a window of the grid."""
        return self.stages[0].rows.crop(window[0]), self.stages[0].columns.crop(window[1])


def _pasted(values: Tensor, stage: Stage, following: Stage, windows: Sequence[tuple[int, int]]) -> Tensor:
    """The input of the stage that follows: its crops, with what changed pasted into what did not."""
    side = following.rows.side, following.columns.side
    inputs = values.new_empty(len(windows), *side, values.shape[1]).permute(0, 3, 1, 2)  # channels last
    for value, given, (i, j) in zip(values, inputs, windows, strict=True):
        rows, columns = following.rows.crop(i), following.columns.crop(j)
        given.copy_(following.clean[0, :, rows, columns])
        to_rows, from_rows = stage.rows.paste(i, rows)
        to_columns, from_columns = stage.columns.paste(j, columns)
        given[:, to_rows, to_columns] = value[:, from_rows, from_columns]
    return inputs


@torch.no_grad()
def plan(
    module: nn.Module, picture: Tensor, rows: Intervals, columns: Intervals, layer: str | None = None
) -> Plan | None:
    """The stages that save most work for a grid of windows, `rows` by `columns`, on `picture`.

    `module` maps normalised pictures, such as `picture` (1, C, H, W), to logits. With `layer`, the plan's
    `run` gives that layer's output beside the logits. None where the module's code cannot be followed, or
    where less than a tenth of the work would be saved.
    """
    tracing = _traced(tuple(module.modules()), (picture.shape, picture.dtype, picture.device))
    watched = tracing.node_of(layer) if layer and tracing else None
    if tracing is None or (layer and watched is None):
        return None
    cost, path = _cheapest(tracing, (rows, columns), _cuts(tracing, watched))
    total = sum(tracing.work.values())
    if cost > 0.9 * total:
        return None
    stages, clean = [], picture
    for (node, crops), (end, _) in pairwise([*path, (None, None)]):
        part = _part(tracing, node, end, watched)
        stages.append(Stage(part, clean, *crops))
        clean = clean if end is None else part(clean)
    return Plan(stages, total / cost)


@lru_cache(maxsize=4)
def _traced(modules: tuple[nn.Module, ...], like: tuple) -> Tracing | None:
    """The network is `modules[0]`; the others are those inside it, so that one with a new layer is new.

    `like` is the shape, dtype and device of the picture.
    """
    shape, dtype, device = like
    return trace(modules[0], torch.zeros(shape, dtype=dtype, device=device))


def _cheapest(tracing: Tracing, windows: tuple, nodes: list[fx.Node]) -> tuple[float, list]:
    """The least work for one window, and how: (a stage's first node, its crops by axis) for each stage.

    `nodes` are where stages may begin, the picture first. A shortest path through them.
    """
    ranges = {node: [changed(tracing.views[node][2 + i], windows[i]) for i in (0, 1)] for node in nodes}  # type: ignore[index,arg-type]
    best: dict[fx.Node, tuple[float, list]] = {nodes[0]: (0, [])}
    ends = []
    for start in nodes:
        (cost, path), sides = best[start], tracing.shapes[start][2:]
        everything = [whole(side, *r) for side, r in zip(sides, ranges[start], strict=True)]
        ends.append((cost + _cost(tracing, start, None, 1), [*path, (start, everything)]))
        views: Any = tracing.views_of(start)
        for stop in nodes[nodes.index(start) + 1 :]:
            crops = [crops_along(views[stop][2 + i], sides[i], *ranges[stop][i]) for i in (0, 1)]
            share = crops[0].side * crops[1].side / sides.numel()
            there = cost + _cost(tracing, start, stop, share)
            if stop not in best or there < best[stop][0]:
                best[stop] = there, [*path, (start, crops)]
    return min(ends, key=lambda end: end[0])


def _cost(tracing: Tracing, start: fx.Node, stop: fx.Node | None, share: float) -> float:
    """Work of the stage from `start` to `stop` (None: the end) on crops with this share of its input."""
    work = sum(w for node, w in tracing.work.items() if node > start and (stop is None or node <= stop))
    return share * (work + COPYING * tracing.shapes[start].numel())


def _cuts(tracing: Tracing, watched: fx.Node | None) -> list[fx.Node]:
    """The picture, then the nodes with rows and columns through which everything passes, up to `watched`.

    Of several such nodes in a row that differ by pointwise work only, the last. None from the first
    adaptive pool on, whose answer to a crop is not a crop of its answer.
    """
    cuts: list[fx.Node] = []
    reach = next(iter(tracing.views))  # the last node to which something from before goes
    for node, view in tracing.views.items():
        if node.op == "get_attr":
            continue
        if isinstance(tracing.layer(node), (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)):
            break
        passes = reach <= node and (watched is None or node <= watched)
        if passes and view and [axis and axis.of for axis in view[2:]] == [0, 1]:
            if len(cuts) > 1 and tracing.shapes[node] == tracing.shapes[cuts[-1]] and not tracing.work[node]:
                cuts.pop()
            cuts.append(node)
        reach = max(reach, node, *node.users)
    return cuts


def _part(tracing: Tracing, start: fx.Node, stop: fx.Node | None, watched: fx.Node | None) -> fx.GraphModule:
    """The traced network from `start` to `stop`; to its end if None, with `watched`'s value if any."""
    part = fx.Graph()
    copies = {start: part.placeholder("values")}
    for node in tracing.module.graph.nodes:  # type: ignore[union-attr]
        if node.op == "output":
            (result, *_) = node.all_input_nodes
            part.output((copies[result], copies[watched]) if watched else copies[result])
        elif node.op == "get_attr" or node > start:
            copies[node] = part.node_copy(node, copies.__getitem__)
        if node is stop:
            part.output(copies[stop])
            break
    return fx.GraphModule(tracing.module, part)
