"""Drawing, pointing, hints, presets and states as a reader meets them, in JupyterLab."""

import re

import pytest
from lab import fresh_page, press, soon, step
from playwright.sync_api import expect

SKETCH = """
import numpy as np
from PIL import Image, ImageDraw
from cnnlab import live
from cnnlab.live import Frame, Hint, Preset

def words(strokes):
    return "; ".join(f"{s.pen}:" + " ".join(f"{x},{y}" for x, y in s.points) for s in strokes)

def sizes(typed):
    for k, size in enumerate(typed.split(","), 1):
        if not size.strip().isdecimal():
            raise ValueError(f"layer {k} is {size.strip()!r}: give a whole number.")
    return tuple(map(int, typed.split(",")))

def sketch(ink, layers, features, table, noise):
    picture = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).line([20, 180, 120, 180], fill=(0, 114, 178), width=3)
    hints = [Hint(20, 180, 120, 180, f"weight {noise / 10:.1f}"), Hint(200, 180, 200, 180, "a unit")]
    caption = f"[{words(ink)}] {layers} {features} {table} noise {noise}"
    return Frame(picture, caption=caption, hints=hints)

panel = live.live(
    sketch, alt="A white sheet", width=300, shareable=True,
    presets={"Loud": Preset("noise=9", "What does the noise hide?"), "Small": Preset("layers=1")},
    ink=live.drawing(("blue", "orange"), area=(50, 0, 200, 150)), layers=live.text("8, 8", parse=sizes),
    features=live.several(["x1", "x2", "sin x1"], ["x1"]),
    table=live.file(lambda content: [float(n) for n in content.split()]), noise=live.slider(0, 0, 50),
)
panel
""", """
def where(at):
    return Frame(np.full((100, 120, 3), 128, np.uint8), caption=f"at {at}")

live.live(where, alt="Grey", width=300, at=live.point(3, 4, hover=True))
""", """
def climb(settings):
    n = 0
    while True:
        picture = np.full((100, 120, 3), n % 250, np.uint8)
        yield Frame(picture, caption=f"frame {n}", hints=[Hint(20, 20, 100, 20, f"weight {n}")], pause=n == 8)
        n += 1

live.live(climb, alt="A grey that grows", width=300, rate=live.slider(1, 0, 9))
""", """
def plain(ink):
    return Frame(np.full((100, 100, 3), 255, np.uint8), caption=f"[{words(ink)}]")

live.live(plain, alt="Paper", width=300, ink=live.drawing(ink=False))
"""  # fmt: skip


@pytest.fixture(scope="module")
def opened(lab, browser):
    """A notebook of these panels that has run; the tests share its page."""
    errors: list[str] = []
    with fresh_page(browser) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        notebook = lab.open(page, lab.write("drawing.ipynb", *SKETCH))
        notebook.run()
        yield notebook
    assert not errors


@pytest.fixture
def sheet(opened):
    """The first panel, as it began."""
    panel = opened.panel(0)
    press(panel, "Defaults")
    press(panel, "Clear")
    box = panel.get_by_role("application")
    box.scroll_into_view_if_needed()
    expect(panel.get_by_text(re.compile(r"^\[\] \(8, 8\) \('x1',\) None noise 0$"))).to_be_visible()
    return panel


class Pointer:
    """The mouse over a panel's picture, in the picture's pixels."""

    def __init__(self, panel, wide):
        self.mouse, self.box = (
            panel.page.mouse,
            panel.get_by_role("application").or_(panel.locator("img")).first,
        )
        self.box.scroll_into_view_if_needed()
        self.place = self.box.bounding_box()
        self.scale = self.place["width"] / wide

    def move(self, x, y):
        self.mouse.move(self.place["x"] + (x + 0.5) * self.scale, self.place["y"] + (y + 0.5) * self.scale)

    def drag(self, *places):
        self.move(*places[0])
        self.mouse.down()
        for place in places[1:]:
            self.move(*place)
        self.mouse.up()

    def away(self):
        self.mouse.move(2, 2)


def says(panel, words):
    expect(panel.get_by_text(words)).to_be_visible()


