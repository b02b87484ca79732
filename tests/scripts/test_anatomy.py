"""Every lesson says what it is for, how long it takes and where it comes from, and lets its reader try."""

import re

import lessons
import pytest

each_lesson = pytest.mark.parametrize("path", lessons.paths(), ids=lambda path: path.stem)
FIRST = "00"  # says how the course works: it has no part of the lecture, no common mistake


def prose(path):
    return "\n".join(cell.source for cell in lessons.read(path).cells if cell.cell_type == "markdown")


def top(path):
    """The title's cell, wherever it stands."""
    return next(cell.source for name, cell in lessons.sections(lessons.read(path)) if name == lessons.START)


@each_lesson
def test_it_states_objectives_minutes_needs_and_the_lectures_section(path):
    text = top(path)
    assert text.startswith(f"# {path.name[:2]} · ")
    assert "ou will be able to**" in text
    assert re.search(r"\*About \d+ minutes, and \d+ for the exercises?\.", text)
    assert re.search(r"Needs nothing but this package|one thing more than the other lessons", text)
    if path.name[:2] != FIRST:
        assert re.search(r"Section [IVX]+ of the lecture", text)


@each_lesson
def test_it_names_the_misconception_and_asks_for_a_prediction(path):
    text = prose(path)
    assert re.search(r"## Predict|\*\*Predict:\*\*", text)
    if path.name[:2] != FIRST:
        assert re.search(r'> \*\*The misconception this lesson cures:\*\* \*".+"\*', text)


@each_lesson
def test_its_references_have_links(path):
    references = re.search(r"\*\*References\.\*\* (.+)", prose(path))
    assert references and re.search(r"\]\(https?://", references[1])


@each_lesson
def test_each_exercise_has_difficulty_minutes_and_a_folded_solution(path):
    text = prose(path)
    exercises = lessons.EXERCISE.findall(text)
    folded = [summary for summary, _ in lessons.FOLDED.findall(text)]
    assert exercises and folded.count("Solution") == len(exercises)
    numbers = [int(number) for number in re.findall(r"\*\*(\d)\. [^*]+\*\*\.? \((?:easy|medium|hard)", text)]
    assert numbers == list(range(1, len(exercises) + 1)) or path.name[:2] == FIRST


@each_lesson
def test_all_that_is_folded_can_be_unfolded(path):
    text = prose(path)
    assert text.count("<details>") == text.count("</details>") == len(lessons.FOLDED.findall(text))
