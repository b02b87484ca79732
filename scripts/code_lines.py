"""Count the code lines of the package: lines that are not blank, comments or docstrings.

python scripts/code_lines.py            # by room
python scripts/code_lines.py --files    # and by file
"""

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "cnnlab"
SILENT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip


def code_lines(source: str) -> int:
    """How many lines of some Python hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def counted() -> dict[Path, int]:
    """The code lines of every file of the package, by its path inside."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {file.relative_to(PACKAGE): code_lines(file.read_text(encoding="utf-8")) for file in files}


if __name__ == "__main__":
    found = counted()
    rooms, files = Counter[str](), Counter[str]()
    for path, count in found.items():
        room = path.parts[0] if len(path.parts) > 1 else "(root)"
        rooms[room] += count
        files[room] += 1
    for room, count in sorted(rooms.items()):
        print(f"{room:<14}{count:6,} lines {files[room]:4} files")
        if "--files" in sys.argv:
            print(
                *(f"    {count:5} {path}" for path, count in found.items() if path.parts[0] == room), sep="\n"
            )
    print(f"{'all':<14}{sum(rooms.values()):6,} lines {sum(files.values()):4} files")
