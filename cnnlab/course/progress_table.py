"""How far a reader has come."""

import html
from collections.abc import Iterable

import ipywidgets as widgets

from . import notes
from .notes import Notes
from .plan import Lesson, lessons
from .predictions import Card

HEAD = ("lesson", "minutes", "predictions kept", "of these right", "exercises solved")


def progress() -> Card:
    """A table over the course: what the reader has predicted and solved so far."""
    kept, trouble = notes.read()
    rows = [row_of(lesson, kept) for lesson in lessons()]
    table = widgets.HTML(_table(rows) + html.escape(trouble))
    where = widgets.HTML(f"<small>Kept in {html.escape(str(notes.path()))}, on this machine only.</small>")
    return Card(
        "Your progress: for each lesson its minutes, predictions kept and right, exercises solved.",
        [table, where],
    )


def row_of(lesson: Lesson, kept: Notes) -> tuple[str, int, int, int, int, int, int]:
    """Title, minutes; predictions kept, of how many, and right; exercises solved, of how many."""
    predicted = [kept.predictions.get(f"{lesson.number}.{name}") for name in lesson.predictions]
    said = [prediction for prediction in predicted if prediction is not None]
    solved = sum(f"{lesson.number}.{name}" in kept.exercises for name in lesson.exercises)
    return (
        f"{lesson.number} {lesson.title}", lesson.minutes, len(said), len(predicted),
        sum(prediction.right for prediction in said), solved, len(lesson.exercises),
    )  # fmt: skip


def _table(rows: list[tuple[str, int, int, int, int, int, int]]) -> str:
    numbers = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    body = "".join(_row(row[0], row[1:]) for row in rows)
    head = "".join(f'<th scope="col">{words}</th>' for words in HEAD)
    return (
        f'<table class="cnnlab-progress"><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        f"<tfoot>{_row('all of it', numbers)}</tfoot></table>"
    )


def _row(title: str, numbers: Iterable[int]) -> str:
    minutes, kept, asked, right, solved, posed = numbers
    cells = (str(minutes), _share(kept, asked), str(right) if kept else "", _share(solved, posed))
    told = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(title)}</th>{told}</tr>'


def _share(some: int, all_of_them: int) -> str:
    done = " ✓" if some == all_of_them else ""
    return f"{some} of {all_of_them}{done}" if all_of_them else ""
