"""The reader's own file: whole or not at all, damaged or read-only, and nothing is ever lost."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from cnnlab.attribution import checks as check
from cnnlab.course import forget, notes
from cnnlab.course.notes import Prediction

GUESS = Prediction("fall", "less fur", "2026-11-23T14:02:00+01:00")


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where the notes lie, in a folder that is not there yet."""
    path = tmp_path / "reader" / "notes.json"
    monkeypatch.setenv("CNNLAB_NOTES", str(path))
    yield path
    notes._unwritten.pop(path, None)


def test_a_prediction_and_an_exercise_come_back_as_they_were(file):
    assert notes.read() == (notes.Notes(), "")
    assert notes.keep_prediction("06.logit", GUESS) == ""
    assert notes.keep_exercise("06.keyhole") == ""
    kept, trouble = notes.read()
    assert kept.predictions == {"06.logit": GUESS}
    assert set(kept.exercises) == {"06.keyhole"}
    assert trouble == ""
    assert json.loads(file.read_text())["predictions"]["06.logit"]["said"] == "fall"
    assert list(file.parent.iterdir()) == [file], "a temporary file was left behind"


def test_the_first_time_that_an_exercise_was_solved_stays(file):
    notes.keep_exercise("06.keyhole")
    first = notes.read()[0].exercises["06.keyhole"]
    file.write_text(file.read_text().replace(first, "2020-01-01T00:00:00+00:00"))
    notes.keep_exercise("06.keyhole")
    assert notes.read()[0].exercises["06.keyhole"] == "2020-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        "[]",
        '{"predictions": {}}',
        '{"predictions": {"06.logit": {"said": "fall"}}, "exercises": {}}',
        '{"predictions": {}, "exercises": {"06.keyhole": "yesterday"}}',
        '{"predictions": {"06.logit": 3}, "exercises": {}}',
    ],
)
def test_a_damaged_file_is_put_aside_and_nothing_of_it_is_lost(file, text):
    file.parent.mkdir()
    file.write_text(text)
    kept, trouble = notes.read()
    assert kept == notes.Notes()
    assert "damaged" in trouble and trouble.count(".") - str(file).count(".") == 1
    assert file.read_text() == text, "reading alone changes nothing"
    said = notes.keep_prediction("06.logit", GUESS)
    (aside,) = set(file.parent.iterdir()) - {file}
    assert aside.read_text() == text
    assert str(aside) in said
    assert notes.read() == (notes.Notes({"06.logit": GUESS}), "")


def test_what_cannot_be_written_is_kept_until_the_kernel_ends(tmp_path, monkeypatch):
    wall = tmp_path / "wall"
    wall.write_text("a file where the folder should be")
    monkeypatch.setenv("CNNLAB_NOTES", str(wall / "notes.json"))
    said = notes.keep_prediction("06.logit", GUESS)
    assert "cannot be written" in said and "CNNLAB_NOTES" in said
    notes.keep_exercise("06.keyhole")
    kept, _ = notes.read()
    assert kept.predictions == {"06.logit": GUESS} and set(kept.exercises) == {"06.keyhole"}
    wall.unlink()  # now it can be written: all of it is
    assert notes.keep_prediction("06.other", GUESS) == ""
    assert set(json.loads((wall / "notes.json").read_text())["predictions"]) == {"06.logit", "06.other"}


def test_a_failure_half_way_leaves_the_old_file(file, monkeypatch):
    notes.keep_prediction("06.logit", GUESS)
    before = file.read_text()

    def full(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notes.os, "replace", full)
    assert "No space left" in notes.keep_prediction("06.other", GUESS)
    assert file.read_text() == before
    assert list(file.parent.iterdir()) == [file]


def test_forget_says_what_it_removed(file, capsys):
    notes.keep_prediction("06.logit", GUESS)
    notes.keep_prediction("09.blue", GUESS)
    notes.keep_exercise("06.keyhole")
    forget("06.logit")
    assert "1 prediction." in capsys.readouterr().out
    assert set(notes.read()[0].predictions) == {"09.blue"}
    forget("06.unknown")
    assert "no note called '06.unknown'" in capsys.readouterr().out
    forget()
    assert "1 prediction and 1 solved exercise" in capsys.readouterr().out
    assert notes.read() == (notes.Notes(), "")
    forget()
    assert "nothing was there" in capsys.readouterr().out


def test_forget_does_not_throw_a_damaged_file_away(file, capsys):
    file.parent.mkdir()
    file.write_text("{")
    forget()
    assert "damaged" in capsys.readouterr().out
    assert file.read_text() == "{"


def test_without_the_variable_the_file_is_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("CNNLAB_NOTES")
    path = notes.path()
    assert path.name == "notes.json" and path.parent.name == "cnnlab" and path.is_relative_to(Path.home())


def test_a_moment_is_said_in_words():
    assert notes.moment("2026-11-23T14:02:59+01:00") == "23 November 2026, 14:02"
    assert datetime.fromisoformat(notes.now()).tzinfo is not None


def solved(probabilities, tops, lefts):
    row, column = divmod(int(probabilities.argmin()), len(lefts))
    return tops[row], lefts[column]


def test_a_check_notes_what_was_solved_and_nothing_else(file, capsys):
    check.worst_square(lambda *_: ...)
    check.worst_square(lambda *_: (0, 0))
    assert notes.read() == (notes.Notes(), "") and not file.exists()
    check.worst_square(solved)
    assert set(notes.read()[0].exercises) == {"06.worst_square"}
    assert capsys.readouterr().out.endswith("Right!\n")


def test_a_check_that_cannot_note_it_says_so_beside_the_verdict(tmp_path, monkeypatch, capsys):
    (tmp_path / "wall").write_text("")
    monkeypatch.setenv("CNNLAB_NOTES", str(tmp_path / "wall" / "notes.json"))
    check.worst_square(solved)
    assert capsys.readouterr().out.startswith("Right! (")
