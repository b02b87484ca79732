"""Pictures with labels: a number of them, a set to learn from with one to be tested on, and the same as rows.

photographs = crops()                             # Labelled: pictures (1000, 3, 112, 112), labels (1000,)
digits = picture_set("digits")                    # PictureSet: digits.train and digits.test, both Labelled
digits.split()                                    # Split: inputs (1297, 64), test_inputs (500, 64) ...
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from ..pictures import resize


@dataclass(frozen=True, eq=False)
class Labelled:
    """N pictures of one size, each with a label. `learn(*labelled)` gives the pictures, then the labels.

    pictures: (N, C, H, W) float32 in [0, 1], C = 3 (RGB) or 1.
    labels: (N,) int64, places in `names`, which are those of the classes.
    skipped: a sentence for each file that could not be read.
    """

    pictures: Tensor
    labels: Tensor
    names: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.pictures, self.labels))

    def part(self, chosen: Tensor | slice) -> Labelled:
        """Some of them, in the order in which they are chosen."""
        return replace(self, pictures=self.pictures[chosen], labels=self.labels[chosen])

    def resized(self, side: int) -> Labelled:
        """The same with a short side of so many pixels."""
        return replace(self, pictures=resize(self.pictures, side))

    def divided(self, train: int, name: str = "") -> PictureSet:
        """The first `train` to learn from, the others to be tested on. ValueError unless both are some."""
        most = len(self.labels) - 1
        if not 1 <= train <= most:
            raise ValueError(f"{train} pictures to learn from: take 1 to {most}, the others are for testing.")
        return PictureSet(name, self.part(slice(train)), self.part(slice(train, None)))

    def split(self, train: int) -> Split:
        """The same as rows of numbers, d = C * H * W. ValueError as above."""
        return self.divided(train).split()


class PictureSet(NamedTuple):
    """What to learn from, and what to be tested on."""

    name: str
    train: Labelled
    test: Labelled

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.train.names

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one picture."""
        channels, height, width = self.train.pictures.shape[1:]
        return channels, height, width

    def split(self, size: int | None = None, train: int | None = None, seed: int = 0) -> Split:
        """Square pictures as rows of numbers: each averaged down to `size` x `size`, d = C * size ** 2.

        `train` of those to learn from, chosen by `seed`, or all in their own order, and all test pictures.
        ValueError where `size` or `train` makes no sense.
        """
        side, count = self.shape[-1], len(self.train.labels)
        size = side if size is None else size
        if not 1 <= size <= side:
            raise ValueError(f"size {size} is not possible: the pictures are {side} wide, take 1 to {side}.")
        learn = self.train
        if train is not None:
            if not 1 <= train <= count:
                raise ValueError(f"{train} pictures to learn from: take 1 to {count}.")
            learn = learn.part(torch.randperm(count, generator=torch.Generator().manual_seed(seed))[:train])
        inputs, test_inputs = (averaged(part.pictures, size).flatten(1) for part in (learn, self.test))
        return Split(inputs, learn.labels, test_inputs, self.test.labels)


class Split(NamedTuple):
    """What to learn from, and what to be tested on: N and M examples of d numbers, labels from 0 up."""

    inputs: Tensor  # (N, d) float32
    labels: Tensor  # (N,) int64
    test_inputs: Tensor  # (M, d) float32
    test_labels: Tensor  # (M,) int64

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Split:
        """The same on another device; with a dtype such as torch.float64 the inputs are in that precision."""
        inputs, test_inputs = (part.to(device, dtype) for part in (self.inputs, self.test_inputs))
        return Split(inputs, self.labels.to(device), test_inputs, self.test_labels.to(device))

    def centred(self) -> Split:
        """The same without the mean of `inputs`: then fewer ReLUs of a narrow network are always off."""
        mean = self.inputs.mean(0)
        return self._replace(inputs=self.inputs - mean, test_inputs=self.test_inputs - mean)


def averaged(pictures: Tensor, size: int) -> Tensor:
    """(..., size, size): means over equal areas of square pictures (..., n, n).

    A pixel that lies in two areas counts in each with its share.
    """
    n = pictures.shape[-1]
    edges = torch.arange(size + 1, dtype=torch.float64) * n / size  # where areas begin and end, in pixels
    pixel = torch.arange(n, dtype=torch.float64)
    low, high = edges[:-1, None].maximum(pixel), edges[1:, None].minimum(pixel + 1)  # (size, n)
    shares = ((high - low).clamp_min(0) * size / n).to(pictures.dtype)  # (size, n): every row sums to 1
    return shares @ pictures @ shares.T


def evenly(most: int, total: int) -> list[int]:
    """`most` of the numbers from 0 up to `total`, evenly chosen; all, where there are fewer."""
    most = min(most, total)
    return [place * total // most for place in range(most)]
