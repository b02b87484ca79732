"""Which cell made a panel: when a cell is run again, the panels of its last run end."""

import sys
from typing import Any

from IPython import get_ipython

_panels: dict[str, tuple[Any, list]] = {}  # cell -> (run, its panels)


def register(panel: Any) -> None:
    """Note that this cell made `panel`; close what an earlier run of the same cell made."""
    cell, run = _where()
    last_run, panels = _panels.get(cell, (run, []))
    if last_run != run:
        for old in panels:
            old.close()
        panels = []
    _panels[cell] = (run, [*panels, panel])


def _where() -> tuple[str, Any]:
    """The cell and the run of it. JupyterLab names the cell; elsewhere the calling file stands for it:
    IPython gives each cell's code a file name made of its text."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = kernel.get_parent() if kernel is not None else {}
    cell = request.get("metadata", {}).get("cellId") or _calling_file()
    return cell, request.get("header", {}).get("msg_id")


def _calling_file() -> str:
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("cnnlab."):
        frame = frame.f_back
    return frame.f_code.co_filename
