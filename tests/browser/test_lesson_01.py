"""Lesson 01 as a newcomer meets it: walk, steer, get lost, prove, fill histograms, let networks diverge."""

import re
from pathlib import Path

import pytest
from lab import at_rest, control, lesson_of, pause, press, soon, source, steer, step, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "01_loss_surfaces.ipynb"
WALKERS, BOXES, WIDTHS, SLICE, FLOOR = range(5)  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels, in a copy without the long experiments."""
    words = (
        "make_moons(", "def starts(", 'ends = {"logistic', "def two_neurons(", "def chart(", "live.live(",
        "def boxes_drawn(", "def ridge(", "def fill(", "class Block(", "def learned(", "def loss_of(",
        "def slice_of(", "def look(", "def pair_of(", "def ways(", "def profile(", "def walk_the_floor(",
    )  # fmt: skip
    with lesson_of(lab, browser, LESSON, *words) as notebook:
        yield notebook


def text(panel):
    return panel.text_content()


def test_walkers_can_be_steered_while_they_walk(lesson):
    steer(lesson.show(WALKERS))


def test_a_click_chooses_where_they_start(lesson):
    panel = lesson.show(WALKERS)
    pause(panel)
    box = panel.locator("img").first.bounding_box()
    before = source(panel)
    lesson.page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.2 * box["height"])
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    assert soon(lambda: step(panel) == 0)


def test_a_walker_that_is_thrown_off_is_lost_and_the_others_go_on(lesson):
    panel = lesson.show(WALKERS)
    control(panel, "Land", "combobox").select_option("Rosenbrock")
    turn(panel, "Step size", "End")
    press(panel, "Play")
    expect(panel.locator("tr", has_text="gradient descent")).to_contain_text("lost")
    before = step(panel)
    assert soon(lambda: step(panel) > before + 5)
    expect(panel.get_by_role("alert")).to_be_hidden()
    pause(panel)


def test_boxes_are_discarded_until_the_minimum_is_enclosed(lesson):
    panel = lesson.show(BOXES)
    press(panel, "Play")
    assert soon(lambda: "Closed: the global minimum lies in" in text(panel), 60)
    expect(panel.get_by_text("Finished")).to_be_visible()


def test_networks_that_diverge_are_counted_and_the_picture_stays(lesson):
    panel = lesson.show(WIDTHS)
    turn(panel, "Networks", "Home")
    press(panel, "Play")
    assert soon(lambda: "5 hidden neurons" in text(panel), 60)
    shown = source(panel)
    turn(panel, "Step size", "End")
    assert soon(lambda: re.search(r"\d+ networks diverged or only guess", text(panel)), 60)
    expect(panel.get_by_role("alert")).to_be_hidden()
    assert source(panel) != shown
    pause(panel)


def test_data_that_are_not_there_get_a_sentence(lesson):
    panel = lesson.show(WIDTHS)
    control(panel, "Data", "combobox").select_option("MNIST")
    press(panel, "Play")
    expect(panel.get_by_role("alert")).to_contain_text("MNIST")
    control(panel, "Data", "combobox").select_option("digits")
    turn(panel, "Step size", "Home")
    press(panel, "Play")
    expect(panel.get_by_role("alert")).to_be_hidden()
    assert soon(lambda: step(panel) >= 1)
    pause(panel)


def test_a_slice_comes_coarse_at_first_and_then_finer(lesson):
    panel = lesson.show(SLICE)
    before = at_rest(panel)
    turn(panel, "Depth", "Home")
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    coarse = source(panel)
    assert soon(lambda: source(panel) != coarse)


def test_the_curve_learns_while_its_step_size_moves(lesson):
    panel = lesson.show(FLOOR)
    steer(panel)
    assert soon(lambda: re.search(r"has learned \d\d+ steps", text(panel)))
    pause(panel)
