"""Collections that torchvision fetches: CIFAR-10 and Imagenette.

small = dataset("Imagenette", count=1000, download=True)  # 100 MB, with torchvision's own progress bar
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ..arguments.names import unknown
from ..pictures import fit, read
from .collections import Collection
from .data import UNREADABLE

SETS = {"CIFAR-10": ("CIFAR10", "170 MB"), "Imagenette": ("Imagenette", "100 MB")}


def dataset(
    name: str, count: int = 1000, *, size: int = 112, folder: str | Path | None = None, download: bool = False
) -> Collection:
    """`count` test pictures of a torchvision data set, evenly chosen: (count, 3, size, size), with labels.

    `name` is "CIFAR-10" (10 classes, 32 x 32) or "Imagenette" (10 easy classes of ImageNet, 160 pixels). The
    files are in `folder` as torchvision stores them (None: datasets/ in torch's own cache) or are fetched
    there with `download`. ValueError for another name, FileNotFoundError where the files are not,
    ConnectionError where they cannot be fetched.
    """
    if name not in SETS:
        raise unknown("data set", name, SETS, f"There are {' and '.join(SETS)}.")
    found = _open(name, Path(torch.hub.get_dir()) / "datasets" if folder is None else Path(folder), download)
    chosen = [place * len(found) // min(count, len(found)) for place in range(min(count, len(found)))]
    pairs = [found[place] for place in chosen]
    pictures: list[Tensor] = [fit(read(image), size) for image, _ in pairs]
    names = [one if isinstance(one, str) else one[0] for one in found.classes]
    return Collection(torch.cat(pictures), torch.tensor([label for _, label in pairs]), names)


def _open(name: str, folder: Path, download: bool):
    """torchvision's data set, its pictures not yet read."""
    from torchvision import datasets

    kind, size = SETS[name]
    part = {"train": False} if kind == "CIFAR10" else {"split": "val", "size": "160px"}
    make = getattr(datasets, kind)
    try:
        return make(folder, **part)
    except UNREADABLE as error:
        if not download:
            raise FileNotFoundError(
                f"{name} is not in {folder}: give download=True where there is a network (it fetches {size})."
            ) from error
    try:
        return make(folder, **part, download=True)
    except UNREADABLE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ConnectionError(
            f"{name} could not be fetched ({reason}): try again where there is a network, or take crops()."
        ) from error
