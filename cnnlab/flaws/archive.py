"""Photographs of three things, as an archive would hold them: square crops of the bundled ones, by part.

archive(seed=7)["learn"]                # pictures (240, 3, 128, 128), labels (240,), numbers of SUBJECTS

No photograph is in two parts, so what is learned from one part is tested on photographs never seen.
"""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from .. import pictures
from ..arguments.names import unknown
from ..pictures import bundle

SIDE = 128  # pixels of a crop
FISH = [
    "angelfish", "anthias", "anthias_reef", "anthias_trio", "boarfish", "brown_wrasse", "cichlid",
    "clownfish", "discus", "golden_trout", "goldfish", "grey_mullets", "mullets", "ocellated_wrasse",
    "pandora", "peacock_wrasse", "pompano", "pufferfish", "rainbow_wrasse", "rainbow_wrasse_2",
    "red_porgy", "sand_smelt", "sand_smelt_2", "seabream", "weever", "yellow_perch",
]  # fmt: skip
SUBJECTS = ("fish", "building", "tool")
SPLIT = 1  # draws which photographs are in which part
PARTS = {"learn": (0.6, 80), "test": (0.2, 40), "elsewhere": (0.2, 40)}  # of photographs; crops a subject


class Labelled(NamedTuple):
    """Pictures (N, 3, H, W) in [0, 1], and the number of each one's label, (N,)."""

    pictures: Tensor
    labels: Tensor


def archive(seed: int = 0) -> dict[str, Labelled]:
    """{part: crops, one subject after the other}, the parts being those of `PARTS`.

    `seed` says where the photographs are cut. Which photograph is in which part stays the same, so that two
    seeds differ in little else than the flaw that a case plants.
    """
    generator, parts = random.Random(seed), {}
    for part, (_, count) in PARTS.items():
        names = [photographs(subject, part) for subject in SUBJECTS]
        crops = [_crop(some[k % len(some)], generator) for some in names for k in range(count)]
        parts[part] = Labelled(torch.cat(crops), torch.arange(len(SUBJECTS)).repeat_interleave(count))
    return parts


def photographs(subject: str, part: str) -> list[str]:
    """The names of the bundled photographs of one of `SUBJECTS` that are in one of `PARTS`.

    ValueError for a subject or part that is not known.
    """
    for what, name, known in (("subject", subject, SUBJECTS), ("part", part, list(PARTS))):
        if name not in known:
            raise unknown(what, name, known, "cnnlab.flaws.archive lists them.")
    names = list(FISH) if subject == "fish" else bundle.names(subject)
    random.Random(SPLIT).shuffle(names)
    shares = [share for share, _ in PARTS.values()]
    first = list(PARTS).index(part)
    ends = (round(sum(shares[:k]) * len(names)) for k in (first, first + 1))
    return names[slice(*ends)]


def _crop(name: str, generator: random.Random) -> Tensor:
    """(1, 3, SIDE, SIDE): a square of a photograph, half of the crops mirrored."""
    whole = _read(name)
    height, width = whole.shape[2:]
    side = round(min(height, width) * generator.uniform(0.55, 0.95))
    top, left = generator.randrange(height - side + 1), generator.randrange(width - side + 1)
    crop = pictures.resize(whole[..., top : top + side, left : left + side], (SIDE, SIDE))
    return crop.flip(3) if generator.random() < 0.5 else crop


@cache
def _read(name: str) -> Tensor:
    """A photograph, its short side 256 pixels at most."""
    whole = pictures.read(name)
    return pictures.resize(whole, 256) if min(whole.shape[2:]) > 256 else whole
