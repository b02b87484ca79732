"""A prediction before the reveal, the two side by side, and how far a reader has come."""

import html
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from ..live.bound_control import button
from ..live.clickable import still
from ..live.layout import follow_large_type, style_sheet
from . import notes
from .notes import Notes, Prediction
from .plan import Lesson, lessons

NOT_YET = (
    "<b>You have not predicted this yet.</b> Go back to the question, choose, press <i>Keep</i>; then press "
    "<i>Compare</i> here. Or read on: the answer follows."
)
HEAD = "lesson", "minutes", "predictions kept", "of these right", "exercises solved"


def predict(key: str, question: str, options: Sequence[str]) -> "Form":
    """A small form that asks for a prediction and keeps it in the reader's own notes.

    key: the lesson's number and a name, such as "06.logit"; `reveal` knows the prediction by it.
    options: what the reader chooses from. A line for a reason stands below them.
    A prediction can be changed until it has been compared with what happened; `forget(key)` removes it.
    """
    if len(set(options)) < 2:
        raise ValueError(f"predict: {key} needs two options or more to choose from.")
    return Form(key, question, options)


def reveal(key: str, truth: str, sentence: str) -> "Comparison":
    """What the reader predicted, and when, beside what happened.

    truth: the option that was right. sentence: the same as a sentence, such as "It fell."
    Who has not predicted is asked to go back, and can compare afterwards without running the cell again.
    """
    return Comparison(key, truth, sentence)


def progress() -> "Card":
    """A table over the course: what the reader has predicted and solved so far."""
    kept, trouble = notes.read()
    rows = [row_of(lesson, kept) for lesson in lessons()]
    total = ("all of it", *map(sum, zip(*(row[1:] for row in rows), strict=True)))
    head = "".join(f'<th scope="col">{words}</th>' for words in HEAD)
    table = (
        f'<table class="cnnlab-progress"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(map(_row, rows))}</tbody><tfoot>{_row(total)}</tfoot></table>{html.escape(trouble)}"
        f"<small>Kept in {html.escape(str(notes.path()))}, on this machine only.</small>"
    )
    return Card(
        "Your progress: for each lesson its minutes, predictions kept and right, exercises solved.",
        [widgets.HTML(table)],
    )


def row_of(lesson: Lesson, kept: Notes) -> tuple:
    """Title, minutes; predictions kept, of how many, and right; exercises solved, of how many."""
    predicted = [kept.predictions.get(f"{lesson.number}.{name}") for name in lesson.predictions]
    said = [prediction for prediction in predicted if prediction is not None]
    solved = sum(f"{lesson.number}.{name}" in kept.exercises for name in lesson.exercises)
    return (
        f"{lesson.number} {lesson.title}", lesson.minutes, len(said), len(predicted),
        sum(prediction.right for prediction in said), solved, len(lesson.exercises),
    )  # fmt: skip


def _row(row: tuple) -> str:
    title, minutes, kept, asked, right, solved, posed = row
    cells = (str(minutes), _share(kept, asked), str(right) if kept else "", _share(solved, posed))
    told = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(title)}</th>{told}</tr>'


def _share(some: int, all_of_them: int) -> str:
    done = " ✓" if some == all_of_them else ""
    return f"{some} of {all_of_them}{done}" if all_of_them else ""


class Card(widgets.VBox):
    """A box whose stored output is `words`, whatever the reader's own notes hold."""

    def __init__(self, words: str, children: Sequence[widgets.Widget]) -> None:
        super().__init__([style_sheet(), *children])
        self.words = words
        follow_large_type(self.add_class("cnnlab-card"))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        """The widget; where no kernel runs, its words."""
        return still(self, self.words)[0]


class Form(Card):
    """What `predict` makes."""

    def __init__(self, key: str, question: str, options: Sequence[str]) -> None:
        self.key = key
        self.choice = widgets.RadioButtons(options=list(options), value=None, tooltip=question)
        hints = {"placeholder": "because ... (for yourself)", "tooltip": "Your reason, in one line"}
        self.reason = widgets.Text(continuous_update=False, **hints)
        self.button = button("Keep", "Keep this prediction in your notes", self.keep)
        self.said = widgets.HTML()
        row = widgets.HBox([self.reason, self.button]).add_class("cnnlab-card-row")
        super().__init__(
            f"Your prediction, kept in your own notes. {question} ({' / '.join(options)})",
            [widgets.HTML(f"<b>{html.escape(question)}</b>"), self.choice, row, self.said],
        )
        kept, trouble = notes.read()
        self._show(kept.predictions.get(key), trouble)

    def keep(self) -> None:
        """Keep what is chosen now, unless it has been compared with what happened."""
        before = notes.read()[0].predictions.get(self.key)
        if before is not None and before.truth is not None:
            self._show(before, "")
        elif self.choice.value is None:
            self._show(None, "Choose one first: a guess will do.")
        else:
            prediction = Prediction(self.choice.value, self.reason.value.strip(), notes.now())
            self._show(prediction, notes.keep_prediction(self.key, prediction))

    def _show(self, prediction: Prediction | None, words: str) -> None:
        """A prediction that is kept, and what there is to say of it."""
        if prediction is not None:
            if prediction.said in self.choice.options:
                self.choice.value = prediction.said
            self.reason.value = prediction.because
            compared = prediction.truth is not None
            self.choice.disabled = self.reason.disabled = self.button.disabled = compared
            when = f"Kept on {notes.moment(prediction.when)}: {prediction.said}. You can still change it."
            stays = f'You have compared it: it stays as it was. course.forget("{self.key}") removes it.'
            words = words or (stays if compared else when)
        self.said.value = f'<span role="status">{html.escape(words)}</span>' if words else ""


class Comparison(Card):
    """What `reveal` makes."""

    def __init__(self, key: str, truth: str, sentence: str) -> None:
        self.key, self.truth, self.sentence = key, truth, sentence
        self.said = widgets.HTML()
        self.button = button("Compare", "What you said, beside what happened", self.compare)
        super().__init__(f"Your prediction, beside what happened. {sentence}", [self.said, self.button])
        self.compare()

    def compare(self) -> None:
        """Show the prediction beside what happened, or where to go back to."""
        kept, trouble = notes.read()
        prediction = kept.predictions.get(self.key)
        if prediction is None:
            self.said.value = html.escape(trouble) or NOT_YET
            return
        if prediction.truth != self.truth:
            prediction = replace(prediction, truth=self.truth)
            trouble = notes.keep_prediction(self.key, prediction)
        self.button.layout.display = "none"
        self.said.value = "<br>".join(filter(None, [self._compared(prediction), html.escape(trouble)]))

    def _compared(self, prediction: Prediction) -> str:
        reason = f", because “{html.escape(prediction.because)}”" if prediction.because else ""
        outcome = "As you said." if prediction.right else "Not as you said: look at your reason again."
        return (
            f"You said <b>{html.escape(prediction.said)}</b>{reason} "
            f"({notes.moment(prediction.when)}).<br>{html.escape(self.sentence)} <b>{outcome}</b>"
        )
