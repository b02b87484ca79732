"""The points to learn from: the data sets of TensorFlow Playground in our own code, and points of your own,
drawn with a pen or read from a CSV file.

points = make_points("spiral", count=500, noise=0.1, share=0.5, seed=3)
points.inputs[points.train]            # (T, 2): where the training points lie, in [-6, 6]
load = live.file(read_csv)             # in a panel; read_csv(path.read_bytes()) elsewhere

Smilkov, Carter, Sculley, Viegas and Wattenberg 2017, "Direct-Manipulation Visualization of Deep Networks".
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import ndarray
from numpy.random import Generator, default_rng

REACH = 6.0  # the plane that is drawn: both coordinates from -6 to 6
OWN = "yours"  # the points that the reader draws or loads
HILLS = np.array([(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)])
SPACING = 0.35  # between the points of one stroke, on the plane from -6 to 6
MOST = 5000  # rows: more points than this cannot be told apart in the picture
SHOWN = 5.0  # columns that have to be scaled go from -5 to 5
PENS = (1.0, -1.0)  # targets of the two pens: blue, orange


@dataclass(frozen=True, eq=False)
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
    radius = np.concatenate([random.uniform(0, 2.5, count // 2), random.uniform(3.5, 5, count - count // 2)])
    angle = random.uniform(0, 2 * np.pi, count)
    places = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    return places, _two(np.hypot(*_moved(places, 5 * noise, random).T) < 2.5)


def exclusive_or(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Blue where both coordinates have the same sign, with a gap of 0.3 along the axes."""
    places = random.uniform(-5, 5, (count, 2))
    places += np.where(places > 0, 0.3, -0.3)
    return places, _two(_moved(places, 5 * noise, random).prod(1) >= 0)


