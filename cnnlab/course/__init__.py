"""The reader's side of the course: predictions, exercises, progress, the doctor."""

from importlib import import_module
from typing import Any

__all__ = ["forget", "predict", "progress", "reveal"]


def __getattr__(name: str) -> Any:
    """Looked up when it is first asked for: the doctor also runs where PyTorch is missing."""
    if name in __all__:
        return getattr(import_module(f"{__name__}.{'notes' if name == 'forget' else 'predictions'}"), name)
    raise AttributeError(f"cnnlab.course has no {name!r}: it has {', '.join(__all__)}.")
