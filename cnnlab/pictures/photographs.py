"""The photographs that ship with the course: who took them, under which licence, and what they show."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

from ..arguments.names import nearest
from .checking import PictureError

FOLDER = Path(__file__).parent.parent / "assets" / "photographs"

LICENCES = {
    "public-domain": "https://creativecommons.org/publicdomain/mark/1.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-2.0": "https://creativecommons.org/licenses/by/2.0/",
    "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
}  # from the freest to the strictest: a collage takes the strictest of its parts


@dataclass(frozen=True)
class Credit:
    """What is known of one photograph; what does not apply is an empty string."""

    name: str
    title: str  # what is seen
    kind: str  # animal, building, tool ...
    label: str  # the ImageNet class of the main subject, as torchvision writes it
    objects: str  # ImageNet classes that are clearly in the frame, with ";" between them
    author: str
    licence: str  # a key of LICENCES
    source: str  # the page of the original (a collage: one for each part)
    file: str  # where the package that it came in keeps it
    changes: str  # what was done to the original, and by whom
    sha256: str  # of the JPEG file

    @property
    def licence_url(self) -> str:
        """The address of the licence's text."""
        return LICENCES[self.licence]

    def __str__(self) -> str:
        return f"{self.title}. {self.author}, {self.licence} ({self.licence_url}), {self.source}"


def names(kind: str | None = None) -> list[str]:
    """The names of the photographs in alphabetical order: all, or those of one kind (see `kinds`).

    Raises `PictureError` for a kind that does not exist.
    """
    if kind is None:
        return list(_credits())
    if kind not in kinds():
        raise PictureError(f"There is no kind {kind!r} of photograph; the kinds are {', '.join(kinds())}.")
    return [name for name, credit in _credits().items() if credit.kind == kind]


def kinds() -> list[str]:
    """The kinds of photographs in alphabetical order: animal, building, energy ..."""
    return sorted({credit.kind for credit in _credits().values()})


def credit(name: str) -> Credit:
    """Title, author, licence and source of a photograph.

    Raises `PictureError`, naming the nearest names, when there is no photograph of that name.
    """
    if name in _credits():
        return _credits()[name]
    near = nearest(str(name), _credits(), 3)
    hint = f"perhaps you mean {' or '.join(near)}" if near else "pictures.names() lists them all"
    raise PictureError(f"There is no photograph called {name!r}; {hint}.")


def path(name: str) -> Path:
    """The JPEG file of a photograph. Raises `PictureError` as `credit` does."""
    return FOLDER / f"{credit(name).name}.jpg"


@functools.cache
def _credits() -> dict[str, Credit]:
    with open(FOLDER / "credits.csv", encoding="utf-8", newline="") as table:
        return {row["name"]: Credit(**row) for row in csv.DictReader(table)}
