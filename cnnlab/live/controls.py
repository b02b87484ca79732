"""The controls of a panel: each describes one named value and the widget that sets it."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

import ipywidgets as widgets
from torch import Tensor

from .. import pictures
from .clickable import ClickablePicture


@dataclass(frozen=True)
class Control:
    """What `live` needs to know of a value that the reader can set.

    make: the widget to set it with, given its label.
    read: the value as the function receives it, read from that widget; a `ValueError` refuses it in words.
    watch: the trait of the widget whose changes matter.
    beside: more widgets for the same row, given the knob and `later` (which acts on the event loop).
    restart: whether a generator starts again when the value changes.
    follows: the control that sets the size of this one's mark.
    """

    make: Callable[[str], Any]
    read: Callable[[Any], Any] = attrgetter("value")
    watch: str = "value"
    beside: Callable[["Knob", Callable], list] = lambda knob, later: []
    label: str | None = None
    help: str | None = None
    restart: bool = False
    follows: str | None = None


class Knob:
    """A control at work in one panel: its widget `field`, the `value` read from it, the `error` if any."""

    def __init__(
        self, control: Control, name: str, later: Callable, changed: Callable[["Knob"], None]
    ) -> None:
        self.control, self.name, self.changed = control, name, changed
        self.label = control.label or name.replace("_", " ").capitalize()
        self.field = control.make(self.label)
        self.default = getattr(self.field, control.watch)
        self.value = control.read(self.field)
        self.error = ""
        self.in_picture = isinstance(self.field, ClickablePicture)
        shown = widgets.HTML(description=self.label) if self.in_picture else self.field
        shown.tooltip = control.help or self.label
        self.row = widgets.HBox([shown, *control.beside(self, later)])
        self.row.add_class("cnnlab-control")
        self.refresh()
        self.field.observe(lambda change: later(self.take), control.watch)

    def take(self) -> None:
        """Read the widget's value as it is now, and tell the panel."""
        self.refresh()
        self.changed(self)

    def refresh(self) -> None:
        """Read the widget's value as it is now; keep the last good one if it is refused."""
        try:
            self.value, self.error = self.control.read(self.field), ""
        except ValueError as error:
            self.error = str(error)
        if self.in_picture:
            self.row.children[0].value = str(self.value)

    def refuse(self, sentence: str) -> None:
        """Say why something was not taken."""
        self.error = sentence
        self.changed(self)

    def reset(self) -> None:
        """Back to the first value."""
        setattr(self.field, self.control.watch, self.default)


