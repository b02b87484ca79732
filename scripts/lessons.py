"""What the scripts know of the lessons: their order, titles and sections, and how one is rewritten."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>\s*(.*?)\s*</details>\n?", re.DOTALL)
EXERCISE = re.compile(r"\*\*[^*\n]+\*\*\.? \((easy|medium|hard), (\d+) minutes\)")
START = "Start"  # what a lesson's first section, its title, is called where sections are listed


def paths(numbers: list[str] | None = None) -> list[Path]:
    """The lessons in order: all, or those whose names begin with one of the numbers."""
    every = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    chosen = [path for path in every if not numbers or path.name.startswith(tuple(numbers))]
    if not chosen:
        raise SystemExit(f"No lesson begins with {' or '.join(numbers or [])}: see the folder {NOTEBOOKS}.")
    return chosen


def read(path: Path) -> NotebookNode:
    """The notebook at `path`."""
    return nbformat.read(path, as_version=4)


def write(path: Path, notebook: NotebookNode) -> None:
    """Write the notebook in one stroke: who reads it meanwhile finds the old one or the new one, whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)
    os.chmod(name, 0o644)
    os.replace(name, path)


def bring_up_to_date(furnish: Callable[[NotebookNode, Path], None], arguments: list[str]) -> int:
    """Let `furnish` change every lesson; with --check only say which would change. The exit status."""
    check, stale = "--check" in arguments, 0
    for path in paths():
        notebook, wanted = read(path), read(path)
        furnish(wanted, path)
        if notebook == wanted:
            continue
        stale += 1
        if not check:
            write(path, wanted)
        print(f"{path.stem}: {'run `make course`' if check else 'written'}")
    return int(check and stale > 0)


def titles() -> dict[str, str]:
    """The lessons' short titles, by file name, from the table in README.md."""
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    return {name: title for title, name in re.findall(r"^\| \[(.+?)\]\(notebooks/(.+?)\) \|", table, re.M)}


def slide(cell: NotebookNode) -> str:
    """What the cell is on slides: slide, notes, skip, or nothing where it goes on with the slide before."""
    return str(cell.metadata.get("slideshow", {}).get("slide_type", ""))


def sections(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Heading and cell of each section; the title's section is called Start."""
    for cell in notebook.cells:
        found = re.match(r"(##?) (.+)", cell.source)
        if cell.cell_type == "markdown" and found and slide(cell) == "slide":
            yield (START if found[1] == "#" else found[2].strip()), cell


def exercise_minutes(notebook: NotebookNode) -> list[int]:
    """The minutes of each exercise, as they stand beside its difficulty."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [int(minutes) for _, minutes in EXERCISE.findall(text)]
