"""The live panel: a picture, its controls, and a function between them."""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
from PIL import Image

from ..pictures.encoding import compress
from . import cells, lettering, states, status
from .camera import Shot, Source
from .clickable import still
from .frames import Frame, as_frame, as_image
from .knobs import Control, Knob, Late, Settings
from .layout import View, heading
from .runner import Playback, Recompute
from .sharing import Preset, PresetRow, StateRow

SLOW = 0.2  # seconds after which a panel says that it works


@dataclass(frozen=True)
class Shown:
    """A frame with its picture as an image and as JPEG bytes, made in the worker thread."""

    frame: Frame
    image: Image.Image
    data: bytes


def live(
    function: Callable,
    *,
    alt: str,
    title: str = "",
    caption: str = "",
    width: int = 448,
    autoplay: bool = False,
    presets: Mapping[str, Preset] | None = None,
    shareable: bool = False,
    **controls: Control,
) -> "Panel":
    """Show what `function` makes of some controls, and show it anew while they move.

    function: a plain function receives the controls' values as keyword arguments and returns what to show:
        a picture, a matplotlib Figure or a `Frame`. It is called again when a control changes, the newest
        values winning. A generator function receives one argument, `settings`, whose attributes are the
        controls' values at any moment; each `yield` is shown, at most 30 a second. The panel has
        buttons to play, pause, step and reset it.
    alt: what the picture shows, in words, for who cannot see it.
    title, caption: plain text above and below the picture; a frame's own caption replaces `caption`.
    width: how wide the picture is shown, in CSS pixels.
    autoplay: play a generator from the start, and again when a control made with `restart=True` changes.
    presets: settings to choose from by name, each with a question that then stands under the picture.
    shareable: show the panel's `state` under More, to copy and to paste.

    The first picture is computed at once; what goes wrong in that call is raised. Later errors are one
    sentence in the panel, and the last picture stays. A panel ends at `close()` and when its cell runs again.
    """
    for name, control in controls.items():
        if not isinstance(control, Control):
            raise TypeError(
                f"live: {name}={control!r} is not a control: say how to set it, for example "
                f"{name}=slider(5, 0, 10), choice([...]) or toggle(True)."
            )
    panel = Panel(
        function, controls, alt=alt, title=title, caption=caption, width=width, autoplay=autoplay,
        presets=presets or {}, shareable=shareable,
    )  # fmt: skip
    cells.register(panel)
    return panel