def slider(
    value: float,
    low: float,
    high: float,
    *,
    log: bool = False,
    step: float | None = None,
    unit: str = "",
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """A number from `low` to `high`; whole when `value`, `low` and `high` are. `log`: each step is a factor.

    `step` is the distance between neighbours (by default 1 for whole numbers, else a hundredth of the
    range); with `log`, a step is a hundredth of the range in the exponent.
    """
    if not low <= value <= high or low == high or (log and low <= 0):
        raise ValueError(
            f"slider({value}, {low}, {high}): give a value between low and high"
            + (", and a low above 0 for a logarithmic slider." if log else ".")
        )
    if log and step is not None:
        raise ValueError("slider: a logarithmic slider chooses its own step; leave out step.")
    whole = all(isinstance(number, int) for number in (value, low, high, step or 1))

    def make(text: str) -> Any:
        text = f"{text} ({unit})" if unit else text
        if log:
            ends = math.log10(low), math.log10(high)
            return widgets.FloatLogSlider(
                value, min=ends[0], max=ends[1], step=(ends[1] - ends[0]) / 100, description=text,
                readout_format=".0f" if whole else ".3r",
            )  # fmt: skip
        if whole:
            return widgets.IntSlider(value, low, high, step or 1, description=text)
        width = step or (high - low) / 100
        if not step and value > low:  # `value` itself is one of the steps
            width = (value - low) / max(1, round((value - low) / width))
        decimals = max(0, math.ceil(-math.log10(width) - 1e-9))
        return widgets.FloatSlider(
            value, min=low, max=high, step=width, description=text, readout_format=f".{decimals}f"
        )

    def read(field: Any) -> float:
        return round(field.value) if whole else field.value

    return Control(make, read, label=label, help=help, restart=restart)


def choice(
    options: Sequence[str],
    value: str | None = None,
    *,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """One of several words; the first unless `value` says otherwise."""
    options = list(options)
    value = options[0] if value is None else value
    if value not in options:
        raise ValueError(f"choice: {value!r} is not among the options {', '.join(map(repr, options))}.")

    def make(text: str) -> Any:
        return widgets.Dropdown(options=options, value=value, description=text)

    return Control(make, label=label, help=help, restart=restart)


def toggle(
    value: bool, *, label: str | None = None, help: str | None = None, restart: bool = False
) -> Control:
    """On or off."""

    def make(text: str) -> Any:
        return widgets.Checkbox(value, description=text, indent=True)

    return Control(make, label=label, help=help, restart=restart)


def layer(
    network: Any, value: str, *, label: str | None = None, help: str | None = None, restart: bool = False
) -> Control:
    """A layer of `network`, by name, in forward order."""
    return choice([row.name for row in network.layers], value, label=label, help=help, restart=restart)


def label(
    network: Any,
    value: str | int,
    *,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """A class of `network`, by its label or index; the function receives the index.

    The reader types a few letters and chooses. An unknown word is answered with the nearest labels, and
    the last class stays.
    """
    seen = Counter(network.labels)  # ImageNet has two cranes and two maillots
    names = [f"{name} ({index})" if seen[name] > 1 else name for index, name in enumerate(network.labels)]
    first = value if isinstance(value, int) else network.class_index(value)

    def read(field: Any) -> int:
        return names.index(field.value) if field.value in names else network.class_index(field.value)

    def make(text: str) -> Any:
        return widgets.Combobox(
            value=names[first], options=names, description=text, continuous_update=False,
            placeholder="type to search",
        )  # fmt: skip

    return Control(make, read, label=label, help=help, restart=restart)


def picture(
    value: str,
    *,
    size: int | None = None,
    more: Mapping[str, Tensor] | None = None,
    decode: Callable[[bytes], Tensor] = pictures.read,
    label: str | None = None,
    help: str | None = None,
    restart: bool = True,
) -> Control:
    """A picture by name, bundled or one of `more`, or uploaded; the function receives (1, 3, H, W).

    `size`: cut to this many pixels a side. `decode` reads what is uploaded, `clips.frames` animations, too. A
    file that cannot be read is answered with one sentence, and the last picture stays.
    """
    own = dict(more or {})

    def read(field: Any) -> Tensor:
        found = own[field.value] if field.value in own else pictures.read(field.value)
        return found if size is None else pictures.fit(found, size)

    def make(text: str) -> Any:
        names = [*own, *pictures.names()]
        if value not in names:
            raise ValueError(f"picture: {value!r} is not among the pictures; pictures.names() lists them.")
        return widgets.Dropdown(options=names, value=value, description=text)

    def beside(knob: Knob, later: Callable) -> list:
        button = widgets.FileUpload(accept="image/*", description="Upload", tooltip="A picture of your own")

        def upload() -> None:
            for file in button.value:
                name = f"{file['name']} (upload {len(own) - len(more or {}) + 1})"
                try:
                    own[name] = decode(bytes(file["content"]))
                except ValueError as error:
                    knob.refuse(f"{file['name']}: {error}")
                else:
                    knob.field.options = [*knob.field.options, name]
                    knob.field.value = name
            button.value = ()

        button.observe(lambda change: later(upload), "value")
        return [button]

    return Control(make, read, beside=beside, label=label, help=help, restart=restart)


def seed(
    value: int = 0, *, label: str | None = None, help: str | None = None, restart: bool = True
) -> Control:
    """A whole number that random draws start from, with a button that draws anew (the next number)."""

    def make(text: str) -> Any:
        return widgets.BoundedIntText(value, min=0, max=2**31 - 1, description=text)

    def beside(knob: Knob, later: Callable) -> list:
        def redraw() -> None:
            knob.field.value += 1

        button = widgets.Button(description="Draw anew", tooltip="Take the next seed")
        button.on_click(lambda _: later(redraw))
        return [button]

    return Control(make, beside=beside, label=label, help=help, restart=restart)


class Point(NamedTuple):
    """A pixel: x from the left, y from the top."""

    x: int
    y: int

    def __str__(self) -> str:
        return f"x {self.x}, y {self.y}"


class Rectangle(NamedTuple):
    """The pixels [top : top + height, left : left + width]."""

    left: int
    top: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width} × {self.height} at {self.left}, {self.top}"


def point(
    x: int, y: int, *, label: str | None = None, help: str | None = None, restart: bool = False
) -> Control:
    """A pixel that the reader points at in the panel's own picture; the function receives a `Point`."""

    def make(text: str) -> Any:
        return ClickablePicture(mode="point", position=[x, y])

    return Control(
        make, lambda field: Point(*field.position), "position", label=label, help=help, restart=restart
    )


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
        return ClickablePicture(mode="square", position=[x, y], size=side)

    return Control(
        make, lambda field: Rectangle(*field.square), "position", label=label, help=help, restart=restart,
        follows=size if isinstance(size, str) else None,
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
        return ClickablePicture(mode="rectangle", rectangle=[left, top, width, height], position=[left, top])

    def read(field: Any) -> Rectangle:
        return Rectangle(*(field.rectangle or (left, top, width, height)))

    return Control(make, read, "rectangle", label=label, help=help, restart=restart)
