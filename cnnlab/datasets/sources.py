"""Many pictures, from whatever holds them, each read only when its turn comes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from ..pictures import PictureError, read
from ..pictures.checking import a_kind

ENDINGS = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".avif"}
CHECKED = 16  # pictures whose content is compared when many are met again; of all, the names

Entry = tuple[str, Callable[[], Tensor]]
"""A picture's name, and how to get it: (1, 3, H, W), or `PictureError` or OSError where it is broken."""


def entries(source: Any) -> Iterable[Entry]:
    """The names of many pictures, and how to get each: a list where their number is known beforehand.

    `source` is a folder (all pictures in it and below, by path in alphabetical order), a mapping of names to
    pictures, a data set as torchvision's (pictures, or pictures and labels; numbers are the names), or an
    iterable of (name, picture). A picture is anything that `pictures.read` reads. Raises `PictureError` for
    anything else, a folder that is not there and one without pictures.
    """
    if isinstance(source, str | Path):
        return _in_folder(Path(source).expanduser())
    if isinstance(source, Mapping):
        return [(str(name), partial(read, picture)) for name, picture in source.items()]
    if isinstance(source, Dataset) and hasattr(source, "__len__"):
        return [(str(i), partial(_item, source, i)) for i in range(len(source))]
    if isinstance(source, Tensor) or not isinstance(source, Iterable):
        raise PictureError(
            f"{a_kind(source)} does not hold pictures with names: give a folder, a dictionary, "
            "(name, picture) pairs or a data set."
        )
    pairs = _pairs(source)
    return list(pairs) if hasattr(source, "__len__") else pairs


def _in_folder(folder: Path) -> list[Entry]:
    if not folder.is_dir():
        raise PictureError(f"there is no folder {str(folder)!r}: give the path of a folder of pictures.")
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
    if not files:
        raise PictureError(f"the folder {str(folder)!r} holds no pictures: give one with JPEG or PNG files.")
    return [(file.relative_to(folder).as_posix(), partial(read, file)) for file in files]


def _item(dataset: Dataset, i: int) -> Tensor:
    item = dataset[i]
    return read(item[0] if isinstance(item, tuple | list) else item)


def _pairs(source: Iterable) -> Iterator[Entry]:
    for pair in source:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str | int)):
            raise PictureError(f"{a_kind(pair)} came where a pair (name, picture) was expected: give pairs.")
        yield str(pair[0]), partial(read, pair[1])


def stamp(picture: Tensor) -> int:
    """A number that tells a picture from others: a checksum of every fourth pixel of every fourth row."""
    return zlib.crc32(picture[..., ::4, ::4].contiguous().cpu().numpy().tobytes())


def begins_with(source: Any, names: list[str], stamps: list[int]) -> bool:
    """Whether the pictures of `source` begin with those of these names and stamps, 0 for what cannot be read.

    All names are compared, and the stamps of a few pictures from the first to the last.
    """
    known = iter(entries(source))
    compared = set(np.linspace(0, len(names) - 1, CHECKED).round().astype(int).tolist())
    for number, (name, expected) in enumerate(zip(names, stamps, strict=True)):
        entry = next(known, None)
        if entry is None or entry[0] != name or (number in compared and _stamp_of(entry) != expected):
            return False
    return True


def _stamp_of(entry: Entry) -> int:
    try:
        return stamp(entry[1]())
    except (PictureError, OSError):
        return 0
