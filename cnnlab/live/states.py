"""A panel's settings as one short line of text: "data=spiral; rate=0.03; seed=3". Presets to choose from, and
a row to copy the line from and to paste another.
"""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import ipywidgets as widgets

from .bound_control import BoundControl, button, control_row

NO_PRESET = "none"
LONGEST = 100_000  # characters: more than the longest drawing takes
SHOWN = 40  # of a part that cannot be read


def write(controls: list[BoundControl]) -> str:
    """The settings that differ from the first ones, as name=setting with semicolons between."""
    parts = []
    for bound in controls:
        now, first = (_plain(bound.control.write(setting)) for setting in (bound.good, bound.default))
        parts += [f"{bound.name}={now}"] if now != first else []
    return "; ".join(parts)


def read(state: str, controls: list[BoundControl]) -> list[Any]:
    """The setting of each control that `state` says, or its first one.

    Raises `ValueError` with one sentence for what cannot be read: no text, too long a one, a part that is
    no name=setting, a name that is not there or stands twice, a setting that its control refuses.
    """
    if not isinstance(state, str):
        raise ValueError(f"a state is a line of text such as name=setting; this is a {type(state).__name__}.")
    if len(state) > LONGEST:
        raise ValueError(f"this state has {len(state):,} characters and none is that long: copy it again.")
    named = {bound.name: bound for bound in controls}
    found: dict[str, Any] = {}
    for part in filter(None, map(str.strip, state.split(";"))):
        name, equals, words = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ValueError(f"{_short(part)!r} is no setting: a state reads name=setting; name=setting.")
        if name not in named:
            raise ValueError(f"no control here is called {_short(name)!r}: there are {', '.join(named)}.")
        if name in found:
            raise ValueError(f"{name} stands twice in this state: keep one of them.")
        try:
            found[name] = named[name].control.parse(named[name].field, unquote(words.replace("|", "\n")))
        except ValueError as error:
            raise ValueError(f"{_short(part)}: {error}") from None
    return [found.get(bound.name, bound.default) for bound in controls]


def give(settings: list[Any], controls: list[BoundControl]) -> None:
    """Set all controls, or none: raises `ValueError` if one of them refuses."""
    before = [bound.setting for bound in controls]
    for bound, setting in zip(controls, settings, strict=True):
        bound.set(setting)
    refused = next((bound for bound in controls if bound.error), None)
    if refused is not None:
        sentence = f"{refused.name}: {refused.error}"
        for bound, setting in zip(controls, before, strict=True):
            bound.set(setting)
        raise ValueError(sentence)


def _plain(words: str) -> str:
    """`words` on one line and without a semicolon: a bar ends a line, other marks are written as in a URL."""
    safe = re.sub(r"[%;|\x00-\x09\x0b-\x1f]|^ | $", lambda mark: quote(mark.group()), words)
    return safe.replace("\n", "|")


def _short(words: str) -> str:
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"


class Preset(NamedTuple):
    """Settings to start from, as a panel's `state`, and a question to answer with them (plain text)."""

    state: str
    question: str = ""


class PresetRow:
    """A dropdown of presets, a button to set the chosen one again, and its `question` for under the picture.

    `give` receives the state of what is chosen, on the event loop.
    """

    def __init__(self, presets: Mapping[str, Preset], later: Callable, give: Callable[[str], None]) -> None:
        self.presets, self.give = presets, give
        self.field = widgets.Dropdown(options=[NO_PRESET, *presets], description="Preset")
        self.field.tooltip = "Settings to start from, with a question"
        again = button("Again", "Set this preset once more", self.take, later)
        self.row = control_row(self.field, again)
        self.question = widgets.HTML().add_class("cnnlab-question")
        self.field.observe(lambda change: later(self.take), "value")

    def take(self) -> None:
        """Set what is chosen now, and ask its question."""
        preset = self.presets.get(self.field.value)
        if preset is None:
            self.question.value = ""
        else:
            self.give(preset.state)
            self.question.value = html.escape(preset.question)

    def clear(self) -> None:
        """None is chosen: the panel was set otherwise."""
        self.field.value = NO_PRESET


class StateRow:
    """A line that holds the panel's state; `paste` receives what the reader puts there, on the event loop."""

    def __init__(self, later: Callable, paste: Callable[[str], None]) -> None:
        self.shown = ""
        words = {"description": "State", "placeholder": "paste a state and press Enter"}
        self.field = widgets.Text(continuous_update=False, **words)
        self.field.tooltip = "Copy this line to keep these settings, or paste one and press Enter"
        self.row = control_row(self.field)
        self.field.observe(lambda change: later(self._take, paste), "value")

    def show(self, state: str) -> None:
        """The panel's state is this now."""
        self.shown = self.field.value = state

    def _take(self, paste: Callable[[str], None]) -> None:
        if self.field.value != self.shown:
            paste(self.field.value)
