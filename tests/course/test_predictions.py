"""A prediction before the reveal: kept, shown again, counted, and no part of what a notebook stores."""

import pytest

from cnnlab.course import forget, notes, predict, progress, reveal
from cnnlab.course.notes import Prediction
from cnnlab.course.plan import lessons
from cnnlab.course.predictions import row_of
from cnnlab.live import large_type

KEY, OPTIONS = "06.logit", ["rise", "stay", "fall"]


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_NOTES", str(tmp_path / "notes.json"))


def ask():
    return predict(KEY, "What does the logit do?", OPTIONS)


def shown():
    return reveal(KEY, "fall", "It fell.")


def guess(said, because=""):
    form = ask()
    form.choice.value, form.reason.value = said, because
    form.button.click()
    return form


@pytest.mark.parametrize("said, words", [("fall", "As you said."), ("rise", "Not as you said")])
def test_the_reveal_shows_what_was_said_beside_what_happened(said, words):
    assert "Kept on" in guess(said, "less <fur>").said.value
    told = shown().said.value
    assert f"You said <b>{said}</b>, because “less &lt;fur&gt;”" in told
    assert "It fell." in told and words in told
    assert notes.read()[0].predictions[KEY].right == (said == "fall")


def test_who_has_not_predicted_is_asked_to_go_back_and_can_compare_then():
    revealed = shown()
    assert "not predicted" in revealed.said.value and "fell" not in revealed.said.value
    revealed.button.click()
    assert "not predicted" in revealed.said.value
    guess("rise")
    guess("fall")  # nothing was compared yet: it can be changed
    assert notes.read()[0].predictions[KEY].truth is None
    revealed.button.click()
    assert "You said <b>fall</b>" in revealed.said.value
    assert revealed.button.layout.display == "none"


def test_what_has_been_compared_stays_as_it_was():
    form = guess("rise")
    shown()
    form.choice.value = "fall"
    form.button.click()
    assert notes.read()[0].predictions[KEY].said == form.choice.value == "rise"
    assert form.button.disabled and ask().button.disabled
    forget(KEY)
    assert not ask().button.disabled


def test_a_form_shows_what_was_kept_before():
    guess("stay", "the cheetah has not moved")
    again = ask()
    assert (again.choice.value, again.reason.value) == ("stay", "the cheetah has not moved")


def test_keep_without_a_choice_says_so():
    form = ask()
    form.button.click()
    assert "Choose one" in form.said.value
    assert notes.read()[0].predictions == {}


def test_options_that_have_changed_since_are_no_trouble():
    guess("stay")
    assert predict(KEY, "What does it do?", ["rise", "fall"]).choice.value is None


def test_one_option_is_no_question():
    with pytest.raises(ValueError, match="two options"):
        predict(KEY, "What?", ["rise"])


def test_what_is_stored_does_not_depend_on_the_readers_notes():
    before = [card._repr_mimebundle_()["text/plain"] for card in (ask(), shown())]
    guess("rise")
    after = [card._repr_mimebundle_() for card in (ask(), shown())]
    assert [bundle["text/plain"] for bundle in after] == before
    assert {kind for bundle in after for kind in bundle} == {
        "text/plain",
        "application/vnd.jupyter.widget-view+json",
    }


def test_damaged_notes_are_told_of_in_the_form(tmp_path):
    (tmp_path / "notes.json").write_text("{")
    assert "damaged" in ask().said.value
    assert "damaged" in shown().said.value
    assert "as they were, and new ones begin" in guess("fall").said.value


def test_cards_follow_the_switch_for_large_type():
    form = ask()
    try:
        large_type()
        assert "cnnlab-large" in form._dom_classes and "cnnlab-large" in ask()._dom_classes
    finally:
        large_type(False)
    assert "cnnlab-large" not in form._dom_classes


def test_progress_counts_what_the_notes_hold():
    lesson = next(lesson for lesson in lessons() if lesson.number == "06")
    name, when = lesson.predictions[0], notes.now()
    notes.keep_prediction(f"06.{name}", Prediction("fall", "", when, "fall"))
    notes.keep_exercise("06.keyhole")
    notes.keep_prediction("06.gone", Prediction("fall", "", when))  # a question that is no longer asked
    row = row_of(lesson, notes.read()[0])
    assert row == ("06 Occlusion", lesson.minutes, 1, len(lesson.predictions), 1, 1, 3)
    notes.keep_prediction(f"06.{name}", Prediction("rise", "", when, "fall"))
    assert row_of(lesson, notes.read()[0])[2:5] == (1, len(lesson.predictions), 0)


def test_the_table_shows_all_lessons_and_says_nothing_of_the_reader_in_what_is_stored():
    words = progress()._repr_mimebundle_()["text/plain"]
    notes.keep_exercise("06.keyhole")
    shown = progress()
    assert shown._repr_mimebundle_()["text/plain"] == words
    table = shown.children[1].value
    assert table.count("<tr>") == len(lessons()) + 2
    assert "1 of 3" in table
    total = sum(len(lesson.exercises) for lesson in lessons())
    assert f"1 of {total}" in table
