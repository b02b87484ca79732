"""The layer view in a real page: watch it learn, steer it, click, mistype, open numbers, draw."""

import pytest
from lab import control, fresh_page, pause, press, soon, source, step, turn
from playwright.sync_api import expect

WATCH, OPEN, DRAW = range(3)
CELLS = (
    "import os\n\nos.environ['TORCH_HOME'] = 'nowhere'",
    "from cnnlab import live\nfrom cnnlab.training.layer_view import LayerView\n\nwork = LayerView('digits')",
    "live.live(work.train, alt='A network learns', width=600, **work.controls())",
    "live.live(work.explain, alt='One number of it', width=600, point=live.point(80, 60, mark=False), "
    "stage=live.slider(4, 1, 4))",
    "live.live(work.read_digit, alt='A page to draw on', width=600, **work.drawing_controls())",
)


@pytest.fixture(scope="module")
def notebook(lab, browser):
    with fresh_page(browser) as page:
        opened = lab.open(page, lab.write("layer_view.ipynb", *CELLS))
        opened.run(timeout=300)
        yield opened


def place(panel, x, y):
    """A point of the panel's picture, given in shares of its width and height, on the page."""
    box = panel.locator("img").first.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def steps(notebook):
    return int(notebook.ask("print(work.learner.steps)"))


def test_it_learns_digits_and_its_rate_can_be_changed_meanwhile(notebook):
    panel = notebook.show(WATCH)
    press(panel, "Play")
    assert soon(lambda: float(notebook.ask("print(work.learner.evaluation.accuracy)")) >= 0.97, 60)
    shown, learned, frames = source(panel), steps(notebook), step(panel)
    turn(panel, "Step size", "ArrowLeft", 10)
    expect(panel.locator("img").first).not_to_have_attribute("src", shown)
    assert soon(lambda: steps(notebook) > learned + 20 and step(panel) > frames)
    pause(panel)


def test_a_click_shows_another_layer_while_it_rests_and_while_it_learns(notebook):
    panel = notebook.show(WATCH)
    shown, learned = source(panel), steps(notebook)
    notebook.page.mouse.click(*place(panel, 0.44, 0.05))
    expect(panel.locator("img").first).not_to_have_attribute("src", shown)
    assert notebook.ask("print(work.watched.layer)") == "conv2" and steps(notebook) == learned
    press(panel, "Play")
    assert soon(lambda: steps(notebook) > learned)
    notebook.page.mouse.click(*place(panel, 0.2, 0.95))
    assert soon(lambda: notebook.ask("print(work.watched.picture)") == "2")
    assert steps(notebook) > learned
    pause(panel)


def test_what_cannot_be_built_gets_a_sentence_and_the_panel_lives_on(notebook):
    panel = notebook.show(WATCH)
    learned = steps(notebook)
    field = control(panel, "Architecture", "textbox")
    for text, words in (
        ("konv 3", "line 1: 'konv' is no layer"),
        ("conv 4 3x3\npool 9\ndense 10", "line 2: pool 9"),
    ):
        field.fill(text)
        field.blur()
        expect(panel.get_by_role("alert")).to_contain_text(words)
        assert steps(notebook) == learned
    field.fill("conv 4 3x3\nrelu\ndense 10")
    field.blur()
    assert soon(lambda: notebook.ask("print(len(work.network.layers))") == "4")
    expect(panel.get_by_role("alert")).to_be_hidden()
    press(panel, "Play")
    assert soon(lambda: steps(notebook) > 20)
    pause(panel)


def test_data_that_are_not_there_get_a_sentence(notebook):
    panel = notebook.show(WATCH)
    control(panel, "Data", "combobox").select_option("CIFAR-10")
    expect(panel.get_by_role("alert")).to_contain_text("CIFAR-10 is not in")
    control(panel, "Data", "combobox").select_option("digits")
    expect(panel.get_by_role("alert")).to_be_hidden()


def test_a_number_is_opened_by_two_clicks_and_taken_apart(notebook):
    panel = notebook.show(OPEN)
    shown = source(panel)
    notebook.page.mouse.click(*place(panel, 0.06, 0.05))
    notebook.page.mouse.click(*place(panel, 0.1, 0.3))
    expect(panel.locator("img").first).not_to_have_attribute("src", shown)
    assert soon(lambda: notebook.ask("print(work.opened.unit is not None)") == "True")
    expect(panel).to_contain_text("The arithmetic gives")
    shown = source(panel)
    turn(panel, "Stage", "Home")
    expect(panel.locator("img").first).not_to_have_attribute("src", shown)


def test_no_cross_hides_the_number_but_the_arrow_keys_show_where_they_are(notebook):
    panel = notebook.show(OPEN)
    mark = panel.locator("path.cnnlab-mark-dark").first
    notebook.page.mouse.click(*place(panel, 0.12, 0.32))
    assert soon(lambda: not mark.get_attribute("d"))
    notebook.page.keyboard.press("ArrowRight")
    assert soon(lambda: mark.get_attribute("d"))
    notebook.page.mouse.click(*place(panel, 0.1, 0.3))
    assert soon(lambda: not mark.get_attribute("d"))


def test_a_digit_is_drawn_with_the_mouse_and_read(notebook):
    panel, mouse = notebook.show(DRAW), notebook.page.mouse
    mouse.move(*place(panel, 0.25, 0.15))
    mouse.down()
    mouse.move(*place(panel, 0.24, 0.9), steps=10)
    mouse.up()
    expect(panel).to_contain_text("It takes it for a")
    press(panel, "Clear")
    expect(panel).not_to_contain_text("It takes it for a")
