"""Lesson 04 as a newcomer meets it: steer the map while it moves, hover, draw a lasso, upload a zip file."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from lab import at_rest, control, lesson_of, pause, press, soon, source, step, turn
from PIL import Image
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "04_tsne_of_codes.ipynb"
MAP, ASK, LASSO = range(3)  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels, in a copy without the comparisons."""
    words = (
        "album = crops()", "def P(", "written = digits(1000)", "def watch(", "live.live(", "def background(",
        "SOURCES = {", "def told(", "def beside(",
    )  # fmt: skip
    with lesson_of(lab, browser, LESSON, *words) as notebook:
        yield notebook


def words(panel):
    return panel.text_content() or ""


def at(lesson, panel, x, y):
    """A place in a panel's picture, in shares of its width and height, on the page."""
    panel.locator("img").first.scroll_into_view_if_needed()
    box = panel.locator("img").first.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_the_map_is_steered_while_it_moves_and_does_not_start_again(lesson):
    panel = lesson.show(MAP)
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 3)
    steps = [step(panel)]
    for label, act in {
        "Learning rate": lambda: turn(panel, "Learning rate", "ArrowRight", 5),
        "Perplexity": lambda: turn(panel, "Perplexity", "ArrowLeft", 5),
        "Layer": lambda: control(panel, "Layer", "combobox").select_option("pixels"),
    }.items():
        shown = source(panel)
        act()
        expect(panel.locator("img").first).not_to_have_attribute("src", shown or "")
        assert soon(lambda: step(panel) > steps[-1] + 3), f"it stopped at {label}"
        steps.append(step(panel))
    assert steps == sorted(steps), f"it began again: {steps}"
    pause(panel)


def test_other_pictures_and_another_seed_start_again(lesson):
    panel = lesson.show(MAP)
    control(panel, "Pictures", "combobox").select_option("digits")
    assert soon(lambda: step(panel) == 0)
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 5)
    pause(panel)


def test_a_learning_rate_that_is_too_large_gets_a_sentence_and_the_panel_lives(lesson):
    panel = lesson.show(MAP)
    press(panel, "Reset")
    turn(panel, "Learning rate", "End")
    press(panel, "Play")
    expect(panel.get_by_role("alert")).to_contain_text("flew apart", timeout=60_000)
    turn(panel, "Learning rate", "ArrowLeft", 60)
    press(panel, "Reset")
    assert soon(lambda: step(panel) == 0)
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 3)
    expect(panel.get_by_role("alert")).to_be_hidden()
    pause(panel)


def test_the_pointer_asks_the_map_without_a_click(lesson):
    panel = lesson.show(ASK)
    lesson.page.mouse.move(*at(lesson, panel, 0.3, 0.2))
    assert soon(lambda: re.search(r"\w+: of its five nearest in code, the map keeps \d+", words(panel)))
    before, said = source(panel), words(panel)
    lesson.page.mouse.move(*at(lesson, panel, 0.25, 0.5), steps=5)
    assert soon(lambda: source(panel) != before and words(panel) != said)


def test_another_layer_keeps_the_picture_that_was_clicked(lesson):
    panel = lesson.show(ASK)
    lesson.page.mouse.click(*at(lesson, panel, 0.25, 0.5))
    lesson.page.mouse.move(2, 2)  # off the picture: what was clicked stays
    name = re.compile(r" ms([\w ]+): of its five nearest")  # after the time that it took
    shown = at_rest(panel)
    said = name.search(words(panel)).group(1)
    control(panel, "Layer", "combobox").select_option("pixels")
    assert soon(lambda: source(panel) != shown)
    lesson.page.wait_for_timeout(1000)
    assert name.search(words(panel)).group(1) == said


def test_what_a_lasso_holds_is_listed(lesson):
    panel = lesson.show(LASSO)
    before = at_rest(panel)
    corners = [(0.2, 0.2), (0.45, 0.2), (0.45, 0.5), (0.2, 0.5)]
    lesson.page.mouse.move(*at(lesson, panel, *corners[0]))
    lesson.page.mouse.down()
    for corner in corners[1:]:
        lesson.page.mouse.move(*at(lesson, panel, *corner), steps=6)
    lesson.page.mouse.up()
    assert soon(lambda: re.search(r"\d\d+ pictures, \d+ labels; most often", words(panel)))
    assert source(panel) != before


def test_a_click_lists_what_is_around_it(lesson):
    panel = lesson.show(LASSO)
    lesson.page.mouse.click(*at(lesson, panel, 0.3, 0.4))
    assert soon(lambda: "15 pictures," in words(panel))


def zipped(folder, name, files):
    path = folder / name
    with zipfile.ZipFile(path, "w") as opened:
        for file, content in files.items():
            opened.writestr(file, content)
    return path


def png(level):
    data = io.BytesIO()
    Image.new("RGB", (60, 60), (level, 90, 255 - level)).save(data, "PNG")
    return data.getvalue()


def upload(panel, path):
    with panel.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Upload").click()
    chooser.value.set_files(path)


def test_a_zip_file_of_ones_own_and_bad_ones(lesson, tmp_path):
    panel = lesson.show(LASSO)
    shown = at_rest(panel)
    (tmp_path / "no.zip").write_bytes(b"no zip file")
    upload(panel, tmp_path / "no.zip")
    expect(panel.get_by_role("alert")).to_contain_text("not a zip file")
    assert source(panel) == shown
    own = {f"{'red' if k % 2 else 'blue'}/{k}.png": png(20 * k) for k in range(12)}
    upload(panel, zipped(tmp_path, "own.zip", own | {"red/broken.png": b"broken"}))
    assert soon(lambda: source(panel) != shown, 60)
    expect(panel.get_by_role("alert")).to_be_hidden()
    said = ("12 pictures. Draw a loop", "drawn on another map", "These are your own", "1 left out")
    assert soon(lambda: all(part in words(panel) for part in said)), words(panel)
    lesson.page.mouse.click(*at(lesson, panel, 0.3, 0.4))
    assert soon(lambda: "12 pictures, 2 labels" in words(panel) and "1 left out" in words(panel))


def test_a_zip_file_of_one_picture_gets_a_sentence(lesson, tmp_path):
    panel = lesson.show(LASSO)
    upload(panel, zipped(tmp_path, "one.zip", {"one.png": png(3)}))
    expect(panel.get_by_role("alert")).to_contain_text("One picture makes no map", timeout=30_000)


def test_data_that_are_not_there_get_a_sentence(lesson):
    panel = lesson.show(LASSO)
    press(panel, "Defaults")
    control(panel, "Pictures", "combobox").select_option("Imagenette")
    expect(panel.get_by_role("alert")).to_contain_text("download=True", timeout=30_000)
    control(panel, "Pictures", "combobox").select_option("photographs")
    expect(panel.get_by_role("alert")).to_be_hidden(timeout=30_000)
