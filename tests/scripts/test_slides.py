"""Slides of every lesson: words for each picture, notes for who speaks, and nothing from outside."""

import base64
import html.parser
import io
import re

import frames
import lessons
import nbformat
import pytest
import slides
from PIL import Image

each_lesson = pytest.mark.parametrize("path", lessons.paths(), ids=lambda path: path.stem)


class Page(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text of each <aside> and of each slide."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.notes, self.slides, self.open = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.elements.append((tag, found))
        if tag not in ("img", "br", "hr", "meta", "link", "input"):
            self.open.append((tag, found.get("class") or ""))
        if tag == "aside":
            self.notes.append("")
        if tag == "section":
            self.slides.append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if ("aside", "notes") in self.open:
            self.notes[-1] += data
        elif any(tag == "section" for tag, _ in self.open):
            self.slides[-1] += data


def cell(kind, source, slide="", **more):
    made = (nbformat.v4.new_markdown_cell if kind == "md" else nbformat.v4.new_code_cell)(source, **more)
    made.metadata["slideshow"] = {"slide_type": slide}
    return made


def drawn(width=400, height=300):
    """An output that holds a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    data = {"image/png": base64.b64encode(buffer.getvalue()).decode(), "text/plain": "a grey square"}
    return nbformat.v4.new_output("display_data", data, metadata={"image/png": {"alt": 'a "grey" square'}})


@each_lesson
def test_a_deck_is_whole(path):
    text = slides.deck(path)
    page = Page(text)
    notebook = lessons.read(path)
    images = [found for tag, found in page.elements if tag == "img"]
    assert images and all((found["alt"] or "").strip() for found in images)
    code = [each for each in notebook.cells if each.cell_type == "code" and "\ncheck." not in each.source]
    stored = [picture for each in code for picture in frames.pictures(each)]
    assert len([found for found in images if "data-again" not in found]) == len(stored)
    notes = " ".join(page.notes)
    for heading, opening in lessons.sections(notebook):
        about = opening.metadata["cnnlab"]
        assert f"{heading}: {about['minutes']} minute" in notes
        assert about.get("ask", "") in notes
    assert notes.count("Solution.") == len(lessons.exercise_minutes(notebook))
    assert "</details>" not in notes


@each_lesson
def test_a_deck_loads_nothing(path):
    text = slides.deck(path)
    for tag, found in Page(text).elements:
        assert tag not in ("link", "iframe", "object", "embed", "video", "audio")
        assert (found.get("src") or "data:").startswith("data:"), f"{tag} is loaded from {found['src'][:80]}"
    assert not re.search(r"url\((?!data:)[^)]*\)|@import", slides.styles())


@each_lesson
def test_what_is_for_the_instructor_is_not_on_a_slide(path):
    shown = " ".join(Page(slides.deck(path)).slides)
    for heading in ("For the instructor", "Solution", "Ask the room", "course.predict"):
        assert heading not in shown


def test_words_come_before_their_picture_and_its_code_last():
    head = cell("md", "## A picture\n\nFew words.", "slide")
    poster = cell("code", "draw()", outputs=[drawn()])
    words = cell("md", "What it shows.")
    first, second, third = frames.frames([head, poster, words])
    assert "Few words" in first.text and first.picture and not first.code
    assert "What it shows" in second.text and "data-again" in second.picture
    assert 'alt="a &quot;grey&quot; square"' in second.picture
    assert "draw" in third.code and not third.text


def test_words_that_end_in_a_colon_stand_with_what_comes_next():
    head = cell("md", "## A picture", "slide")
    draw = cell("code", "draw()", outputs=[drawn()])
    *_, third, _ = frames.frames([head, draw, cell("md", "And another:"), draw])
    assert "And another" in third.text and "data:image" in third.picture


def test_from_scratch_the_code_comes_first():
    head = cell("md", "## From scratch\n\nOne line.", "slide")
    [first, second] = frames.frames([head, cell("code", "draw()", outputs=[drawn()])])
    assert first.code and not first.picture and second.picture


def test_a_panel_says_where_it_is_alive():
    head = cell("md", "## Live\n\n" + "Turn it. " * 80, "slide")
    [first, _] = frames.frames([head, cell("code", "live.live(f)", outputs=[drawn()])])
    assert "the live panel is in JupyterLab" in frames.section(first, "", 60)


def test_exercises_keep_their_stub_and_hand_the_solution_to_the_notes():
    task = cell("md", "## Exercises\n\n**1. Add** (easy, 5 minutes).", "slide")
    stub = cell("code", "def add(a, b): ...\n\n\ncheck.add(add)")
    solution = cell("md", "<details><summary>Solution</summary>\n\n`a + b`\n</details>")
    [only] = frames.frames([task, stub, solution])
    assert "check" in only.code and "a + b" in only.notes[0] and "a + b" not in only.text


def test_links_between_lessons_lead_to_slides_and_others_are_words():
    made = frames.prose("[next](07_x.ipynb), [credits](../CREDITS.md), [paper](https://example.org)")
    assert 'href="07_x.html"' in made and "../CREDITS" not in made and "credits" in made
    assert 'href="https://example.org"' in made


def test_the_clock_runs_to_the_stated_minutes():
    path = next(each for each in lessons.paths() if each.name.startswith("06"))
    notes = " ".join(Page(slides.deck(path)).notes)
    assert "In short: 1 minute, until minute 50 of 50" in notes


def test_a_question_for_the_room_shows_nothing_of_the_answer():
    question = cell("md", "## Predict\n\nWhat will it say?", "slide")
    answer = cell("code", "draw()", outputs=[drawn(), nbformat.v4.new_output("stream", text="a spider")])
    asked, shown, writing = frames.frames([question, answer])
    assert asked.room and not asked.picture and not asked.printed
    assert shown.picture and "a spider" in shown.printed and not writing.printed


def test_what_only_a_reader_keeps_is_on_no_slide():
    question = cell("md", "## Predict\n\nRise or fall?", "slide")
    keeps = cell("code", 'course.predict("06.logit", "Rise or fall?", ["rise", "fall"])')
    assert len(frames.frames([question, keeps])) == 1


def test_one_page_leads_to_all_decks(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "BUILT", tmp_path)
    monkeypatch.setattr(slides.lessons, "ROOT", tmp_path)
    monkeypatch.setattr(slides, "deck", lambda path: "a deck")
    monkeypatch.setattr(slides.lessons, "titles", lambda: {"06_occlusion.ipynb": "06 Occlusion"})
    slides.main(["06"])
    assert (tmp_path / "06_occlusion.html").read_text(encoding="utf-8") == "a deck"
    assert 'href="06_occlusion.html">06 Occlusion<' in (tmp_path / "index.html").read_text(encoding="utf-8")
