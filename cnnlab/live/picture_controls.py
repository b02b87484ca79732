"""Controls that the reader sets in the panel's own picture: a point, a square, a drawing.

What is drawn goes into a panel's state as a short line of letters.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Any, NamedTuple

import ipywidgets as widgets
import traitlets

from ..pictures import COLOURS
from .bound_control import BoundControl, Control, button
from .clickable import FURTHEST, ClickablePicture, MarkedPicture
from .core_widgets import marked_picture

INK = ("#000000",)  # one pen is black, several have the colours of the course
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
BETWEEN = "."


class Point(NamedTuple):
    """A pixel: x from the left, y from the top."""

    x: int
    y: int

    def __str__(self) -> str:
        return f"x {self.x}, y {self.y}"


class Stroke(NamedTuple):
    """A line that the reader drew in one go: the number of its pen and the pixels it passes, at least one."""

    pen: int
    points: tuple[Point, ...]

    @classmethod
    def of(cls, numbers: Sequence[int]) -> "Stroke":
        """The stroke that the browser sends as [pen, x, y, x, y, ...]."""
        pen, *rest = numbers
        return cls(pen, tuple(map(Point, rest[::2], rest[1::2])))


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

    def read(field: Any) -> Point:
        return Point(*(field.hovered if field.hovered and not field.keyed else field.position))

    return Control(
        lambda text: marked_picture(mode="point", position=[x, y], hover=hover, mark=mark),
        read, "position", also=("hovered", "keyed") if hover else (), write=_written, parse=_place,
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

    follows = size if isinstance(size, str) else None
    side = 1 if follows else size
    return Control(
        lambda text: marked_picture(mode="square", position=[x, y], size=side),
        lambda field: Rectangle(*field.square), "position", write=_written, parse=_place,
        label=label, help=help, restart=restart, follows=follows,
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

    start = [area[0] + area[2] // 2, area[1] + area[3] // 2] if area else [0, 0]

    def make(text: str) -> Any:
        return marked_picture(
            mode="drawing", position=start, area=list(area or ()), ink=ink, colours=list(colours[: len(pens)])
        )

    def say(drawn: tuple[Stroke, ...]) -> str:
        return f"{len(drawn)} stroke{'s' * (len(drawn) != 1)}"

    return Control(
        make, lambda field: tuple(map(Stroke.of, field.strokes)), "strokes", write=pack,
        parse=lambda field, words: unpack(words, len(pens)), say=say, beside=_tools(pens),
        label=label, help=help, restart=restart,
    )  # fmt: skip


def _tools(pens: list[str]) -> Callable[[BoundControl, Callable], list]:
    """What lies beside a drawing: buttons to take strokes away, and its pens."""

    def beside(bound: BoundControl, later: Callable) -> list:
        def undo() -> None:
            bound.field.strokes = bound.field.strokes[:-1]

        def clear() -> None:
            bound.field.strokes = []

        made = [
            button("Undo", "Take the last stroke away", undo, later),
            button("Clear", "Take all strokes away", clear, later),
        ]
        return [*made, _pens(pens, bound.field)] if len(pens) > 1 else made

    return beside


def _pens(pens: list[str], field: MarkedPicture) -> widgets.ToggleButtons:
    """A choice of pens, which acts in the browser if it can: the next stroke is drawn with it."""
    options = [(pen, i) for i, pen in enumerate(pens)]
    choice = widgets.ToggleButtons(options=options).add_class("cnnlab-pens")
    if not isinstance(field, ClickablePicture):
        traitlets.link((choice, "index"), (field, "pen"))
        return choice
    link = widgets.jslink((choice, "index"), (field, "pen"))
    field.observe(lambda change: link.close(), "comm")  # the field is closed
    return choice


def _written(place: Sequence[int]) -> str:
    return " ".join(map(str, place))


def _place(field: Any, words: str) -> list[int]:
    """Two whole numbers as a place in a picture; else `ValueError`."""
    numbers = words.split()
    fit = len(numbers) == 2 and all(n.isdecimal() and len(n) < 6 for n in numbers)
    if not fit or max(map(int, numbers)) >= FURTHEST:
        raise ValueError("give x y as whole numbers of pixels, with spaces between.")
    return [int(n) for n in numbers]


def pack(strokes: Iterable[Sequence[int]]) -> str:
    """Strokes [pen, x, y, x, y, ...] as letters: each point by its distance from the last, as in source maps.

    A number takes the fewest of 64 letters that hold it, five bits in each and the sign in the lowest bit
    (variable-length quantities in base 64); a dot stands between strokes.
    """
    return BETWEEN.join("".join(map(_letters, _steps(stroke))) for stroke in strokes)


def unpack(words: str, pens: int) -> list[list[int]]:
    """The strokes in `words` that `pack` wrote, drawn with one of so many pens; else `ValueError`."""
    strokes = []
    for letters in words.split(BETWEEN) if words else []:
        numbers = list(_numbers(letters))
        if len(numbers) < 3 or len(numbers) % 2 == 0 or not 0 <= numbers[0] < pens:
            raise ValueError("these letters are no drawing: copy them again, whole.")
        xs, ys = accumulate(numbers[1::2]), accumulate(numbers[2::2])
        points = list(chain.from_iterable(zip(xs, ys, strict=True)))
        if not all(0 <= place < FURTHEST for place in points):
            raise ValueError("this drawing leaves the picture: copy its letters again, whole.")
        strokes.append([numbers[0], *points])
    return strokes


def _steps(stroke: Sequence[int]) -> Iterator[int]:
    """The pen, the first point, and how far it is from each point to the next."""
    yield from stroke[:3]
    for i in range(3, len(stroke)):
        yield stroke[i] - stroke[i - 2]


def _letters(number: int) -> str:
    rest = abs(number) << 1 | (number < 0)
    letters = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        letters += LETTERS[digit | (32 if rest else 0)]
        if not rest:
            return letters


def _numbers(letters: str) -> Iterator[int]:
    value = shift = 0
    for letter in letters:
        digit = LETTERS.find(letter)
        if digit < 0 or shift > 20:
            raise ValueError(f"{letter!r} is not a letter of a drawing: copy its letters again, whole.")
        value |= (digit & 31) << shift
        shift += 5
        if digit < 32:
            yield -(value >> 1) if value & 1 else value >> 1
            value = shift = 0
    if shift:
        raise ValueError("the last letters of this drawing are missing: copy them again, whole.")
