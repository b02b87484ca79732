"""Make slides of the lessons:  python scripts/slides.py [NUMBER ...]

One HTML file for each lesson, in build/slides, with all that it needs inside: pictures, formulas, reveal.js.
Open it in any browser, with or without a connection. Right goes to the next section, down goes into it, S
opens the speaker's view with notes, minutes and a clock. The text is the notebook's own: see frames.py.
"""

import base64
import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import lessons
from frames import Frame, frames, section
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

DECK = lessons.ROOT / "scripts" / "deck"
BUILT = lessons.ROOT / "build" / "slides"
STYLES = ("vendor/reveal.css", "vendor/katex.min.css", "deck.css")
PROGRAMS = (
    "vendor/reveal.js",
    "vendor/notes.js",
    "vendor/katex.min.js",
    "vendor/auto-render.min.js",
    "deck.js",
)
FONT = re.compile(r"url\(fonts/([\w-]+\.woff2)\) format\(\"woff2\"\)(?:,url\([^)]*\) format\(\"\w+\"\))*")
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{styles}</style>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
{programs}
</body>
</html>
"""


def font(match: re.Match[str]) -> str:
    """One of KaTeX's fonts as part of the page; fonts that no lesson needs are left out."""
    file = DECK / "vendor" / "fonts" / match[1]
    if not file.exists():
        return "local('none')"
    data = base64.b64encode(file.read_bytes()).decode()
    return f'url(data:font/woff2;base64,{data}) format("woff2")'


def styles() -> str:
    """All style sheets, fonts included."""
    sheets = "\n".join((DECK / name).read_text(encoding="utf-8") for name in STYLES)
    return FONT.sub(font, sheets) + HtmlFormatter(cssclass="code", style="default").get_style_defs(".code")


def programs() -> str:
    """All programs, as <script> elements that nothing inside them can end."""
    texts = ((DECK / name).read_text(encoding="utf-8") for name in PROGRAMS)
    texts = (re.sub(r"//# sourceMappingURL=.*", "", text).replace("</script", "<\\/script") for text in texts)
    return "\n".join(f"<script>{text}</script>" for text in texts)


def parts(notebook: NotebookNode) -> Iterator[tuple[str, list[NotebookNode]]]:
    """Heading and cells of each section that is shown."""
    heads = {cell.id: heading for heading, cell in lessons.sections(notebook)}
    cells: list[NotebookNode] = []
    heading = ""
    for cell in notebook.cells:
        if cell.id in heads:
            if cells:
                yield heading, cells
            cells, heading = [cell], heads[cell.id]
        elif cells:
            cells.append(cell)
    yield heading, cells


def schedule(cell: NotebookNode, heading: str, clock: int, total: int) -> str:
    """The note that opens a section: its minutes, the clock at its end, the question for the room."""
    about = cell.metadata["cnnlab"]
    when = f"until minute {clock} of {total}" if clock <= total else "after the lesson, or at home"
    asked = f"<p><b>Ask the room:</b> {html.escape(about['ask'])}</p>" if "ask" in about else ""
    unit = "minute" if about["minutes"] == 1 else "minutes"
    return f"<p><b>{html.escape(heading)}: {about['minutes']} {unit}</b>, {when}.</p>{asked}"


def deck(path: Path) -> str:
    """The whole page for the lesson at `path`."""
    notebook = lessons.read(path)
    title = lessons.titles()[path.name]
    exercises = sum(lessons.exercise_minutes(notebook))
    total = sum(cell.metadata["cnnlab"]["minutes"] for _, cell in lessons.sections(notebook)) - exercises
    slides, clock = [], 0
    for heading, cells in parts(notebook):
        taken = cells[0].metadata["cnnlab"]["minutes"]
        at_home = heading.startswith("Exercise")
        clock += 0 if at_home else taken
        made: list[Frame] = frames(cells)
        made[0].notes.insert(0, schedule(cells[0], heading, total + 1 if at_home else clock, total))
        where = title if heading == lessons.START else f"{title} · {heading}"
        seconds = round(60 * taken / len(made))
        shown = "\n".join(section(frame, where, seconds) for frame in made)
        slides.append(f"<section>\n{shown}\n</section>")
    return PAGE.format(title=title, styles=styles(), slides="\n".join(slides), programs=programs())


def index() -> str:
    """A page that leads to the slides that have been made."""
    titles = lessons.titles()
    made = [path for path in sorted(BUILT.glob("[0-9][0-9]_*.html")) if f"{path.stem}.ipynb" in titles]
    rows = "".join(f'<li><a href="{path.name}">{titles[f"{path.stem}.ipynb"]}</a></li>' for path in made)
    style = "body { font: 28px/1.6 sans-serif; margin: 2em 3em; } li { list-style: none; } ul { padding: 0; }"
    head = f'<head><meta charset="utf-8"><title>Slides</title><style>{style}</style></head>'
    return f'<!DOCTYPE html><html lang="en">{head}<body><h1>Slides</h1><ul>{rows}</ul></body></html>'


def main(numbers: list[str]) -> None:
    """Make the slides of the lessons whose names begin with one of the numbers, or of all."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for path in lessons.paths(numbers):
        target = BUILT / f"{path.stem}.html"
        target.write_text(deck(path), encoding="utf-8")
        print(f"{target.relative_to(lessons.ROOT)}  {target.stat().st_size / 1e6:.1f} MB", flush=True)
    (BUILT / "index.html").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
