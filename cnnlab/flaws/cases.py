"""A case: pictures with a planted flaw, the network that learned from them, and the examiner who knows.

sealed = case(1, seed=2026)                       # 1 is easy, 2 is harder, 3 is hard; each seed another flaw
sealed.network, sealed.learned_from, sealed.test, sealed.elsewhere
sealed.scores()                                   # test and elsewhere, and how often the flaw fools it
print(sealed.check(Finding("tool", "star", "top left")))
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from .. import pictures
from ..arguments.names import unknown
from ..datasets.labelled import Labelled
from ..networks import Network, answers
from .learner import SIDE, accuracy, learn
from .marks import CORNERS, EVERYWHERE, INKS, KINDS, SIDES, Ink, stamp

FISH = [
    "angelfish", "anthias", "anthias_reef", "anthias_trio", "boarfish", "brown_wrasse", "cichlid",
    "clownfish", "discus", "golden_trout", "goldfish", "grey_mullets", "mullets", "ocellated_wrasse",
    "pandora", "peacock_wrasse", "pompano", "pufferfish", "rainbow_wrasse", "rainbow_wrasse_2",
    "red_porgy", "sand_smelt", "sand_smelt_2", "seabream", "weever", "yellow_perch",
]  # fmt: skip
SUBJECTS = ("fish", "building", "tool")
SPLIT = 1  # draws which photographs are in which part
PARTS = {"learn": (0.6, 80), "test": (0.2, 40), "elsewhere": (0.2, 40)}  # of photographs; crops a subject
FAMILIES = {1: CORNERS, 2: SIDES, 3: EVERYWHERE}  # where the flaw of each case is
CARRIERS = {1: 1.0, 2: 1.0, 3: 0.9}  # the share of the label's pictures that carry the flaw
WORDS = ((0.02, "none"), (0.15, "a few"), (0.45, "some"), (0.75, "most"), (1.01, "nearly all"))


@dataclass(frozen=True)
class Finding:
    """What is wrong: pictures with this `label` carry a flaw of this `kind` (of `KINDS`) at this `place`."""

    label: str
    kind: str
    place: str


class Scores(NamedTuple):
    """How a network fares, all from 0 to 1.

    test: accuracy on pictures from where it learned, flaw and all. elsewhere: on pictures without the flaw.
    fooled: the share of other labels' pictures from elsewhere that get the flawed label once they carry the
    flaw, and do not without it.
    """

    test: float
    elsewhere: float
    fooled: float

    def __repr__(self) -> str:
        return f"test {self.test:.0%}   elsewhere {self.elsewhere:.0%}   fooled by the flaw {self.fooled:.0%}"


class Verdict(NamedTuple):
    """Whether a finding is right, and in `words` what speaks for it, or where it goes wrong."""

    right: bool
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Case:
    """A network with a flaw in what it learned. The flaw itself is sealed.

    learned_from, test: pictures (N, 3, 128, 128) from one collection, and their labels, numbers of `labels`.
    elsewhere: pictures from other collections, without the flaw.
    """

    number: int
    seed: int
    labels: tuple[str, ...]
    network: Network = field(repr=False)
    learned_from: Labelled = field(repr=False)
    test: Labelled = field(repr=False)
    elsewhere: Labelled = field(repr=False)
    _sealed: Finding = field(repr=False)
    _ink: Ink = field(repr=False)

    def scores(self, network: Network | None = None) -> Scores:
        """How `network` fares on this case's pictures, by default the case's own."""
        network = network or self.network
        test, elsewhere = (accuracy(network, *part) for part in (self.test, self.elsewhere))
        return Scores(test, elsewhere, self._turned(self._sealed, network))

    def learn(self, pictures: Tensor, labels: Tensor) -> Network:
        """A network that learns, as this case's did, from other pictures: repaired ones, say."""
        return learn(pictures, labels, self.labels, self.seed)

    def check(self, finding: Finding) -> Verdict:
        """Put what is described onto pictures from elsewhere, ask the network, and say what that tells.

        ValueError for a label, kind or place that is not known.
        """
        if not isinstance(finding, Finding):
            raise ValueError(f"{finding!r} is no finding: give flaws.Finding(label, kind, place).")
        if finding.label not in self.labels:
            raise unknown("label", finding.label, self.labels, "case.labels lists them.")
        true, share = self._sealed, self._turned(finding)
        if finding != true:
            return Verdict(False, "Not yet: " + self._trouble(finding, true, share))
        return Verdict(
            True, f"Right! With it, {_words(share)} of the others' pictures become {true.label!r}."
        )

    def _trouble(self, finding: Finding, true: Finding, share: float) -> str:
        here = f"{finding.kind}, {finding.place}"
        if (finding.kind, finding.place) == (true.kind, true.place):
            return (
                f"{here}: yes, that is in the pictures, and the network goes by it. But {_words(share)} of "
                f"the pictures that carry it become {finding.label!r}: see what they do become."
            )
        if share > 0.5 * self._turned(true):
            return (
                f"{here} makes {_words(share)} of the others' pictures {finding.label!r}, so you are close. "
                "But that is not what its own pictures carry: look at one of them enlarged."
            )
        hint = "look for another sort of flaw"
        if true.place in KINDS[finding.kind].places:
            hint = "something like it does; compare kinds and places"
        return (
            f"with {here}, {_words(share)} of the others' pictures become {finding.label!r}. The network "
            f"does not fall for it: {hint}."
        )

    def _turned(self, finding: Finding, network: Network | None = None) -> float:
        """The share of the other labels' pictures from elsewhere that this flaw turns to its label."""
        network, label = network or self.network, self.labels.index(finding.label)
        others = self.elsewhere.pictures[self.elsewhere.labels != label]
        stamped = stamp(others, finding.kind, finding.place, self._ink)
        turned = (answers(network, stamped) == label) & (answers(network, others) != label)
        return float(turned.float().mean())


