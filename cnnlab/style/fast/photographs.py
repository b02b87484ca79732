"""Crops of photographs to learn from."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ... import pictures
from ...datasets.sources import entries
from ...pictures import PictureError, read, resize

SIDE = 256  # pixels of the short side at which photographs are held
HELD = 300  # so many stay in memory, a quarter of a megabyte each; more are read again when they are drawn
SMALLEST = 0.5  # the smallest crop, as a share of the short side


def held_out() -> list[str]:
    """Every tenth of the bundled photographs' names: for measuring, never for training."""
    return pictures.names()[::10]


class Photographs:
    """Many photographs, of which random crops are taken: anywhere, from half of the short side to all of it,
    half of them mirrored.

    source: anything that `sources.entries` takes, a folder or a data set, say. By default the bundled
        photographs that are not `held_out`.

    Raises `PictureError` for anything else. What cannot be read is left out when its turn comes.
    """

    def __init__(self, source: Any = None) -> None:
        if source is None:
            source = [(name, name) for name in pictures.names() if name not in held_out()]
        self._entries = list(entries(source))
        if not self._entries:
            raise PictureError("there is no photograph to learn from: give a folder that holds some.")
        self._held: dict[str, Tensor] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def crops(self, count: int, size: int, generator: torch.Generator) -> Tensor:
        """(count, 3, size, size), drawn with `generator`.

        Raises `PictureError` where none of the photographs can be read.
        """
        return torch.cat([self._crop(size, generator) for _ in range(count)])

    def _crop(self, size: int, generator: torch.Generator) -> Tensor:
        photograph = self._draw(generator)
        height, width = photograph.shape[2:]
        closer, down, right, mirror = torch.rand(4, generator=generator).tolist()
        side = max(1, round(min(height, width) * (SMALLEST + (1 - SMALLEST) * closer)))
        top, left = round(down * (height - side)), round(right * (width - side))
        crop = resize(photograph[..., top : top + side, left : left + side].float() / 255, (size, size))
        return crop.flip(3) if mirror < 0.5 else crop

    def _draw(self, generator: torch.Generator) -> Tensor:
        """One photograph, (1, 3, H, W) as bytes."""
        while self._entries:
            number = int(torch.randint(len(self._entries), (1,), generator=generator))
            name, get = self._entries[number]
            if name in self._held:
                return self._held[name]
            try:
                photograph = (resize(read(get()), SIDE) * 255).round().byte()
            except (PictureError, OSError):
                del self._entries[number]
                continue
            if len(self._held) < HELD:
                self._held[name] = photograph
            return photograph
        raise PictureError("none of the photographs can be read: give a folder of JPEG or PNG files.")
