"""What the course holds: its lessons, their minutes, predictions and exercises.

`scripts/course.py` reads all of it out of the notebooks, so that nothing is said twice.
"""

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Lesson(NamedTuple):
    """One notebook. file: its name, without the ending. room: where its exercises are checked. extras: what
    it needs of pyproject.toml's beyond the rest. predictions, exercises: the names of each."""

    number: str
    file: str
    title: str
    minutes: int
    room: str
    extras: list[str]
    predictions: list[str]
    exercises: list[str]


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order."""
    table = files("cnnlab") / "assets/course.json"
    return tuple(Lesson(**row) for row in json.loads(table.read_text(encoding="utf-8")))


def exercise(room: str, name: str) -> str | None:
    """The key of the exercise that this check belongs to, such as "06.keyhole", if it is one of a lesson."""
    keys = (f"{row.number}.{name}" for row in lessons() if row.room == room and name in row.exercises)
    return next(keys, None)
