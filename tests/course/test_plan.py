"""The table of the course is what its notebooks hold."""

import importlib
from pathlib import Path

import course
import nbformat
import pytest

from cnnlab.attribution import checks
from cnnlab.course import doctor
from cnnlab.course.plan import exercise, lessons

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


def test_every_lesson_has_a_file_and_its_extras_are_known():
    assert [lesson.file for lesson in lessons()] == [path.stem for path in NOTEBOOKS]
    assert {lesson.number: lesson.extras for lesson in lessons() if lesson.extras} == {"05": ["atari"]}
    assert all(doctor.requirements(extra) for lesson in lessons() for extra in lesson.extras)
