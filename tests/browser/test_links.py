"""Every relative link of a lesson opens what it names, in a JupyterLab that `make lab` would start."""

import re
import shutil
from pathlib import Path
from posixpath import join, normpath

import nbformat
import pytest
from lab import fresh_page, running_lab
from prepare_jupyter import SETTINGS

ROOT = Path(__file__).parents[2]
LESSON = "notebooks/06_occlusion.ipynb"
RELATIVE = re.compile(r"\]\((?!https?:|mailto:|#|attachment:)([^)\s]+)\)")
ALL_CELLS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}  # in the page at any time
SHOWN = """() => {
    const widget = window.jupyterapp.shell.currentWidget;
    return [widget?.context?.path, widget?.content?.node?.classList.contains('jp-MarkdownViewer') ? 'page'
        : widget?.content?.node?.classList.contains('jp-Notebook') ? 'notebook' : 'other'];
}"""
BACK = "path => { window.jupyterapp.commands.execute('docmanager:open', { path }); }"


def links() -> list[str]:
    """The relative links of the lesson, each once."""
    cells = nbformat.read(ROOT / LESSON, as_version=4).cells
    return list(
        dict.fromkeys(RELATIVE.findall("\n".join(c.source for c in cells if c.cell_type == "markdown")))
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """JupyterLab at the root of a copy of the course, set up as `make lab` sets it up."""
    with running_lab(tmp_path_factory.mktemp("course"), SETTINGS | ALL_CELLS) as lab:
        for path in ("README.md", "CREDITS.md"):
            shutil.copy(ROOT / path, lab.folder)
        for folder in ("docs", "notebooks"):
            shutil.copytree(
                ROOT / folder, lab.folder / folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
            )
        yield lab


def test_every_relative_link_of_a_lesson_opens_what_it_names(course, browser):
    with fresh_page(browser) as page:
        course.open(page, LESSON)
        assert len(links()) >= 4
        for link in links():
            path = normpath(join("notebooks", link.partition("#")[0]))
            page.locator(f'.jp-RenderedMarkdown a[href*="/files/{path}"]').first.click()
            page.wait_for_function(f"() => ({SHOWN})()[0] === {path!r}")
            kind = "notebook" if path.endswith(".ipynb") else "page"
            page.wait_for_function(f"() => ({SHOWN})()[1] === {kind!r}")
            page.evaluate(BACK, LESSON)
            page.wait_for_function(f"() => ({SHOWN})()[0] === {LESSON!r}")
    course.end_kernels()
