"""Paintings by those who have been dead for more than 70 years, fetched once from Wikimedia Commons.

Commons is asked for a file by its name. It answers with the file's address and SHA-1, and nothing is kept or
shown whose bytes have another one.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.parse
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ..pictures import PictureError
from ..pictures import read as read_picture
from ..pictures.reading import LARGEST_DOWNLOAD, download

COMMONS = "https://commons.wikimedia.org/w/api.php"
QUESTION = (  # the API's, but for the name of a file at its end
    "action=query&format=json&formatversion=2&redirects=1&prop=imageinfo"
    "&iiprop=url%7Csize%7Csha1&titles=File:"
)
INSTEAD = 'style pictures that ship need no network: try styles.read("oil")'


class Masterpiece(NamedTuple):
    """A painting, and its file's name on Wikimedia Commons. As words: who made it, when, and its page."""

    title: str
    painter: str  # and the years of birth and death
    year: int
    file: str

    def __str__(self) -> str:
        return f"{self.painter}: {self.title}, {self.year}. Public domain, {self.page}"

    @property
    def page(self) -> str:
        """The address that says where the file comes from."""
        return "https://commons.wikimedia.org/wiki/File:" + urllib.parse.quote(self.file)


TABLE = files("cnnlab") / "assets" / "masterpieces.json"
MASTERPIECES = {name: Masterpiece(**facts) for name, facts in json.loads(TABLE.read_text("utf-8")).items()}


def masterpiece(name: str, size: int = 384, folder: str | Path | None = None) -> Tensor:
    """The painting called `name`, a key of `MASTERPIECES`: (1, 3, H, W) in [0, 1], long side `size` at most.

    Its file is in `folder` (None: paintings/ in torch's own cache) or is fetched there. Raises `PictureError`
    where it cannot be had: no network, a file too large, or one that is not what Commons says it is.
    """
    wanted = MASTERPIECES[name]
    folder = Path(torch.hub.get_dir()) / "paintings" if folder is None else Path(folder)
    path = folder / wanted.file
    if not path.is_file():
        data = _fetched(wanted)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{os.getpid()}.part"  # so that the file is there whole or not at all
        part.write_bytes(data)
        part.replace(path)
    try:
        return read_picture(path, max_side=size)
    except PictureError as error:
        raise PictureError(f"{error} To have {wanted.title} fetched anew, delete {path}.") from error


def _fetched(wanted: Masterpiece) -> bytes:
    """The bytes of the file, which have the SHA-1 that Commons gives."""
    answer = download(f"{COMMONS}?{QUESTION}{urllib.parse.quote(wanted.file)}", INSTEAD)
    try:
        facts = json.loads(answer)["query"]["pages"][0]["imageinfo"][0]
        address, sha1, length = str(facts["url"]), str(facts["sha1"]), int(facts["size"])
        if not address.startswith(("https://", "http://")):
            raise ValueError(f"{address!r} is no web address")
    except (ValueError, LookupError, TypeError) as error:
        raise PictureError(
            f"Wikimedia Commons has no file for {wanted.title}: look at {wanted.page}, save the picture, and "
            "give its path to pictures.read."
        ) from error
    if length > LARGEST_DOWNLOAD:
        raise PictureError(
            f"{wanted.title} is {length / 1e6:.0f} MB on Wikimedia Commons, more than the "
            f"{LARGEST_DOWNLOAD / 1e6:.0f} MB that are fetched: save a smaller copy from {wanted.page}."
        )
    data = download(address, INSTEAD)
    if hashlib.sha1(data, usedforsecurity=False).hexdigest() != sha1:
        raise PictureError(
            f"what came for {wanted.title} is not the file on Wikimedia Commons (its SHA-1 differs), and was "
            "not kept: try again."
        )
    return data
