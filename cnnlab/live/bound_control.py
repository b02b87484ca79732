"""What a control is, and a control at work in one panel."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets

from .clickable import MarkedPicture


class Lazy:
    """A value that is made when the function asks for it, in the worker thread.

    What else a panel asks of its controls' values is answered here as for one that the reader chose once; a
    value that comes by itself, such as a camera's picture, says otherwise:
    again: whether it only goes on from the last value, so that a generator need not start again.
    moves: whether another will follow. used: whether the function has asked for it.
    private: whether it is the reader's own, so that nothing that was made of it may be stored.
    """

    again = moves = used = private = False

    def get(self) -> Any:
        """The value."""
        raise NotImplementedError

    def words(self) -> list[str]:
        """What the panel's line says while it moves."""
        return []

    def came_back(self) -> None:
        """What the function made of it is in sight, or an error is."""


CHOSEN = Lazy()  # stands for every value that is not lazy


class PanelSettings(SimpleNamespace):
    """Values by name, as a function receives them."""

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value.get() if isinstance(value, Lazy) else value


@dataclass(frozen=True)
class Control:
    """What `live` needs to know of a value that the reader can set.

    make: the widget to set it with, given its label.
    read: the value as the function receives it, or a `Lazy` one, from that widget; a `ValueError` refuses it.
    watch: the trait of the widget that holds its setting. also: other traits whose changes matter.
    write: a setting in a few words, for a panel's `state`. parse: a setting from such words, given the
        widget and the words; a `ValueError` says what to give.
    say: the value in words, for what is set in the picture.
    beside: more widgets for the same row, given the bound control and `later` (which acts on the event loop).
    restart: whether a generator starts again when the value changes.
    follows: the control that sets the size of this one's mark.
    """

    make: Callable[[str], Any]
    read: Callable[[Any], Any] = attrgetter("value")
    watch: str = "value"
    also: tuple[str, ...] = ()
    write: Callable[[Any], str] = str
    parse: Callable[[Any, str], Any] = lambda field, words: words
    say: Callable[[Any], str] = str
    beside: Callable[["BoundControl", Callable], list] = lambda bound, later: []
    label: str | None = None
    help: str | None = None
    restart: bool = False
    follows: str | None = None


class BoundControl:
    """A control at work in one panel: its widget `field`, the `value` read from it, the `error` if any.

    The widget's trait holds the setting; `default` is the first, `good` the last that was not refused.
    """

    def __init__(
        self, control: Control, name: str, later: Callable, changed: Callable[["BoundControl"], None]
    ) -> None:
        self.control, self.name, self.changed = control, name, changed
        self.label = control.label or name.replace("_", " ").capitalize()
        self.field = control.make(self.label)
        self.default = self.good = self.setting
        self.value = control.read(self.field)
        self.error = ""
        self.quiet = False
        self.in_picture = isinstance(self.field, MarkedPicture)
        self.row = self._row(later)
        self.refresh()
        self.field.observe(
            lambda change: None if self.quiet else later(self.take), [control.watch, *control.also]
        )

    @property
    def setting(self) -> Any:
        """What the widget holds now, refused or not."""
        return getattr(self.field, self.control.watch)

    @property
    def lazy(self) -> Lazy:
        """The value, for what a panel asks of a `Lazy` one."""
        return self.value if isinstance(self.value, Lazy) else CHOSEN

    def take(self) -> None:
        """Read the widget's value as it is now, and tell the panel unless it is the same number."""
        known = self.value, self.error
        self.refresh()
        same = isinstance(self.value, int | float) and (self.value, self.error) == known
        if not same:  # the browser moves a slider to its nearest step, which may read the same
            self.changed(self)

    def refresh(self) -> None:
        """Read the widget's value as it is now; keep the last good one if it is refused."""
        try:
            self.value, self.error = self.control.read(self.field), ""
            self.good = self.setting
        except ValueError as error:
            self.error = str(error)
        if self.in_picture:
            self.row.children[0].value = self.control.say(self.value)

    def refuse(self, sentence: str) -> None:
        """Say why something was not taken."""
        self.error = sentence
        self.changed(self)

    def set(self, setting: Any) -> None:
        """Give the widget another setting, without telling the panel."""
        self.quiet = True
        try:
            setattr(self.field, self.control.watch, setting)
        finally:
            self.quiet = False
        self.refresh()

    def _row(self, later: Callable) -> widgets.HBox:
        """The label, the widget unless it is the picture, and what stands beside them."""
        name = self.field if hasattr(self.field, "description") else widgets.HTML(description=self.label)
        name.tooltip = self.control.help or self.label
        own = [] if self.in_picture or name is self.field else [self.field]
        return control_row(name, *own, *self.control.beside(self, later))


def values(controls: list[BoundControl]) -> dict[str, Any]:
    """The controls' values by name; a mark whose size another control sets is fitted first."""
    named = {bound.name: bound for bound in controls}
    for bound in controls:
        leader = bound.control.follows
        if leader is not None:
            if leader not in named:
                raise ValueError(f"live: {bound.name} takes its size from {leader!r}, no control here.")
            bound.field.size = round(named[leader].value)
            bound.refresh()
    return {name: bound.value for name, bound in named.items()}


def control_row(*parts: widgets.Widget) -> widgets.HBox:
    """Parts of one control side by side."""
    return widgets.HBox(parts).add_class("cnnlab-control")


def button(
    words: str, tooltip: str, act: Callable, later: Callable = lambda act: act(), icon: str = ""
) -> widgets.Button:
    """A button that acts on the event loop, given a panel's `later`, or else at once."""
    made = widgets.Button(description=words, tooltip=tooltip, icon=icon)
    made.on_click(lambda _: later(act))
    return made
