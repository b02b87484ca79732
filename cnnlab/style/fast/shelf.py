"""Trained stylists on disk: those that ship in the package, and your own."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from ...arguments.names import unknown
from ...networks import tensor_files
from .network import Stylist

SHELF = files("cnnlab") / "assets" / "styles"
ENDING = ".safetensors"
MOST = 128  # filters, and blocks, of a network that a file may ask for


def names() -> list[str]:
    """The styles that ship in the package, in alphabetical order."""
    return sorted(file.name.removesuffix(ENDING) for file in SHELF.iterdir() if file.name.endswith(ENDING))


def load(style: str | Path) -> Stylist:
    """The stylist of a style that ships (see `names`), or of a file that `save` wrote.

    Its `about` tells how it was trained. Raises ValueError with the nearest names for a style that is not
    there, and for a file that is damaged or holds no stylist.
    """
    if isinstance(style, Path) or str(style).endswith(ENDING):
        return _read(Path(style))
    if style not in names():
        raise unknown("style", style, names(), f"The styles are {', '.join(names())}.")
    with as_file(SHELF / f"{style}{ENDING}") as file:
        return _read(file)


def save(stylist: Stylist, file: Path | str, **about: Any) -> None:
    """Write a stylist as half-precision numbers, with words `about` it, which JSON must be able to hold.

    Raises ValueError for a file whose name does not end in .safetensors.
    """
    if not str(file).endswith(ENDING):
        raise ValueError(f"{str(file)!r} does not end in {ENDING}: give it that ending.")
    words = {**stylist.about, **about, "filters": stylist.filters, "blocks": stylist.blocks}
    tensor_files.write(Path(file), words, {name: t.half() for name, t in stylist.state_dict().items()})


def _read(file: Path) -> Stylist:
    about, tensors = tensor_files.read(file)
    try:
        filters, blocks = (int(about[name]) for name in ("filters", "blocks"))
        if not (0 < filters <= MOST and 0 <= blocks <= MOST):
            raise ValueError(f"{filters} filters and {blocks} blocks")
        stylist = Stylist(filters, blocks)
        stylist.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{str(file)!r} holds no stylist: give a file that save(...) wrote.") from error
    stylist.about = about
    return stylist.eval()
