"""Lesson 13 as a newcomer meets it: change the style, teach a painter and go on, hand it a broken file."""

from pathlib import Path

import pytest
from lab import control, lesson_of, pause, press, soon, source, step, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "13_fast_neural_style.ipynb"
PAINTER, TEACH = range(2)


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The panels and what they need, in a copy without the measurements."""
    with lesson_of(lab, browser, LESSON, "painters = {", "def show(", "def teach(", "live.live(") as notebook:
        yield notebook


def test_another_style_paints_another_picture(lesson):
    panel = lesson.show(PAINTER)
    before = source(panel)
    control(panel, "Style", "combobox").select_option("woodcut")
    expect(panel.locator("img").first).not_to_have_attribute("src", before)


def test_a_file_that_is_no_picture_gets_a_sentence_and_the_photograph_stays(lesson):
    panel = lesson.show(PAINTER)
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    with panel.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Upload").first.click()
    chooser.value.set_files([file])
    expect(panel.get_by_role("alert")).to_contain_text("notes.png")
    before = source(panel)
    turn(panel, "Amount", "Home")
    expect(panel.locator("img").first).not_to_have_attribute("src", before or "")


def test_a_weight_moved_while_it_learns_acts_and_a_pause_keeps_what_it_learned(lesson):
    panel = lesson.show(TEACH)
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 2)
    number = step(panel)
    turn(panel, "Style", "ArrowRight", 5)
    assert step(panel) >= number
    assert soon(lambda: step(panel) > number + 2, 60)
    pause(panel)
    number = step(panel)
    press(panel, "Play")
    assert soon(lambda: step(panel) > number)
    pause(panel)
