"""One network that is alive, and the panels around it: watch it learn, open its numbers, draw digits for it.

work = Workbench("digits")
live.live(work.train_and_browse, alt="...", width=640, **work.controls())
live.live(work.explain, alt="...", width=640, point=live.point(80, 60, mark=False),
          stage=live.slider(4, 1, 4))
live.live(work.read_digit, alt="...", width=640, **work.drawing_controls())
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ... import live, pictures
from ...datasets import picture_sets
from ...live import Control, Frame, Point, Stroke
from ...networks import Network
from ...pictures.sheets import thumbnail
from . import snapshots
from .architecture import parse
from .browsing import Choice, Opened
from .drawn import digit, photographed
from .easel import AREA, easel
from .learning import Learner, Settings
from .looking import look
from .sheet import SMALL_SIDE, TESTS, Progress, Row, around, sheet

SMALL = "conv 16 3x3 pad 1\nrelu\npool 2\nconv 16 3x3 pad 1\nrelu\npool 2\ndense 10"  # for any of the sets
SLICE = 0.08  # seconds of learning between two pictures of it: about ten pictures a second
SHARE, LONGEST = 4, 0.4  # learning takes at least four times as long as a picture, up to so many seconds


class Workbench:
    """A live network and what is looked at. Panels of one workbench show the same network.

    `learner` is the network with what it learns from; `progress` its curves since it stands here.
    """

    def __init__(self, data: str = "digits", architecture: str = SMALL, seed: int = 0) -> None:
        self.watched, self.opened = Choice(), Opened()
        self._asked: tuple = ()
        self.begin(Learner(picture_sets.load(data), parse(architecture), seed))

    def begin(self, learner: Learner) -> None:
        """Put another network on the bench."""
        self.learner = learner
        self.progress = Progress(learner.steps, learner.exam())
        shown = learner.pictures.test_pictures[:TESTS]
        self._tests = [thumbnail(one, SMALL_SIDE, SMALL_SIDE) for one in shown.split(1)]

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.learner.network

    @property
    def picture(self) -> Tensor:
        """The test picture that is looked at, (1, C, H, W)."""
        return self.learner.pictures.test_pictures[self.watched.picture][None]

    def save(self, path: str | Path) -> None:
        """Export the network as it is now to a .safetensors file; the *Snapshot* control imports it again."""
        snapshots.save(self.learner, path)

    def controls(self) -> dict[str, Control]:
        """Controls for `train_and_browse`, to take or to replace."""
        first = Settings()
        return {
            "point": live.point(60, 60, mark=False, label="Look at", restart=True),
            "data": live.choice(picture_sets.NAMES, self.learner.pictures.name, restart=True),
            "architecture": live.text(str(self.learner.architecture), parse=parse, lines=8),
            "rate": live.slider(
                first.rate, 0.0001, 1.0, log=True, label="Step size", help="How far a step goes"
            ),
            "momentum": live.slider(
                first.momentum, 0.0, 0.99, help="The share of the last step that is kept"
            ),
            "batch": live.slider(first.batch, 1, 256, log=True, help="Pictures a step"),
            "decay": live.slider(first.decay, 0.0, 0.05, step=0.0005, help="Draws all weights towards 0"),
            "start": live.seed(self.learner.seed, label="Seed"),
            "snapshot": live.file(snapshots.read, accept=".safetensors"),
        }

    def train_and_browse(self, settings: Any) -> Iterator[Frame]:
        """Frames of a network that learns, for `live.live`: about ten a second, with learning in between.

        settings: `data`, `architecture`, `start` (a seed) and `snapshot` (or None) say where it begins;
        `rate`, `momentum`, `batch` and `decay` are read anew at each step; `point` chooses a layer or a test
        picture. A click goes on with the same network. Where nothing has changed since the last time, it
        begins anew.
        """
        asked = settings.data, str(settings.architecture), settings.start, id(settings.snapshot)
        clicked = self.watched.take(settings.point)
        if asked != self._asked or not clicked:
            self.begin(_made(settings))
        self._asked = asked
        steps = self.learner.learn(settings)
        while True:
            began = time.perf_counter()
            yield self._frame()
            now = time.perf_counter()
            end = now + max(SLICE, min(SHARE * (now - began), LONGEST))
            while time.perf_counter() < end:
                self.progress.add(next(steps))

    def explain(self, point: Point, stage: int) -> Frame:
        """The arithmetic of one number, for the test picture that `train_and_browse` looks at. For
        `live.live`."""
        return self.opened.show(self.network, self.picture, point, stage)

    def read_digit(self, strokes: Sequence[Stroke] = (), photo: Tensor | None = None) -> Frame:
        """What the network takes a drawn digit for, or a photographed one where nothing is drawn. For
        `live.live`."""
        shape, words = self.learner.pictures.shape, "draw a digit, large"
        if photo is not None and not strokes:
            seen, words = photographed(photo, shape)
        else:
            seen = digit(strokes, shape)
        with torch.no_grad():
            shares = self.network(seen).softmax(1)[0].cpu()
        page = easel(strokes, seen, shares, self.network.labels, words)
        taken = "" if not seen.any() else f"It takes it for a {self.network.labels[int(shares.argmax())]}. "
        return Frame(page.image, f"{taken}The network has learned {self.learner.steps:,} steps.")

    def drawing_controls(self) -> dict[str, Control]:
        """Controls for `read_digit`."""
        return {
            "strokes": live.drawing(area=AREA, ink=False, label="Digit"),
            "photo": live.file(pictures.read, accept="image/*", label="Or a photo"),
        }

    def _frame(self) -> Frame:
        """What is looked at, as it is now."""
        choice, learner = self.watched, self.learner
        layer, data = choice.layer_of(self.network), learner.pictures
        label = int(data.test_labels[choice.picture])
        seen = look(self.network, self.picture, layer, label, around(self.network, layer))
        with torch.no_grad():
            guesses = self.network(data.test_pictures[:TESTS]).argmax(1).tolist()
        row = Row(self._tests, guesses, data.test_labels[:TESTS].tolist(), choice.picture)
        words = f"test picture {choice.picture + 1}: {data.names[label]}"
        choice.page = sheet(self.network, self.picture, seen, words, self.progress, row)
        caption = f"{data.name}, {self.learner.steps:,} steps learned. Click a layer or a test picture."
        return Frame(choice.page.image, caption, hints=choice.page.hints)


def _made(settings: Any) -> Learner:
    """The network that some settings ask for."""
    data = picture_sets.load(settings.data)
    if settings.snapshot is not None:
        return snapshots.restored(settings.snapshot, data, settings.start)
    return Learner(data, settings.architecture, settings.start)