def test_a_line_is_drawn_by_mouse_and_shown_at_once(sheet, opened):
    pointer = Pointer(sheet, 300)
    pointer.move(60, 20)
    pointer.mouse.down()
    pointer.move(70, 25)
    lines = sheet.locator(".cnnlab-ink path.cnnlab-line")
    expect(lines).to_have_count(1)
    assert lines.get_attribute("stroke").upper() == "#0072B2"
    assert lines.get_attribute("d") == "M60.5,20.5L70.5,25.5"
    pointer.move(80, 20)
    pointer.mouse.up()
    says(sheet, "[0:60,20 70,25 80,20] (8, 8)")
    sheet.get_by_role("button", name="orange").click()
    pointer.drag((90, 100))
    pointer.drag((91, 120), (92, 120), (92, 120))
    says(sheet, "[0:60,20 70,25 80,20; 1:90,100; 1:91,120 92,120] (8, 8)")
    dots = sheet.locator(".cnnlab-ink path.cnnlab-dot")
    assert dots.get_attribute("stroke").upper() == "#D55E00"
    says(sheet, "3 strokes")
    press(sheet, "Undo")
    says(sheet, "[0:60,20 70,25 80,20; 1:90,100] (8, 8)")
    press(sheet, "Clear")
    says(sheet, "[] (8, 8)")
    expect(sheet.locator(".cnnlab-ink path")).to_have_count(0)


def test_drawing_is_taken_in_its_area_only(sheet):
    pointer = Pointer(sheet, 300)
    press(sheet, "Clear")
    pointer.drag((20, 20))  # outside
    pointer.drag((30, 60), (60, 60), (70, 60), (70, 170), (90, 60), (95, 60))  # in, out, in again
    says(sheet, re.compile(r"\[\d:60,60 70,60; \d:90,60 95,60\]"))


def test_a_drawing_by_keyboard(sheet):
    box = sheet.get_by_role("application")
    sheet.get_by_role("button", name="blue").click()
    box.focus()
    for key in ("ArrowRight", "Shift+ArrowUp", "Enter", " ", "ArrowDown", "ArrowDown", " ", "ArrowLeft"):
        box.press(key)
    says(sheet, re.compile(r"\[0:(\d+),(\d+); 0:\1,\2 \d+,\d+ \d+,\d+\] "))
    expect(box.locator(".cnnlab-said")).to_have_text(re.compile(r"2 strokes, x \d+, y \d+"))
    assert "Space lowers and raises the pen" in box.get_attribute("aria-label")
    for _ in range(40):
        box.press("Shift+ArrowLeft")
    box.press("Enter")
    says(sheet, re.compile(r"; 0:50,\d+\] "))  # where the area ends
    box.press("Backspace")
    box.press("Backspace")
    says(sheet, re.compile(r"\[0:\d+,\d+\] "))


def test_hints_appear_near_their_line_and_leave_with_the_pointer(sheet, opened):
    pointer, note = Pointer(sheet, 300), sheet.get_by_role("tooltip")
    expect(note).to_be_hidden()
    pointer.move(60, 174)
    expect(note).to_have_text("weight 0.0")
    pointer.move(60, 160)
    expect(note).to_be_hidden()
    pointer.move(204, 176)
    expect(note).to_have_text("a unit")
    pointer.away()
    expect(note).to_be_hidden()


def test_hints_live_while_a_panel_plays_and_where_nothing_is_clicked(opened):
    panel = opened.panel(2)
    pointer, note = Pointer(panel, 120), panel.get_by_role("tooltip")
    pointer.move(50, 21)
    expect(note).to_have_text("weight 0")
    panel.get_by_role("button", name="Play").press("Enter")
    expect(note).to_have_text("weight 8")  # the pointer rested, and the frame asked for a pause
    says(panel, "Paused")
    says(panel, "frame 8")
    panel.get_by_role("button", name="Play").press("Enter")
    assert soon(lambda: step(panel) > 20)
    panel.get_by_role("button", name="Pause").press("Enter")
    says(panel, "Paused")


def test_typed_words_are_taken_on_enter_or_refused_in_a_sentence(sheet):
    field = sheet.get_by_label("Layers")
    field.fill("4, 2")
    field.press("Enter")
    says(sheet, "(4, 2) ('x1',)")
    field.fill("4, many")
    field.press("Enter")
    expect(sheet.get_by_role("alert")).to_have_text("layer 2 is 'many': give a whole number.")
    says(sheet, "(4, 2) ('x1',)")
    field.fill("5")
    field.press("Enter")
    expect(sheet.get_by_role("alert")).to_have_count(0)
    says(sheet, "(5,) ('x1',)")


