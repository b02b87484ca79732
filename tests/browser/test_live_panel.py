"""Live panels as a reader meets them, in JupyterLab."""

import re

import pytest
from lab import at_rest, fresh_page, soon
from playwright.sync_api import expect

PANELS = """
import time, torch
from cnnlab.live import ClickablePicture, Frame, live, point, slider, square

def cover(where, window, level):
    if window > 60:
        raise ValueError("this window is too wide")
    picture = torch.full((1, 3, 100, 120), level / 100)
    left, top, width, height = where
    picture[..., top : top + height, left : left + width] = 0
    return Frame(picture, caption=f"{where} in {level}")

live(cover, alt="A grey picture with a black square", title="Cover", where=square(60, 50, "window"),
     window=slider(20, 1, 99, unit="px"), level=slider(50, 0, 100))
""", """
def count(settings):
    step = 0
    while True:
        time.sleep(0.005)
        picture = torch.full((1, 3, 100, 120), step % 50 / 50)
        yield Frame(picture, caption=f"frame {step} rate {settings.rate}", score=step)
        step += 1

live(count, alt="A grey that grows", rate=slider(1, 0, 50))
""", """
import io
from PIL import Image
Image.new("RGB", (120, 100)).save(buffer := io.BytesIO(), "PNG")
alone = ClickablePicture(value=buffer.getvalue(), alt="A black picture", mode="point", hover=True)
alone
"""  # fmt: skip


@pytest.fixture(scope="module")
def opened(lab, browser):
    """A notebook of panels that has run; the tests share its page."""
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.write("panels.ipynb", *PANELS))
        notebook.run()
        yield notebook


def picture(panel):
    """What the page shows now: the red of every pixel, row by row."""
    return panel.locator("img").evaluate(
        """async img => {
            await img.decode();
            const [wide, high] = [img.naturalWidth, img.naturalHeight];
            const canvas = new OffscreenCanvas(wide, high).getContext('2d');
            canvas.drawImage(img, 0, 0);
            return [...canvas.getImageData(0, 0, wide, high).data].filter((_, i) => i % 4 === 0);
        }"""
    )


def test_a_slider_moved_by_keyboard_changes_the_picture(opened):
    panel = opened.panel(0)
    before = picture(panel)
    level = panel.locator(".cnnlab-control", has_text="Level").get_by_role("slider")
    level.focus()
    level.press("ArrowRight")
    expect(panel.get_by_text("in 51")).to_be_visible()
    assert soon(lambda: picture(panel) != before)
    panel.get_by_role("button", name="Defaults").click()
    expect(panel.get_by_text("in 50")).to_be_visible()


def test_an_error_is_a_sentence_and_the_panel_goes_on(opened):
    panel = opened.panel(0)
    window = panel.locator(".cnnlab-control", has_text="Window (px)").get_by_role("slider")
    assert soon(lambda: set(picture(panel)) == {0, 128})  # at rest, without JPEG's losses
    before = picture(panel)
    window.focus()
    window.press("End")
    expect(panel.get_by_role("alert")).to_have_text("ValueError: this window is too wide")
    assert picture(panel) == before
    panel.get_by_role("button", name="Defaults").click()
    expect(panel.get_by_role("alert")).to_have_count(0)


def test_the_square_is_dragged_and_moved_by_arrow_keys(opened):
    panel = opened.panel(0)
    box = panel.get_by_role("application")
    box.scroll_into_view_if_needed()
    place = box.bounding_box()
    scale = place["width"] / 120
    mouse = opened.page.mouse
    mouse.move(place["x"] + 60 * scale, place["y"] + 50 * scale)
    mouse.down()
    for x in range(60, 91, 3):
        mouse.move(place["x"] + (x + 0.5) * scale, place["y"] + 50.5 * scale)
    mouse.up()
    expect(panel.get_by_text("20 × 20 at 80, 40", exact=True)).to_be_visible()
    assert soon(lambda: (picture(panel)[45 * 120 + 85], picture(panel)[45 * 120 + 65]) == (0, 128))
    box.press("ArrowLeft")
    expect(panel.get_by_text("20 × 20 at 79, 40", exact=True)).to_be_visible()
    box.press("Shift+ArrowDown")
    expect(panel.get_by_text("20 × 20 at 79, 50", exact=True)).to_be_visible()
    for _ in range(9):
        box.press("Shift+ArrowRight")
    expect(panel.get_by_text("20 × 20 at 100, 50", exact=True)).to_be_visible()
    assert "A grey picture with a black square" in box.get_attribute("aria-label")


