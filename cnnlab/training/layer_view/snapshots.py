"""A network that has learned, as a file: its weights, and in words how it is built and what it learned
from."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from ...datasets.picture_sets import PictureSet
from ...networks import tensor_files
from .architecture import parse
from .learning import Learner

FOREIGN = "this is no snapshot of a network from the layer browser, or it is damaged: export one with save()."
LARGEST = 100_000_000  # bytes


@dataclass(frozen=True)
class Snapshot:
    """What is in the file: architecture as text, how often it has learned, the names of its classes, the
    shape (C, H, W) of its pictures, the set that it learned from, and its numbers by name."""

    architecture: str
    steps: int
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    data: str
    numbers: dict[str, Tensor]


def save(learner: Learner, path: str | Path) -> None:
    """Write the network as it is now to a .safetensors file, which holds numbers and words and no program."""
    about = {
        "architecture": str(learner.architecture),
        "steps": learner.steps,
        "classes": list(learner.pictures.names),
        "shape": list(learner.pictures.shape),
        "data": learner.pictures.name,
    }
    tensor_files.write(Path(path), about, learner.network.state_dict())


def read(source: str | Path | bytes) -> Snapshot:
    """A file that `save` wrote, or its bytes. ValueError for one that is damaged or holds something else."""
    if isinstance(source, bytes):
        if len(source) > LARGEST:
            raise ValueError(FOREIGN)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "snapshot.safetensors")
            path.write_bytes(source)
            return read(path)
    try:
        about, numbers = tensor_files.read(Path(source))
        channels, height, width = map(int, about["shape"])
        classes = tuple(map(str, about["classes"]))
        parse(str(about["architecture"]))
        return Snapshot(
            str(about["architecture"]), int(about["steps"]), classes, (channels, height, width),
            str(about["data"]), numbers,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(FOREIGN) from error


def restored(snapshot: Snapshot, pictures: PictureSet, seed: int = 0) -> Learner:
    """The network of a snapshot, ready to learn on. ValueError where `pictures` are of another kind than its
    own."""
    if snapshot.shape != pictures.shape or snapshot.classes != pictures.names:
        raise ValueError(
            f"the snapshot learned {snapshot.data}, and {pictures.name} differs in shape or classes: choose "
            f"{snapshot.data} as the data."
        )
    try:
        learner = Learner(pictures, parse(snapshot.architecture), seed)
        learner.network.load_state_dict(snapshot.numbers)
    except (ValueError, RuntimeError) as error:
        raise ValueError(FOREIGN) from error
    learner.steps = snapshot.steps
    return learner
