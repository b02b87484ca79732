"""The live panel: a picture, its controls, and a function between them."""

import inspect
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from weakref import WeakSet

import ipywidgets as widgets
from IPython import get_ipython

from ..pictures.encoding import compress
from . import states, status
from .bound_control import BoundControl, Control, Lazy, PanelSettings, values
from .clickable import still
from .frames import Frame, RenderedFrame, render
from .layout import View, follow_large_type, heading, large_type_button
from .runner import Buttons, Playback, Recompute, Runner
from .states import Preset, PresetRow, StateRow

SLOW = 0.2  # seconds after which a panel says that it works

_made: dict[str, tuple[Any, WeakSet]] = {}  # cell -> (its last run, the panels of that)


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
    return _registered(panel)


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
        self.settings = PanelSettings()
        self.runner = self._make_runner(function, autoplay)
        self.words = f"{title}: {alt}" if title else alt
        self.caption, self.width = caption, width
        self.meter = status.Meter()
        self.failure, self.refused, self.seconds = "", "", 0.0
        self.private = False  # whether the reader's own pictures may be in what is shown
        later = self.runner.later
        self.controls = [
            BoundControl(control, name, later, self._changed) for name, control in controls.items()
        ]
        for preset in presets.values():
            states.read(preset.state, self.controls)  # the author's own must do
        self.preset = PresetRow(presets, later, self._restore) if presets else None
        self.shared = StateRow(later, self._paste) if shareable else None
        self._read()
        self.view = View(
            self.controls, self._buttons(), self._defaults(), later, alt=alt, width=width,
            preset=self.preset, state=self.shared,
        )  # fmt: skip
        self._begin()
        self.children = [*heading(title), self.view.body]
        follow_large_type(self.add_class("cnnlab-panel"))
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
        return states.write(self.controls)

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
        self.layout.close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The panel; where no kernel runs, its picture and its words."""
        data, metadata = still(self, self.words, self.stored)
        metadata["image/png"]["width"] = self.width
        return data, metadata

    def _make_runner(self, function: Callable, autoplay: bool) -> Runner:
        callbacks: dict[str, Any] = {"shown": self._show, "failed": self._fail, "rested": self._rest}
        settings = self.settings
        if inspect.isgeneratorfunction(function):
            return Playback(partial(function, settings), render, autoplay=autoplay, **callbacks)

        def compute() -> RenderedFrame:
            return render(function(**{name: getattr(settings, name) for name in vars(settings)}))

        return Recompute(compute, **callbacks)

    def _begin(self) -> None:
        """The first picture, before the panel is shown."""
        began = time.perf_counter()
        self._show(self.runner.first(), time.perf_counter() - began)
        self._rest()

    def _buttons(self) -> Buttons:
        buttons = self.runner.buttons()
        return {name: (icon, tip, partial(self._act, act)) for name, (icon, tip, act) in buttons.items()}

    def _defaults(self) -> Buttons:
        def reset() -> None:
            moved = [bound for bound in self.controls if bound.setting != bound.default]
            states.give([bound.default for bound in self.controls], self.controls)
            if self.preset is not None:
                self.preset.clear()
            self._settle(moved, any(bound.control.restart for bound in moved))

        own = {"Defaults": ("sliders", "Set every control back", reset)} if self.controls else {}
        return {**own, **large_type_button()}

    def _restore(self, state: str) -> None:
        """Set all controls to what `state` says and start again, or raise `ValueError`."""
        states.give(states.read(state, self.controls), self.controls)
        self._settle(self.controls, True)

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
        vars(self.settings).update(values(self.controls))
        self.private |= any(bound.lazy.private for bound in self.controls)
        if self.shared is not None:
            self.shared.show(self.state)

    def _changed(self, bound: BoundControl) -> None:
        """A control moved, or refused what it was given."""
        goes_on = bound.lazy.again
        self._settle([] if bound.error else [bound], bound.control.restart and not goes_on)
        if goes_on and self.runner.task is None:
            self._rest()  # a film ended and nothing is left to do

    def _settle(self, moved: list[BoundControl], restart: bool) -> None:
        """Take the controls as they are now, and show what the function makes of those that moved."""
        self.refused = ""
        self._read()
        self._say()
        if moved:
            self.runner.change(restart)
            self._feed()
            if self.seconds > SLOW and not self._film():
                self._write_line("Working")

    def _film(self) -> Lazy | None:
        """The value of a control that moves by itself, if there is one and the panel follows it."""
        moving = (bound.lazy for bound in self.controls if bound.lazy.moves)
        return next(moving, None) if self.runner.playing else None

    def _feed(self) -> None:
        """A generator that has come to its end starts again for the next picture of a film."""
        film = self._film()
        if film and not film.used and self.runner.exhausted:
            self.runner.change(restart=True)

    def _back(self) -> None:
        """What the function made of its controls' values is in sight, or its error."""
        for bound in self.controls:
            bound.lazy.came_back()

    def _show(self, shown: RenderedFrame, seconds: float) -> None:
        """A new frame."""
        if self.runner.step_count == 0:
            self.meter.clear()
        self.shown, self.seconds = shown, seconds
        self.meter.add(shown.frame.score)
        self._draw(shown.data)
        self._back()
        if self.failure:
            self.failure = ""
            self._say()
        if shown.frame.pause:
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
        """What went wrong, or nothing; what was typed last comes first."""
        errors = [self.refused, *(bound.error for bound in self.controls), self.failure]
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
        film, score = self._film(), self.frame.score
        parts = [] if score is None else [f"score {score:.4g}"]
        parts = [*parts, *film.words()] if film else self.runner.words(parts, self.meter.rate(), self.seconds)
        if self.runner.step_count >= 0:
            self.view.curve.value = status.curve(self.meter.scores.kept)
        state = state or ("Stopped" if self.failure else "Live" if film else self.runner.state)
        self.view.line.value = status.line(state, parts, announce=announce)


def _registered(panel: Panel) -> Panel:
    """`panel`, which this cell made; what an earlier run of the same cell made is closed."""
    cell, run = _where()
    last_run, panels = _made.get(cell, (run, WeakSet()))
    if last_run != run:
        for old in list(panels):
            old.close()
        panels = WeakSet()
    panels.add(panel)
    _made[cell] = run, panels
    return panel


def _where() -> tuple[str, Any]:
    """The cell and the run of it. JupyterLab names the cell; elsewhere the calling file stands for it:
    IPython gives each cell's code a file name made of its text."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = kernel.get_parent() if kernel is not None else {}
    cell = request.get("metadata", {}).get("cellId") or _calling_file()
    return cell, request.get("header", {}).get("msg_id")


def _calling_file() -> str:
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("cnnlab."):
        frame = frame.f_back
    return frame.f_code.co_filename


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (widget, getattr(widget, "style", None), widget.layout):
        if part is not None:
            part.close()
