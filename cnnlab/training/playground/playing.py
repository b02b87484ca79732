"""The playground alive: a network learns, frame by frame, and its settings can be turned meanwhile.

for frame in play(Settings(data="spiral", layers="8, 8")):
    frame.picture, frame.caption                              # until you stop, or it diverges
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from numpy import ndarray
from numpy.random import default_rng

from ...live import Frame
from . import architecture, edits, stops
from .chart import counted, plain
from .hints import Hints
from .network import start
from .own import drawn
from .plan import AREA
from .points import OWN, Points, join, make, split
from .sheet import Scene, draw
from .training import Pace, diverged, judge, train
from .words import code, equation

PACES = ("one epoch", "one batch", "ten epochs")
WORDS = ("none", "equation", "PyTorch code")
ROWS = 400  # of the loss curve: of a longer one every second is kept


@dataclass
class Settings:
    """What can be set, with TensorFlow Playground's defaults where it has them.

    data: a name in `points.NAMES`; "yours" is only what you draw and `file`. layers: the hidden ones, such as
    "8, 8" or "8 tanh, 4 relu", or parsed. activation: of layers that name none. features: some of
    `network.FEATURES`. rate: the step size. pace: what a frame is, of `PACES`. stop: words, see `stops`.
    large: the unit whose map is the large one; nothing for y. edit: a weight to set, see `edits`. dropout,
    noise and train_share: in percent. start: a factor on the first weights. strokes: what was drawn, in
    pixels of the sheet. file: points from `own.read_csv`. words: of `WORDS`. tested: show the test points.
    two: only two colours.
    """

    data: str = "circle"
    layers: Any = "4, 2"
    activation: str = "tanh"
    features: tuple[str, ...] = ("x1", "x2")
    rate: float = 0.03
    pace: str = PACES[0]
    batch: int = 10
    l1: Any = 0
    l2: Any = 0
    dropout: float = 0
    noise: float = 0
    train_share: float = 50
    count: int = 500
    seed: int = 0
    start: float = 1.0
    stop: Any = ""
    large: str = "y"
    edit: Any = ""
    words: str = WORDS[0]
    tested: bool = True
    two: bool = False
    strokes: tuple = ()
    file: Points | None = None


def play(settings: Any) -> Iterator[Frame]:
    """Frames of one run, from the same start each time: `settings` has the attributes of `Settings`.

    What acts at once: rate, batch, l1, l2, dropout, pace, stop, large, edit, words, tested, two and strokes;
    everything else counts at the start. The score is the training loss. A frame asks to pause where a stop is
    met, and where the points cannot be learned from; its caption says why. A network that diverged goes back
    to the last finite one, says so, and ends. Raises `ValueError` for settings that do not fit.
    """
    run = Run(settings)
    yield run.frame()
    while not run.over:
        run.advance()
        yield run.frame()


class Run:
    """One network from its start on, its points and its losses so far."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.points, self.drawn_from = self._gather(), settings.strokes
        layers = settings.layers
        hidden = architecture.complete(
            architecture.parse(layers) if isinstance(layers, str) else layers, settings.activation
        )
        self.network = start(
            settings.features,
            hidden,
            regression=self.points.regression,
            seed=settings.seed,
            scale=settings.start,
        )
        self.random = default_rng([settings.seed, 3])
        self.steps: Iterator[int] = iter(())
        self.epochs, self.seen = 0, 0  # epochs finished, and points seen in the one under way
        self.history: list[tuple[float, float, float | None]] = []
        self.every = 1
        self.stop_at, self.armed = settings.stop, True
        self.edited = settings.edit
        self.over, self.pausing, self.note = False, False, self.points.words
        self._judge()

    @property
    def epoch(self) -> float:
        """How many times each training point was seen."""
        return self.epochs + self.seen / max(1, int(self.points.train.sum()))

    def advance(self) -> None:
        """As far as one frame goes."""
        self.note, self.pausing = "", False
        self._take_changes()
        if self.points.trouble:
            return
        before = self.network.parameters.copy(), self.epochs, self.seen
        for _ in range(10 if self.settings.pace == PACES[2] else 1):
            if not self._epoch():
                self._go_back(*before)
                break
        self._judge()
        self._look_for_stop()

    def _go_back(self, parameters: ndarray, epochs: int, seen: int) -> None:
        """It diverged: the network and the count of epochs are again as they were, and the run is over."""
        failed = self.epochs + 1
        self.network.parameters[:] = parameters
        self.epochs, self.seen, self.over = epochs, seen, True
        self.note = (
            f"Diverged in epoch {failed:,}: the step is too large. Back at epoch {counted(self.epoch)}. "
            "Press Reset to rewind to the same start, and take a smaller step."
        )

    def frame(self) -> Frame:
        """What to show now."""
        scene = Scene(
            self.network, self.points, self.now, self.history, self.epoch, self.settings.large.strip(),
            self.settings.tested, self.settings.two,
        )  # fmt: skip
        return Frame(
            draw(scene), self._caption(), None if self.now is None else self.now.train_loss, self._text(),
            Hints(self.network, self.now), self.pausing or bool(self.points.trouble),
        )  # fmt: skip

    def _epoch(self) -> bool:
        """Go on to the end of the epoch, or one batch; whether the network is still finite."""
        one = self.settings.pace == PACES[1]
        if not self.seen:
            self.steps = train(self.network, self.points, self._pace, self.random)
        for seen in islice(self.steps, 1 if one else None):
            self.seen = seen
        if diverged(self.network):
            return False
        if self.seen >= self.points.train.sum():
            self.epochs, self.seen = self.epochs + 1, 0
        return True

    def _pace(self) -> Pace:
        s = self.settings
        return Pace(s.rate, s.batch, float(s.l1), float(s.l2), s.dropout / 100)

    def _judge(self) -> None:
        self.now = None if self.points.trouble else judge(self.network, self.points)
        if self.now is None or self.over:
            return
        if not self.history or self.epoch >= self.history[-1][0] + self.every:
            self.history.append((self.epoch, self.now.train_loss, self.now.test_loss))
        if len(self.history) > ROWS:
            self.history, self.every = self.history[::2], 2 * self.every

    def _gather(self) -> Points:
        """The points that the settings ask for."""
        s = self.settings
        if s.data == OWN:
            points = s.file if s.file is not None else drawn((), AREA)
            points = split(points, s.train_share / 100, s.seed)
        else:
            points = make(s.data, count=s.count, noise=s.noise / 100, share=s.train_share / 100, seed=s.seed)
        return join(points, split(drawn(s.strokes, AREA), s.train_share / 100, s.seed))

    def _take_changes(self) -> None:
        """Points that were drawn and a weight that was set since the last frame."""
        if self.settings.strokes is not self.drawn_from:
            self.points, self.drawn_from = self._gather(), self.settings.strokes
            self.seen = 0  # the epoch under way begins again, with all of them
        if self.settings.edit != self.edited:
            self.edited = self.settings.edit
            edit = edits.parse(self.edited) if isinstance(self.edited, str) else self.edited
            try:
                if edit is not None:
                    edits.apply(edit, self.network)
            except ValueError as error:
                self.note = f"{str(error)[0].upper()}{str(error)[1:]}"

    def _look_for_stop(self) -> None:
        if self.settings.stop != self.stop_at:
            self.stop_at, self.armed = self.settings.stop, True
        stop = stops.parse(self.stop_at) if isinstance(self.stop_at, str) else self.stop_at
        met = stop is not None and self.now is not None and stop.met(self.epoch, self.now)
        if met and self.armed:
            self.pausing, self.note = True, "The stop you asked for is reached. Play goes on from here."
        self.armed = not met

    def _caption(self) -> str:
        if self.points.trouble:
            return self.points.trouble
        assert self.now is not None
        now, parts = self.now, [self.note] if self.note else []
        tested = "" if now.test_loss is None else f", {plain(now.test_loss)} in the test"
        parts.append(f"Epoch {counted(self.epoch)}: loss {plain(now.train_loss)} in training{tested}.")
        dead = sum(int(layer.sum()) for layer in now.dead)
        if dead:
            relus = sum(layer.units for layer in self.network.layers if layer.activation == "relu")
            parts.append(f"{dead} of {relus} ReLUs are dead: off at every point.")
        large = self.settings.large.strip()
        if large and all(large not in names for names in self.network.names()):
            parts.append(f"There is no unit {large[:12]!r} to show large: here is y.")
        if self.settings.file is not None and self.settings.data != OWN:
            parts.append(f'To learn from your file, choose the data "{OWN}".')
        return " ".join(parts)

    def _text(self) -> str:
        if self.settings.words == WORDS[0]:
            return ""
        words = equation(self.network) if self.settings.words == WORDS[1] else code(self.network)
        return f'<pre style="max-height: 24em; overflow: auto">{html.escape(words)}</pre>'
