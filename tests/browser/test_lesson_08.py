"""Lesson 08 as a newcomer meets it: let a class climb, steer it mid-run, ask for what is not there."""

import re
import time
from pathlib import Path

import pytest
from lab import fresh_page
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "08_class_visualization.ipynb"


@pytest.fixture(scope="module")
def panel(lab, browser):
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.copy(LESSON))
        notebook.run(timeout=300)
        panel = notebook.panel(0)
        panel.scroll_into_view_if_needed()
        yield panel


def source(panel):
    return panel.locator("img").first.get_attribute("src")


def control(panel, label):
    return panel.locator(".cnnlab-control", has_text=label).first


def press(panel, name):
    panel.get_by_role("button", name=name).click()


def step(panel):
    """The step that the status line names."""
    found = re.search(r"step (\d+)", panel.locator(".cnnlab-status").text_content())
    return int(found.group(1)) if found else -1


def soon(condition, seconds=30):
    """Whether `condition()` becomes true in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def says(panel, words, seconds=60):
    """Whether the caption comes to hold `words`."""
    return soon(lambda: words in panel.locator(".cnnlab-left").text_content(), seconds)


def test_the_class_rises_until_the_network_says_its_name(panel):
    press(panel, "Play")
    assert says(panel, "goldfish")


def test_the_step_size_acts_in_mid_run_without_a_restart(panel):
    before, shown = step(panel), source(panel)
    size = control(panel, "Step size").get_by_role("slider")
    size.focus()
    for _ in range(10):
        size.press("ArrowRight")
    expect(panel.locator("img").first).not_to_have_attribute("src", shown)
    assert soon(lambda: step(panel) > before + 3)
    assert "Playing" in panel.locator(".cnnlab-status").text_content()


def test_another_class_takes_over_the_same_picture(panel):
    before = step(panel)
    label = control(panel, "Label").get_by_role("combobox")
    label.fill("volcano")
    label.press("Enter")
    assert says(panel, "volcano")
    assert step(panel) > before


def test_an_unknown_class_gets_the_nearest_names_and_the_climb_goes_on(panel):
    label = control(panel, "Label").get_by_role("combobox")
    label.fill("goldfich")
    label.press("Enter")
    expect(panel.get_by_text("near it: goldfish")).to_be_visible()
    before = step(panel)
    assert soon(lambda: step(panel) > before)
    label.fill("goldfish")
    label.press("Enter")
    expect(panel.get_by_text("near it")).to_be_hidden()


def test_a_feature_map_that_is_not_there_gets_a_sentence_and_the_last_picture_stays(panel):
    panel.get_by_text("More", exact=True).click()
    unit = control(panel, "Unit").get_by_role("slider")
    unit.focus()
    unit.press("End")  # 999
    control(panel, "Layer").get_by_role("combobox").select_option("features.3")
    expect(panel.get_by_text("channels 0 to 127")).to_be_visible()
    kept = source(panel)
    unit.focus()
    unit.press("Home")
    press(panel, "Play")
    expect(panel.get_by_text("channels 0 to 127")).to_be_hidden()
    expect(panel.locator("img").first).not_to_have_attribute("src", kept)
    press(panel, "Pause")
    press(panel, "Pause")  # a second time does no harm
    expect(panel.get_by_text("Paused")).to_be_visible()
