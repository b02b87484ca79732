"""Tensors on disk with words about them: one safetensors file, the words as JSON in its header, no pickle."""

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor


def write(file: Path, about: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Write `tensors` and `about`, which JSON must be able to hold; the file is replaced at the end."""
    data = save({name: tensor.contiguous() for name, tensor in tensors.items()}, {"about": json.dumps(about)})
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, file)


def read(file: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What `write` wrote. ValueError says that the file is damaged or was not written so."""
    try:
        with safe_open(file, "pt") as opened:
            about = dict(json.loads((opened.metadata() or {})["about"]))
            return about, {name: opened.get_tensor(name).clone() for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{str(file)!r} is damaged or not what it should be.") from error
