"""Make copies of the lessons for students:  python scripts/student.py

They lie in build/student: the notebooks without folded solutions, without the notes and questions for the
instructor, and without what exercises printed. Hints stay, and so do the pictures. Beside them lies what they
lead to. The instructor's copy is the original.
"""

import re
import shutil
from pathlib import Path

import lessons
from nbformat import NotebookNode

BUILT = lessons.ROOT / "build" / "student"
WITHHELD = ("Solution", "For the instructor")
PAGES = ("CREDITS.md", "LICENSE", "docs/glossary.md")  # what lessons lead to, besides the README
README = """# Lessons for students

The notebooks of the course, without solutions. They need the course's package:
put the folder `notebooks` in place of the one in the course's folder, then run `make lab` there.

## Lessons
{table}
"""


def withhold(notebook: NotebookNode) -> None:
    """Take out of the notebook what is not for students' eyes."""
    kept = []
    for cell in notebook.cells:
        cell.metadata.get("cnnlab", {}).pop("ask", None)
        if cell.cell_type == "markdown":
            text = lessons.FOLDED.sub(lambda fold: "" if fold[1] in WITHHELD else fold[0], cell.source)
            if not text.strip():
                continue  # there was nothing else in it
            cell.source = text.rstrip()
        elif exercise(cell):
            cell.outputs, cell.execution_count = [], None
        kept.append(cell)
    notebook.cells = kept


def exercise(cell: NotebookNode) -> bool:
    """Whether the cell holds the stub of an exercise and its check."""
    return bool(re.search(r"^check\.\w+\(", cell.source, re.M))


def build(target: Path) -> list[Path]:
    """Write the students' folder anew into `target`; its notebooks."""
    if target.exists():
        shutil.rmtree(target)
    written = []
    for path in lessons.paths():
        notebook = lessons.read(path)
        withhold(notebook)
        copy = target / "notebooks" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        lessons.write(copy, notebook)
        written.append(copy)
    for name in PAGES:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(lessons.ROOT / name, target / name)
    rows = (f"- [{title}](notebooks/{name})" for name, title in lessons.titles().items())
    (target / "README.md").write_text(README.format(table="\n".join(rows)), encoding="utf-8")
    return written


if __name__ == "__main__":
    made = build(BUILT)
    print(f"{len(made)} notebooks without solutions in {BUILT.relative_to(lessons.ROOT)}")
