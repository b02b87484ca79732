"""What live panels show of a network: a layer of it, or the arithmetic of one of its numbers."""

from __future__ import annotations

from torch import Tensor

from ...live import Frame, Point
from ...networks import Network
from ...pictures import fit
from .arithmetic import Unit, explain
from .looking import SOFTMAX, layer_names, look
from .page import Page
from .sheet import around, sheet
from .working import STAGES, working


class Choice:
    """What a reader chose by clicking on pages: `layer`, `picture` (a number) and `unit` (map, row, column).

    `page` is the one that is shown. An empty layer, or one that a network does not have, stands for its
    first.
    """

    def __init__(self, layer: str = "") -> None:
        self.layer, self.picture = layer, 0
        self.unit: Unit | None = None
        self.page: Page | None = None
        self._point: Point | None = None

    def take(self, point: Point) -> bool:
        """Follow a click; whether `point` is another than the last time."""
        if point == self._point:
            return False
        self._point = point
        found = self.page.at(*point) if self.page else None
        if found is None:
            return True
        what, *where = found
        if what == "layer":
            self.layer, self.unit = where[0], None
        elif what == "picture":
            self.picture = where[0]
        else:
            box, tiling, (height, width) = where
            tile, across, down = tiling.tile_at(point.x - box.left, point.y - box.top)
            self.unit = tile, int(down * height), int(across * width)
        return True

    def layer_of(self, network: Network) -> str:
        """The chosen layer, or the first of the network."""
        names = layer_names(network)
        return self.layer if self.layer in names else names[0]


def browse(network: Network, picture: Tensor, layer: str, label: int | None = None) -> Frame:
    """One layer of any network on one sheet, for one picture (1, C, H, W), which is cut to the network's
    size.

    The gradients are those of the loss of class `label`, or of the logit of the likeliest class. For
    `live.live`: one pass forward and one back at each call.
    """
    picture = fit(picture[:1], network.size)
    seen = look(network, picture, layer, label, around(network, layer))
    page = sheet(network, picture, seen, "the picture")
    words = "loss" if seen.of == "loss" else "logit"
    return Frame(page.image, f"Gradients of the {words} of {network.labels[seen.label]}.", hints=page.hints)


class Opened:
    """Numbers of a network, opened one after the other by clicking: first a layer, then one of its
    numbers."""

    def __init__(self, layer: str = "") -> None:
        self.choice = Choice(layer)

    def show(self, network: Network, picture: Tensor, point: Point, stage: int = STAGES) -> Frame:
        """The arithmetic of the number at `point`, as far as `stage` (1 to 4). For `live.live`.

        Where no number was chosen, it is the largest of the layer. picture: (1, C, H, W), cut to the
        network's size.
        """
        self.choice.take(point)
        picture = fit(picture[:1], network.size)
        layer = self.choice.layer_of(network)
        maps = look(network, picture, SOFTMAX, others=around(network, layer)).maps
        unit = self.choice.unit
        if unit is None or any(k >= size for k, size in zip(unit, maps[layer].shape, strict=True)):
            unit = _largest(maps[layer])
        worked = explain(network, picture, layer, *unit)
        self.choice.page = page = working(network, picture, maps, worked, stage)
        words = f"Stage {stage} of {STAGES}. Before the next one: what will come out?"
        if stage == STAGES:
            words = f"The arithmetic gives {worked.value:.4g}; the network's own {worked.put_out:.4g}."
        return Frame(page.image, words, hints=page.hints)


def _largest(maps: Tensor) -> Unit:
    """Where the largest number stands."""
    _, height, width = maps.shape
    place = int(maps.argmax())
    return place // (height * width), place // width % height, place % width
