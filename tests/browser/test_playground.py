"""The playground as a newcomer meets it: steer, rewind, draw points, look at weights, get things wrong."""

import re

import pytest
from lab import control, fresh_page, pause, press, soon, steer, step, turn
from playwright.sync_api import expect

from cnnlab.training.playground.layout import AREA, HEIGHT, WIDTH, layout
from cnnlab.training.playground.network import Layer

CELL = "from cnnlab.training import playground\nplayground.panel()"
CURVES = re.compile(r"Epoch (\d+): loss ([\d.]+) in training")


@pytest.fixture(scope="module")
def opened(lab, browser):
    """A notebook with a playground; the tests share its page."""
    errors: list[str] = []
    with fresh_page(browser) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        notebook = lab.open(page, lab.write("playground.ipynb", CELL))
        notebook.run()
        notebook.panel().get_by_text("More", exact=True).click()
        yield notebook
    assert not errors


@pytest.fixture
def panel(opened):
    """The playground at its first step, all controls as they came."""
    panel = opened.panel()
    if "Playing" in panel.locator(".cnnlab-status").inner_text():
        pause(panel)
    type_into(panel, "State", "data=circle")
    press(panel, "Reset")
    assert soon(lambda: step(panel) == 0)
    panel.locator("img").first.scroll_into_view_if_needed()
    return panel


def type_into(panel, label, words):
    field = control(panel, label, "textbox")
    field.fill(words)
    field.press("Enter")


def place(panel, x, y):
    """Where on the page a pixel of the sheet is."""
    box = panel.locator("img").first.bounding_box()
    return box["x"] + x / WIDTH * box["width"], box["y"] + y / HEIGHT * box["height"]


def on_plane(panel, x, y):
    left, top, width, height = AREA
    return place(panel, left + (x + 6) / 12 * width, top + (6 - y) / 12 * height)


def drag(panel, *path):
    mouse = panel.page.mouse
    mouse.move(*on_plane(panel, *path[0]))
    mouse.down()
    for there in path[1:]:
        mouse.move(*on_plane(panel, *there), steps=8)
    mouse.up()


def test_the_step_size_moves_while_it_learns_and_nothing_restarts(panel):
    steer(panel)


def test_rewinding_gives_the_same_curve(panel):
    type_into(panel, "Stop at", "epoch 12")
    said = []
    for _ in range(2):
        press(panel, "Reset")
        assert soon(lambda: step(panel) == 0)
        press(panel, "Play")
        expect(panel.get_by_text("The stop you asked for is reached")).to_be_visible(timeout=60_000)
        expect(panel.get_by_text("Paused")).to_be_visible()
        said.append(CURVES.search(panel.inner_text()).groups())
    assert said[0] == said[1] and said[0][0] == "12"


def test_points_are_drawn_and_learned(panel):
    control(panel, "Data", "combobox").select_option("yours")
    expect(panel.get_by_text("There are no points yet")).to_be_visible()
    drag(panel, (-4, 3), (4, 3))
    press(panel, "orange")
    drag(panel, (-4, -3), (4, -3))
    expect(panel.get_by_text("2 strokes")).to_be_visible()
    turn(panel, "Step size", "ArrowRight", 8)
    press(panel, "Play")
    assert soon(lambda: (found := CURVES.search(panel.inner_text())) and float(found[2]) < 0.1, 60)
    pause(panel)
    press(panel, "Clear")
    press(panel, "Play")
    expect(panel.get_by_text("There are no points yet")).to_be_visible()


def test_a_weight_under_the_pointer_is_told(panel):
    where = layout(2, (Layer(4, "tanh"), Layer(2, "tanh")))
    panel.page.mouse.move(*place(panel, *where.curves[0][0][7]))
    expect(panel.get_by_role("tooltip")).to_have_text(re.compile(r"x1 > a1: [+−]\d\.\d\d"))
    panel.page.mouse.move(*place(panel, *where.columns[2][1]))
    expect(panel.get_by_role("tooltip")).to_have_text(re.compile(r"b2: tanh, bias"))
    panel.page.mouse.move(5, 5)


def test_layers_that_do_not_fit_get_a_sentence_and_the_panel_lives(panel):
    press(panel, "Step")
    expect(panel.get_by_text("Epoch 1:")).to_be_visible()
    type_into(panel, "Layers", "8, 40")
    expect(panel.get_by_role("alert")).to_contain_text("layer 2 asks for 40 units: at most 16")
    press(panel, "Step")
    expect(panel.get_by_text("Epoch 2:")).to_be_visible()  # it goes on with the layers it had
    type_into(panel, "Layers", "8 tanh, 4 relu")
    expect(panel.get_by_role("alert")).to_be_hidden()
    expect(panel.get_by_text("Epoch 0:")).to_be_visible()


def test_a_preset_asks_and_a_step_too_large_is_told(panel):
    control(panel, "Preset", "combobox").select_option("Exploding step")
    expect(panel.get_by_text("Find it.")).to_be_visible()
    press(panel, "Play")
    expect(panel.get_by_text(re.compile(r"Diverged in epoch \d+"))).to_be_visible(timeout=60_000)
    assert not re.search(r"\b(nan|inf)\b", panel.inner_text(), re.IGNORECASE)
    press(panel, "Reset")
    assert soon(lambda: step(panel) == 0)
