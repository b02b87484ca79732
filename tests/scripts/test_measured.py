"""Measured, not promised: every lesson runs within Binder's memory and within the minutes that it states."""

import subprocess
import sys

import lessons
import measure_lessons
import nbformat
import pytest

BINDER = 2048  # megabytes
ROWS = {found[1]: found for found in measure_lessons.ROW.finditer(measure_lessons.TABLE.read_text("utf-8"))}


def test_every_lesson_is_in_the_table():
    assert list(ROWS) == [path.name[:2] for path in lessons.paths()]


@pytest.mark.parametrize("number", ROWS)
def test_a_lesson_keeps_below_binders_memory_and_its_own_minutes(number):
    memory, seconds, minutes, exercises = map(int, ROWS[number].groups()[1:5])
    assert 200 < memory < BINDER
    assert seconds < 60 * minutes
    [path] = lessons.paths([number])
    assert exercises == sum(lessons.exercise_minutes(lessons.read(path)))


def test_the_table_holds_nothing_else():
    lines = [line for line in measure_lessons.TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert len(lines) == 1 + len(ROWS)


def test_a_new_row_takes_the_place_of_the_old_one(tmp_path, monkeypatch):
    monkeypatch.setattr(measure_lessons, "TABLE", tmp_path / "table.md")
    [path] = lessons.paths(["06"])
    measure_lessons.keep(measure_lessons.row(lessons.paths(["11"])[0], 2**30, 9.0))
    for peak in (2**29, 2**30):
        measure_lessons.keep(measure_lessons.row(path, peak, 12.4))
    found = list(measure_lessons.ROW.finditer(measure_lessons.TABLE.read_text("utf-8")))
    assert [row.groups()[:3] for row in found] == [("06", "1024", "12"), ("11", "1024", "9")]


def test_the_watch_sees_what_a_process_and_its_children_hold():
    hold = "x = b'1' * 150_000_000; input()"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    watch = measure_lessons.Watch(process.pid)
    watch.start()
    try:
        for _ in range(400):
            if watch.peak > 150_000_000 or watch.stopped.wait(0.05):
                break
    finally:
        process.communicate(b"\n")
        watch.stopped.set()
        watch.join()
    assert 150_000_000 < watch.peak < 400_000_000


def test_a_lesson_is_run_with_nothing_kept(tmp_path):
    notebook = nbformat.v4.new_notebook()
    words = "import os\nassert not os.listdir() and os.environ['TORCH_HOME'] == os.getcwd()\nx = b'1' * 10**8"
    notebook.cells = [nbformat.v4.new_code_cell(words)]
    path = tmp_path / "99_small.ipynb"
    lessons.write(path, notebook)
    peak, seconds = measure_lessons.measure(path)
    assert peak > 10**8 and seconds > 0
