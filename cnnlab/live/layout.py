"""The widgets of a panel and where they stand: the picture at the left, the controls at the right.

One switch makes the letters of all panels large, for a projector.
"""

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakSet

import ipywidgets as widgets

from ..pictures import COLOURS
from .bound_control import BoundControl, button
from .core_widgets import marked_picture
from .frames import Hint
from .runner import Buttons
from .states import PresetRow, StateRow

STYLE = (Path(__file__).parent / "panel.css").read_text(encoding="utf-8") + "".join(
    f".cnnlab-pens button:nth-of-type({i})::before {{ background: {colour}; }}\n"
    for i, colour in enumerate(COLOURS, start=1)
)
IN_SIGHT = 6  # controls shown; the others fold under More
LABEL_WIDTH = "9em"
WIDE = 560  # CSS pixels of a picture that has controls below it on most screens, in columns
SMALL = 160  # pictures narrower than this show their pixels
LARGE = "cnnlab-large"

_shown: WeakSet = WeakSet()  # the panels of this notebook
_large = False


class View:
    """The parts of a panel that change: `picture`, `message`, `line`, `caption`, `text` and `curve`."""

    def __init__(
        self,
        controls: list[BoundControl],
        buttons: Buttons,
        defaults: Buttons,
        later: Callable,
        *,
        alt: str,
        width: int,
        preset: PresetRow | None,
        state: StateRow | None,
    ) -> None:
        clickable = [bound.field for bound in controls if bound.in_picture]
        if len(clickable) > 1:
            raise ValueError(
                "live: a panel has one picture, so at most one point, square, rectangle or drawing."
            )
        self.picture: Any = clickable[0] if clickable else marked_picture()
        self.picture.alt = alt
        self.message, self.line, self.caption, self.text, self.curve = (widgets.HTML() for _ in range(5))
        question = [preset.question] if preset else []
        left = widgets.VBox([self.picture, self.line, self.curve, self.caption, *question])
        left.layout.width = f"{width}px"
        rows = control_rows(controls, [preset.row] if preset else [], [state.row] if state else [])
        rows = [*button_rows(buttons, later), *rows, *button_rows(defaults, later)]
        right = widgets.VBox([*rows, self.message, self.text])
        if width > WIDE:
            right.add_class("cnnlab-wide")
        sides = [left.add_class("cnnlab-left"), right.add_class("cnnlab-right")]
        self.body = widgets.HBox(sides).add_class("cnnlab-body")

    def show(self, data: bytes, width: int, caption: str, text: str, *, keep: bool) -> None:
        """A picture's bytes, its width in pixels and the words below it; `keep` as in `MarkedPicture`."""
        self.picture.show(data, keep=keep)
        (self.picture.add_class if width < SMALL else self.picture.remove_class)("cnnlab-pixels")
        self.caption.value = html.escape(caption)
        self.text.value = text

    def hint(self, hints: Sequence[Hint]) -> None:
        """Words for lines in the picture."""
        self.picture.hints = [[*(round(float(place), 1) for place in hint[:4]), hint.words] for hint in hints]


def heading(title: str) -> list[widgets.HTML]:
    """The panel's style sheet and its title, if it has one."""
    words = [widgets.HTML(html.escape(title)).add_class("cnnlab-title")] if title else []
    return [style_sheet(), *words]


def style_sheet() -> widgets.HTML:
    """How panels look, as a part of each."""
    return widgets.HTML(f"<style>{STYLE}</style>").add_class("cnnlab-style")


def button_rows(buttons: Buttons, later: Callable) -> list[widgets.HBox]:
    """A row of buttons that act on the event loop, if there are any."""
    made = [button(label, tip, act, later, icon) for label, (icon, tip, act) in buttons.items()]
    return [widgets.HBox(made).add_class("cnnlab-buttons")] if made else []


def control_rows(controls: list[BoundControl], first: list, folded: list) -> list[widgets.Widget]:
    """The rows `first` and the controls, six in all, and the others folded with the rows that are anyway.

    What is set in the picture itself does not count.
    """
    inside = [bound.row for bound in controls if bound.in_picture]
    rows = [*first, *(bound.row for bound in controls if not bound.in_picture)]
    for row in (*inside, *rows, *folded):
        row.children[0].style.description_width = LABEL_WIDTH
    hidden = [*rows[IN_SIGHT:], *folded]
    return [*inside, *rows[:IN_SIGHT], *(fold(hidden) if hidden else [])]


def fold(rows: list[widgets.Widget]) -> list[widgets.Widget]:
    """A button, which the keyboard reaches, and the rows that it shows and hides."""
    more = widgets.ToggleButton(description="More", icon="caret-right", tooltip="Show the other controls")
    inside = widgets.VBox(rows).add_class("cnnlab-folded")
    inside.layout.display = "none"

    def turn(change: dict) -> None:
        more.icon = "caret-down" if more.value else "caret-right"
        inside.layout.display = "" if more.value else "none"

    more.observe(turn, "value")
    return [more.add_class("cnnlab-more"), inside]


def large_type(on: bool = True) -> None:
    """Make the letters and controls of all panels in this notebook large, or as they were.

    Panels that are made later follow. Each panel's button Aa does the same.
    """
    global _large
    _large = on
    for panel in list(_shown):
        (panel.add_class if on else panel.remove_class)(LARGE)


def follow_large_type(panel: widgets.DOMWidget) -> None:
    """Let a panel follow the switch."""
    _shown.add(panel)
    if _large:
        panel.add_class(LARGE)


def large_type_button() -> Buttons:
    """The button Aa."""
    tooltip = "Large letters in all panels, as for a projector, or small ones"
    return {"Aa": ("", tooltip, lambda: large_type(not _large))}
