"""Points of your own: drawn with a pen, or read from a CSV file.

load = live.file(read_csv)          # in a panel; read_csv(path.read_bytes()) elsewhere
"""

import csv
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy import ndarray

from .points import REACH, Points

SPACING = 0.35  # between the points of one stroke, on the plane from -6 to 6
MOST = 5000  # rows: more points than this cannot be told apart in the picture
SHOWN = 5.0  # columns that have to be scaled go from -5 to 5
PENS = (1.0, -1.0)  # targets of the two pens: blue, orange


def drawn(strokes: Iterable, area: tuple[int, int, int, int]) -> Points:
    """The points of strokes (each with a `pen`, 0 or 1, and `points` in pixels) over `area`.

    `area` is (left, top, width, height) of the plane in the picture. A click is one point; along a drag there
    is one every 0.35 units.
    """
    places: list[tuple[float, float]] = []
    targets: list[float] = []
    for stroke in strokes:
        found = list(_spaced([_on_plane(pixel, area) for pixel in stroke.points]))
        places += found
        targets += [PENS[stroke.pen]] * len(found)
    return Points(np.array(places).reshape(-1, 2), np.array(targets), np.ones(len(targets), bool))


def _on_plane(pixel: Sequence[float], area: tuple[int, int, int, int]) -> tuple[float, float]:
    left, top, width, height = area
    x, y = (pixel[0] - left) / width, (pixel[1] - top) / height
    return (2 * min(max(x, 0), 1) - 1) * REACH, (1 - 2 * min(max(y, 0), 1)) * REACH


def _spaced(path: list[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Places along a path: its start, and then one every `SPACING`."""
    yield path[0]
    due = SPACING
    for (x, y), (to_x, to_y) in pairwise(path):
        length = math.hypot(to_x - x, to_y - y)
        while due <= length:
            yield x + (to_x - x) * due / length, y + (to_y - y) * due / length
            due += SPACING
        due -= length


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
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("this is not a text file: save the table as CSV (UTF-8).") from None
    if "\0" in text:
        raise ValueError("this is not a text file: save the table as CSV (UTF-8).")
    first = next(filter(str.strip, text.splitlines()), "")
    separator = max(";\t,", key=first.count)
    lines = csv.reader(text.splitlines(), delimiter=separator)
    rows = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(lines, 1) if any(cells)]
    if separator == ";":
        rows = [(number, [cell.replace(",", ".") for cell in cells]) for number, cells in rows]
    for number, cells in rows:
        if len(cells) != 3:
            held = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
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
    if not math.isfinite(float(cell)):
        raise ValueError(f"line {line} holds {cell}: leave out points that are not finite.")
    return float(cell)


def _targets(labels: list[tuple[int, str]]) -> tuple[ndarray, bool, str]:
    """Targets in [-1, 1], whether they are numbers to fit, and what they mean in words."""
    words = [label for _, label in labels]
    missing = next((line for line, label in labels if not label), None)
    if missing is not None:
        raise ValueError(f"line {missing} has no label: give one of two words, or a number.")
    numeric = [_is_number(word) for word in words]
    kinds = sorted(set(map(float, words))) if all(numeric) else sorted(set(words))
    if len(kinds) == 1:
        raise ValueError(f"all points have the label {words[0]!r}: two are needed to tell apart.")
    if len(kinds) == 2 and not (all(numeric) and not all(map(math.isfinite, map(float, words)))):
        meaning = f"Orange is {_plain(kinds[0])}, blue is {_plain(kinds[1])}."
        blue = [(float(word) if all(numeric) else word) == kinds[1] for word in words]
        return np.where(blue, 1.0, -1.0), False, meaning
    if not any(numeric):
        raise ValueError(f"it has {len(kinds)} different labels; two classes can be told apart here.")
    values = np.array([_number(word, line) for line, word in labels])
    low, high = values.min(), values.max()
    if low >= -1 and high <= 1:
        return values, True, f"The label takes {len(kinds)} values: numbers to fit."
    meaning = f"The label's {len(kinds)} numbers, {low:.4g} to {high:.4g}, are fitted as -1 to 1."
    return (2 * values - (low + high)) / (high - low), True, meaning


def _plain(kind: float | str) -> str:
    return kind if isinstance(kind, str) else f"{kind:g}"


def _scaled(inputs: ndarray) -> tuple[ndarray, str]:
    """Places that fill the plane, and a word about it."""
    low, high = inputs.min(0), inputs.max(0)
    if np.abs(inputs).max() <= REACH and (high - low).min() >= REACH:
        return inputs, ""
    middle, half = (low + high) / 2, np.where(high > low, (high - low) / 2, 1.0)
    ranges = " and ".join(f"x{i + 1} from {low[i]:.4g} to {high[i]:.4g}" for i in range(2))
    return SHOWN * (inputs - middle) / half, f"Scaled: {ranges} are drawn from -5 to 5."
