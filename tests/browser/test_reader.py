"""What readers and rooms need: predictions that are kept, large letters, the keyboard alone, core widgets."""

import pytest
from lab import control, fresh_page, press, soon, source, turn
from playwright.sync_api import expect

IMPORTS = """
import torch
from cnnlab import course, live

def shade(**given):
    return live.Frame(torch.full((1, 3, 60, 60), given["level"]), text=live.bars([("light", given["level"])]))
"""
ASK = 'course.predict("06.logit", "What did the logit do?", ["rise", "stay", "fall"])'
ANSWER = 'course.reveal("06.logit", "fall", "It fell.")'
PANEL = """
live.live(
    shade, alt="A grey square", title="Shade",
    level=live.slider(0.5, 0.0, 1.0), picture=live.picture("panda"),
    on=live.toggle(True), some=live.several(["x1", "x2"], ["x1"]), seed=live.seed(0), word=live.text("a"),
    rate=live.slider(1, 0, 5, label="Rate"), at=live.point(30, 30),
)
"""
FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    return {
        inside: Boolean(element.closest('.cnnlab-panel')),
        place: element.closest('.cnnlab-control')?.innerText,
        words: element.innerText, ring: style.outlineStyle == 'none' ? 0 : parseFloat(style.outlineWidth),
        clickable: element.classList.contains('cnnlab-clickable'),
    };
}"""
LETTERS = """panel => [...panel.querySelectorAll('*')]
    .filter(element => element.checkVisibility({ visibilityProperty: true }) && element.tagName != 'STYLE'
        && (element.matches('select, input:not([type=checkbox], [type=radio])')
            || [...element.childNodes].some(node => node.nodeType == 3 && node.textContent.trim())))
    .map(element => [element.tagName, element.className, parseFloat(getComputedStyle(element).fontSize)])"""


@pytest.fixture(scope="module")
def notebook(lab, browser):
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.write("reader.ipynb", IMPORTS, ASK, ANSWER, PANEL, PANEL))
        notebook.run()
        yield notebook


def test_a_prediction_is_kept_and_shown_again_beside_what_happened(notebook):
    form, answer = notebook.page.locator(".cnnlab-card").all()
    expect(answer).to_contain_text("You have not predicted this yet")
    form.get_by_role("button", name="Keep").click()
    expect(form).to_contain_text("Choose one first")
    form.get_by_label("rise").check()
    form.get_by_role("textbox").fill("it is surer")
    form.get_by_role("button", name="Keep").click()
    expect(form).to_contain_text("rise. You can still change it.")
    answer.get_by_role("button", name="Compare").click()
    expect(answer).to_contain_text("You said rise, because “it is surer”")
    expect(answer).to_contain_text("It fell. Not as you said")
    expect(answer.get_by_role("button", name="Compare")).to_be_hidden()


def test_large_letters_in_every_panel_and_card_by_one_button(notebook):
    panel = notebook.show()
    button = panel.get_by_role("button", name="Aa")
    small = panel.locator("img").bounding_box()
    button.focus()
    button.press("Enter")
    cards = notebook.page.locator(".cnnlab-card").all()
    for shown in (panel, notebook.panel(1), *cards):
        assert soon(lambda shown=shown: min(size for *_, size in shown.evaluate(LETTERS)) >= 20), (
            shown.evaluate(LETTERS)
        )
    notebook.show()
    large = panel.locator("img").bounding_box()
    assert large["width"] == small["width"], "the picture is as large as before"
    assert large["y"] - panel.bounding_box()["y"] < 60 and large["y"] + large["height"] < 720
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth + 1"), "nothing sticks out"
    button.press("Enter")
    assert soon(lambda: min(size for *_, size in panel.evaluate(LETTERS)) < 20)


def walk(page, panel):
    """What Tab reaches, from the panel's picture on."""
    panel.locator(".cnnlab-clickable").focus()
    stops = []
    while len(stops) < 40:
        stop = page.evaluate(FOCUSED)
        if stops and (stop["clickable"] or not stop["inside"]):
            break
        stops.append(stop)
        page.keyboard.press("Tab")
    return stops


def test_tab_reaches_everything_from_top_to_bottom_and_shows_where_it_is(notebook):
    panel, page = notebook.show(), notebook.page
    stops = walk(page, panel)
    assert all(stop["ring"] >= 3 for stop in stops[1:]), stops
    places = [" ".join((stop["place"] or stop["words"]).split()) for stop in stops]
    names = ["Level", "Picture", "On", "Some", "Seed", "Word", "More", "Defaults", "Aa"]
    first = [next(i for i, place in enumerate(places) if name in place and i) for name in names]
    assert first == sorted(first), places
    assert not any("Rate" in place for place in places), "what is folded is not walked through"
    more = panel.get_by_role("button", name="More")
    more.focus()
    more.press("Enter")
    expect(control(panel, "Rate")).to_be_visible()
    assert any("Rate" in (stop["place"] or "") for stop in walk(page, panel))
    more.press("Enter")
    expect(control(panel, "Rate")).to_be_hidden()


def test_core_widgets_alone_do_the_same(lab, page):
    core = "import os; os.environ['CNNLAB_CORE_WIDGETS'] = '1'"
    notebook = lab.open(page, lab.write("core.ipynb", core + IMPORTS, PANEL))
    notebook.run()
    panel = notebook.show()
    assert panel.locator(".cnnlab-clickable").count() == 0
    expect(panel.get_by_text("A grey square")).to_be_attached()
    shown = source(panel)
    x = panel.locator(".cnnlab-left").get_by_role("slider").first
    x.focus()
    x.press("ArrowRight")
    expect(panel.get_by_text("x 31, y 30")).to_be_visible()
    turn(panel, "Level", "ArrowRight", 5)
    expect(panel).to_contain_text("55.0%")
    expect(panel.locator("img").first).not_to_have_attribute("src", shown or "")
    press(panel, "Defaults")
    expect(panel).to_contain_text("50.0%")
