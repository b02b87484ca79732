"""Lesson 03 as a newcomer meets it: the playground, the layer view, and any pretrained network."""

from pathlib import Path

import pytest
from lab import control, lesson_of, pause, press, soon, source, steer, step, with_camera
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "03_live_training.ipynb"
PLAYGROUND, LAYERS, NUMBER, DRAWING, PRETRAINED = range(5)  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels, in a copy without the long experiments."""
    words = (
        "spiral = {", "panel = playground.panel(", "work = LayerView(", "work.explain", "work.read_digit",
        "partial(show_layer",
    )  # fmt: skip
    with with_camera(browser) as filming, lesson_of(lab, filming, LESSON, *words) as notebook:
        yield notebook


def test_the_playground_is_steered_while_it_learns(lesson):
    steer(lesson.show(PLAYGROUND))


def three_steps(lesson, panel):
    """The losses of the start and of three frames, after a rewind."""
    press(panel, "Reset")
    assert soon(lambda: step(panel) == 0)
    for number in (1, 2, 3):
        press(panel, "Step")
        assert soon(lambda number=number: step(panel) == number)
    run = "panel.runner.frames.gi_frame.f_locals['run']"
    return lesson.ask(f"print([round(loss, 12) for _, loss, _ in {run}.history.kept[:4]])")


def test_the_playground_rewinds_to_the_same_losses(lesson):
    panel = lesson.show(PLAYGROUND)
    pause(panel)
    once = three_steps(lesson, panel)
    assert three_steps(lesson, panel) == once and len(set(once.split(","))) == 4


def test_the_layer_view_learns_and_is_steered(lesson):
    panel = lesson.show(LAYERS)
    press(panel, "Play")
    assert soon(lambda: int(lesson.ask("print(work.learner.steps)")) > 100)
    assert soon(lambda: step(panel) > 3)
    pause(panel)


def test_another_layer_of_the_pretrained_network_and_a_corrupt_photograph(lesson):
    panel = lesson.show(PRETRAINED)
    before = source(panel)
    control(panel, "Layer", "combobox").select_option("features.6.expand3x3")
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    corrupt = {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnothing"}
    with panel.page.expect_file_chooser() as chooser:
        press(panel, "Upload")
    chooser.value.set_files(corrupt)
    expect(panel.get_by_role("alert")).to_contain_text("broken.png")
    after = source(panel)
    control(panel, "Layer", "combobox").select_option("features.3.squeeze")
    expect(panel.locator("img").first).not_to_have_attribute("src", after)


def test_the_camera_moves_the_layer_view(lesson):
    panel = lesson.show(PRETRAINED)
    press(panel, "Camera")
    expect(panel.locator(".cnnlab-status")).to_contain_text("frames/s", timeout=30_000)
    before = source(panel)
    assert soon(lambda: source(panel) != before)
    press(panel, "Stop")
