"""Lesson 11 as a newcomer meets it: dream, steer it mid-run, ask for nonsense, make a film and stop it."""

import re
import time
from pathlib import Path

import pytest
from lab import fresh_page
from PIL import Image
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "11_deep_dream.ipynb"
DREAM, ZOOM = 0, 1  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.copy(LESSON))
        notebook.run(timeout=300)
        yield notebook


def source(panel):
    return panel.locator("img").first.get_attribute("src")


def slider(panel, label):
    return panel.locator(".cnnlab-control", has_text=label).get_by_role("slider").first


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


def test_the_step_size_acts_in_mid_run_without_a_restart(lesson):
    panel = lesson.panel(DREAM)
    panel.scroll_into_view_if_needed()
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 3)
    before, shown = step(panel), source(panel)
    size = slider(panel, "Step size")
    size.focus()
    for _ in range(10):
        size.press("ArrowRight")
    expect(panel.locator("img").first).not_to_have_attribute("src", shown)
    assert soon(lambda: step(panel) > before + 2)
    assert "Playing" in panel.locator(".cnnlab-status").text_content()
    press(panel, "Pause")
    expect(panel.get_by_text("Paused")).to_be_visible(timeout=10_000)
    kept = source(panel)
    lesson.page.wait_for_timeout(500)
    assert source(panel) == kept


def test_a_channel_that_is_not_there_gets_a_sentence_and_the_panel_goes_on(lesson):
    panel = lesson.panel(DREAM)
    press(panel, "Defaults")
    panel.get_by_label("Layer").select_option("features.3")
    channel = slider(panel, "Channel")
    channel.focus()
    channel.press("End")
    press(panel, "Reset")
    press(panel, "Play")
    expect(panel.get_by_text("channels 0 to 127")).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("ValueError")).to_be_hidden()
    press(panel, "Defaults")
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 2)
    expect(panel.get_by_text("channels 0 to 127")).to_be_hidden()
    press(panel, "Pause")


def test_too_many_octaves_get_a_sentence(lesson):
    panel = lesson.panel(DREAM)
    panel.get_by_text("More", exact=True).first.click()
    for label, key in (("Octaves", "End"), ("Ratio", "End")):
        knob = slider(panel, label)
        knob.focus()
        knob.press(key)
    expect(panel.get_by_text(re.compile(r"octave 1 of 8 would be"))).to_be_visible(timeout=30_000)
    press(panel, "Defaults")
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 2)
    press(panel, "Pause")


def test_a_film_that_is_stopped_keeps_what_is_done(lesson, lab):
    panel = lesson.panel(ZOOM)
    panel.scroll_into_view_if_needed()
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 2, seconds=60)
    press(panel, "Pause")
    expect(panel.get_by_text("Paused")).to_be_visible(timeout=20_000)
    done = int(panel.locator("progress").get_attribute("value"))
    assert done >= 3
    with Image.open(lab.folder / "dream.gif") as film:
        assert film.n_frames == done
