"""Paintings by those who have been dead for more than 70 years, fetched once from Wikimedia Commons.

Commons is asked for a file by its name. It answers with the file's address and SHA-1, and nothing is kept or
shown whose bytes have another one.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.parse
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ..pictures import PictureError
from ..pictures import read as read_picture
from ..pictures.reading import LARGEST_DOWNLOAD, download

COMMONS = "https://commons.wikimedia.org/w/api.php"
INSTEAD = 'pictures painted here need no network: try painted.read("oil")'


class Masterpiece(NamedTuple):
    """A painting, and the name of its file on Wikimedia Commons."""

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


MASTERPIECES = {
    "starry night": Masterpiece(
        "The Starry Night", "Vincent van Gogh (1853-1890)", 1889, "VanGogh-starry_night_ballance1.jpg"
    ),
    "night over the rhone": Masterpiece(
        "Starry Night Over the Rhône",
        "Vincent van Gogh (1853-1890)",
        1888,
        "Starry_Night_Over_the_Rhone.jpg",
    ),
    "great wave": Masterpiece(
        "The Great Wave off Kanagawa",
        "Katsushika Hokusai (1760-1849)",
        1831,
        "Tsunami_by_hokusai_19th_century.jpg",
    ),
    "scream": Masterpiece(
        "The Scream",
        "Edvard Munch (1863-1944)",
        1893,
        "Edvard_Munch,_1893,_The_Scream,_oil,_tempera_and_pastel_on_cardboard,_91_x_73_cm,"
        "_National_Gallery_of_Norway.jpg",
    ),
    "composition vii": Masterpiece(
        "Composition VII",
        "Wassily Kandinsky (1866-1944)",
        1913,
        "Vassily_Kandinsky,_1913_-_Composition_7.jpg",
    ),
    "impression, sunrise": Masterpiece(
        "Impression, Sunrise", "Claude Monet (1840-1926)", 1872, "Monet_-_Impression,_Sunrise.jpg"
    ),
    "grande jatte": Masterpiece(
        "A Sunday on La Grande Jatte",
        "Georges Seurat (1859-1891)",
        1884,
        "A_Sunday_on_La_Grande_Jatte,_Georges_Seurat,_1884.jpg",
    ),
    "kiss": Masterpiece("The Kiss", "Gustav Klimt (1862-1918)", 1908, "Gustav_Klimt_016.jpg"),
}


def masterpiece(name: str, size: int = 384, folder: str | Path | None = None) -> Tensor:
    """The painting called `name`, a key of `MASTERPIECES`: (1, 3, H, W) in [0, 1], long side `size` at most.

    Its file is in `folder` (None: paintings/ in torch's own cache) or is fetched there. Raises `PictureError`
    where it cannot be had: no network, a file too large, or one that is not what Commons says it is.
    """
    wanted = MASTERPIECES[name]
    folder = Path(torch.hub.get_dir()) / "paintings" if folder is None else Path(folder)
    path = folder / wanted.file
    if not path.is_file():
        _keep(_fetched(wanted), path)
    try:
        return read_picture(path, max_side=size)
    except PictureError as error:
        raise PictureError(f"{error} To have {wanted.title} fetched anew, delete {path}.") from error


def _fetched(wanted: Masterpiece) -> bytes:
    """The bytes of the file, which have the SHA-1 that Commons gives."""
    question = {
        "action": "query",
        "format": "json",
        "formatversion": "2",
        "redirects": "1",
        "prop": "imageinfo",
        "iiprop": "url|size|sha1",
        "titles": f"File:{wanted.file}",
    }
    answer = download(f"{COMMONS}?{urllib.parse.urlencode(question)}", INSTEAD)
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


def _keep(data: bytes, path: Path) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(
        f"{hashlib.sha1(path.name.encode(), usedforsecurity=False).hexdigest()}.{os.getpid()}"
    )
    part.write_bytes(data)
    part.replace(path)
