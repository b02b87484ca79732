"""Lessons lead to each other, to the glossary and the README's table, and every link to a file holds."""

import re
from pathlib import Path

import lessons
import navigation
import nbformat
import pytest

EVERY = lessons.paths()
PAGES = [*EVERY, *(lessons.ROOT / "docs").glob("*.md"), *lessons.ROOT.glob("*.md")]
each_lesson = pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)


def prose(path: Path) -> str:
    """All Markdown of a lesson or a page."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n".join(cell.source for cell in lessons.read(path).cells if cell.cell_type == "markdown")


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|\$\$.*?\$\$", "", text, flags=re.DOTALL))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and JupyterLab make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_lesson
def test_its_line_of_navigation_is_up_to_date(path):
    assert navigation.found(lessons.read(path)) == navigation.line(path), "run `make course`"


def test_lines_lead_through_the_whole_course_and_back():
    after = [re.findall(r"\((\S+?ipynb)\) →", navigation.line(path)) for path in EVERY]
    before = [re.findall(r"← \[.*?\]\((\S+?ipynb)\)", navigation.line(path)) for path in EVERY]
    assert after == [[path.name] for path in EVERY[1:]] + [[]]
    assert before == [[]] + [[path.name] for path in EVERY[:-1]]


def test_the_readmes_table_has_every_lesson_in_order():
    assert list(lessons.titles()) == [path.name for path in EVERY]


def test_putting_a_line_twice_leaves_one():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 99 · A lesson")])
    for text in ("old", "new"):
        navigation.put(notebook, text)
    assert [cell.source for cell in notebook.cells] == ["# 99 · A lesson", "new"]
    nbformat.validate(notebook)


def test_check_writes_nothing_and_says_what_is_stale(monkeypatch, capsys):
    monkeypatch.setattr(navigation, "line", lambda path: "another line")
    monkeypatch.setattr(lessons, "write", lambda *_: pytest.fail("--check has written"))
    assert lessons.bring_up_to_date(navigation.furnish, ["--check"]) == 1
    assert capsys.readouterr().out.count("make course") == len(EVERY)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_to_a_file_and_its_anchor_holds(page):
    for link in links(prose(page)):
        if re.match(r"[a-z]+:", link):  # an address
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        made = name in ("dream.gif", "painted.gif")  # by the lesson itself, when it runs
        assert target.exists() or made, f"{page.name} leads to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{page.name} leads to {link}, which has no such heading"


@each_lesson
def test_the_next_lesson_that_it_announces_is_the_next(path):
    announced = re.search(r"\*\*Next:\*\* \[.*?\]\((\S+?)\)", prose(path))
    place = EVERY.index(path)
    if announced and place + 1 < len(EVERY):
        assert announced[1] == EVERY[place + 1].name
