"""Students' copies: no solution, no instructor's note, and everything else."""

import re

import lessons
import nbformat
import pytest
import student

from cnnlab.pictures.page import LessonExporter

NAMES = [path.name for path in lessons.paths()]
each_lesson = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("copies") / "student"
    student.build(target)
    return target


def withheld(name):
    """The longer lines that the original has in its solutions and notes, and nowhere else."""
    text = "\n".join(cell.source for cell in lessons.read(lessons.NOTEBOOKS / name).cells)
    folds = [words for title, words in lessons.FOLDED.findall(text) if title in student.WITHHELD]
    secret = r"<details><summary>(?:Solution|For the instructor)</summary>.*?</details>"
    shown = re.sub(secret, "", text, flags=re.DOTALL)  # hints are shown, and may say the same
    lines = {line.strip() for words in folds for line in words.splitlines() if len(line.strip()) > 20}
    return [line for line in lines if line not in shown]


@each_lesson
def test_no_line_of_a_solution_or_note_is_left(folder, name):
    assert withheld(name)
    copy = (folder / "notebooks" / name).read_text(encoding="utf-8")
    sources = [cell.source for cell in nbformat.reads(copy, as_version=4).cells]
    for line in withheld(name):
        assert not any(line in source for source in sources), line
    assert "<summary>Solution" not in copy and "For the instructor" not in copy and '"ask"' not in copy


@each_lesson
def test_hints_text_and_pictures_are_left(folder, name):
    original = lessons.read(lessons.NOTEBOOKS / name)
    copy = lessons.read(folder / "notebooks" / name)
    folds = [
        [
            title
            for cell in notebook.cells
            for title, _ in lessons.FOLDED.findall(cell.source)
            if title not in student.WITHHELD
        ]
        for notebook in (original, copy)
    ]
    assert folds[0] == folds[1]
    kept = {cell.id: cell for cell in copy.cells}
    for cell in original.cells:
        if cell.cell_type == "code":
            assert kept[cell.id].source == cell.source
            assert student.exercise(cell) or kept[cell.id].outputs == cell.outputs
        elif lessons.slide(cell) != "notes" and not lessons.FOLDED.search(cell.source):
            assert kept[cell.id].source == cell.source


@each_lesson
def test_exercises_wait_for_an_answer(folder, name):
    copy = lessons.read(folder / "notebooks" / name)
    exercises = [cell for cell in copy.cells if cell.cell_type == "code" and student.exercise(cell)]
    assert len(exercises) == len(lessons.exercise_minutes(copy))
    assert not any(cell.outputs or cell.execution_count for cell in exercises)


@each_lesson
def test_a_copy_is_a_notebook_that_others_can_open(folder, name):
    path = folder / "notebooks" / name
    nbformat.validate(lessons.read(path))
    page, _ = LessonExporter().from_filename(str(path))
    assert "<h1" in page
    assert not list(path.parent.glob("*.part"))


def test_every_link_to_a_file_holds(folder):
    pages = [*folder.rglob("*.md"), *folder.rglob("*.ipynb")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".ipynb":
            text = "\n".join(c.source for c in lessons.read(page).cells if c.cell_type == "markdown")
        for link in re.findall(r"\]\((?![a-z]+:)([\w./-]+\.\w+)(?:#[\w-]+)?\)", text):
            made = link in ("dream.gif", "painted.gif")  # by the lesson, when it runs
            assert (page.parent / link).exists() or made, f"{page.name} leads to {link}"


def test_what_was_there_is_not_mixed_with_what_is_new(tmp_path):
    old = tmp_path / "student" / "notebooks" / "99_gone.ipynb"
    old.parent.mkdir(parents=True)
    old.write_text("{}", encoding="utf-8")
    student.build(tmp_path / "student")
    assert not old.exists()


def test_the_originals_are_untouched(folder):
    assert any("<summary>Solution" in cell.source for cell in lessons.read(lessons.paths()[0]).cells)
