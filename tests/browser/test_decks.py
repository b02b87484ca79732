"""Slides in a browser that has no connection: formulas are set, every slide holds what is on it."""

from pathlib import Path

import lessons
import pytest
import slides
from lab import fresh_page

SCRIPTS = Path(__file__).parents[2] / "scripts"

WALK = """async () => {
  const found = [];
  for (;;) {
    await new Promise((done) => setTimeout(done, 20));
    const frame = Reveal.getCurrentSlide().querySelector(".frame");
    found.push({
      share: Number(frame.dataset.share),
      scrolls: frame.classList.contains("scrolls"),
      over: frame.scrollHeight - frame.clientHeight,
      pictures: [...frame.querySelectorAll("figure img")].map((one) => one.naturalWidth && one.clientHeight),
    });
    if (Reveal.isLastSlide()) return found;
    Reveal.next();
  }
}"""


@pytest.fixture
def opened(browser, tmp_path):
    """Opens the slides of a lesson with the network cut off; the page."""
    with fresh_page(browser, offline=True) as page:

        def show(number):
            [path] = lessons.paths([number])
            target = tmp_path / f"{path.stem}.html"
            target.write_text(slides.deck(path), encoding="utf-8")
            page.goto(target.as_uri())
            page.wait_for_function("window.Reveal && Reveal.isReady()")
            return page

        yield show


@pytest.mark.parametrize("number", ["01", "06", "12"])
def test_every_slide_holds_what_is_on_it(opened, number):
    asked = []
    page = opened(number)
    page.on("request", lambda request: asked.append(request.url))
    found = page.evaluate(WALK)
    assert len(found) > 20
    for place, slide in enumerate(found):
        assert not slide["scrolls"] and slide["over"] <= 1, f"slide {place} is too full: {slide}"
        assert slide["share"] >= 0.6
        assert all(height >= 100 for height in slide["pictures"]), f"slide {place}: {slide}"
    assert not [url for url in asked if not url.startswith("data:")]
    assert page.locator(".katex").count() > 0 and page.locator(".katex-error").count() == 0


def test_the_speaker_sees_notes_and_minutes(opened):
    page = opened("06")
    with page.context.expect_page() as popped:
        page.keyboard.press("s")
    speaker = popped.value
    speaker.get_by_text("1 minute, until minute 1 of 50").wait_for(timeout=20_000)
    page.keyboard.press("ArrowRight")
    speaker.get_by_text("Ask the room").wait_for(timeout=20_000)
