"""What live panels show of a network: one that learns, layer by layer; the arithmetic of any of its numbers;
and what it takes a drawn digit for.

view = LayerView("digits")
live.live(view.train, alt="...", width=640, **view.controls())
live.live(view.explain, alt="...", width=640, point=live.point(80, 60, mark=False),
          stage=live.slider(4, 1, 4))
live.live(view.read_digit, alt="...", width=640, **view.drawing_controls())
live.live(partial(show_layer, network), alt="...", picture=live.camera(227, 227), ...)  # any network
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from ... import live, pictures
from ...datasets import PICTURE_SETS, picture_set
from ...live import Control, Frame, Point, Stroke
from ...networks import Network
from ...pictures.sheets import thumbnail
from .architecture import SMALL_NETWORK, Architecture
from .arithmetic import LayerArrays, layer_names
from .arithmetic_layout import STAGES, ArithmeticSheet
from .digit_canvas import AREA, read_digit
from .layout import SMALL_SIDE, TESTS, ClickableSheet, LayerSheet
from .learner import Learner, LearningSettings, read_snapshot, restored

SLICE = 0.08  # seconds of learning between two pictures of it: about ten pictures a second
SHARE, LONGEST = 4, 0.4  # learning takes at least four times as long as a picture, up to so many seconds


class Selection:
    """What a reader chose by clicking on sheets: `layer`, `picture` (a number) and `unit` (map, row, column).

    `sheet` is the one that is shown. An empty layer, or one that a network does not have, stands for its
    first.
    """

    def __init__(self, layer: str = "") -> None:
        self.layer, self.picture = layer, 0
        self.unit: tuple[int, ...] | None = None
        self.sheet: ClickableSheet | None = None
        self._point: Point | None = None

    def take(self, point: Point) -> bool:
        """Follow a click; whether `point` is another than the last time."""
        new, self._point = point != self._point, point
        places = self.sheet.places if new and self.sheet else ()
        match next((what for box, what in places if box.holds(*point)), None):
            case "layer", name:
                self.layer, self.unit = name, None
            case "picture", number:
                self.picture = number
            case "number", box, grid:
                self.unit = grid.number_at(point.x - box.left, point.y - box.top)
        return new

    def layer_of(self, network: Network) -> str:
        """The chosen layer, or the first of the network."""
        names = layer_names(network)
        return self.layer if self.layer in names else names[0]

    def explain(self, network: Network, picture: Tensor, point: Point, stage: int = STAGES) -> Frame:
        """The arithmetic of the number at `point`, as far as `stage` (1 to 4). For `live.live`.

        A first click opens a layer, a second one of its numbers; where none was chosen, it is the layer's
        largest. picture: (1, C, H, W), cut to the network's size.
        """
        self.take(point)
        look = LayerArrays(network, pictures.fit(picture[:1], network.size), self.layer_of(network))
        unit, shape = self.unit, look.activations.shape
        if unit is None or any(k >= size for k, size in zip(unit, shape, strict=True)):
            unit = tuple(map(int, torch.unravel_index(look.activations.argmax(), shape)))
        self.sheet = sheet = ArithmeticSheet(look, unit, stage)
        words = f"Stage {stage} of {STAGES}. Before the next one: what will come out?"
        if stage == STAGES:
            value, own = sheet.number.value, sheet.number.put_out
            words = f"The arithmetic gives {value:.4g}; the network's own {own:.4g}."
        return Frame(sheet.image, words, hints=sheet.hints)


def show_layer(network: Network, picture: Tensor, layer: str, label: int | None = None) -> Frame:
    """One layer of any network on one sheet, for one picture (1, C, H, W), which is cut to the network's
    size.

    The gradients are those of the loss of class `label`, or of the logit of the likeliest class. For
    `live.live`: one pass forward and one back at each call.
    """
    look = LayerArrays(network, pictures.fit(picture[:1], network.size), layer, label)
    sheet = LayerSheet(look, "the picture")
    words = f"Gradients of the {look.of} of {network.labels[look.label]}."
    return Frame(sheet.image, words, hints=sheet.hints)


class LayerView:
    """A network that is alive, in `learner`, and what is looked at. Panels of one view show the same
    network."""

    def __init__(self, data: str = "digits", architecture: str = SMALL_NETWORK, seed: int = 0) -> None:
        self.watched, self.opened = Selection(), Selection()
        self._asked: tuple = ()
        self.begin(Learner(picture_set(data), Architecture(architecture), seed))

    def begin(self, learner: Learner) -> None:
        """Look at another network."""
        learner.evaluate()
        tests = learner.data.test.part(slice(TESTS))
        self._images = [thumbnail(one, SMALL_SIDE, SMALL_SIDE) for one in tests.pictures.split(1)]
        self.learner, self.network, self.tests = learner, learner.network, tests

    def controls(self) -> dict[str, Control]:
        """Controls for `train`, to take or to replace."""
        now, learner = LearningSettings(), self.learner
        return {
            "point": live.point(60, 60, mark=False, label="Look at", restart=True),
            "data": live.choice(PICTURE_SETS, learner.data.name, restart=True),
            "architecture": live.text(learner.architecture, parse=Architecture, lines=8),
            "rate": live.slider(now.rate, 1e-4, 1.0, log=True, label="Step size", help="How far a step goes"),
            "momentum": live.slider(now.momentum, 0.0, 0.99, help="The share of the last step that is kept"),
            "batch": live.slider(now.batch, 1, 256, log=True, help="Pictures a step"),
            "decay": live.slider(now.decay, 0.0, 0.05, step=0.0005, help="Draws all weights towards 0"),
            "start": live.seed(learner.seed, label="Seed"),
            "snapshot": live.file(read_snapshot, accept=".safetensors"),
        }

    def train(self, settings: Any) -> Iterator[Frame]:
        """Frames of a network that learns, for `live.live`: about ten a second, with learning in between.

        settings: `data`, `architecture`, `start` (a seed) and `snapshot` (or None) say where it begins;
        `rate`, `momentum`, `batch` and `decay` are read anew at each step; `point` chooses a layer or a test
        picture. A click goes on with the same network. Where nothing has changed since the last time, it
        begins anew.
        """
        snapshot, seed = settings.snapshot, settings.start
        asked = settings.data, settings.architecture, seed, id(snapshot)
        if not self.watched.take(settings.point) or asked != self._asked:
            data = picture_set(settings.data)
            fresh = Learner(data, settings.architecture, seed) if snapshot is None else None
            self.begin(fresh or restored(snapshot, data, seed))
        self._asked = asked
        steps = self.learner.learn(settings)
        while True:
            began = time.perf_counter()
            yield self._frame()
            end = time.perf_counter() + max(SLICE, min(SHARE * (time.perf_counter() - began), LONGEST))
            while time.perf_counter() < end:
                next(steps)

    def explain(self, point: Point, stage: int) -> Frame:
        """The arithmetic of one number, for the test picture that `train` looks at. For `live.live`."""
        picture = self.tests.pictures[self.watched.picture][None]
        return self.opened.explain(self.network, picture, point, stage)

    def read_digit(self, strokes: Sequence[Stroke] = (), photo: Tensor | None = None) -> Frame:
        """What the network takes a drawn digit for, or a photographed one where nothing is drawn. For
        `live.live`."""
        image, taken = read_digit(self.network, strokes, photo)
        return Frame(image, f"{taken}The network has learned {self.learner.steps:,} steps.")

    def drawing_controls(self) -> dict[str, Control]:
        """Controls for `read_digit`."""
        photo = live.file(pictures.read, accept="image/*", label="Or a photo")
        return {"strokes": live.drawing(area=AREA, ink=False, label="Digit"), "photo": photo}

    def _frame(self) -> Frame:
        """What is looked at, as it is now."""
        choice, network, data = self.watched, self.network, self.learner.data
        layer, answers = choice.layer_of(network), self.tests.labels.tolist()
        look = LayerArrays(network, self.tests.pictures[choice.picture][None], layer, answers[choice.picture])
        with torch.no_grad():
            guesses = network(self.tests.pictures).argmax(1).tolist()
        words = f"test picture {choice.picture + 1}: {data.names[look.label]}"
        sheet = choice.sheet = LayerSheet(look, words, self.learner)
        sheet.tests(self._images, guesses, answers, choice.picture)
        caption = f"{data.name}, {self.learner.steps:,} steps learned. Click a layer or a test picture."
        return Frame(sheet.image, caption, hints=sheet.hints)