class Panel(widgets.VBox):
    """What `live` makes. `frame` is what it shows now; `settings` holds its controls' values by name."""

    def __init__(
        self,
        function: Callable,
        controls: dict[str, Control],
        *,
        alt: str,
        title: str,
        caption: str,
        width: int,
        autoplay: bool,
        presets: Mapping[str, Preset],
        shareable: bool,
    ) -> None:
        super().__init__()
        self.settings = Settings()
        self.runner = self._make_runner(function, autoplay)
        self.words = f"{title}: {alt}" if title else alt
        self.caption, self.width = caption, width
        self.meter = status.Meter()
        self.failure, self.refused, self.seconds = "", "", 0.0
        later = self.runner.later
        self.knobs = [Knob(control, name, later, self._changed) for name, control in controls.items()]
        self.sources = [knob.field for knob in self.knobs if isinstance(knob.field, Source)]
        self.private = False  # whether the reader's own pictures may be in what is shown
        for preset in presets.values():
            states.read(preset.state, self.knobs)  # the author's own must do
        self.preset = PresetRow(presets, later, self._restore) if presets else None
        self.shared = StateRow(later, self._paste) if shareable else None
        self._read()
        self.view = View(
            self.knobs, self._buttons(), self._defaults(), later, alt=alt, width=width,
            preset=self.preset, state=self.shared,
        )  # fmt: skip
        began = time.perf_counter()
        self._show(self.runner.first(), time.perf_counter() - began)
        self._rest()
        self.children = [*heading(title), self.view.body]
        self.add_class("cnnlab-panel")
        lettering.enrol(self)
        later(self.runner.wake)

    @property
    def frame(self) -> Frame:
        """What is shown now, as the function gave it."""
        return self.shown.frame

    @property
    def state(self) -> str:
        """The settings that differ from the first ones, in one line: "data=spiral; rate=0.03; seed=3".

        Set it to a line like this to have all settings so, with a generator that starts again once. Raises
        `ValueError` in one sentence for a line that cannot be read in full, and changes nothing then.
        Uploaded files go by their name and are not part of it.
        """
        return states.write(self.knobs)

    @state.setter
    def state(self, state: str) -> None:
        self._restore(state)
        if self.preset is not None:
            self.preset.clear()

    def close(self) -> None:
        """End: stop after the call under way and take the widgets from the page."""
        self.runner.end()
        for child in self.children:
            _close(child)
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The panel; where no kernel runs, its picture and its words."""
        data, metadata = still(self, self.stored, self.words)
        metadata["image/png"]["width"] = self.width
        return data, metadata

    def _make_runner(self, function: Callable, autoplay: bool) -> Recompute | Playback:
        callbacks: dict[str, Any] = {"shown": self._show, "failed": self._fail, "rested": self._rest}
        if inspect.isgeneratorfunction(function):
            return Playback(lambda: function(self.settings), _render, autoplay=autoplay, **callbacks)
        settings = self.settings

        def compute() -> Shown:
            return _render(function(**{name: getattr(settings, name) for name in vars(settings)}))

        return Recompute(compute, **callbacks)

    def _buttons(self) -> dict:
        runner = self.runner
        if isinstance(runner, Recompute):
            return {}
        acts = {
            "Play": ("play", "Go on from here", runner.play),
            "Pause": ("pause", "Stop after the step under way", runner.pause),
            "Step": ("step-forward", "One step, then pause", runner.step),
            "Reset": ("undo", "Back to the first step", runner.reset),
        }
        return {name: (icon, tip, lambda act=act: self._act(act)) for name, (icon, tip, act) in acts.items()}

    def _defaults(self) -> dict:
        def reset() -> None:
            moved = [knob for knob in self.knobs if knob.setting != knob.default]
            states.give([knob.default for knob in self.knobs], self.knobs)
            if self.preset is not None:
                self.preset.clear()
            self._settle(moved, any(knob.control.restart for knob in moved))

        own = {"Defaults": ("sliders", "Set every control back", reset)} if self.knobs else {}
        return {**own, "Aa": lettering.switch()}

    def _restore(self, state: str) -> None:
        """Set all controls to what `state` says and start again, or raise `ValueError`."""
        states.give(states.read(state, self.knobs), self.knobs)
        self._settle(self.knobs, True)

    def _paste(self, state: str) -> None:
        """The reader gave a state."""
        try:
            self.state = state
        except ValueError as error:
            self.refused = str(error)
            self._say()

    def _act(self, act: Callable[[], None]) -> None:
        """A button was pressed."""
        act()
        self._write_line()

    def _read(self) -> None:
        """Hand the controls' values to the function, all at once."""
        named = {knob.name: knob for knob in self.knobs}
        for knob in self.knobs:
            if knob.control.follows is not None:
                if knob.control.follows not in named:
                    raise ValueError(
                        f"live: {knob.name} takes its size from {knob.control.follows!r}, no control here."
                    )
                knob.field.size = round(named[knob.control.follows].value)
                knob.refresh()
        self.private |= any(source.shot is not None for source in self.sources)
        vars(self.settings).update({knob.name: knob.value for knob in self.knobs})
        if self.shared is not None:
            self.shared.show(self.state)

    def _changed(self, knob: Knob) -> None:
        """A control moved, or refused what it was given."""
        goes_on = isinstance(knob.value, Late) and knob.value.again
        self._settle([] if knob.error else [knob], knob.control.restart and not goes_on)
        if goes_on and self.runner.task is None:
            self._rest()  # a film ended and nothing is left to do

    def _settle(self, moved: list[Knob], restart: bool) -> None:
        """Take the controls as they are now, and show what the function makes of those that moved."""
        self.refused = ""
        self._read()
        self._say()
        if moved:
            self.runner.change(restart)
            self._feed()
            if self.seconds > SLOW and not self._film():
                self._write_line("Working")

    def _film(self) -> Shot | None:
        """The newest picture of a film, if one plays and the panel follows it."""
        paused = isinstance(self.runner, Playback) and not self.runner.playing
        films = [] if paused else [source.shot for source in self.sources if source.plays]
        return films[0] if films else None

    def _feed(self) -> None:
        """A generator that has come to its end starts again for the next picture of a film."""
        film = self._film()
        if film and not film.used and isinstance(self.runner, Playback) and self.runner.exhausted:
            self.runner.restart()

    def _back(self) -> None:
        """What the function made of the newest pictures is in sight, or its error."""
        for source in self.sources:
            source.came_back()

    def _show(self, shown: Shown, seconds: float) -> None:
        """A new frame."""
        if isinstance(self.runner, Playback) and self.runner.step_count == 0:
            self.meter.clear()
        self.shown, self.seconds = shown, seconds
        self.meter.add(shown.frame.score)
        self._draw(shown.data)
        self._back()
        if self.failure:
            self.failure = ""
            self._say()
        if shown.frame.pause and isinstance(self.runner, Playback):
            self.runner.pause()
        if self.meter.due():
            self._write_line()
            self.view.hint(shown.frame.hints)

    def _draw(self, data: bytes) -> None:
        frame, image = self.shown.frame, self.shown.image
        if not self.private:
            self.stored = image
        self.view.show(data, image.width, frame.caption or self.caption, frame.text, keep=not self.private)

    def _fail(self, error: Exception) -> None:
        """The function raised; the last good picture stays."""
        self.failure = status.sentence(error)
        self._say()
        self._back()

    def _say(self) -> None:
        """What went wrong, or nothing."""
        errors = [
            self.refused,
            *(knob.error for knob in self.knobs),
            self.failure,
        ]  # what was typed last first
        self.view.message.value = status.alarm(next(filter(None, errors), ""))

    def _rest(self) -> None:
        """Nothing to do for now: show the picture without JPEG's losses, and say so; a film goes on."""
        if self._film():
            self._feed()
            return
        self._draw(compress(self.shown.image, "png"))
        self.view.hint(self.frame.hints)
        self._write_line(announce=True)
        self.meter.times.clear()  # a pause is not a slow frame

    def _write_line(self, state: str = "", *, announce: bool = False) -> None:
        score, film = self.frame.score, self._film()
        parts = [] if score is None else [f"score {score:.4g}"]
        if film:
            parts = [*parts, *film.words()]
        elif isinstance(self.runner, Playback):
            rate = self.meter.rate()
            steps = [f"step {self.runner.step_count}"] if self.runner.step_count >= 0 else []
            parts = [*steps, *parts, *([f"{rate:.0f} frames/s"] if rate else [])]
        else:
            parts = [*parts, f"{1000 * self.seconds:.0f} ms"]
        if isinstance(self.runner, Playback):
            self.view.curve.value = status.curve(self.meter.scores)
        state = state or ("Stopped" if self.failure else "Live" if film else self.runner.state)
        self.view.line.value = status.line(state, parts, announce=announce)


def _render(shown: Any) -> Shown:
    frame = as_frame(shown)
    image = as_image(frame.picture)
    return Shown(frame, image, compress(image, "jpeg"))


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (widget, getattr(widget, "style", None), widget.layout):
        if part is not None:
            part.close()
