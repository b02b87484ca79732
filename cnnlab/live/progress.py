"""How far a long cell is."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import ipywidgets as widgets
from IPython.display import display


class Partial(Protocol):
    """Something that knows which share of it is there."""

    @property
    def done(self) -> float: ...


P = TypeVar("P", bound=Partial)


def progress(steps: Iterable[P], words: str) -> Iterator[P]:
    """Pass `steps` on as they come, and show `words` and a bar that follows their `done`, from 0 to 1.

    Where no kernel runs, only `words` are left.
    """
    bar = widgets.FloatProgress(0.0, min=0.0, max=1.0, layout=widgets.Layout(width="240px"))
    line = widgets.Label(words)
    box = widgets.HBox([bar, line])
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({"text/plain": words, "application/vnd.jupyter.widget-view+json": view}, raw=True)
    for step in steps:
        bar.value = step.done
        line.value = f"{words}: {step.done:.0%}"
        yield step
