"""What is stored in the lessons: complete, in order, and shown to everybody, in JupyterLab and outside it."""

import html.parser
from pathlib import Path

import nbformat
import pytest

from cnnlab.pictures.page import LessonExporter

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PICTURES = ("image/png", "image/jpeg")
NO_ALT = "No description has been provided for this image"  # what nbconvert writes for want of a better one
LONGEST_CELL = 25

each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


class Images(html.parser.HTMLParser):
    """Collects the attributes of every <img> of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.found.append(dict(attrs))


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def outputs(path):
    return [output for cell in code_cells(path) for output in cell.outputs]


def stored_pictures(path):
    return [output for output in outputs(path) if any(kind in output.get("data", {}) for kind in PICTURES)]


def test_there_are_lessons():
    assert NOTEBOOKS, "notebooks/ holds no lesson"


@each_lesson
def test_the_readme_leads_to_it(path):
    assert f"(notebooks/{path.name})" in (ROOT / "README.md").read_text(encoding="utf-8")


@each_lesson
def test_every_cell_ran_once_from_the_top_without_an_error(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks`"
    assert not [output.ename for output in outputs(path) if output.output_type == "error"]


@each_lesson
def test_nothing_of_the_machine_is_stored(path):
    notebook = read(path)
    assert "widgets" not in notebook.metadata, "widget state hides the pictures: run `make notebooks`"
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.get("language_info", {}), "run `make notebooks`"
    for output in outputs(path):
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), (
            "run `make notebooks`"
        )


@each_lesson
def test_cells_are_short_enough_to_read(path):
    for cell in code_cells(path):
        lines = cell.source.count("\n") + 1
        assert lines <= LONGEST_CELL, f"{lines} lines: {cell.source.splitlines()[0]} ..."


@each_lesson
def test_every_stored_picture_has_alt_text_of_its_own(path):
    for output in stored_pictures(path):
        kind = next(kind for kind in PICTURES if kind in output.data)
        alt = output.metadata.get(kind, {}).get("alt") or output.metadata.get("alt")
        assert alt and alt.strip(), f"a picture without alt text: {output.data.get('text/plain')}"


@each_lesson
def test_the_html_page_shows_every_picture_with_words(path):
    page, _ = LessonExporter().from_filename(str(path))
    images = Images(page).found
    embedded = [image for image in images if (image["src"] or "").startswith("data:image/")]
    assert len(embedded) >= len(stored_pictures(path))
    for image in images:
        assert image.get("alt") and image["alt"] != NO_ALT, f"an image without words: {image['src'][:60]}"
