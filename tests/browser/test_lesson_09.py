"""Lesson 09 as a newcomer meets it: play, move sliders while it climbs, hand it a broken file, start anew."""

from pathlib import Path

import pytest
from lab import control, fresh_page, pause, soon, steer, step, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "09_feature_inversion.ipynb"


@pytest.fixture(scope="module")
def panel(lab, browser):
    """The lesson's panel, in a copy that holds nothing else."""
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.excerpt(LESSON, "DEPTHS = {", "def invert(", "live.live("))
        notebook.run()
        yield notebook.panel()


def test_a_step_size_moved_while_it_climbs_acts_without_a_restart(panel):
    steer(panel)


def test_another_depth_goes_on_from_the_same_picture(panel):
    number = step(panel)
    turn(panel, "Depth", "End")
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
    assert soon(lambda: step(panel) >= number + 3)


def test_another_start_begins_again_and_pause_stops_it(panel):
    number = step(panel)
    control(panel, "Start", "combobox").select_option("chameleon")
    assert soon(lambda: 1 <= step(panel) < number)
    pause(panel)
