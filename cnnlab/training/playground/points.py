"""The points to learn from: the data sets of TensorFlow Playground, in our own code, and how they split.

points = make("spiral", count=500, noise=0.1, share=0.5, seed=3)
points.inputs[points.train]            # (T, 2): where the training points lie, in [-6, 6]

Smilkov, Carter, Sculley, Viegas and Wattenberg 2017, "Direct-Manipulation Visualization of Deep Networks".
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray
from numpy.random import Generator, default_rng

REACH = 6.0  # the plane that is drawn: both coordinates from -6 to 6
OWN = "yours"  # the points that the reader draws or loads
Maker = Callable[[int, float, Generator], tuple[ndarray, ndarray]]
"""(count, noise from 0 to 0.5, random) to positions (N, 2) and targets (N,) in [-1, 1]."""


@dataclass(frozen=True)
class Points:
    """inputs: (N, 2) in [-6, 6]. targets: (N,), -1 (orange) or 1 (blue), or anything between to fit a number.
    train: (N,) of bool, False for those kept for the test. words: what the reader should know of them.
    """

    inputs: ndarray
    targets: ndarray
    train: ndarray
    regression: bool = False
    words: str = ""

    @property
    def trouble(self) -> str:
        """Why nothing can be learned from these, in one sentence; empty where all is well."""
        if not len(self.targets):
            return "There are no points yet: draw some in the square, in both colours, and press Play."
        learned = self.targets[self.train]
        if len(learned) == 0:
            return "None of the points is kept for training: raise the train share, or add points."
        if not self.regression and len(set(np.sign(learned))) < 2:
            colour = "blue" if learned[0] > 0 else "orange"
            return f"All training points are {colour}: add points of the other colour, and press Play."
        return ""


def circle(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """A blue disc of radius 2.5 inside an orange ring from 3.5 to 5."""
    inner, outer = count // 2, count - count // 2
    radius = np.concatenate([random.uniform(0, 2.5, inner), random.uniform(3.5, 5, outer)])
    angle = random.uniform(0, 2 * np.pi, count)
    places = np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1)
    moved = places + 5 * noise * random.uniform(-1, 1, (count, 2))
    return places, np.where(np.hypot(*moved.T) < 2.5, 1.0, -1.0)


def exclusive_or(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Blue where both coordinates have the same sign, with a gap of 0.3 along the axes."""
    places = random.uniform(-5, 5, (count, 2))
    places += np.where(places > 0, 0.3, -0.3)
    moved = places + 5 * noise * random.uniform(-1, 1, (count, 2))
    return places, np.where(moved.prod(1) >= 0, 1.0, -1.0)


def gaussians(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Two round clouds, blue at (2, 2) and orange at (-2, -2), of variance 0.5 (no noise) to 4 (50 %)."""
    targets = np.where(np.arange(count) < count // 2, 1.0, -1.0)
    return 2 * targets[:, None] + math.sqrt(0.5 + 7 * noise) * random.standard_normal((count, 2)), targets


def spiral(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Two arms that wind 1.75 times around each other."""
    targets = np.where(np.arange(count) < count // 2, 1.0, -1.0)
    along = np.concatenate([np.arange(n) / max(1, n) for n in (count // 2, count - count // 2)])
    angle = 1.75 * 2 * np.pi * along + np.where(targets > 0, 0, np.pi)
    places = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    return places + noise * random.uniform(-1, 1, (count, 2)), targets


def sine(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Blue above the curve x2 = 3 sin(x1), orange below: a boundary that is a function (tinkerers' #252)."""
    places = random.uniform(-REACH, REACH, (count, 2))
    moved = places + 5 * noise * random.uniform(-1, 1, (count, 2))
    return places, np.where(moved[:, 1] > 3 * np.sin(moved[:, 0]), 1.0, -1.0)


def plane(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """To fit a number: (x1 + x2) / 10."""
    places = random.uniform(-REACH, REACH, (count, 2))
    moved = places + REACH * noise * random.uniform(-1, 1, (count, 2))
    return places, moved.sum(1) / 10


HILLS = np.array([(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)])


def hills(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """To fit a number: three cones up and three down, each of height 1 and radius 2."""
    places = random.uniform(-REACH, REACH, (count, 2))
    moved = places + REACH * noise * random.uniform(-1, 1, (count, 2))
    distances = np.hypot(*(moved[:, None] - HILLS[:, :2]).transpose(2, 0, 1))  # (N, 6)
    return places, ((1 - distances / 2).clip(0) * HILLS[:, 2]).sum(1)  # the cones do not overlap


CLASSES: dict[str, Maker] = {
    "circle": circle, "exclusive or": exclusive_or, "Gaussians": gaussians, "spiral": spiral, "sine": sine,
}  # fmt: skip
NUMBERS: dict[str, Maker] = {"plane": plane, "hills": hills}
NAMES = (*CLASSES, *NUMBERS, OWN)


def make(name: str, *, count: int = 500, noise: float = 0.0, share: float = 0.5, seed: int = 0) -> Points:
    """The set called `name` (one of `CLASSES` or `NUMBERS`): `count` points, of which `share` (0 to 1) train.

    `noise`, 0 to 0.5: the label is read off a place up to this share of the plane's half-width away; the
    clouds and the spiral spread instead. The same `seed` draws the same points. Raises `ValueError`.
    """
    if name not in CLASSES | NUMBERS:
        raise ValueError(f"there is no data set {name!r}: choose from {', '.join([*CLASSES, *NUMBERS])}.")
    if not 0 <= noise <= 0.5 or not 0 <= share <= 1 or count < 2:
        raise ValueError("points need a count of 2 or more, a noise from 0 to 0.5 and a share from 0 to 1.")
    random = default_rng([seed, 0])
    inputs, targets = (CLASSES | NUMBERS)[name](count, noise, random)
    mixed = random.permutation(count)
    train = np.arange(count) < round(share * count)
    return Points(inputs[mixed], targets[mixed], train, name in NUMBERS)


def split(points: Points, share: float, seed: int) -> Points:
    """The same points, each one kept for training with probability `share`.

    A point's lot does not depend on those that come after it, so that adding one leaves the others be.
    """
    return replace(points, train=default_rng([seed, 1]).random(len(points.targets)) < share)


def join(points: Points, more: Points) -> Points:
    """Both together; what kind of target it is follows the first, unless that is empty."""
    if not len(points.targets) or not len(more.targets):
        return points if len(points.targets) else more
    return Points(
        np.concatenate([points.inputs, more.inputs]),
        np.concatenate([points.targets, more.targets]),
        np.concatenate([points.train, more.train]),
        points.regression,
        points.words,
    )
