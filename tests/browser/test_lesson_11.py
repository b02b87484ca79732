"""Lesson 11 as a newcomer meets it: dream, steer it mid-run, ask for nonsense, make a film and stop it."""

import re
from pathlib import Path

import pytest
from lab import lesson_of, pause, press, soon, steer, step, turn
from PIL import Image
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "11_deep_dream.ipynb"
DREAM, ZOOM = 0, 1  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's two panels, in a copy that holds nothing else."""
    words = ("def photograph(", "def wish(", "def zooming(", "live.live(")
    with lesson_of(lab, browser, LESSON, *words) as notebook:
        yield notebook


def test_the_step_size_acts_in_mid_run_without_a_restart(lesson):
    panel = lesson.panel(DREAM)
    panel.scroll_into_view_if_needed()
    steer(panel)
    pause(panel)


def test_a_channel_that_is_not_there_gets_a_sentence_and_the_panel_goes_on(lesson):
    panel = lesson.panel(DREAM)
    press(panel, "Defaults")
    panel.get_by_label("Layer").select_option("features.3")
    turn(panel, "Channel", "End")
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
    turn(panel, "Octaves", "End")
    turn(panel, "Ratio", "End")
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
    pause(panel)
    done = int(panel.locator("progress").get_attribute("value"))
    assert done >= 3
    with Image.open(lab.folder / "dream.gif") as film:
        assert film.n_frames == done
