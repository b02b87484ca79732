"""Many pictures of one size, each with a label: what a map is made of.

photographs = crops()                                     # 1000 crops of the bundled photographs
photographs.pictures, photographs.labels, photographs.names[photographs.labels[0]]
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from .. import pictures
from .data import digits as digits_split

MIXED = {"lemur_and_cheetah", "panda_and_lorikeet", "red_panda_and_gibbon", "goldfish_and_dog"}  # collages


class Collection(NamedTuple):
    """N pictures with labels, and what was left out on the way."""

    pictures: Tensor  # (N, C, S, S) in [0, 1]
    labels: Tensor  # (N,) int64, places in `names`
    names: list[str]
    skipped: tuple[str, ...] = ()  # a sentence for each file that could not be read

    def draw(self, count: int, seed: int = 0) -> Collection:
        """`count` pictures drawn without repetition, or all if there are fewer."""
        order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(seed))[:count]
        return self._replace(pictures=self.pictures[order], labels=self.labels[order])


def crops(each: int = 5, photographs: int = 200, size: int = 112, seed: int = 0) -> Collection:
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
    names = [names[place] for place in keep]
    cut = [_cut(pictures.read(name), each, size, random) for name in names]
    return Collection(torch.cat(cut), torch.arange(photographs).repeat_interleave(each), names)


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


def digits(count: int = 1797) -> Collection:
    """The first `count` of scikit-learn's 1797 handwritten digits, (count, 1, 8, 8), labelled 0 to 9.

    They are in an order drawn once, as in `data.digits`.
    """
    split = digits_split(1796)
    inputs = torch.cat([split.inputs, split.test_inputs])[:count]
    labels = torch.cat([split.labels, split.test_labels])[:count]
    return Collection(inputs.view(-1, 1, 8, 8), labels, [str(digit) for digit in range(10)])
