"""Read out of the notebooks what the course holds, for the table of a reader's progress and for the doctor:

python scripts/course.py          writes cnnlab/assets/course.json
python scripts/course.py --check  only says whether it is as the notebooks are

What a lesson needs of pyproject.toml's extras stands in its own metadata: "cnnlab": {"extras": ["atari"]}.
"""

import ast
import json
import re
import sys
from pathlib import Path

import lessons
from minutes import STATED

TABLE = lessons.ROOT / "cnnlab" / "assets" / "course.json"
TITLE = re.compile(r"# (\d\d) · ([^\n:]+)")
CHECKS = re.compile(r"^from cnnlab\.(\w+) import checks as check$", re.MULTILINE)
CHECK = re.compile(r"^check\.(\w+)\(", re.MULTILINE)


def arguments(code: str, function: str) -> list[list]:
    """The constants that every call of course.`function` in some code is given."""
    if f"course.{function}(" not in code:
        return []
    calls = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    return [
        [ast.literal_eval(each) for each in call.args]
        for call in calls
        if ast.unparse(call.func) == f"course.{function}"
    ]


def lesson(path: Path) -> dict:
    """What one notebook holds."""
    notebook = lessons.read(path)
    cells = notebook.cells
    words = cells[0].source
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    title, minutes, checks = TITLE.match(words), STATED.search(words), CHECKS.search(code)
    if not (title and minutes and title[1] == path.name[:2]):
        sys.exit(f"{path.name} should begin with '# {path.name[:2]} · Title' and say '*About 50 minutes'.")
    each = (cell.source for cell in cells if cell.cell_type == "code")
    asked = [call[0] for source in each for call in arguments(source, "predict")]
    return {
        "number": title[1],
        "file": path.stem,
        "title": title[2].strip(),
        "minutes": int(minutes[1]),
        "room": checks[1] if checks else "",
        "extras": notebook.metadata.get("cnnlab", {}).get("extras", []),
        "predictions": [key.partition(".")[2] for key in asked],
        "exercises": CHECK.findall(code),
    }


def table() -> str:
    """The whole course as JSON, a lesson a line."""
    rows = [json.dumps(lesson(path), ensure_ascii=False) for path in lessons.paths()]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def main(words: list[str]) -> int:
    """Write the table, or look whether it is as it should be; the exit status."""
    fresh = table()
    if words == ["--check"]:
        same = TABLE.is_file() and TABLE.read_text(encoding="utf-8") == fresh
        print("course.json is as the notebooks are" if same else "run  python scripts/course.py")
        return 0 if same else 1
    TABLE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
