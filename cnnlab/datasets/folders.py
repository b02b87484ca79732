"""Labelled pictures of your own: a folder, or a zip file, which is read in memory and never unpacked.

flowers = folder("~/flowers")                             # the folder that a picture lies in is its label
flowers = archive(upload)                                 # the same of a zip file's bytes
flowers.skipped                                           # a sentence for each file that could not be read
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath

import torch
from torch import Tensor

from ..pictures import PictureError, fit, read
from .labelled import Labelled, evenly
from .sources import ENDINGS, Entry, entries

MOST = 2000  # pictures together: more make a slow map that nobody can read
LARGEST = 50_000_000  # bytes of one picture file, unpacked
ALL = 1_000_000_000  # bytes of all picture files of a zip file, unpacked
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


def folder(path: str | Path, most: int = MOST, size: int = 112) -> Labelled:
    """The pictures in a folder and below, at most `most`, evenly chosen: (N, 3, size, size).

    Each is cut square at its centre; its label is the name of the folder it lies in. What cannot be read is
    left out and listed in `skipped`. `PictureError` for a folder that is not there or holds no picture.
    """
    return _gathered(entries(Path(path)), most, size, Path(path).expanduser().resolve().name)


def archive(data: bytes, most: int = MOST, size: int = 112) -> Labelled:
    """The pictures in a zip file, given as bytes, as `folder` makes them of a folder.

    Pictures in no folder are "unlabelled". Nothing is written to disk, names serve as labels only, and
    archives in the archive stay shut. A picture that would be larger than 50 MB is left out; `PictureError`
    for a file that is no zip file, holds no picture, or would unpack to more than 1 GB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = [member for member in opened.infolist() if _is_picture(member)]
            whole = sum(member.file_size for member in members)
            if whole > ALL:
                raise PictureError(f"the zip file would unpack to {whole / 1e9:.1f} GB; 1 GB is the limit.")
            members.sort(key=lambda member: member.filename)
            found = [(member.filename, partial(_unpacked, opened, member)) for member in members]
            return _gathered(found, most, size, "unlabelled")
    except PictureError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise PictureError("this is not a zip file, or it is damaged: make it anew.") from error


def _gathered(found: Iterable[Entry], most: int, size: int, otherwise: str) -> Labelled:
    """Pictures that are found by name; a name without a folder has the label `otherwise`."""
    every = list(found)
    kept, labels, skipped = [], [], []
    for name, get in (every[place] for place in evenly(most, len(every))):
        try:
            kept.append(fit(get(), size))
            labels.append(PurePosixPath(name.replace("\\", "/")).parent.name[:60] or otherwise)
        except (PictureError, *BROKEN) as error:
            skipped.append(f"{name[-60:]}: {str(error).splitlines()[0] if str(error) else 'unreadable'}")
    if not kept:
        first = f" ({skipped[0].rstrip('.')})" if skipped else ""
        raise PictureError(f"there is no picture that can be read{first}: give JPEG or PNG files.")
    names = tuple(sorted(set(labels)))
    places = torch.tensor([names.index(label) for label in labels])
    return Labelled(torch.cat(kept), places, names, tuple(skipped))


def _is_picture(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    mac = "__MACOSX" in path.parts or path.name.startswith("._")  # what macOS adds of its own
    return not member.is_dir() and path.suffix.lower() in ENDINGS and not mac


def _unpacked(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> Tensor:
    """One picture of a zip file."""
    if member.flag_bits & 1:
        raise PictureError("it is locked with a password.")
    with opened.open(member) as file:
        data = file.read(LARGEST + 1)  # what the file says of its own size may be a lie
    if len(data) > LARGEST:
        raise PictureError(f"it is larger than {LARGEST // 1_000_000} MB.")
    return read(data, max_side=512)
