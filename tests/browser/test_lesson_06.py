"""Lesson 06 as a newcomer meets it: run it, drag the square, move sliders, stop, come back later."""

import re
import time
from pathlib import Path

import pytest
from lab import fresh_page, pause, press, soon, source, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "06_occlusion.ipynb"
BY_HAND, MAP = 0, 1  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.copy(LESSON))
        notebook.run()
        yield notebook


def likeliest(panel):
    """The first bar: (label, percent)."""
    row = panel.locator(".cnnlab-bars tr").first
    return row.locator("th").text_content(), float(row.locator(".cnnlab-share").text_content().rstrip("%"))


def settled_box(element):
    """Where an element is once it is in sight and the page has stopped moving."""
    element.scroll_into_view_if_needed()
    boxes = [None]

    def still():
        boxes.append(element.bounding_box())
        time.sleep(0.2)
        return boxes[-1] == boxes[-2]

    assert soon(still)
    return boxes[-1]


def test_a_square_dragged_over_the_panda_lowers_its_probability(lesson):
    panel = lesson.show(BY_HAND)
    label, before = likeliest(panel)
    assert label == "giant panda"
    box = settled_box(panel.locator("img").first)
    lesson.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    lesson.page.mouse.down()
    lesson.page.mouse.move(box["x"] + box["width"] * 0.47, box["y"] + box["height"] * 0.46, steps=8)
    lesson.page.mouse.up()
    assert soon(lambda: likeliest(panel)[0] != "giant panda" or likeliest(panel)[1] < before / 2)


def test_a_slider_moved_by_keyboard_changes_the_map_and_pause_stops_it(lesson):
    panel = lesson.panel(MAP)
    before = source(panel)
    turn(panel, "Stride", "ArrowLeft", 4)
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    expect(panel.locator(".cnnlab-status")).to_have_text(re.compile(r"Playing\s*step [1-9]"))
    pause(panel)


def test_a_stride_that_leaves_gaps_is_answered_in_words(lesson):
    panel = lesson.panel(MAP)
    press(panel, "Defaults")
    turn(panel, "Window", "Home")
    expect(panel.get_by_text("would leave gaps")).to_be_visible()
    expect(panel.get_by_text("ValueError")).to_be_hidden()
    press(panel, "Defaults")
    expect(panel.get_by_text("would leave gaps")).to_be_hidden()


def test_after_closing_the_tab_the_panel_still_answers(lesson, lab, browser):
    lesson.save()
    with fresh_page(browser) as page:
        again = lab.open(page, LESSON.name)
        panel = again.panel(BY_HAND)
        before = source(panel)
        turn(panel, "Window", "ArrowRight")
        expect(panel.locator("img").first).not_to_have_attribute("src", before)
