"""The table of the course is what its notebooks hold, and progress is counted over it."""

import importlib
from pathlib import Path

import course
import nbformat
import pytest

from cnnlab.attribution import checks
from cnnlab.course import notes, progress
from cnnlab.course.notes import Prediction
from cnnlab.course.plan import exercise, lessons
from cnnlab.course.progress_table import row_of

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_the_table_is_as_the_notebooks_are():
    assert course.TABLE.read_text(encoding="utf-8") == course.table(), "run `make course`"


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_exercise_has_a_check(lesson):
    module = importlib.import_module(f"cnnlab.{lesson.room}.checks")
    for name in lesson.exercises:
        assert callable(getattr(module, name))
        assert exercise(lesson.room, name) == f"{lesson.number}.{name}"


def test_other_functions_are_no_exercises():
    assert exercise("attribution", "_flips") is None
    assert exercise("unheard_of", "keyhole") is None
    assert checks.__name__ == "cnnlab.attribution.checks"


def code(path):
    return [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_prediction_is_revealed_later_and_its_truth_was_an_option(path):
    asked: dict[str, list] = {}
    revealed = set()
    for source in code(path):
        for key, truth, sentence in course.arguments(source, "reveal"):
            assert truth in asked[key], f"{key}: {truth} is no option, or it is revealed before it is asked"
            assert sentence.endswith(".")
            revealed.add(key)
        for key, question, options in course.arguments(source, "predict"):
            assert key.startswith(f"{path.name[:2]}.") and key not in asked
            assert question.endswith("?")
            asked[key] = options
    assert revealed == set(asked)


def test_arguments_are_read_from_any_call():
    assert course.arguments("x = 3\ncourse.reveal('06.logit', 'fall', 'It ' 'fell.')", "reveal") == [
        ["06.logit", "fall", "It fell."]
    ]
    assert course.arguments("live.live(look)", "reveal") == []


def test_progress_counts_what_the_notes_hold(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_NOTES", str(tmp_path / "notes.json"))
    lesson = next(lesson for lesson in lessons() if lesson.number == "06")
    name, when = lesson.predictions[0], notes.now()
    notes.keep_prediction(f"06.{name}", Prediction("fall", "", when, "fall"))
    notes.keep_exercise("06.keyhole")
    notes.keep_prediction("06.gone", Prediction("fall", "", when))  # a question that is no longer asked
    row = row_of(lesson, notes.read()[0])
    assert row == ("06 Occlusion", lesson.minutes, 1, len(lesson.predictions), 1, 1, 3)
    notes.keep_prediction(f"06.{name}", Prediction("rise", "", when, "fall"))
    assert row_of(lesson, notes.read()[0])[2:5] == (1, len(lesson.predictions), 0)


def test_the_table_shows_all_lessons_and_says_nothing_of_the_reader_in_what_is_stored(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_NOTES", str(tmp_path / "notes.json"))
    words = progress()._repr_mimebundle_()["text/plain"]
    notes.keep_exercise("06.keyhole")
    shown = progress()
    assert shown._repr_mimebundle_()["text/plain"] == words
    table = shown.children[1].value
    assert table.count("<tr>") == len(lessons()) + 2
    assert "1 of 3" in table
    total = sum(len(lesson.exercises) for lesson in lessons())
    assert f"1 of {total}" in table
