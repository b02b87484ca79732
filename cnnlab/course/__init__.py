"""The reader's side of the course: predictions, exercises, progress, the doctor."""

from importlib import import_module
from typing import Any

_HOMES = {"forget": "notes", "predict": "predictions", "progress": "progress_table", "reveal": "predictions"}
__all__ = ["forget", "predict", "progress", "reveal"]


def __getattr__(name: str) -> Any:
    """Looked up when it is first asked for: the doctor also runs where PyTorch is missing."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"cnnlab.course has no {name!r}: it has {', '.join(__all__)}.")