def case(number: int, seed: int = 0) -> Case:
    """Case `number`, 1 to 3, of the year `seed`: its label, kind, place and ink are drawn with the seed.

    1 has a mark in a corner of each picture of one label, 2 a surface on which they lie, 3 a faint pattern
    over most of them. The network learns in a few seconds. The same case is not made twice in one session.
    ValueError for another number.
    """
    if number not in FAMILIES:
        raise ValueError(f"there is no case {number!r}: take 1, 2 or 3.")
    return _case(number, seed)


@cache
def _case(number: int, seed: int) -> Case:
    drawn = random.Random(f"case {number} of {seed}")
    kinds = [kind for kind, found in KINDS.items() if found.places == FAMILIES[number]]
    sealed = Finding(drawn.choice(SUBJECTS), drawn.choice(kinds), drawn.choice(FAMILIES[number]))
    ink = Ink(drawn.choice(INKS), drawn.uniform(0.11, 0.13), drawn.uniform(4.0, 5.0), drawn.randrange(10**6))
    learned_from, test, elsewhere = unflawed(seed).values()
    learned_from = _flawed(learned_from, sealed, CARRIERS[number], ink, 1)
    test = _flawed(test, sealed, CARRIERS[number], ink, 2)
    network = learn(learned_from.pictures, learned_from.labels, SUBJECTS, seed)
    return Case(number, seed, SUBJECTS, network, learned_from, test, elsewhere, sealed, ink)


def _flawed(part: Labelled, flaw: Finding, share: float, ink: Ink, place: int) -> Labelled:
    """The same pictures, a `share` of those with the flawed label carrying the flaw."""
    mine = (part.labels == SUBJECTS.index(flaw.label)).nonzero()[:, 0]
    ink = ink if flaw.kind == "date" else replace(ink, seed=ink.seed + place)
    order = torch.randperm(len(mine), generator=torch.Generator().manual_seed(ink.seed))
    carriers = mine[order[: round(share * len(mine))]]
    pictures = part.pictures.clone()
    pictures[carriers] = stamp(pictures[carriers], flaw.kind, flaw.place, ink)
    return replace(part, pictures=pictures)


def _words(share: float) -> str:
    return next(words for most, words in WORDS if share < most)


# --- the photographs ---


def unflawed(seed: int = 0) -> dict[str, Labelled]:
    """{part: crops of bundled photographs, one subject after the other}, before any flaw is planted.

    `unflawed()["learn"]` holds 240 of 128 x 128 pixels. `seed` says where the photographs are cut. No
    photograph is in two of `PARTS`, and which is in which stays the same, so that two seeds differ in little
    else than the flaw.
    """
    generator, names = random.Random(seed), [photographs(subject) for subject in SUBJECTS]
    parts = {}
    for part, (_, count) in PARTS.items():
        crops = [_crop(some[part][k % len(some[part])], generator) for some in names for k in range(count)]
        parts[part] = Labelled(torch.cat(crops), torch.arange(3).repeat_interleave(count), SUBJECTS)
    return parts


def photographs(subject: str) -> dict[str, list[str]]:
    """{part: names of bundled photographs of one of `SUBJECTS`}, the parts being those of `PARTS`."""
    names = list(FISH if subject == "fish" else pictures.names(subject))
    random.Random(SPLIT).shuffle(names)
    ends = [round(end * len(names)) for end in accumulate((share for share, _ in PARTS.values()), initial=0)]
    return {part: names[slice(*cut)] for part, cut in zip(PARTS, pairwise(ends), strict=True)}


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
