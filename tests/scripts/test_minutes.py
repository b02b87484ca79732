"""Sections say how long they take, and their sum is what the lesson promises."""

import re

import lessons
import minutes
import pytest

each_lesson = pytest.mark.parametrize("path", lessons.paths(), ids=lambda path: path.stem)


@each_lesson
def test_every_section_has_minutes_that_add_up_to_what_is_stated(path):
    notebook = lessons.read(path)
    spent, exercises = 0, 0
    for heading, cell in lessons.sections(notebook):
        taken = cell.metadata.get("cnnlab", {}).get("minutes")
        assert isinstance(taken, int) and taken > 0, f"{heading} has no minutes: run `make course`"
        if heading in minutes.EXERCISES:
            exercises += taken
        else:
            spent += taken
    stated = minutes.STATED.search("\n".join(cell.source for cell in notebook.cells))
    assert (str(spent), str(exercises)) == stated.groups()
    assert exercises == sum(lessons.exercise_minutes(notebook))


@each_lesson
def test_what_is_stored_is_what_the_plan_says(path):
    notebook, wanted = lessons.read(path), lessons.read(path)
    minutes.furnish(wanted, path.name[:2])
    assert notebook == wanted, "run `make course`"


@each_lesson
def test_there_are_questions_for_the_room(path):
    asked = [section["ask"] for section in minutes.plan(path.name[:2]).values() if "ask" in section]
    assert len(asked) >= 2
    assert all(re.search(r"[?.]$", question) for question in asked)


def test_a_section_that_the_plan_does_not_know_is_named(monkeypatch):
    monkeypatch.setattr(minutes, "plan", lambda number: {"Start": {"minutes": 1}, "Gone": {"minutes": 2}})
    with pytest.raises(SystemExit, match="Gone"):
        minutes.furnish(lessons.read(lessons.paths()[0]), "00")


def test_a_lesson_without_a_plan_is_named():
    with pytest.raises(SystemExit, match="lesson 99"):
        minutes.plan("99")
