"""Lesson 09 as a newcomer meets it: play, move sliders while it climbs, hand it a broken file, start anew."""

import re
from pathlib import Path

import nbformat
import pytest
from lab import fresh_page
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "09_feature_inversion.ipynb"


@pytest.fixture(scope="module")
def panel(lab, browser):
    """The lesson's panel, in a copy that ends with it: what follows takes longer than this test."""
    notebook = nbformat.read(LESSON, as_version=4)
    last = next(i for i, cell in enumerate(notebook.cells) if "live.live(" in cell.source)
    notebook.cells = notebook.cells[: last + 1]
    nbformat.write(notebook, lab.folder / LESSON.name)
    with fresh_page(browser) as page:
        opened = lab.open(page, LESSON.name)
        opened.run(timeout=300)
        yield opened.panel()


def control(panel, label, role="slider"):
    return panel.locator(".cnnlab-control", has_text=label).get_by_role(role).first


def step(panel):
    """The number of the step in the status line."""
    return int(re.search(r"step (\d+)", panel.locator(".cnnlab-status").text_content()).group(1))


def wait_for_step(panel, least, most=10**9):
    """Until the step is between `least` and `most`."""
    panel.page.wait_for_function(
        """([panel, least, most]) => {
            const step = +/step (\\d+)/.exec(panel.querySelector('.cnnlab-status').textContent)[1];
            return least <= step && step <= most;
        }""",
        arg=[panel.element_handle(), least, most],
        timeout=60_000,
    )


def picture(panel):
    return panel.locator("img").first.get_attribute("src")


def test_a_step_size_moved_while_it_climbs_acts_without_a_restart(panel):
    panel.get_by_role("button", name="Play").click()
    wait_for_step(panel, 3)
    before, number = picture(panel), step(panel)
    slider = control(panel, "Step size")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    wait_for_step(panel, number + 3)
    assert picture(panel) != before
    assert step(panel) > number


def test_another_depth_goes_on_from_the_same_picture(panel):
    number = step(panel)
    slider = control(panel, "Depth")
    slider.focus()
    slider.press("End")
    expect(panel.get_by_text("class scores: 1,000 numbers")).to_be_visible(timeout=30_000)
    assert step(panel) >= number


def test_a_file_that_is_no_picture_gets_a_sentence_and_the_climb_goes_on(panel):
    number = step(panel)
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    with panel.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Upload").click()
    chooser.value.set_files([file])
    expect(panel.get_by_role("alert")).to_contain_text("notes.png")
    expect(panel.get_by_text("Traceback")).to_be_hidden()
    wait_for_step(panel, number + 3)


def test_another_start_begins_again_and_pause_stops_it(panel):
    number = step(panel)
    control(panel, "Start", "combobox").select_option("chameleon")
    wait_for_step(panel, 1, number - 1)
    panel.get_by_role("button", name="Pause").click()
    expect(panel.get_by_text("Paused")).to_be_visible(timeout=30_000)
    kept = picture(panel)
    panel.page.wait_for_timeout(500)
    assert picture(panel) == kept
