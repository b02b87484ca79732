"""A panel's settings as one short line of text, to copy and to paste: "data=spiral; rate=0.03; seed=3"."""

import re
from typing import Any
from urllib.parse import quote, unquote

from .knobs import Knob

LONGEST = 100_000  # characters: more than the longest drawing takes
SHOWN = 40  # of a part that cannot be read


def write(knobs: list[Knob]) -> str:
    """The settings that differ from the first ones, as name=setting with semicolons between."""
    parts = []
    for knob in knobs:
        now, first = (_plain(knob.control.write(setting)) for setting in (knob.good, knob.default))
        parts += [f"{knob.name}={now}"] if now != first else []
    return "; ".join(parts)


def read(state: str, knobs: list[Knob]) -> list[Any]:
    """The setting of each knob that `state` says, or its first one.

    Raises `ValueError` with one sentence for what cannot be read: no text, too long a one, a part that is
    no name=setting, a name that is not there or stands twice, a setting that its control refuses.
    """
    if not isinstance(state, str):
        raise ValueError(f"a state is a line of text such as name=setting; this is a {type(state).__name__}.")
    if len(state) > LONGEST:
        raise ValueError(f"this state has {len(state):,} characters and none is that long: copy it again.")
    named = {knob.name: knob for knob in knobs}
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
            found[name] = named[name].control.parse(named[name].field, _lined(words))
        except ValueError as error:
            raise ValueError(f"{_short(part)}: {error}") from None
    return [found.get(knob.name, knob.default) for knob in knobs]


def give(settings: list[Any], knobs: list[Knob]) -> None:
    """Set all knobs, or none: raises `ValueError` if one of them refuses."""
    before = [knob.setting for knob in knobs]
    for knob, setting in zip(knobs, settings, strict=True):
        knob.set(setting)
    refused = next((knob for knob in knobs if knob.error), None)
    if refused is not None:
        sentence = f"{refused.name}: {refused.error}"
        for knob, setting in zip(knobs, before, strict=True):
            knob.set(setting)
        raise ValueError(sentence)


def _plain(words: str) -> str:
    """`words` on one line and without a semicolon: a bar ends a line, other marks are written as in a URL."""
    return re.sub(r"[%;|\x00-\x09\x0b-\x1f]|^ | $", lambda mark: quote(mark.group()), words).replace(
        "\n", "|"
    )


def _lined(words: str) -> str:
    return unquote(words.replace("|", "\n"))


def _short(words: str) -> str:
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
