"""Pictures with labels, to train convolutional networks on: `load("digits")`, or another of `NAMES`.

Two sets ship with the course: scikit-learn's digits of 8 x 8, and 5000 digits of MNIST. The whole of MNIST
and CIFAR-10 are read from disk, or fetched where a reader asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..arguments.names import unknown
from . import data

TEN = tuple("0123456789")
LEARNT = 4000  # of the sample's 5000 digits; the others are for testing


class PictureSet(NamedTuple):
    """What to learn from, and what to be tested on; `labels` are indices into `names`."""

    name: str
    names: tuple[str, ...]  # of the classes
    pictures: Tensor  # (N, C, H, W) float32 in [0, 1], C = 3 (RGB) or 1
    labels: Tensor  # (N,) int64
    test_pictures: Tensor  # (M, C, H, W)
    test_labels: Tensor  # (M,)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one picture."""
        channels, height, width = self.pictures.shape[1:]
        return channels, height, width


def load(name: str, folder: str | Path | None = None, download: bool = False) -> PictureSet:
    """The set called `name`, one of `NAMES`.

    MNIST and CIFAR-10 are in `folder` as torchvision stores them (None: datasets/ in torch's own cache), or
    are fetched there with `download`; CIFAR-10 fills 740 MB of memory. ValueError for a name that is not
    known and for files that cannot be read, FileNotFoundError where there are none, ConnectionError where
    they cannot be fetched.
    """
    if name not in SETS:
        raise unknown("set of pictures", name, SETS, f"There are {', '.join(NAMES)}.")
    return SETS[name](Path(torch.hub.get_dir()) / "datasets" if folder is None else Path(folder), download)


def _digits(folder: Path, download: bool) -> PictureSet:
    return _squares("digits", data.digits(1297), 8)


def _sample(folder: Path, download: bool) -> PictureSet:
    with as_file(files("cnnlab") / "assets" / "mnist_sample.npz") as path, np.load(path) as arrays:
        pictures = torch.from_numpy(arrays["pictures"]).float()[:, None] / 255
        labels = torch.from_numpy(arrays["labels"]).long()
    learn, test = slice(LEARNT), slice(LEARNT, None)
    return PictureSet("MNIST sample", TEN, pictures[learn], labels[learn], pictures[test], labels[test])


def _mnist(folder: Path, download: bool) -> PictureSet:
    return _squares("MNIST", data.mnist(28, folder=folder, download=download), 28)


def _squares(name: str, split: data.Split, side: int) -> PictureSet:
    pictures, test_pictures = (rows.view(-1, 1, side, side) for rows in (split.inputs, split.test_inputs))
    return PictureSet(name, TEN, pictures, split.labels, test_pictures, split.test_labels)


def _cifar10(folder: Path, download: bool) -> PictureSet:
    learn, test = (_cifar10_part(folder, train, download) for train in (True, False))
    pictures, test_pictures = (
        torch.from_numpy(part.data).permute(0, 3, 1, 2).contiguous().float() / 255 for part in (learn, test)
    )
    labels, test_labels = (torch.tensor(part.targets) for part in (learn, test))
    return PictureSet("CIFAR-10", tuple(learn.classes), pictures, labels, test_pictures, test_labels)


def _cifar10_part(folder: Path, train: bool, download: bool):
    """torchvision's reader. Its files hold pickles: it reads none whose md5 is not that of the original."""
    from torchvision.datasets import CIFAR10

    there = (folder / CIFAR10.base_folder).is_dir()
    if not (there or download):
        raise FileNotFoundError(
            f'CIFAR-10 is not in {folder}: give download=True, as in picture_sets.load("CIFAR-10", '
            "download=True), where there is a network (it fetches 170 MB), or name the folder that holds "
            f"{CIFAR10.base_folder}."
        )
    try:
        return CIFAR10(folder, train=train, download=download)
    except data.UNREADABLE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if download:
            raise ConnectionError(
                f"CIFAR-10 could not be fetched ({reason}): try again where there is a network, or take "
                "digits."
            ) from error
        raise ValueError(
            f"CIFAR-10 in {folder} cannot be read ({reason}): delete its folder, and fetch it again with "
            "download=True."
        ) from error


SETS: dict[str, Callable[[Path, bool], PictureSet]] = {
    "digits": _digits,
    "MNIST sample": _sample,
    "MNIST": _mnist,
    "CIFAR-10": _cifar10,
}
NAMES = tuple(SETS)
