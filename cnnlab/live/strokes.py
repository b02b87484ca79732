"""What a reader draws, as numbers and as a short line of letters."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
BETWEEN = "."
FURTHEST = 2**15  # pixels: no picture is wider


class Point(NamedTuple):
    """A pixel: x from the left, y from the top."""

    x: int
    y: int

    def __str__(self) -> str:
        return f"x {self.x}, y {self.y}"


class Stroke(NamedTuple):
    """A line that the reader drew in one go: the number of its pen and the pixels it passes, at least one."""

    pen: int
    points: tuple[Point, ...]

    @classmethod
    def of(cls, numbers: Sequence[int]) -> "Stroke":
        """The stroke that the browser sends as [pen, x, y, x, y, ...]."""
        pen, *rest = numbers
        return cls(pen, tuple(map(Point, rest[::2], rest[1::2])))


def pack(strokes: Iterable[Sequence[int]]) -> str:
    """Strokes [pen, x, y, x, y, ...] as letters: each point by its distance from the last, as in source maps.

    A number takes the fewest of 64 letters that hold it, five bits in each and the sign in the lowest bit
    (variable-length quantities in base 64); a dot stands between strokes.
    """
    return BETWEEN.join("".join(map(_letters, _steps(stroke))) for stroke in strokes)


def unpack(words: str, pens: int) -> list[list[int]]:
    """The strokes in `words` that `pack` wrote, drawn with one of so many pens; else `ValueError`."""
    strokes = []
    for letters in words.split(BETWEEN) if words else []:
        numbers = list(_numbers(letters))
        if len(numbers) < 3 or len(numbers) % 2 == 0 or not 0 <= numbers[0] < pens:
            raise ValueError("these letters are no drawing: copy them again, whole.")
        xs, ys = accumulate(numbers[1::2]), accumulate(numbers[2::2])
        points = list(chain.from_iterable(zip(xs, ys, strict=True)))
        if not all(0 <= place < FURTHEST for place in points):
            raise ValueError("this drawing leaves the picture: copy its letters again, whole.")
        strokes.append([numbers[0], *points])
    return strokes


def _steps(stroke: Sequence[int]) -> Iterator[int]:
    """The pen, the first point, and how far it is from each point to the next."""
    yield from stroke[:3]
    for i in range(3, len(stroke)):
        yield stroke[i] - stroke[i - 2]


def _letters(number: int) -> str:
    rest = abs(number) << 1 | (number < 0)
    letters = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        letters += LETTERS[digit | (32 if rest else 0)]
        if not rest:
            return letters


def _numbers(letters: str) -> Iterator[int]:
    value = shift = 0
    for letter in letters:
        digit = LETTERS.find(letter)
        if digit < 0 or shift > 20:
            raise ValueError(f"{letter!r} is not a letter of a drawing: copy its letters again, whole.")
        value |= (digit & 31) << shift
        shift += 5
        if digit < 32:
            yield -(value >> 1) if value & 1 else value >> 1
            value = shift = 0
    if shift:
        raise ValueError("the last letters of this drawing are missing: copy them again, whole.")
