"""A notebook that shows pictures: strict nbval passes, and its words reach the file and the page."""

import html.parser
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from cnnlab.pictures.page import LessonExporter

CELLS = [
    "from cnnlab import pictures\npanda = pictures.fit(pictures.read('panda'), 120)",
    "pictures.show(panda, alt='A \"giant\" panda & <bamboo>', caption='Figure 1: <panda>')\nprint('after')",
    "pictures.compare({'before': panda, 'after': 1 - panda})",
    "fig, axes = pictures.figure()\naxes.plot([1, 2])\npictures.show(fig, alt='A line that rises')",
]
WORDS = ['A "giant" panda & <bamboo>', "2 pictures: before; after.", "A line that rises"]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    NotebookClient(notebook, timeout=120).execute()
    path = tmp_path_factory.mktemp("stored") / "lesson.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.slow
def test_the_file_holds_the_words(notebook):
    outputs = [output for cell in nbformat.read(notebook, 4).cells for output in cell.outputs]
    stored = [output for output in outputs if {"image/png", "image/jpeg"} & set(output.get("data", {}))]
    assert [next(iter(output.metadata.values())).alt for output in stored] == WORDS
    assert [output.data["text/plain"] for output in stored] == WORDS


@pytest.mark.slow
def test_strict_nbval_passes(notebook):
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, notebook.name], cwd=notebook.parent, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stdout
    assert f"{len(CELLS)} passed" in run.stdout


class Page(html.parser.HTMLParser):
    """Collects the pictures of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "img" and dict(attrs)["src"].startswith("data:image/"):
            self.words.append(dict(attrs).get("alt"))

    def handle_data(self, data):
        self.text += data


def test_the_page_holds_the_words(notebook):
    page = Page(LessonExporter().from_filename(str(notebook))[0])
    assert page.words == WORDS
    assert "Figure 1: <panda>" in page.text


@pytest.mark.slow
def test_nbconvert_knows_the_page(notebook):
    command = [sys.executable, "-m", "nbconvert", "--to", "lesson", notebook.name]
    run = subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert Page(notebook.with_suffix(".html").read_text("utf-8")).words == WORDS
