"""Large letters, for a projector: one switch for all panels of a notebook."""

from collections.abc import Callable
from weakref import WeakSet

import ipywidgets as widgets

CLASS = "cnnlab-large"

_shown: WeakSet = WeakSet()
_large = False


def large_type(on: bool = True) -> None:
    """Make the letters and controls of all panels in this notebook large, or as they were.

    Panels that are made later follow. Each panel's button Aa does the same.
    """
    global _large
    _large = on
    for panel in list(_shown):
        (panel.add_class if on else panel.remove_class)(CLASS)


def enrol(panel: widgets.DOMWidget) -> None:
    """Let a panel follow the switch."""
    _shown.add(panel)
    if _large:
        panel.add_class(CLASS)


def switch() -> tuple[str, str, Callable[[], None]]:
    """The button Aa: icon, tooltip and what it does."""
    return (
        "",
        "Large letters in all panels, as for a projector, or small ones",
        lambda: large_type(not _large),
    )
