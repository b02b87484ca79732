"""Write the line that leads from lesson to lesson:  python scripts/navigation.py [--check]

It is the last cell of each lesson: the one before, all lessons, the glossary, the one after. Titles and
order are those of the table in README.md and of the files' names. With --check nothing is written, and the
exit status is 1 where a line is missing or out of date.
"""

import sys
from pathlib import Path

import lessons
import nbformat
from nbformat import NotebookNode

CELL = "navigation"  # the id of the generated cell


def line(path: Path) -> str:
    """The navigation of the lesson at `path`, in Markdown."""
    every, titles = lessons.paths(), lessons.titles()
    if missing := [each.name for each in every if each.name not in titles]:
        raise SystemExit(f"The table of lessons in README.md has no row for {', '.join(missing)}.")
    place = every.index(path)
    links = ["[all lessons](../README.md#lessons)", "[glossary](../docs/glossary.md)"]
    if place > 0:
        before = every[place - 1].name
        links.insert(0, f"← [{titles[before]}]({before})")
    if place + 1 < len(every):
        after = every[place + 1].name
        links.append(f"[{titles[after]}]({after}) →")
    return " · ".join(links)


def found(notebook: NotebookNode) -> str | None:
    """The line that the notebook has now, if it is its last cell."""
    last = notebook.cells[-1]
    return last.source if last.id == CELL else None


def put(notebook: NotebookNode, text: str) -> None:
    """Make `text` the notebook's last cell, in place of the line that it had."""
    cell = nbformat.v4.new_markdown_cell(text, id=CELL, metadata={"slideshow": {"slide_type": "skip"}})
    notebook.cells = [*(each for each in notebook.cells if each.id != CELL), cell]


def furnish(notebook: NotebookNode, path: Path) -> None:
    """Bring the line of the lesson at `path` up to date."""
    put(notebook, line(path))


if __name__ == "__main__":
    sys.exit(lessons.bring_up_to_date(furnish, sys.argv[1:]))
