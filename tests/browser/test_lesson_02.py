"""Lesson 02 as a newcomer meets it: click channels in the toolbox, let a clip play, upload, draw a dot."""

import io
import re
from pathlib import Path

import pytest
from lab import control, lesson_of, press, soon, source, step, with_camera
from PIL import Image
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "02_neurons_and_filters.ipynb"
TOOLBOX, DOT = 0, 1  # the panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels and what they need, in a copy that holds nothing else."""
    cells = "photographs = {", "EYES = ", "toolbox = ", "def spot(", "def draw_a_dot("
    with with_camera(browser) as filming, lesson_of(lab, filming, LESSON, *cells) as notebook:
        yield notebook


@pytest.fixture
def panel(lesson):
    panel = lesson.panel(TOOLBOX)
    panel.evaluate("panel => panel.scrollIntoView({block: 'start'})")
    return panel


def says(panel, words, seconds=60):
    """Whether the caption comes to hold `words`."""
    return soon(lambda: words in panel.locator(".cnnlab-left").text_content(), seconds)


def click(panel, across, down):
    """Click the sheet at these shares of its width and height."""
    picture = panel.locator("img").first
    box = picture.bounding_box()
    picture.click(position={"x": across * box["width"], "y": down * box["height"]})


def animation():
    """The bytes of a GIF of four frames."""
    frames = [Image.linear_gradient("L").rotate(90 * k).convert("RGB") for k in range(4)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def upload(panel, name, kind, content):
    """Choose a file of one's own."""
    with panel.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})


def test_a_clicked_channel_is_shown_and_its_picture_climbs(panel):
    assert says(panel, "features.6, channel 1:")
    click(panel, 0.3, 0.2)
    assert says(panel, "features.6, channel 71:")
    before = source(panel)
    assert soon(lambda: source(panel) != before)  # it climbs
    expect(panel.get_by_text("Finished")).to_be_visible(timeout=60_000)  # and comes to rest
    click(panel, 0.02, 0.05)
    assert says(panel, "features.6, channel 0:")


def test_panning_moves_the_maps_and_goes_on_when_the_channel_changes(panel):
    panel.get_by_role("checkbox").click()
    assert soon(lambda: step(panel) > 2)
    first = source(panel)
    assert soon(lambda: source(panel) != first)
    click(panel, 0.5, 0.4)
    assert says(panel, "features.6, channel 155:")
    assert soon(lambda: step(panel) > 2)
    control(panel, "Layer", "combobox").select_option("features.9")
    assert says(panel, "features.9, channel")
    panel.get_by_role("checkbox").click()


def films(panel):
    """Whether the status line says how many pictures come a second, and the sheet changes."""
    before = source(panel)
    rate = panel.locator(".cnnlab-status", has_text="frames/s")
    return soon(lambda: rate.is_visible() and source(panel) != before, 240)


def test_the_camera_moves_the_maps(panel):
    press(panel, "Defaults")
    press(panel, "Camera")
    assert films(panel), panel.locator(".cnnlab-left").inner_text()
    click(panel, 0.3, 0.2)
    assert says(panel, "features.6, channel 71:") and films(panel)
    press(panel, "Stop")


def test_an_uploaded_animation_plays_and_a_file_that_is_none_gets_a_sentence(panel):
    upload(panel, "turning.gif", "image/gif", animation())
    assert films(panel), panel.locator(".cnnlab-left").inner_text()
    upload(panel, "broken.gif", "image/gif", animation()[:100])
    expect(panel.get_by_role("alert")).to_contain_text("broken.gif")
    expect(panel.get_by_role("alert")).not_to_contain_text("Error")
    press(panel, "Defaults")
    expect(panel.get_by_role("alert")).to_be_hidden()
    assert says(panel, "features.6, channel 1:")


def test_a_larger_dot_beats_the_eye(lesson):
    panel = lesson.panel(DOT)
    panel.scroll_into_view_if_needed()

    def answer():
        return int(re.search(r"Your dot: (\d+)", panel.locator(".cnnlab-left").text_content()).group(1))

    small = answer()
    radius = control(panel, "Radius")
    radius.focus()
    for _ in range(3):
        radius.press("ArrowRight")
    assert soon(lambda: answer() > 2 * small)
    assert soon(lambda: panel.locator(".cnnlab-share").nth(2).text_content() == "100.0%")
