"""A prediction before the reveal, and the two side by side."""

import html
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from ..live.layout import style_sheet
from ..live.lettering import enrol
from . import notes
from .notes import Prediction

NOT_YET = (
    "<b>You have not predicted this yet.</b> Go back to the question, choose, press <i>Keep</i>; then press "
    "<i>Compare</i> here. Or read on: the answer follows."
)


def predict(key: str, question: str, options: Sequence[str]) -> "Card":
    """A small form that asks for a prediction and keeps it in the reader's own notes.

    key: the lesson's number and a name, such as "06.logit"; `reveal` knows the prediction by it.
    options: what the reader chooses from. A line for a reason stands below them.
    A prediction can be changed until it has been compared with what happened; `forget(key)` removes it.
    """
    return Form(key, question, options)


def reveal(key: str, truth: str, sentence: str) -> "Card":
    """What the reader predicted, and when, beside what happened.

    truth: the option that was right. sentence: the same as a sentence, such as "It fell."
    Who has not predicted is asked to go back, and can compare afterwards without running the cell again.
    """
    return Comparison(key, truth, sentence)


class Card(widgets.VBox):
    """A box whose stored output is `words`, whatever the reader's own notes hold."""

    def __init__(self, words: str, children: Sequence[widgets.Widget]) -> None:
        super().__init__([style_sheet(), *children])
        self.words = words
        self.add_class("cnnlab-card")
        enrol(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        """The widget; where no kernel runs, its words."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": self.words, "application/vnd.jupyter.widget-view+json": view}


class Form(Card):
    """What `predict` makes."""

    def __init__(self, key: str, question: str, options: Sequence[str]) -> None:
        if len(set(options)) < 2:
            raise ValueError(f"predict: {key} needs two options or more to choose from.")
        self.key = key
        self.choice = widgets.RadioButtons(options=list(options), value=None)
        self.choice.tooltip = question
        self.reason = widgets.Text(placeholder="because ... (for yourself)", continuous_update=False)
        self.reason.tooltip = "Your reason, in one line"
        self.button = widgets.Button(description="Keep", tooltip="Keep this prediction in your notes")
        self.said = widgets.HTML()
        self.button.on_click(lambda _: self.keep())
        row = widgets.HBox([self.reason, self.button])
        row.add_class("cnnlab-card-row")
        asked = widgets.HTML(f"<b>{html.escape(question)}</b>")
        super().__init__(
            f"Your prediction, kept in your own notes. {question} {_listed(options)}",
            [asked, self.choice, row, self.said],
        )
        kept, trouble = notes.read()
        self._show(kept.predictions.get(key), trouble)

    def keep(self) -> None:
        """Keep what is chosen now, unless it has been compared with what happened."""
        kept, _ = notes.read()
        before = kept.predictions.get(self.key)
        if before is not None and before.truth is not None:
            self._show(before, "")
        elif self.choice.value is None:
            self._say("Choose one first: a guess will do.")
        else:
            prediction = Prediction(self.choice.value, self.reason.value.strip(), notes.now())
            self._show(prediction, notes.keep_prediction(self.key, prediction))

    def _show(self, prediction: Prediction | None, trouble: str) -> None:
        if prediction is None:
            self._say(trouble)
            return
        if prediction.said in self.choice.options:
            self.choice.value = prediction.said
        self.reason.value = prediction.because
        if prediction.truth is not None:
            self.choice.disabled = self.reason.disabled = self.button.disabled = True
            words = f'You have compared it: it stays as it was. course.forget("{self.key}") removes it.'
        else:
            words = f"Kept on {notes.moment(prediction.when)}: {prediction.said}. You can still change it."
        self._say(trouble or words)

    def _say(self, words: str) -> None:
        self.said.value = f'<span role="status">{html.escape(words)}</span>' if words else ""


class Comparison(Card):
    """What `reveal` makes."""

    def __init__(self, key: str, truth: str, sentence: str) -> None:
        self.key, self.truth, self.sentence = key, truth, sentence
        self.said = widgets.HTML()
        self.button = widgets.Button(description="Compare", tooltip="What you said, beside what happened")
        self.button.on_click(lambda _: self.compare())
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


def _listed(options: Sequence[str]) -> str:
    return f"({' / '.join(options)})"
