"""Lesson 10 as a newcomer meets it: play, move the budget and the goal meanwhile, hand it a broken file."""

import re
from pathlib import Path

import pytest
from lab import control, lesson_of, pause, press, soon, source, steer, step, turn
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "10_adversarial_images.ipynb"
NUDGES, MAKE_ONE = range(2)


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels, in a copy without the experiments."""
    panels = ("def nudges(", "def draw_nudges(", "LOOKS = {", "def make_one(", "def budget_of(", "live.live(")
    with lesson_of(lab, browser, LESSON, "LEVEL = 1", *panels) as notebook:
        yield notebook


def says(panel, words, seconds=60):
    return soon(lambda: re.search(words, panel.text_content() or "") is not None, seconds)


def goes_on(panel, number):
    """Whether the attack goes on from step `number`, and does not start again."""
    return step(panel) >= number and soon(lambda: step(panel) > number)


def test_more_values_push_the_score_farther(lesson):
    panel = lesson.show(NUDGES)
    before = source(panel)
    turn(panel, "Values n", "End")
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    assert says(panel, r"beats 100% of the random")
    turn(panel, "Values n", "Home")
    assert says(panel, r"beats [1-9]?\d% of the random")


def test_a_step_size_moved_while_it_runs_acts_without_a_restart(lesson):
    steer(lesson.show(MAKE_ONE))


def test_the_goal_is_reached_and_another_one_is_made_of_it(lesson):
    panel = lesson.show(MAKE_ONE)
    assert says(panel, r"toaster, \d")
    number = step(panel)
    goal = control(panel, "Goal", "combobox")
    goal.fill("flamingo")
    goal.press("Enter")
    assert says(panel, r"flamingo, \d")
    assert goes_on(panel, number)


def test_a_class_that_is_not_there_gets_a_sentence_and_the_attack_goes_on(lesson):
    panel = lesson.show(MAKE_ONE)
    goal = control(panel, "Goal", "combobox")
    goal.fill("flamingoo")
    goal.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("flamingo")
    number = step(panel)
    assert soon(lambda: step(panel) >= number + 3)
    goal.fill("flamingo")
    goal.press("Enter")
    expect(panel.get_by_role("alert")).to_be_hidden()


def test_a_smaller_budget_takes_the_change_back(lesson):
    panel = lesson.show(MAKE_ONE)
    number = step(panel)
    turn(panel, "Epsilon", "Home")
    assert says(panel, r"moved by 0\.1 levels at most")
    assert says(panel, r"lesser panda, \d")
    assert goes_on(panel, number)


def test_another_norm_is_another_budget(lesson):
    panel = lesson.show(MAKE_ONE)
    turn(panel, "Epsilon", "End")
    assert says(panel, r"moved by (?!0\.)\d+\.\d levels at most")
    control(panel, "Norm", "combobox").select_option("L2")
    assert says(panel, r"moved by (3[3-9]|[4-9]\d|[12]\d\d)\.\d levels at most")
    pause(panel)


def test_a_file_that_is_no_picture_gets_a_sentence(lesson):
    panel = lesson.show(MAKE_ONE)
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    with lesson.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Upload").click()
    chooser.value.set_files([file])
    expect(panel.get_by_role("alert")).to_contain_text("notes.png")
    press(panel, "Play")
    number = step(panel)
    assert soon(lambda: step(panel) >= number + 2)
    pause(panel)
