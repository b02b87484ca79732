"""How far a long cell is."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import ipywidgets as widgets
from IPython.display import display

T = TypeVar("T")


def progress(steps: Iterable[T], words: str, total: int | None = None) -> Iterator[T]:
    """Pass `steps` on as they come, and show `words` and a bar.

    The bar follows the steps' own `done`, a share from 0 to 1; with `total`, how many of so many have come.
    Where no kernel runs, only `words` are left.
    """
    bar = widgets.FloatProgress(0.0, min=0.0, max=1.0, layout=widgets.Layout(width="240px"))
    line = widgets.Label(words)
    box = widgets.HBox([bar, line])
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({"text/plain": words, "application/vnd.jupyter.widget-view+json": view}, raw=True)
    for number, step in enumerate(steps, start=1):
        done = number / total if total else step.done  # type: ignore[attr-defined]
        bar.value = done
        line.value = f"{words}: {done:.0%}"
        yield step
