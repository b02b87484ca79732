"""Sets of labelled pictures: some ship with the course, others are torchvision's, and fetched where one asks.

digits(1000)                                      # of scikit-learn's handwritten digits of 8 x 8
crops()                                           # 1000 crops of the bundled photographs
picture_set("MNIST sample")                       # to learn from and to be tested on; see `PICTURE_SETS`
torchvision_pictures("Imagenette", download=True) # 1000 of its test pictures

scikit-learn and torchvision are imported where they are used: workers of a `sweep` start sooner without them.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from .. import pictures
from ..arguments.names import unknown
from .labelled import Labelled, PictureSet, evenly

PICTURE_SETS = ("digits", "MNIST sample", "MNIST", "CIFAR-10")
TEN = tuple("0123456789")
MIXED = {"lemur_and_cheetah", "panda_and_lorikeet", "red_panda_and_gibbon", "goldfish_and_dog"}  # collages
KINDS = ("images-idx3", "labels-idx1")
MNIST_FILES = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in KINDS]
TORCHVISION = {  # its class, its folder, what must be in there, and how much is fetched
    "MNIST": ("MNIST", "MNIST/raw", MNIST_FILES, "12 MB"),
    "CIFAR-10": ("CIFAR10", "cifar-10-batches-py", ["."], "170 MB"),
    "Imagenette": ("Imagenette", "imagenette2-160", ["."], "100 MB"),
}
TEST_PARTS: dict[str, dict[str, Any]] = {
    "CIFAR-10": {"train": False}, "Imagenette": {"split": "val", "size": "160px"},
}  # fmt: skip
UNREADABLE = (RuntimeError, ValueError, AssertionError, LookupError, OSError)  # what torchvision may raise


def digits(count: int = 1797, seed: int = 0) -> Labelled:
    """`count` of the 1797 digits of 8 x 8 that ship with scikit-learn: (count, 1, 8, 8), labelled 0 to 9.

    They come in an order drawn with `seed`. They are the test set of Alpaydin and Kaynak's "Optical
    recognition of handwritten digits" (UCI, 1998).
    """
    from sklearn.datasets import load_digits

    found, labels = load_digits(return_X_y=True)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))[:count]
    squares = torch.from_numpy(found).float().view(-1, 1, 8, 8) / 16
    return Labelled(squares[order], torch.from_numpy(labels).long()[order], TEN)


def crops(each: int = 5, photographs: int = 200, size: int = 112, seed: int = 0) -> Labelled:
    """Square crops of the bundled photographs, each labelled by its photograph: (N, 3, size, size).

    The first crop of each photograph is its middle, as large as it goes. The others lie where `seed` draws
    them; their side is 0.4 to 0.8 of the photograph's short side. Collages are left out.

    ValueError for a count of photographs that are not there.
    """
    names = [name for name in pictures.names() if name not in MIXED]
    if not (1 <= photographs <= len(names) and each >= 1):
        raise ValueError(f"take 1 to {len(names)} photographs, and 1 crop of each or more.")
    random = torch.Generator().manual_seed(seed)
    keep = torch.randperm(len(names), generator=random)[:photographs].sort().values.tolist()
    kept = tuple(names[place] for place in keep)
    cut = [_cut(pictures.read(name), each, size, random) for name in kept]
    return Labelled(torch.cat(cut), torch.arange(photographs).repeat_interleave(each), kept)


def _cut(photograph: Tensor, each: int, size: int, random: Generator) -> Tensor:
    """(each, 3, size, size): the middle, and squares at random places."""
    height, width = photograph.shape[2:]
    found = [pictures.fit(photograph, size)]
    for _ in range(each - 1):
        share, down, right = torch.rand(3, generator=random).tolist()
        side = round((0.4 + 0.4 * share) * min(height, width))
        top, left = round(down * (height - side)), round(right * (width - side))
        found.append(pictures.fit(photograph[..., top : top + side, left : left + side], size))
    return torch.cat(found)


def picture_set(name: str, folder: str | Path | None = None, download: bool = False) -> PictureSet:
    """The set called `name`, one of `PICTURE_SETS`, to train networks on.

    MNIST (LeCun et al. 1998) and CIFAR-10 are in `folder` as torchvision stores them (None: datasets/ in
    torch's own cache), or are fetched there with `download`; CIFAR-10 fills 740 MB of memory. ValueError for
    a name that is not known and for files that cannot be read, FileNotFoundError where there are none,
    ConnectionError where they cannot be fetched.
    """
    if name not in PICTURE_SETS:
        raise unknown("set of pictures", name, PICTURE_SETS, f"There are {', '.join(PICTURE_SETS)}.")
    if name == "digits":
        return digits().divided(1297, name)
    if name == "MNIST sample":
        with as_file(files("cnnlab") / "assets" / "mnist_sample.npz") as path, np.load(path) as arrays:
            return _whole(arrays["pictures"], arrays["labels"], TEN).divided(4000, name)
    parts = (_opened(name, folder, download, "picture_set", train=train) for train in (True, False))
    train, test = (_whole(part.data, part.targets, _names(part)) for part in parts)
    return PictureSet(name, train, test)


def torchvision_pictures(
    name: str, count: int = 1000, *, size: int = 112, folder: str | Path | None = None, download: bool = False
) -> Labelled:
    """`count` test pictures of a torchvision data set, evenly chosen: (count, 3, size, size), with labels.

    `name` is "CIFAR-10" (10 classes, 32 x 32) or "Imagenette" (10 easy classes of ImageNet, 160 pixels).
    `folder`, `download` and errors as for `picture_set`.
    """
    if name not in TEST_PARTS:
        raise unknown("data set", name, TEST_PARTS, f"There are {' and '.join(TEST_PARTS)}.")
    found = _opened(name, folder, download, "torchvision_pictures", **TEST_PARTS[name])
    pairs = [found[place] for place in evenly(count, len(found))]
    fitted = [pictures.fit(pictures.read(image), size) for image, _ in pairs]
    return Labelled(torch.cat(fitted), torch.tensor([label for _, label in pairs]), _names(found))


def _whole(pixels: Any, labels: Any, names: tuple[str, ...]) -> Labelled:
    """All pictures of a set, from bytes (N, H, W) or (N, H, W, 3)."""
    grey = torch.as_tensor(pixels)
    channels_first = grey[:, None] if grey.ndim == 3 else grey.permute(0, 3, 1, 2).contiguous()
    return Labelled(channels_first.float() / 255, torch.as_tensor(labels).long(), names)


def _names(opened: Any) -> tuple[str, ...]:
    """The names of the classes: of "7 - seven" the first word, of several names for one the first."""
    firsts = (name if isinstance(name, str) else name[0] for name in opened.classes)
    return tuple(name.split(" - ")[0] for name in firsts)


def _opened(name: str, folder: str | Path | None, download: bool, door: str, **part: Any) -> Any:
    """torchvision's data set; `door` is the function that was asked for it.

    Files of CIFAR-10 hold pickles: torchvision reads none whose md5 is not that of the original.
    """
    import torchvision.datasets

    kind, home, needed, size = TORCHVISION[name]
    folder = Path(torch.hub.get_dir()) / "datasets" if folder is None else Path(folder)
    there = all((folder / home / file).exists() for file in needed)
    if not (there or download):
        raise FileNotFoundError(
            f'{name} is not in {folder}: give download=True, as in {door}("{name}", download=True), where '
            f"there is a network (it fetches {size}), or name the folder that holds {home}."
        )
    try:
        return getattr(torchvision.datasets, kind)(folder, **part, download=not there)
    except UNREADABLE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if there:
            raise ValueError(
                f"{name} in {folder} cannot be read ({reason}): delete its folder, and fetch it again with "
                "download=True."
            ) from error
        instead = "digits()" if door == "picture_set" else "crops()"
        raise ConnectionError(
            f"{name} could not be fetched ({reason}): try again where there is a network, or take {instead}."
        ) from error
