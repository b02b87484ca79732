"""How the cells of one section of a lesson become slides: text, picture and code, one thought a slide.

A picture comes with the words that introduce it, if they are few, and again, smaller, beside the words that
explain it. Code stands on a slide of its own, after its picture; from scratch, before it. Hints and solutions
move into the speaker's notes.
"""

import base64
import html
import io
import re
from dataclasses import dataclass, field

import lessons
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

KINDS = ("image/jpeg", "image/png")
FEW, MANY = 420, 1100  # characters of text that may stand above a picture, and beside a smaller one
LINES = 22  # of text and code together that one slide can hold
FEW_LINES = 6  # that were printed, and may stand under a picture
WIDE = 1.9  # pictures at least this many times as wide as high stand below their words, not beside them
FOR_NOTES = ("Hint", "Solution", "For the instructor")
KEEPS = (
    "course.predict(",
    "course.reveal(",
)  # cells that keep a reader's own prediction; a class raises hands
UNSEEN = "clip-path:inset"  # words that only a screen reader meets; on slides they are the picture's alt
LIVE = '<p class="live">A stored picture: the live panel is in JupyterLab.</p>'


@dataclass
class Frame:
    """One slide: HTML for its parts, each of which may be empty, and notes for who speaks."""

    text: str = ""
    picture: str = ""
    code: str = ""
    printed: str = ""
    notes: list[str] = field(default_factory=list)
    letters: int = 0  # of the text, before it was HTML
    wide: bool = False  # the picture
    panel: bool = False
    room: bool = False  # a question that everybody should answer


def prose(source: str) -> str:
    """Markdown as HTML; links to lessons lead to their slides, and links to other files to nothing."""
    page = markdown2html(source)
    page = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", page)
    page = re.sub(r'href="([0-9]{2}_\w+)\.ipynb"', r'href="\1.html"', page)
    return re.sub(r'<a href="(?!https?:|\d\d_\w+\.html)[^"]*">(.*?)</a>', r"\1", page)


def code(source: str) -> str:
    """Python as coloured HTML."""
    return highlight(source, PythonLexer(), HtmlFormatter(cssclass="code"))


def unfold(source: str) -> tuple[str, list[str]]:
    """The text without what is folded for the instructor, hints and solutions; and these, as notes."""
    notes = []

    def move(match: re.Match[str]) -> str:
        if match[1] not in FOR_NOTES:
            return match[0]
        title = "" if match[1] == "For the instructor" else f"**{match[1]}.** "
        notes.append(prose(title + match[2]))
        return ""

    return lessons.FOLDED.sub(move, source).strip(), notes


def pictures(cell: NotebookNode) -> list[tuple[str, bool]]:
    """For each picture that is stored with the cell an <img> with its alt text, and whether it is wide."""
    found = []
    for output in cell.outputs:
        kind = next((kind for kind in KINDS if kind in output.get("data", {})), None)
        if kind:
            words = output.metadata.get(kind, {}).get("alt") or output.data.get("text/plain", "")
            data = output.data[kind].replace("\n", "")
            width, height = Image.open(io.BytesIO(base64.b64decode(data))).size
            image = f'<img src="data:{kind};base64,{data}" alt="{html.escape(words)}">'
            found.append((image, width >= WIDE * height))
    return found


def printed(cell: NotebookNode) -> str:
    """What the cell printed, and the tables that it showed, as HTML."""
    parts = []
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "stream" and output.name == "stdout":
            parts.append(f"<pre>{html.escape(output.text.rstrip())}</pre>")
        elif "text/html" in data and UNSEEN not in data["text/html"]:
            parts.append(data["text/html"])
        elif output.output_type == "execute_result" and not any(kind in data for kind in KINDS):
            parts.append(f"<pre>{html.escape(data['text/plain'])}</pre>")
    return "\n".join(parts)


