"""Rows that set a whole panel at once: presets to choose from, and its state as a line to copy or paste."""

import html
from collections.abc import Callable, Mapping
from typing import NamedTuple

import ipywidgets as widgets

NO_PRESET = "none"


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
        again = widgets.Button(description="Again", tooltip="Set this preset once more")
        again.on_click(lambda _: later(self.take))
        self.row = widgets.HBox([self.field, again])
        self.row.add_class("cnnlab-control")
        self.question = widgets.HTML()
        self.question.add_class("cnnlab-question")
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
        self.field = widgets.Text(
            description="State", continuous_update=False, placeholder="paste a state and press Enter"
        )
        self.field.tooltip = "Copy this line to keep these settings, or paste one and press Enter"
        self.row = widgets.HBox([self.field])
        self.row.add_class("cnnlab-control")
        self.field.observe(lambda change: later(self._take, paste), "value")

    def show(self, state: str) -> None:
        """The panel's state is this now."""
        self.shown = self.field.value = state

    def _take(self, paste: Callable[[str], None]) -> None:
        if self.field.value != self.shown:
            paste(self.field.value)