def test_play_steer_pause_step_reset(opened):
    panel = opened.panel(1)
    panel.scroll_into_view_if_needed()
    panel.get_by_role("button", name="Play").click()
    expect(panel.get_by_text("Playing")).to_be_visible()
    expect(panel.get_by_text(re.compile(r"frame \d\d rate 1"))).to_be_visible()
    slider = panel.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(panel.get_by_text(re.compile(r"frame \d+ rate 2"))).to_be_visible()
    pause = panel.get_by_role("button", name="Pause")
    pause.click()
    pause.click()
    expect(panel.get_by_text("Paused")).to_be_visible()
    at_rest(panel)
    held = picture(panel)
    opened.page.wait_for_timeout(300)
    assert picture(panel) == held
    panel.get_by_role("button", name="Reset").click()
    expect(panel.get_by_text("frame 0 rate 2")).to_be_visible()
    panel.get_by_role("button", name="Step").click()
    expect(panel.get_by_text("frame 1 rate 2")).to_be_visible()


def test_a_clickable_picture_alone_reports_clicks_and_hovering(lab, page):
    report = "print(alone.position, alone.clicks, alone.hovered)"
    notebook = lab.open(page, lab.write("alone.ipynb", PANELS[0], PANELS[2], ""))
    notebook.run()
    box = page.get_by_role("application", name="A black picture")
    box.scroll_into_view_if_needed()
    place = box.bounding_box()
    scale = place["width"] / 120
    page.mouse.click(place["x"] + 30.5 * scale, place["y"] + 20.5 * scale)
    box.press("ArrowRight")
    box.press("Enter")
    page.wait_for_timeout(300)
    assert notebook.ask(report) == "[31, 20] 2 [30, 20]"
    page.mouse.move(2, 2)
    page.wait_for_timeout(300)
    assert notebook.ask(report) == "[31, 20] 2 []"


def test_closed_and_opened_again_the_panel_still_works(lab, browser):
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.write("again.ipynb", PANELS[0], PANELS[1]))
        notebook.run()
        panel = notebook.panel(1)
        panel.get_by_role("button", name="Play").click()
        expect(panel.get_by_text("Playing")).to_be_visible()
        notebook.save()
    with fresh_page(browser) as page:
        notebook = lab.open(page, "again.ipynb")
        panel = notebook.panel(1)
        expect(panel.get_by_text("Playing")).to_be_visible()
        panel.get_by_role("button", name="Pause").click()
        expect(panel.get_by_text("Paused")).to_be_visible()
        slider = notebook.panel(0).get_by_role("slider").last
        slider.focus()
        slider.press("ArrowRight")
        expect(notebook.panel(0).get_by_text("in 51")).to_be_visible()


def test_running_the_cell_again_replaces_the_panel(lab, page):
    notebook = lab.open(page, lab.write("rerun.ipynb", PANELS[0], PANELS[1]))
    notebook.run()
    notebook.panel(1).get_by_role("button", name="Play").click()
    expect(notebook.panel(1).get_by_text("Playing")).to_be_visible()
    notebook.run()
    expect(notebook.panel(1).get_by_text("frame 0 rate 1")).to_be_visible()
    expect(page.locator(".cnnlab-panel")).to_have_count(2)
    running = "sum(type(thing).__name__ == 'Panel' and not thing.runner.ended for thing in gc.get_objects())"
    assert notebook.ask(f"import gc; print({running})") == "2"


def test_every_control_and_button_can_be_reached_by_tab(opened):
    panel = opened.panel(0)
    panel.get_by_role("application").focus()
    reached = []
    for _ in range(12):
        opened.page.keyboard.press("Tab")
        reached.append(
            opened.page.evaluate(
                "document.activeElement.getAttribute('role') || document.activeElement.tagName"
            )
        )
    assert reached.count("slider") >= 2 and "BUTTON" in reached
