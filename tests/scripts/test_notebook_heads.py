"""The first cell of every lesson: nothing where the course is installed, an installation where it is not."""

import importlib.util
from pathlib import Path

import lessons
import nbformat
import notebook_heads
import pytest
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shell():
    """An IPython of its own whose %pip only notes what it is told."""
    shell = InteractiveShell()
    shell.told = []
    shell.register_magic_function(shell.told.append, "line", "pip")
    yield shell
    shell.history_manager.end_session()


def test_every_lesson_has_it():
    assert lessons.bring_up_to_date(lambda notebook, path: notebook_heads.furnish(notebook), ["--check"]) == 0


def test_it_does_nothing_where_the_course_is_installed(shell):
    assert shell.run_cell(notebook_heads.head()).success
    assert shell.told == []


def test_it_installs_the_course_and_leaves_what_is_there_as_it_is(shell, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr("builtins.input", lambda words: "git+https://example.org/course")
    assert shell.run_cell(notebook_heads.head()).success
    (line,) = shell.told
    assert "--no-deps" in line and line.endswith('"git+https://example.org/course"')


def test_it_names_the_repository_once_the_project_does(monkeypatch, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nurls.Repository = "https://example.org/course"\n')
    monkeypatch.setattr(notebook_heads, "ROOT", tmp_path)
    assert '"git+https://example.org/course"' in notebook_heads.head()
    assert "input(" not in notebook_heads.head()


def test_a_second_time_changes_nothing_and_an_old_one_is_replaced():
    title, code = nbformat.v4.new_markdown_cell("# 06 · Occlusion"), nbformat.v4.new_code_cell("1 + 1")
    code.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
    notebook = nbformat.v4.new_notebook(cells=[title, code])
    notebook_heads.furnish(notebook)
    assert [cell.get("execution_count") for cell in notebook.cells] == [None, 1, 2]
    assert code.outputs[0].execution_count == 2
    once = nbformat.writes(notebook)
    notebook.cells[1].source = "%pip install cnnlab"
    notebook_heads.furnish(notebook)
    assert nbformat.writes(notebook) == once
