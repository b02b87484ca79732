"""The bar follows what is done, and a page without a kernel keeps the words."""

import importlib
from dataclasses import dataclass

import ipywidgets
import pytest

from cnnlab import live

module = importlib.import_module("cnnlab.live.progress")  # a function of the package has its name


@dataclass
class Step:
    done: float


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    bundles = []
    monkeypatch.setattr(module, "display", lambda data, raw: bundles.append(data))
    return bundles


@pytest.fixture
def bars(monkeypatch):
    """The bars that were made."""
    bars = []

    class Bar(ipywidgets.FloatProgress):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            bars.append(self)

    monkeypatch.setattr(module.widgets, "FloatProgress", Bar)
    return bars


def test_everything_is_passed_on_and_the_bar_follows(shown, bars):
    seen = []
    for step in live.progress(map(Step, [0.0, 0.5, 1.0]), "3 steps"):
        seen.append((step.done, bars[0].value))
    assert seen == [(0, 0), (0.5, 0.5), (1, 1)]
    assert len(shown) == 1 and shown[0]["text/plain"] == "3 steps"
    assert "application/vnd.jupyter.widget-view+json" in shown[0]


def test_steps_that_do_not_know_are_counted(shown, bars):
    assert [(step, bars[0].value) for step in live.progress("abcd", "4 steps", total=4)] == [
        ("a", 0.25), ("b", 0.5), ("c", 0.75), ("d", 1.0),
    ]  # fmt: skip


def test_an_error_of_the_work_is_the_readers(shown):
    def failing():
        yield Step(0.2)
        raise ValueError("the third picture is damaged.")

    with pytest.raises(ValueError, match="third"):
        list(live.progress(failing(), "work"))
