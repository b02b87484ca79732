"""Lesson 07 as a newcomer meets it: click a neuron, add its gradient, ask nonsense, destroy all."""

import re
from pathlib import Path

import pytest
from lab import at_rest, control, lesson_of, soon, source
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "07_gradients_and_deconvolution.ipynb"
NEURON, DESTROYED = 0, 1  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels, in a copy that holds little else."""
    words = ("lemur_and_cheetah", "def framed(", "def marked(", "def excite(", "live.live(", "def take_away(")
    with lesson_of(lab, browser, LESSON, *words) as notebook:
        yield notebook


def caption(panel):
    return panel.locator(".cnnlab-left").text_content()


def says(panel, words):
    assert soon(lambda: re.search(words, caption(panel))), caption(panel)


def numbers(panel):
    """The activation before and after the step."""
    return [
        float(n) for n in re.search(r"activation ([\d.]+), after the step ([\d.]+)", caption(panel)).groups()
    ]


def click(panel, x, y):
    """Click the picture at these shares of its width and height."""
    image = panel.locator("img").first
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    image.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_a_click_on_the_feature_map_chooses_the_neuron(lesson):
    panel = lesson.panel(NEURON)
    before = source(panel)
    click(panel, 0.5, 0.6)  # below the middle of the picture in the middle
    says(panel, "features.9, map 210, row [89] and column 6")
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    row = re.search("row .", caption(panel)).group()
    click(panel, 0.18, 0.6)  # a little to the right of that, in the photograph
    says(panel, row + " and column 7")


def test_a_silent_neuron_is_named_so(lesson):
    panel = lesson.panel(NEURON)
    click(panel, 0.35, 0.8)
    says(panel, "Switched off")
    expect(panel.get_by_role("alert")).to_be_hidden()


def test_adding_the_gradient_raises_the_activation(lesson):
    panel = lesson.panel(NEURON)
    click(panel, 0.5, 0.42)
    says(panel, "row 6 and")
    step = control(panel, "Step")
    step.focus()
    for _ in range(5):
        step.press("ArrowRight")
    assert soon(lambda: "after the step" in caption(panel) and numbers(panel)[1] > 1.2 * numbers(panel)[0])


def test_any_class_and_an_unknown_one(lesson):
    panel = lesson.panel(NEURON)
    control(panel, "Layer", "combobox").select_option("class")
    says(panel, "class lesser panda: score")
    label = control(panel, "Label", "combobox")
    label.fill("tiger sharc")
    label.press("Enter")
    expect(panel.get_by_text(re.compile("near it: .*tiger shark"))).to_be_visible()
    label.fill("tiger shark")
    label.press("Enter")
    says(panel, "class tiger shark: score")
    expect(panel.get_by_text("near it")).to_be_hidden()


def test_the_guided_map_outlives_the_network(lesson):
    panel = lesson.panel(DESTROYED)
    slider = control(panel, "Random")
    slider.focus()
    slider.press("Home")
    says(panel, "0 of 26 layers random. The network says: porcupine.*gradient 1.00.*guided 1.00")
    before = at_rest(panel)
    for _ in range(3):
        slider.press("ArrowRight")
    says(panel, r"3 of 26 layers random.*gradient 0\.[0-6].*guided 0\.[89]")
    assert source(panel) != before
