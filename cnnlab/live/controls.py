"""Controls for numbers and words: sliders, choices, typed text, classes and layers of a network."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets as widgets
import traitlets

from .bound_control import BoundControl, Control, button

LISTED = 8  # options that a sentence lists


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
    range). With `log`, a step is a hundredth of the range in the exponent, the function receives three
    digits, as they are shown, and a number in a panel's `state` moves to the nearest step, as the browser
    would move it.
    """
    if not low <= value <= high or low == high or (log and low <= 0):
        more = ", and a low above 0 for a logarithmic slider" if log else ""
        raise ValueError(f"slider({value}, {low}, {high}): give a value between low and high{more}.")
    if log and step is not None:
        raise ValueError("slider: a logarithmic slider chooses its own step; leave out step.")
    whole = all(isinstance(number, int) for number in (value, low, high, step or 1))
    named: dict[str, Any] = {"label": label, "help": help, "restart": restart}
    if log:
        return _logarithmic(value, low, high, whole, unit, named)
    width = step or (1 if whole else _even((high - low) / 100, value - low))
    decimals = max(0, math.ceil(-math.log10(width) - 1e-9))
    kind, form = (widgets.IntSlider, "d") if whole else (widgets.FloatSlider, f".{decimals}f")

    return Control(
        lambda text: kind(
            value, min=low, max=high, step=width, description=_united(text, unit), readout_format=form
        ),
        lambda field: field.value if whole else float(plain(field.value)),
        write=plain, parse=lambda field, words: number(words, low, high, whole=whole), **named,
    )  # fmt: skip


def _logarithmic(
    value: float, low: float, high: float, whole: bool, unit: str, named: dict[str, Any]
) -> Control:
    """A slider whose every step is the same factor; the browser keeps to its steps, and so does a state."""
    ends = math.log10(low), math.log10(high)
    start = math.log10(value) - ends[0]
    width = _even((ends[1] - ends[0]) / 100, start)

    def shown(exact: float) -> float:
        if whole:
            return round(exact)
        return value if math.isclose(exact, value) else min(max(float(f"{exact:.3g}"), low), high)

    def parse(field: Any, words: str) -> float:
        step = round((math.log10(number(words, low, high, whole=False)) - ends[0]) / width)
        return value if step == round(start / width) else min(max(10 ** (ends[0] + step * width), low), high)

    return Control(
        lambda text: widgets.FloatLogSlider(
            value, min=ends[0], max=ends[1], step=width, description=_united(text, unit),
            readout_format=".0f" if whole else ".3r",
        ),
        lambda field: shown(field.value), write=lambda exact: str(shown(exact)), parse=parse, **named,
    )  # fmt: skip


def plain(number: float) -> str:
    """A number without the noise in its last digit that arithmetic and browsers leave: 0.3 for 0.1 + 0.2."""
    return f"{number:.15g}"


def _even(width: float, reach: float) -> float:
    """A step of about `width` that goes into `reach`: a slider's first value is one of its steps."""
    return reach / max(1, round(reach / width)) if reach > 0 else width


def _united(text: str, unit: str) -> str:
    return f"{text} ({unit})" if unit else text


def number(words: str, low: float, high: float, *, whole: bool) -> float:
    """The number that `words` write, if it lies from `low` to `high`; else `ValueError` says what to give."""
    try:
        value = int(words) if whole else float(words)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise ValueError(f"give a {'whole ' * whole}number from {low:g} to {high:g}.")
    return value


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

    return Control(
        lambda text: widgets.Dropdown(options=options, value=value, description=text),
        parse=one_option, label=label, help=help, restart=restart,
    )  # fmt: skip


def one_option(field: Any, words: str) -> str:
    """`words`, if the field offers them; else `ValueError` says what it offers."""
    if words not in field.options:
        raise ValueError(f"give one of {listing(field.options)}.")
    return words


def listing(options: Sequence[str]) -> str:
    """The first few options, for a sentence."""
    return ", ".join(options[:LISTED]) + (f" or {len(options) - LISTED} others" * (len(options) > LISTED))