def add_text(frames: list[Frame], cell: NotebookNode) -> None:
    """A slide for the words of a cell, with the picture that they explain, if there is one."""
    text, notes = unfold(cell.source)
    if not text:
        frames[-1].notes += notes
        return
    frame = Frame(prose(text), notes=notes, letters=len(text))
    frame.room = bool(re.search(r"## Predict|\*\*Predict:\*\*", text))
    introduces = text.endswith(":") and len(text) <= FEW / 2  # what comes next, rather than what was
    if lessons.slide(cell) == "slide" or not frames or introduces:
        frames.append(frame)
        return
    made_it = not frames[-1].picture and not frames[-1].text and len(frames) > 1 and frames[-2].picture
    shown = frames[-2] if made_it else frames[-1]
    if shown.picture and len(text) <= MANY:
        frame.picture = re.sub(r'src="[^"]*"', "data-again", shown.picture)  # deck.js puts it in
        frame.wide = shown.wide
    frames.insert(len(frames) - bool(made_it), frame)  # first the words about a picture, then its code


def add_code(frames: list[Frame], cell: NotebookNode) -> None:
    """Slides for a cell's pictures, and one for its code and what that printed."""
    before = frames[-1]
    waiting = not (before.picture or before.code)  # words that still have room below them
    writing = Frame(code=code(cell.source), printed=printed(cell))
    shown, panel = pictures(cell), "live.live(" in cell.source
    exercise, scratch = "\ncheck." in cell.source, "From scratch" in before.text[:40]
    lines = before.letters / 75 + cell.source.count("\n") + writing.printed.count("\n")
    if waiting and (exercise or (lines < LINES and (scratch or not shown))):  # words and code on one slide
        before.code, before.printed = writing.code, "" if exercise else writing.printed
        if exercise:
            return
    elif scratch or not shown:
        frames.append(writing)
    fits = waiting and not before.code and not before.room and before.letters <= (MANY if panel else FEW)
    for picture, wide in shown:
        if fits and frames[-1] is before and not before.picture:
            before.picture, before.panel, before.wide = picture, panel, wide
        else:
            frames.append(Frame(picture=picture, panel=panel, wide=wide))
    if shown and not scratch:
        if writing.printed.count("\n") < FEW_LINES:  # with the picture that it belongs to
            frames[-1].printed, writing.printed = writing.printed, ""
        frames.append(writing)


def frames(cells: list[NotebookNode]) -> list[Frame]:
    """The slides of one section, whose first cell opens it."""
    made: list[Frame] = []
    for cell in cells:
        kind = lessons.slide(cell)
        if kind == "notes":
            made[0].notes += unfold(cell.source)[1]
        elif kind == "skip" or cell.source.startswith(KEEPS):
            continue
        elif cell.cell_type == "markdown":
            add_text(made, cell)
        elif cell.cell_type == "code":
            add_code(made, cell)
    return made


def section(frame: Frame, where: str, timing: int) -> str:
    """The slide as reveal.js wants it: where it belongs, its parts, notes, and the seconds it may take."""
    few = FEW * 1.7 if frame.wide else FEW if frame.panel or "data-again" not in frame.picture else 0
    place = "beside" if frame.picture and frame.text and frame.letters > few else "below"
    parts = [f'<p class="where">{html.escape(where)}</p>']
    if frame.room:
        parts.append('<p class="room">For the room</p>')
    if frame.text:
        parts.append(f'<div class="text">{frame.text}</div>')
    if frame.picture:
        parts.append(f"<figure>{frame.picture}{LIVE if frame.panel else ''}</figure>")
    parts += [frame.code, f'<div class="printed">{frame.printed}</div>' if frame.printed else ""]
    notes = f'<aside class="notes">{"".join(frame.notes)}</aside>'
    body = "\n".join(part for part in parts if part)
    return f'<section data-timing="{timing}"><div class="frame {place}">{body}</div>{notes}</section>'