def test_several_are_ticked_by_keyboard(sheet):
    sheet.get_by_role("checkbox", name="x2").focus()
    sheet.page.keyboard.press(" ")
    sheet.page.keyboard.press("Tab")
    sheet.page.keyboard.press(" ")
    says(sheet, "('x1', 'x2', 'sin x1')")


def test_a_file_is_uploaded_or_refused_by_name(sheet):
    def upload(name, content):
        with sheet.page.expect_file_chooser() as chooser:
            sheet.get_by_role("button", name="Upload").click()
        chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": content})

    upload("mine.csv", b"1 2.5")
    says(sheet, "[1.0, 2.5] noise")
    upload("words.csv", b"one")
    expect(sheet.get_by_role("alert")).to_contain_text("words.csv: could not convert")
    says(sheet, "[1.0, 2.5] noise")
    press(sheet, "Defaults")
    expect(sheet.get_by_role("alert")).to_have_count(0)


def test_a_state_is_copied_pasted_and_refused(sheet, opened):
    pointer = Pointer(sheet, 300)
    sheet.get_by_role("button", name="blue").click()
    pointer.drag((60, 20), (70, 25))
    says(sheet, "[0:60,20 70,25] (8, 8)")
    if not sheet.get_by_label("State").is_visible():
        sheet.get_by_text("More").click()
    field = sheet.get_by_label("State")
    expect(field).to_have_value(re.compile(r"^ink=[\w-]+$"))
    drawn = field.input_value()
    press(sheet, "Defaults")
    expect(field).to_have_value("")
    field.fill(f"{drawn}; noise=7; layers=3, 3")
    field.press("Enter")
    says(sheet, "[0:60,20 70,25] (3, 3) ('x1',) None noise 7")
    expect(sheet.locator(".cnnlab-ink path.cnnlab-line")).to_have_count(1)
    expect(sheet.get_by_label("Layers")).to_have_value("3, 3")
    field.fill("noise=700")
    field.press("Enter")
    expect(sheet.get_by_role("alert")).to_have_text("noise=700: give a whole number from 0 to 50.")
    says(sheet, "(3, 3) ('x1',) None noise 7")
    press(sheet, "Defaults")
    expect(sheet.get_by_role("alert")).to_have_count(0)


def test_a_preset_sets_the_controls_and_asks(sheet):
    chooser = sheet.get_by_label("Preset")
    chooser.select_option("Loud")
    says(sheet, "What does the noise hide?")
    says(sheet, "None noise 9")
    chooser.select_option("Small")
    says(sheet, "[] (1,) ('x1',) None noise 0")
    expect(sheet.get_by_text("What does the noise hide?")).to_have_count(0)
    press(sheet, "Defaults")
    expect(chooser).to_have_value("none")


def test_a_point_follows_the_pointer(opened):
    panel = opened.panel(1)
    pointer = Pointer(panel, 120)
    pointer.move(50, 60)
    says(panel, "at x 50, y 60")
    pointer.drag((50, 60))
    pointer.move(80, 70)
    says(panel, "at x 80, y 70")
    panel.get_by_role("application").press("ArrowRight")  # the pointer rests, the keys lead
    says(panel, "at x 51, y 60")
    pointer.move(82, 70)
    says(panel, "at x 82, y 70")
    pointer.away()
    says(panel, "at x 51, y 60")


def test_ink_that_the_picture_shows_itself_is_lifted_when_it_comes(opened):
    panel = opened.panel(3)
    pointer = Pointer(panel, 100)
    pointer.move(20, 20)
    pointer.mouse.down()
    pointer.move(60, 40)
    expect(panel.locator(".cnnlab-ink path.cnnlab-line")).to_have_count(1)
    pointer.move(61, 41)
    pointer.mouse.up()
    says(panel, "[0:20,20 60,40 61,41]")
    pointer.drag((30, 30))
    says(panel, "[0:20,20 60,40 61,41; 0:30,30]")
    expect(panel.locator(".cnnlab-ink path")).to_have_count(0)


def test_a_drawing_by_touch(lab, browser):
    with fresh_page(browser, has_touch=True) as page:
        notebook = lab.open(page, lab.write("touch.ipynb", SKETCH[0], SKETCH[3]))
        notebook.run()
        panel = notebook.panel(1)
        pointer = Pointer(panel, 100)
        x, y = (pointer.place[k] + 30.5 * pointer.scale for k in "xy")
        page.touchscreen.tap(x, y)
        says(panel, "[0:30,30]")
