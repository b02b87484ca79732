"""Lesson 05 as a newcomer meets it: play, click the map, follow a life, let a small agent learn."""

from pathlib import Path

import pytest
from lab import control, fresh_page, pause, press, soon, source, steer, step
from playwright.sync_api import expect

LESSON = Path(__file__).parents[2] / "notebooks" / "05_tsne_of_an_agent.ipynb"
PLAYER, MAP, LIFE, ORCHARD = range(4)  # the lesson's panels, in order


@pytest.fixture(scope="module")
def lesson(lab, browser):
    """The lesson's panels, in a copy with fewer states and without the long experiments."""
    words = (
        "records = agent.collect(",
        "partial(play_view",
        "atlas.show",
        "atlas.follow",
        "    training_view,",
    )
    with fresh_page(browser) as page:
        name = lab.excerpt(LESSON, *words)
        fewer = (lab.folder / name).read_text(encoding="utf-8").replace("1504", "208")
        (lab.folder / name).write_text(fewer, encoding="utf-8")
        notebook = lab.open(page, name)
        notebook.run(timeout=400)
        yield notebook


def test_the_player_plays_and_shows_what_it_looks_at(lesson):
    panel = lesson.show(PLAYER)
    press(panel, "Play")
    assert soon(lambda: step(panel) > 10)
    number = step(panel)
    control(panel, "Looks", "combobox").select_option("occlusion")
    assert soon(lambda: step(panel) > number + 5)  # no restart
    expect(panel).to_contain_text("right and fire")
    pause(panel)


def test_a_click_on_the_map_shows_another_state(lesson):
    panel = lesson.show(MAP)
    box, before = panel.locator("img").first.bounding_box(), source(panel)
    words = panel.get_by_text("value").first.text_content()
    lesson.page.mouse.click(box["x"] + 0.1 * box["width"], box["y"] + 0.7 * box["height"])
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    before = source(panel)
    control(panel, "Colour", "combobox").select_option("invaders")
    expect(panel.locator("img").first).not_to_have_attribute("src", before)
    assert words is not None


def test_a_life_is_followed(lesson):
    panel = lesson.show(LIFE)
    press(panel, "Play")
    expect(panel).to_contain_text("Finished", timeout=30_000)
    expect(panel).to_contain_text("Life")


def test_the_small_agent_learns_while_its_step_size_moves(lesson):
    steer(lesson.show(ORCHARD))