def several(
    options: Sequence[str],
    chosen: Sequence[str],
    *,
    label: str | None = None,
    help: str | None = None,
    restart: bool = False,
) -> Control:
    """Some of several words, all or none; the function receives a tuple, in the order of `options`."""
    unknown = [word for word in chosen if word not in options]
    if isinstance(chosen, str) or unknown:
        raise ValueError(
            f"several: {chosen!r} are not all among the options {', '.join(map(repr, options))}; "
            "give a list of some of them."
        )
    if any("," in option for option in options):
        raise ValueError("several: a comma separates options; leave it out of their names.")

    def parse(field: Any, words: str) -> tuple[str, ...]:
        named = [word.strip() for word in words.split(",") if word.strip()]
        if not set(named) <= set(options):
            raise ValueError(f"give some of {listing(options)}, with commas between.")
        return tuple(option for option in options if option in named)

    return Control(
        lambda text: Checkboxes(options, chosen), parse=parse, write=", ".join, label=label, help=help,
        restart=restart,
    )  # fmt: skip


class Checkboxes(widgets.Box):
    """A box to tick for each option, in lines as wide as there is room. value: what is ticked, a tuple."""

    value = traitlets.Tuple()

    def __init__(self, options: Sequence[str], chosen: Sequence[str]) -> None:
        self.boxes = [
            widgets.Checkbox(option in chosen, description=option, indent=False) for option in options
        ]
        self.spreading = False
        super().__init__(self.boxes, value=self._ticked())
        self.add_class("cnnlab-several")
        for box in self.boxes:
            box.observe(lambda change: self._collect(), "value")

    def _ticked(self) -> tuple[str, ...]:
        return tuple(box.description for box in self.boxes if box.value)

    def _collect(self) -> None:
        if not self.spreading:
            self.value = self._ticked()

    @traitlets.observe("value")
    def _spread(self, change: dict) -> None:
        self.spreading = True
        try:
            for box in self.boxes:
                box.value = box.description in change["new"]
        finally:
            self.spreading = False


def toggle(
    value: bool, *, label: str | None = None, help: str | None = None, restart: bool = False
) -> Control:
    """On or off."""

    def parse(field: Any, words: str) -> bool:
        if words not in ("on", "off"):
            raise ValueError("give on or off.")
        return words == "on"

    return Control(
        lambda text: widgets.Checkbox(value, description=text, indent=True),
        write=lambda on: "on" if on else "off", parse=parse, label=label, help=help, restart=restart,
    )  # fmt: skip


def text(
    value: str,
    *,
    parse: Callable[[str], Any] = str,
    lines: int = 1,
    label: str | None = None,
    help: str | None = None,
    restart: bool = True,
) -> Control:
    """Words that the reader types; the function receives `parse(words)`.

    They are taken when the reader presses Enter or leaves the field; a field of several `lines`, where Enter
    begins another line, has a button to leave it by. Words for which `parse` raises a `ValueError` are
    answered with its sentence, and the last good ones stay in force.
    """
    parse(value)  # the author's own words must do

    def make(name: str) -> Any:
        kind = widgets.Text if lines == 1 else partial(widgets.Textarea, rows=lines)
        return kind(value, description=name, continuous_update=False)

    def beside(bound: BoundControl, later: Callable) -> list:
        def apply() -> None:
            if bound.error:  # else leaving the field took them
                bound.take()

        return [button("Apply", "Take the words as they are now", apply, later)] if lines > 1 else []

    def check(field: Any, words: str) -> str:
        parse(words)
        return words

    return Control(
        make, lambda field: parse(field.value), parse=check, beside=beside, label=label, help=help,
        restart=restart,
    )  # fmt: skip


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

    def find(words: str) -> int:
        return names.index(words) if words in names else network.class_index(words)

    return Control(
        lambda text: widgets.Combobox(
            value=names[first], options=names, description=text, continuous_update=False,
            placeholder="type to search",
        ),
        lambda field: find(field.value), parse=lambda field, words: names[find(words)],
        label=label, help=help, restart=restart,
    )  # fmt: skip


def seed(
    value: int = 0, *, label: str | None = None, help: str | None = None, restart: bool = True
) -> Control:
    """A whole number that random draws start from, with a button that draws anew (the next number)."""
    most = 2**31 - 1

    def beside(bound: BoundControl, later: Callable) -> list:
        def redraw() -> None:
            bound.field.value += 1

        return [button("Draw anew", "Take the next seed", redraw, later)]

    return Control(
        lambda text: widgets.BoundedIntText(value, min=0, max=most, description=text),
        parse=lambda field, words: number(words, 0, most, whole=True), beside=beside,
        label=label, help=help, restart=restart,
    )  # fmt: skip
