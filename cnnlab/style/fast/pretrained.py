"""Trained networks on disk, those that ship and your own, and what they make of a clip."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...arguments.names import unknown
from ...networks import tensor_files
from ...pictures.films import Film
from .network import TransformerNet

FOLDER = Path(__file__).parents[2] / "assets" / "styles"
ENDING = ".safetensors"


def pretrained_styles() -> list[str]:
    """The styles whose networks ship in the package, in alphabetical order."""
    return sorted(file.stem for file in FOLDER.glob(f"*{ENDING}"))


def load_pretrained(style: str | Path) -> TransformerNet:
    """The network of a style that ships (see `pretrained_styles`), or of a file that `save_pretrained` wrote.

    Its `about` tells how it was trained. Raises ValueError with the nearest names for a style that is not
    there, and for a file that is damaged or holds no such network.
    """
    file, ships = Path(style), pretrained_styles()
    if file.suffix != ENDING:
        if style not in ships:
            raise unknown("style", str(style), ships, f"The styles are {', '.join(ships)}.")
        file = FOLDER / f"{style}{ENDING}"
    about, tensors = tensor_files.read(file)
    try:
        blocks = sum(name.endswith("change.0.0.weight") for name in tensors)
        transformer = TransformerNet(len(tensors["layers.0.0.weight"]), blocks)
        transformer.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(
            f"{str(file)!r} holds no TransformerNet: give a file that save_pretrained(...) wrote."
        ) from error
    transformer.about = about
    return transformer.eval()


def save_pretrained(transformer: TransformerNet, file: Path | str, **about: Any) -> None:
    """Write a network as half-precision numbers, with words `about` it, which JSON must be able to hold.

    Raises ValueError for a file whose name does not end in .safetensors.
    """
    if not str(file).endswith(ENDING):
        raise ValueError(f"{str(file)!r} does not end in {ENDING}: give it that ending.")
    tensors = {name: tensor.half() for name, tensor in transformer.state_dict().items()}
    tensor_files.write(Path(file), transformer.about | about, tensors)


def stylise_clip(transformer: TransformerNet, clip: Tensor, film: Film) -> Iterator[Tensor]:
    """Paint the frames of `clip` (N, 3, H, W) one by one, and write each into `film`, then yield it.

    The film keeps those that are there on a stop. `films.frames` reads a clip from a file. Raises
    `PictureError` where the film or the network does.
    """
    with film:
        for frame in clip.split(1):
            with torch.no_grad():
                picture = transformer(frame)
            film.add(picture)
            yield picture
