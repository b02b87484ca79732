"""Controls that the reader sets in the panel's own picture: a point, a square, a rectangle, a drawing."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import ipywidgets as widgets
import traitlets

from ..pictures import COLOURS
from . import strokes
from .clickable import ClickablePicture, MarkedPicture
from .knobs import Control, Knob
from .plain import marked
from .strokes import Point, Stroke

INK = ("#000000",)  # one pen is black, several have the colours of the course


class Rectangle(NamedTuple):
    """The pixels [top : top + height, left : left + width]."""

    left: int
    top: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width} × {self.height} at {self.left}, {self.top}"


def point(
    x: int,
    y: int,
    *,
    hover: bool = False,
    mark: bool = True,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """A pixel that the reader points at in the panel's own picture; the function receives a `Point`.

    `hover`: while the pointer is over the picture the function receives the pixel under it, with no click;
    when it leaves, or the arrow keys move the mark, the one that was clicked. A function too slow for every
    pixel on the way is called with the newest. `mark`: whether a cross shows where it is; leave it out where
    the cross would hide what was clicked. The arrow keys always bring it back.
    """
    if hover and restart:
        raise ValueError(
            "point: one that follows the pointer would restart at every pixel; leave out restart."
        )

    def make(text: str) -> Any:
        return marked(mode="point", position=[x, y], hover=hover, mark=mark)

    def read(field: Any) -> Point:
        return Point(*(field.hovered if field.hovered and not field.keyed else field.position))

    return Control(
        make, read, "position", also=("hovered", "keyed") if hover else (),
        write=_spaced, parse=_places("x y"),
        label=label, help=help, restart=restart,
    )  # fmt: skip


def square(
    x: int,
    y: int,
    size: int | str,
    *,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """A square around (x, y) that the reader drags over the panel's own picture.

    `size` is its side, or the name of the control that sets it. The function receives a `Rectangle` that
    lies inside the picture shown.
    """

    def make(text: str) -> Any:
        side = 1 if isinstance(size, str) else size
        return marked(mode="square", position=[x, y], size=side)

    return Control(
        make, lambda field: Rectangle(*field.square), "position", write=_spaced, parse=_places("x y"),
        label=label, help=help, restart=restart, follows=size if isinstance(size, str) else None,
    )  # fmt: skip


def rectangle(
    left: int,
    top: int,
    width: int,
    height: int,
    *,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """A rectangle that the reader draws over the panel's own picture; the function receives a `Rectangle`."""

    def make(text: str) -> Any:
        return marked(mode="rectangle", rectangle=[left, top, width, height], position=[left, top])

    def read(field: Any) -> Rectangle:
        return Rectangle(*(field.rectangle or (left, top, width, height)))

    return Control(
        make, read, "rectangle", write=_spaced, parse=_places("left top width height"),
        label=label, help=help, restart=restart,
    )  # fmt: skip


def drawing(
    pens: Sequence[str] = ("ink",),
    *,
    area: tuple[int, int, int, int] | None = None,
    ink: bool = True,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """What the reader draws in the panel's own picture; the function receives a tuple of `Stroke`.

    By mouse or finger; by keyboard, arrow keys move the pen, Enter puts a point down, Space lowers and
    raises the pen, Backspace takes the last stroke away. A click is a stroke of one point.
    pens: their names. One draws in black; several in the colours of `pictures.COLOURS`, in their order.
    area: (left, top, width, height) in pixels of the picture, where drawing is taken; None everywhere.
    ink: whether the browser goes on to show a stroke after the next picture has come; leave it out where
        the picture that the function makes shows the strokes itself.
    """
    pens = [pens] if isinstance(pens, str) else list(pens)
    if not 1 <= len(pens) <= len(COLOURS):
        raise ValueError(f"drawing: {len(pens)} pens; give from 1 to {len(COLOURS)} names.")
    colours = COLOURS if len(pens) > 1 else INK

    def make(text: str) -> Any:
        start = [area[0] + area[2] // 2, area[1] + area[3] // 2] if area else [0, 0]
        return marked(
            mode="drawing", position=start, area=list(area or ()), ink=ink, colours=list(colours[: len(pens)])
        )

    def read(field: Any) -> tuple[Stroke, ...]:
        return tuple(map(Stroke.of, field.strokes))

    def parse(field: Any, words: str) -> list[list[int]]:
        return strokes.unpack(words, len(pens))

    def say(drawn: tuple[Stroke, ...]) -> str:
        return f"{len(drawn)} stroke{'s' * (len(drawn) != 1)}"

    return Control(
        make, read, "strokes", write=strokes.pack, parse=parse, say=say, beside=_desk(pens),
        label=label, help=help, restart=restart,
    )  # fmt: skip


def _desk(pens: list[str]) -> Callable[[Knob, Callable], list]:
    """What lies beside a drawing: its pens, and buttons to take strokes away."""

    def beside(knob: Knob, later: Callable) -> list:
        def undo() -> None:
            knob.field.strokes = knob.field.strokes[:-1]

        def clear() -> None:
            knob.field.strokes = []

        made: list = []
        for name, act, tooltip in (
            ("Undo", undo, "Take the last stroke away"), ("Clear", clear, "Take all strokes away"),
        ):  # fmt: skip
            button = widgets.Button(description=name, tooltip=tooltip)
            button.on_click(lambda _, act=act: later(act))
            made.append(button)
        return [*made, _pens(pens, knob.field)] if len(pens) > 1 else made

    return beside


def _pens(pens: list[str], field: MarkedPicture) -> widgets.ToggleButtons:
    """A choice of pens, which acts in the browser if it can: the next stroke is drawn with it."""
    choice = widgets.ToggleButtons(options=[(pen, i) for i, pen in enumerate(pens)])
    choice.add_class("cnnlab-pens")
    if not isinstance(field, ClickablePicture):
        traitlets.link((choice, "index"), (field, "pen"))
        return choice
    link = widgets.jslink((choice, "index"), (field, "pen"))
    field.observe(lambda change: link.close(), "comm")  # the field is closed
    return choice


def _spaced(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _places(named: str) -> Callable[[Any, str], list[int]]:
    """Reads as many whole numbers as are `named`, none of them negative, as places in a picture."""

    def parse(field: Any, words: str) -> list[int]:
        numbers = words.split()
        fit = len(numbers) == len(named.split()) and all(n.isdecimal() and len(n) < 6 for n in numbers)
        if not fit or max(map(int, numbers)) >= strokes.FURTHEST:
            raise ValueError(f"give {named} as whole numbers of pixels, with spaces between.")
        return [int(n) for n in numbers]

    return parse
