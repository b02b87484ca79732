"""Lesson 12 as a newcomer meets it: paint, turn the weights meanwhile, take a preset, give a broken file."""

from pathlib import Path

import pytest
from lab import control, lesson_of, pause, press, soon, source, step, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "12_neural_style.ipynb"


@pytest.fixture(scope="module")
def panel(lab, browser):
    with lesson_of(lab, browser, LESSON, "PALETTE = {", "live.live(") as notebook:
        yield notebook.show()


def test_a_weight_moved_while_it_paints_acts_without_a_restart(panel):
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 3)
    before, number = source(panel), step(panel)
    turn(panel, "Content", "End")
    assert step(panel) >= number
    assert soon(lambda: step(panel) > number + 5 and source(panel) != before)
    pause(panel)


def test_another_painting_begins_anew_and_goes_on_playing(panel):
    press(panel, "Play")
    number = step(panel)
    assert soon(lambda: step(panel) > number)
    control(panel, "Painting", "combobox").select_option("woodcut")
    assert soon(lambda: 0 <= step(panel) < number)
    assert soon(lambda: step(panel) >= 3)


def test_a_preset_asks_its_question_and_starts_from_noise(panel):
    assert soon(lambda: step(panel) >= 5)
    panel.get_by_label("Preset").select_option("From nothing")
    expect(panel.get_by_text("What of the painting is there")).to_be_visible()
    assert soon(lambda: 0 <= step(panel) < 5), panel.inner_text()
    assert soon(lambda: step(panel) >= 5), panel.inner_text()
    pause(panel)


def test_a_file_that_is_no_picture_gets_a_sentence(panel):
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    with panel.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Upload").first.click()
    chooser.value.set_files([file])
    expect(panel.get_by_role("alert")).to_contain_text("notes.png")
