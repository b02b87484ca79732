"""What the course holds: its lessons, their minutes, predictions and exercises.

`scripts/course.py` reads all of it out of the notebooks, so that nothing is said twice.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

TABLE = "assets/course.json"


@dataclass(frozen=True)
class Lesson:
    """One notebook. room: where its exercises are checked. predictions, exercises: the names of each."""

    number: str
    title: str
    minutes: int
    room: str
    predictions: tuple[str, ...]
    exercises: tuple[str, ...]


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order."""
    rows: list[dict[str, Any]] = json.loads((files("cnnlab") / TABLE).read_text(encoding="utf-8"))
    return tuple(
        Lesson(**{**row, "predictions": tuple(row["predictions"]), "exercises": tuple(row["exercises"])})
        for row in rows
    )


def exercise(room: str, name: str) -> str | None:
    """The key of the exercise that this check belongs to, such as "06.keyhole", if it is one of a lesson."""
    found = (row.number for row in lessons() if row.room == room and name in row.exercises)
    number = next(found, None)
    return None if number is None else f"{number}.{name}"
