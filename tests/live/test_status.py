"""The curve of a panel's scores, and the bar of a long cell."""

from dataclasses import dataclass

import ipywidgets
import pytest

from cnnlab import live
from cnnlab.live import status
from cnnlab.live.status import CURVE_POINTS, Meter, curve


@dataclass
class Step:
    done: float


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    bundles = []
    monkeypatch.setattr(status, "display", lambda data, raw: bundles.append(data))
    return bundles


@pytest.fixture
def bars(monkeypatch):
    """The bars that were made."""
    bars = []

    class Bar(ipywidgets.FloatProgress):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            bars.append(self)

    monkeypatch.setattr(status.widgets, "FloatProgress", Bar)
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


def test_scores_make_a_curve_that_stays_short():
    meter = Meter()
    for step in range(5000):
        meter.add(step)
    assert len(meter.scores.kept) <= CURVE_POINTS + 1
    assert meter.scores.kept[0] == 0 and meter.scores.kept[-1] > 4900
    assert curve(meter.scores.kept).count(",") == len(meter.scores.kept)


def test_the_first_score_makes_the_room_for_its_curve():
    assert curve([]) == ""
    assert curve([1.0]).split("points")[0] == curve([1.0, 2.0]).split("points")[0]
    assert curve([1.0]).count(",") == 1  # one point: no line
