"""What a panel asks of its controls: whatever comes by itself is treated as a camera is."""

import ipywidgets as widgets
from helpers import bound, grey, panel_of, shown

from cnnlab.live import Control, slider
from cnnlab.live.bound_control import Lazy


class Reading(Lazy):
    """A number from outside: the next one comes when the last is in sight."""

    moves = private = True

    def __init__(self, level):
        self.level, self.back = level, 0

    def get(self):
        self.used = True
        return self.level

    def words(self):
        return [f"{self.level} V"]

    def came_back(self):
        self.back += 1


def meter():
    return Control(lambda text: widgets.FloatText(description=text), lambda field: read[field.value])


read = {0.0: 0.5, 1.0: Reading(1.0), 2.0: Reading(0.0)}


def test_a_value_that_moves_is_followed_and_not_stored():
    with panel_of(lambda level: grey(level), level=meter()) as panel:
        panel.meter.due = lambda: True
        before, stored = panel.view.picture.value, panel._repr_mimebundle_()[0]["image/png"]
        assert "Ready" in panel.view.line.value and not bound(panel, "level").lazy.moves
        bound(panel, "level").field.value = 1.0
        assert panel.frame.picture.mean() == 1 and read[1.0].used and read[1.0].back == 1
        assert "Live" in panel.view.line.value and "1.0 V" in panel.view.line.value
        bound(panel, "level").field.value = 2.0
        assert panel.frame.picture.mean() == 0 and (read[1.0].back, read[2.0].back) == (1, 1)
        assert panel.view.picture.value == before
        assert panel._repr_mimebundle_()[0]["image/png"] == stored
        bound(panel, "level").field.value = 0.0
        assert "Ready" in panel.view.line.value
        assert panel.view.picture.value == before, "a result may hold what it saw before"


def test_values_that_a_reader_chooses_say_nothing_of_themselves():
    with panel_of(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
        lazy = bound(panel, "level").lazy
        assert not (lazy.again or lazy.moves or lazy.used or lazy.private or lazy.words())
        bound(panel, "level").field.value = 1.0
        assert (shown(panel) == 255).all()
