"""The line of words and numbers under a panel's picture, the curve of its scores; how far a long cell is."""

import html
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

import ipywidgets as widgets
from IPython.display import display

from ..pictures.sheets import History
from .clickable import still

LINE_SECONDS = 0.25  # between lines while a panel plays: numbers that change faster cannot be read
CURVE_POINTS = 240  # a long run stays one short curve
T = TypeVar("T")


class Meter:
    """Counts frames and keeps scores, for a status line."""

    def __init__(self) -> None:
        self.times: deque[float] = deque(maxlen=31)
        self.scores: History[float] = History(CURVE_POINTS)
        self.written = 0.0

    def add(self, score: float | None) -> None:
        """A frame was shown."""
        self.times.append(time.perf_counter())
        if score is not None:
            self.scores.add(float(score))

    def clear(self) -> None:
        """A generator started again."""
        self.__init__()  # type: ignore[misc]

    def due(self) -> bool:
        """Whether it is time for another line."""
        now = time.perf_counter()
        if now - self.written < LINE_SECONDS:
            return False
        self.written = now
        return True

    def rate(self) -> float:
        """Frames a second, over the last second or so."""
        if len(self.times) < 2:
            return 0.0
        return (len(self.times) - 1) / (self.times[-1] - self.times[0])


def line(state: str, parts: list[str], *, announce: bool = False) -> str:
    """A status line: `state`, then the parts. A screen reader speaks it when asked to `announce`."""
    role = ' role="status"' if announce else ""
    spans = "".join(f"<span>{html.escape(part)}</span>" for part in parts)
    return f'<div class="cnnlab-status"{role}><b>{html.escape(state)}</b>{spans}</div>'


def sentence(error: Exception) -> str:
    """What went wrong, in one line. The course's own errors speak for themselves; others bring their name."""
    words = " ".join(str(error).split())
    places = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = any(name.startswith("cnnlab") for name in (type(error).__module__, *places[-1:]))
    return words if ours and words else f"{type(error).__name__}: {words}".removesuffix(": ")


def alarm(words: str) -> str:
    """A sentence that something went wrong, spoken at once."""
    return f'<div class="cnnlab-error" role="alert">{html.escape(words)}</div>' if words else ""


def curve(scores: list[float]) -> str:
    """A thin line of the scores. One score is no line yet, but makes the room for it."""
    if not scores:
        return ""
    low, high = min(scores), max(scores)
    scale = 30 / (high - low) if high > low else 0.0
    across = 100 / max(len(scores) - 1, 1)
    points = " ".join(f"{across * i:.2f},{33 - scale * (y - low):.2f}" for i, y in enumerate(scores))
    return (
        '<svg class="cnnlab-curve" viewBox="0 0 100 36" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{points}"/></svg>'
    )


def progress(steps: Iterable[T], words: str, total: int | None = None) -> Iterator[T]:
    """Pass `steps` on as they come, and show `words` and a bar.

    The bar follows the steps' own `done`, a share from 0 to 1; with `total`, how many of so many have come.
    Where no kernel runs, only `words` are left.
    """
    bar = widgets.FloatProgress(0.0, min=0.0, max=1.0, layout=widgets.Layout(width="240px"))
    line = widgets.Label(words)
    display(still(widgets.HBox([bar, line]), words)[0], raw=True)
    for number, step in enumerate(steps, start=1):
        done = number / total if total else step.done  # type: ignore[attr-defined]
        bar.value = done
        line.value = f"{words}: {done:.0%}"
        yield step
