"""Lesson 14 as a newcomer meets it: choose a case and a tool; ask for a picture that is not there."""

import re
from pathlib import Path

import pytest
from lab import lesson_of, press, soon, source, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "14_find_the_flaw.ipynb"


@pytest.fixture(scope="module")
def panel(lab, browser):
    """The lesson's panel, in a copy that holds little else."""
    words = ("def of(", "one = flaws.case(", "def by_occlusion(", "def look_closer(", "live.live(")
    with lesson_of(lab, browser, LESSON, *words) as notebook:
        yield notebook.panel(0)


def test_the_caption_says_what_the_network_says_and_another_case_is_another_picture(panel):
    panel.scroll_into_view_if_needed()
    says = re.compile(r"A fish. The network says: fish \d+%, building \d+%, tool \d+%")
    expect(panel.locator(".cnnlab-left")).to_contain_text(says)
    before = source(panel)
    panel.get_by_label("Case").select_option("1")
    assert soon(lambda: source(panel) != before)


def test_a_class_image_climbs_while_one_watches(panel):
    panel.get_by_label("Method").select_option("class image")
    expect(panel.locator(".cnnlab-status")).to_have_text(re.compile(r"Playing\s*step [1-9]"), timeout=60_000)
    before = source(panel)
    assert soon(lambda: source(panel) != before)
    press(panel, "Defaults")


def test_a_picture_that_is_not_there_gets_a_sentence_and_the_panel_goes_on(panel):
    turn(panel, "Number", "End")
    panel.get_by_label("Collection").select_option("elsewhere")
    expect(panel.get_by_text("take number 0 to 119")).to_be_visible(timeout=60_000)
    expect(panel.get_by_text("Error")).to_be_hidden()
    turn(panel, "Number", "Home")
    expect(panel.get_by_text("take number 0 to 119")).to_be_hidden(timeout=60_000)
    expect(panel.get_by_text("A fish.")).to_be_visible()
    press(panel, "Defaults")