def gaussians(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Two round clouds, blue at (2, 2) and orange at (-2, -2), of variance 0.5 (no noise) to 4 (50 %)."""
    targets = _two(np.arange(count) < count // 2)
    return 2 * targets[:, None] + np.sqrt(0.5 + 7 * noise) * random.standard_normal((count, 2)), targets


def spiral(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Two arms that wind 1.75 times around each other."""
    targets = _two(np.arange(count) < count // 2)
    along = np.concatenate([np.arange(n) / max(1, n) for n in (count // 2, count - count // 2)])
    angle = 1.75 * 2 * np.pi * along + np.where(targets > 0, 0, np.pi)
    places = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    return _moved(places, noise, random), targets


def sine(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """Blue above the curve x2 = 3 sin(x1), orange below: a boundary that is a function (tinkerers' #252)."""
    places = random.uniform(-REACH, REACH, (count, 2))
    x1, x2 = _moved(places, 5 * noise, random).T
    return places, _two(x2 > 3 * np.sin(x1))


def plane(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """To fit a number: (x1 + x2) / 10."""
    places = random.uniform(-REACH, REACH, (count, 2))
    return places, _moved(places, REACH * noise, random).sum(1) / 10


def hills(count: int, noise: float, random: Generator) -> tuple[ndarray, ndarray]:
    """To fit a number: three cones up and three down, each of height 1 and radius 2."""
    places = random.uniform(-REACH, REACH, (count, 2))
    distances = np.linalg.norm(
        _moved(places, REACH * noise, random)[:, None] - HILLS[:, :2], axis=2
    )  # (N, 6)
    return places, ((1 - distances / 2).clip(0) * HILLS[:, 2]).sum(1)  # the cones do not overlap


def _two(blue: ndarray) -> ndarray:
    """Targets of two classes."""
    return np.where(blue, 1.0, -1.0)


def _moved(places: ndarray, most: float, random: Generator) -> ndarray:
    """Places up to `most` away, in both coordinates."""
    return places + most * random.uniform(-1, 1, places.shape)


SETS: dict[str, Callable[[int, float, Generator], tuple[ndarray, ndarray]]] = {
    "circle": circle, "exclusive or": exclusive_or, "Gaussians": gaussians, "spiral": spiral, "sine": sine,
    "plane": plane, "hills": hills,
}  # fmt: skip
"""(count, noise from 0 to 0.5, random) to positions (N, 2) and targets (N,) in [-1, 1]."""
NUMBERS = ("plane", "hills")  # those with a number to fit


def make_points(
    name: str, *, count: int = 500, noise: float = 0, share: float = 0.5, seed: int = 0
) -> Points:
    """The set called `name` (one of `SETS`): `count` points, of which `share` (0 to 1) train.

    `noise`, 0 to 0.5: the label is read off a place up to this share of the plane's half-width away; the
    clouds and the spiral spread instead. The same `seed` draws the same points. Raises `ValueError`.
    """
    if name not in SETS:
        raise ValueError(f"there is no data set {name!r}: choose from {', '.join(SETS)}.")
    if not 0 <= noise <= 0.5 or not 0 <= share <= 1 or count < 2:
        raise ValueError("points need a count of 2 or more, a noise from 0 to 0.5 and a share from 0 to 1.")
    random = default_rng([seed, 0])
    inputs, targets = SETS[name](count, noise, random)
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
    inputs = np.concatenate([points.inputs, more.inputs])
    targets = np.concatenate([points.targets, more.targets])
    train = np.concatenate([points.train, more.train])
    return replace(points, inputs=inputs, targets=targets, train=train)


def drawn_points(strokes: Iterable, area: tuple[int, int, int, int]) -> Points:
    """The points of strokes (each with a `pen`, 0 or 1, and `points` in pixels) over `area`.

    `area` is (left, top, width, height) of the plane in the picture. A click is one point; along a drag there
    is one every 0.35 units.
    """
    places, targets = [np.empty((0, 2))], []
    for stroke in strokes:
        path = (2 * ((np.array(stroke.points) - area[:2]) / area[2:]).clip(0, 1) - 1) * (REACH, -REACH)
        along = np.hypot(*np.diff(path, axis=0, prepend=path[:1]).T).cumsum()
        due = np.arange(0, along[-1] + 1e-9, SPACING)
        places.append(np.stack([np.interp(due, along, coordinate) for coordinate in path.T], 1))
        targets += [PENS[stroke.pen]] * len(due)
    return Points(np.concatenate(places), np.array(targets), np.ones(len(targets), bool))


def read_csv(content: bytes) -> Points:
    """The points of a CSV file with three columns: x1, x2 and a label; a line of headings is allowed.

    Labels are any two words or numbers (two classes: the first in the alphabet, or the smaller, is orange),
    or more than two different numbers (to fit). Columns are separated by commas, semicolons (then numbers
    may have decimal commas) or tabs. Places are scaled to [-5, 5] unless they fill [-6, 6] already, and
    numbers to fit to [-1, 1]; `words` says so. Raises `ValueError` with one sentence for anything else.
    """
    rows = _rows(content)
    inputs = np.array([[_number(cell, line) for cell in cells[:2]] for line, cells in rows])
    targets, regression, meaning = _targets([(line, cells[2]) for line, cells in rows])
    inputs, scaling = _scaled(inputs)
    return Points(inputs, targets, np.ones(len(rows), bool), regression, f"{meaning} {scaling}".strip())


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    """(line number, cells) of what is not empty, without the headings."""
    text = content.decode("utf-8-sig", errors="replace")
    if {"\0", "\N{REPLACEMENT CHARACTER}"} & set(text):
        raise ValueError("this is not a text file: save the table as CSV (UTF-8).")
    lines = text.splitlines()
    separator = max(";\t,", key=next(filter(str.strip, lines), "").count)
    if separator == ";":
        lines = [line.replace(",", ".") for line in lines]
    table = enumerate(csv.reader(lines, delimiter=separator), 1)
    rows = [(number, [cell.strip() for cell in cells]) for number, cells in table if any(cells)]
    for number, cells in rows:
        if len(cells) != 3:
            held = f"{len(cells)} column{'s' * (len(cells) > 1)}"
            raise ValueError(f"line {number} has {held}; three are wanted: x1, x2, label.")
    if rows and not any(_is_number(cell) for cell in rows[0][1][:2]):
        del rows[0]
    if not rows:
        raise ValueError("there are no points in it: give lines such as 1.5, -2, blue.")
    if len(rows) > MOST:
        raise ValueError(f"it has {len(rows)} points, and {MOST} can be shown: leave some out.")
    return rows


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str, line: int) -> float:
    if not _is_number(cell):
        raise ValueError(f"line {line} has {cell!r} where a number should be: columns are x1, x2, label.")
    if not np.isfinite(float(cell)):
        raise ValueError(f"line {line} holds {cell}: leave out points that are not finite.")
    return float(cell)


def _targets(labels: list[tuple[int, str]]) -> tuple[ndarray, bool, str]:
    """Targets in [-1, 1], whether they are numbers to fit, and what they mean in words."""
    values: list[Any] = [label for _, label in labels]
    if "" in values:
        line = labels[values.index("")][0]
        raise ValueError(f"line {line} has no label: give one of two words, or a number.")
    numeric = [_is_number(label) for label in values]
    if all(numeric) or (any(numeric) and len(set(values)) > 2):
        values = [_number(label, line) for line, label in labels]
    kinds = sorted(set(values))
    if len(kinds) == 1:
        raise ValueError(f"all points have the label {labels[0][1]!r}: two are needed to tell apart.")
    if len(kinds) == 2:
        low, high = (kind if isinstance(kind, str) else f"{kind:g}" for kind in kinds)
        blue = [value == kinds[1] for value in values]
        return np.where(blue, 1.0, -1.0), False, f"Orange is {low}, blue is {high}."
    if not all(numeric):
        raise ValueError(f"it has {len(kinds)} different labels; two classes can be told apart here.")
    low, high = kinds[0], kinds[-1]
    if low >= -1 and high <= 1:
        return np.array(values), True, f"The label takes {len(kinds)} values: numbers to fit."
    meaning = f"The label's {len(kinds)} numbers, {low:.4g} to {high:.4g}, are fitted as -1 to 1."
    return (2 * np.array(values) - (low + high)) / (high - low), True, meaning


def _scaled(inputs: ndarray) -> tuple[ndarray, str]:
    """Places that fill the plane, and a word about it."""
    low, high = inputs.min(0), inputs.max(0)
    if np.abs(inputs).max() <= REACH and (high - low).min() >= REACH:
        return inputs, ""
    middle, half = (low + high) / 2, np.where(high > low, (high - low) / 2, 1.0)
    ranges = " and ".join(f"x{i + 1} from {low[i]:.4g} to {high[i]:.4g}" for i in range(2))
    return SHOWN * (inputs - middle) / half, f"Scaled: {ranges} are drawn from -5 to 5."
