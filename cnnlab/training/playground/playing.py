"""The playground alive: a network learns, frame by frame, and its settings can be turned meanwhile.

for frame in play(PlaygroundSettings(data="spiral", layers="8, 8")):
    frame.picture, frame.caption                              # until you stop, or it diverges
"""

import html
import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from numpy.random import default_rng

from ...live import Frame
from ...pictures.sheets import History
from .drawing import draw, written_epoch, written_loss
from .layout import AREA, hints
from .network import MLP, Hyperparameters, diverged, evaluate, initialise, train
from .points import OWN, Points, drawn_points, join, make_points, split
from .typed import parse_edit, parse_layers, parse_stop
from .words import code, equation

PACES = {"one epoch": 1, "one batch": 0, "ten epochs": 10}  # to the end of so many epochs; one batch at least
WORDS: dict[str, Callable[[MLP], str]] = {"none": lambda _: "", "equation": equation, "PyTorch code": code}


def play(settings: Any) -> Iterator[Frame]:
    """Frames of one run, from the same start each time: `settings` has the attributes of
    `PlaygroundSettings`.

    What acts at once: rate, batch, l1, l2, dropout, pace, stop, large, edit, words, tested, two and strokes;
    everything else counts at the start. The score is the training loss. A frame asks to pause where a stop is
    met, and where the points cannot be learned from; its caption says why. A network that diverged goes back
    to the last finite one, says so, and ends. Raises `ValueError` for settings that do not fit.
    """
    run = TrainingRun(settings)
    yield run.frame()
    while not run.over:
        run.advance()
        yield run.frame()


class TrainingRun:
    """One network from its start on, its points, how it does `now`, and its `history`: (epoch, train, test)
    losses. epoch: how many times each training point was seen.
    """

    def __init__(self, settings: Any) -> None:
        s = self.settings = settings
        self.points, self.drawn_from = self._gather(), s.strokes
        layers = [layer._replace(activation=layer.activation or s.activation)
                  for layer in _parsed(parse_layers, s.layers)]  # fmt: skip
        regression = self.points.regression
        self.network = initialise(s.features, layers, regression=regression, seed=s.seed, scale=s.start)
        self.random = default_rng([s.seed, 3])
        self.epoch, self.steps = 0.0, self._steps()
        self.history = History[tuple[float, float, float | None]](400)
        self.edited, self.stopped_at = s.edit, None
        self.over, self.pausing, self.note = False, False, self.points.words
        self._evaluate()

    def advance(self) -> None:
        """As far as one frame goes."""
        self.note, self.pausing = "", False
        self._take_changes()
        if self.points.trouble:
            return
        before = self.network.parameters.copy(), self.epoch
        end = math.floor(self.epoch) + PACES[self.settings.pace]
        for _ in self.steps:
            if self.epoch >= end or (self.epoch.is_integer() and diverged(self.network)):
                break
        if diverged(self.network):
            failed = f"Diverged in epoch {math.ceil(self.epoch):,}: the step is too large."
            self.over, self.network.parameters[:], self.epoch = True, *before
            again = "Press Reset to rewind to the same start, and take a smaller step."
            self.note = f"{failed} Back at epoch {written_epoch(self.epoch)}. {again}"
        self._evaluate()
        self._look_for_stop()

    def frame(self) -> Frame:
        """What to show now."""
        network, now = self.network, self.now
        picture = draw(network, self.points, now, self.history.kept, self.epoch, self.settings)
        words = html.escape(WORDS[self.settings.words](network))
        text = words and f'<pre style="max-height: 24em; overflow: auto">{words}</pre>'
        pausing = self.pausing or bool(self.points.trouble)
        return Frame(picture, self._caption(), now and now.train_loss, text, hints(network, now), pausing)

    def _steps(self) -> Iterator[None]:
        """Training without an end; `epoch` counts."""
        while True:
            begun, count = self.epoch, self.points.train.sum()
            for seen in train(self.network, self.points, self._hyperparameters, self.random):
                self.epoch = float(begun + seen / count)
                yield

    def _hyperparameters(self) -> Hyperparameters:
        s = self.settings
        return Hyperparameters(s.rate, s.batch, float(s.l1), float(s.l2), s.dropout / 100)

    def _evaluate(self) -> None:
        self.now = None if self.points.trouble else evaluate(self.network, self.points)
        if self.now is not None and self.epoch.is_integer() and not self.over:
            self.history.add((self.epoch, self.now.train_loss, self.now.test_loss))

    def _gather(self) -> Points:
        """The points that the settings ask for."""
        s = self.settings
        share = s.train_share / 100
        drawn = split(drawn_points(s.strokes, AREA), share, s.seed)
        if s.data == OWN:
            return drawn if s.file is None else join(split(s.file, share, s.seed), drawn)
        points = make_points(s.data, count=s.count, noise=s.noise / 100, share=share, seed=s.seed)
        return join(points, drawn)

    def _take_changes(self) -> None:
        """Points that were drawn and a weight that was set since the last frame."""
        s = self.settings
        if s.strokes is not self.drawn_from:
            self.points, self.drawn_from = self._gather(), s.strokes
            self.epoch, self.steps = float(math.floor(self.epoch)), self._steps()  # it begins again with all
        if s.edit != self.edited:
            self.edited, edit = s.edit, _parsed(parse_edit, s.edit)
            try:
                if edit is not None:
                    edit(self.network)
            except ValueError as error:
                self.note = f"{str(error)[0].upper()}{str(error)[1:]}"

    def _look_for_stop(self) -> None:
        asked = self.settings.stop
        met = _parsed(parse_stop, asked)
        if met is None or not met(self.epoch, self.now):
            self.stopped_at = None
        elif self.stopped_at != asked:
            self.stopped_at, self.pausing = asked, True
            self.note = "The stop you asked for is reached. Play goes on from here."

    def _caption(self) -> str:
        now, large = self.now, self.settings.large.strip()
        if now is None or self.points.trouble:
            return self.points.trouble
        parts = [self.note] if self.note else []
        tested = "" if now.test_loss is None else f", {written_loss(now.test_loss)} in the test"
        train = f"loss {written_loss(now.train_loss)} in training"
        parts.append(f"Epoch {written_epoch(self.epoch)}: {train}{tested}.")
        if dead := sum(int(layer.sum()) for layer in now.dead):
            relus = sum(layer.units for layer in self.network.layers if layer.activation == "relu")
            parts.append(f"{dead} of {relus} ReLUs are dead: off at every point.")
        if large and large not in chain(*self.network.unit_names()):
            parts.append(f"There is no unit {large[:12]!r} to show large: here is y.")
        if self.settings.file is not None and self.settings.data != OWN:
            parts.append(f'To learn from your file, choose the data "{OWN}".')
        return " ".join(parts)


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    """What a panel has parsed already, or words that are parsed now."""
    return parse(value) if isinstance(value, str) else value
