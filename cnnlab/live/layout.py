"""The widgets of a panel and where they stand: the picture at the left, the controls at the right."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from ..pictures import COLOURS
from .frames import Hint
from .knobs import Knob
from .plain import marked
from .sharing import PresetRow, StateRow

STYLE = (Path(__file__).parent / "panel.css").read_text(encoding="utf-8") + "".join(
    f".cnnlab-pens button:nth-of-type({i})::before {{ background: {colour}; }}\n"
    for i, colour in enumerate(COLOURS, start=1)
)
IN_SIGHT = 6  # controls shown; the others fold under More
LABEL_WIDTH = "9em"
WIDE = 560  # CSS pixels of a picture that has controls below it on most screens, in columns
SMALL = 160  # pictures narrower than this show their pixels

Buttons = dict[str, tuple[str, str, Callable[[], None]]]  # label -> icon, tooltip, what it does


class View:
    """The parts of a panel that change: `picture`, `message`, `line`, `caption`, `text` and `curve`."""

    def __init__(
        self,
        knobs: list[Knob],
        buttons: Buttons,
        defaults: Buttons,
        later: Callable,
        *,
        alt: str,
        width: int,
        preset: PresetRow | None,
        state: StateRow | None,
    ) -> None:
        clickable = [knob.field for knob in knobs if knob.in_picture]
        if len(clickable) > 1:
            raise ValueError(
                "live: a panel has one picture, so at most one point, square, rectangle or drawing."
            )
        self.picture: Any = clickable[0] if clickable else marked()
        self.picture.alt = alt
        self.message, self.line, self.caption, self.text, self.curve = (widgets.HTML() for _ in range(5))
        question = [preset.question] if preset else []
        left = widgets.VBox([self.picture, self.line, self.curve, self.caption, *question])
        left.add_class("cnnlab-left")
        left.layout.width = f"{width}px"
        controls = control_rows(knobs, [preset.row] if preset else [], [state.row] if state else [])
        rows = [*button_rows(buttons, later), *controls, *button_rows(defaults, later)]
        right = widgets.VBox([*rows, self.message, self.text])
        right.add_class("cnnlab-right")
        if width > WIDE:
            right.add_class("cnnlab-wide")
        self.body = widgets.HBox([left, right])
        self.body.add_class("cnnlab-body")

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
    if not title:
        return [style_sheet()]
    words = widgets.HTML(html.escape(title))
    words.add_class("cnnlab-title")
    return [style_sheet(), words]


def style_sheet() -> widgets.HTML:
    """How panels look, as a part of each."""
    style = widgets.HTML(f"<style>{STYLE}</style>")
    style.add_class("cnnlab-style")
    return style


def button_rows(buttons: Buttons, later: Callable) -> list[widgets.HBox]:
    """A row of buttons that act on the event loop, if there are any."""
    made = []
    for label, (icon, tooltip, act) in buttons.items():
        button = widgets.Button(description=label, icon=icon, tooltip=tooltip)
        button.on_click(lambda _, act=act: later(act))
        made.append(button)
    row = widgets.HBox(made)
    row.add_class("cnnlab-buttons")
    return [row] if made else []


def control_rows(knobs: list[Knob], first: list, folded: list) -> list[widgets.Widget]:
    """The rows `first` and the controls, six in all, and the others folded with the rows that are anyway.

    What is set in the picture itself does not count.
    """
    inside = [knob.row for knob in knobs if knob.in_picture]
    rows = [*first, *(knob.row for knob in knobs if not knob.in_picture)]
    for row in (*inside, *rows, *folded):
        row.children[0].style.description_width = LABEL_WIDTH
    hidden = [*rows[IN_SIGHT:], *folded]
    return [*inside, *rows[:IN_SIGHT], *(fold(hidden) if hidden else [])]


def fold(rows: list[widgets.Widget]) -> list[widgets.Widget]:
    """A button, which the keyboard reaches, and the rows that it shows and hides."""
    more = widgets.ToggleButton(description="More", icon="caret-right", tooltip="Show the other controls")
    more.add_class("cnnlab-more")
    inside = widgets.VBox(rows)
    inside.add_class("cnnlab-folded")
    inside.layout.display = "none"

    def turn(change: dict) -> None:
        more.icon = "caret-down" if more.value else "caret-right"
        inside.layout.display = "" if more.value else "none"

    more.observe(turn, "value")
    return [more, inside]
