"""Lesson 08 as a newcomer meets it: let a class climb, steer it mid-run, ask for what is not there."""

import re
from pathlib import Path

import pytest
from lab import control, fresh_page, pause, press, soon, steer, step, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "08_class_visualization.ipynb"


@pytest.fixture(scope="module")
def panel(lab, browser):
    """The lesson's panel, in a copy that holds nothing else."""
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.excerpt(LESSON, "def wish(", "def draw(", "live.live("))
        notebook.run()
        panel = notebook.panel()
        panel.scroll_into_view_if_needed()
        yield panel


def says(panel, words, seconds=60):
    """Whether the caption comes to hold `words`."""
    return soon(lambda: words in panel.locator(".cnnlab-left").text_content(), seconds)


def test_the_class_rises_until_the_network_says_its_name(panel):
    press(panel, "Play")
    assert says(panel, "The network says: goldfish")


def test_the_step_size_acts_in_mid_run_without_a_restart(panel):
    steer(panel)


def test_another_class_takes_over_the_same_picture(panel):
    before = step(panel)
    label = control(panel, "Label", "combobox")
    label.fill("volcano")
    label.press("Enter")
    assert says(panel, "The network says: volcano")
    assert step(panel) > before


def test_an_unknown_class_gets_the_nearest_names_and_the_climb_goes_on(panel):
    label = control(panel, "Label", "combobox")
    label.fill("goldfich")
    label.press("Enter")
    expect(panel.get_by_text(re.compile("near it: .*goldfish"))).to_be_visible()
    before = step(panel)
    assert soon(lambda: step(panel) > before)
    label.fill("goldfish")
    label.press("Enter")
    expect(panel.get_by_text("near it")).to_be_hidden()


def test_a_map_that_a_layer_does_not_have_becomes_its_last_and_the_climb_goes_on(panel):
    panel.get_by_text("More", exact=True).click()
    turn(panel, "Unit", "End")  # 999
    before = step(panel)
    control(panel, "Layer", "combobox").select_option("features.3")
    assert says(panel, "features.3, map 127")
    assert soon(lambda: step(panel) > before)
    pause(panel)
