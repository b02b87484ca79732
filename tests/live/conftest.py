"""What several of the panel's tests make."""

import pytest
from helpers import GREY

from cnnlab.live import live


@pytest.fixture
def made():
    """Makes a panel of controls and notes the values that its function received."""
    panels = []

    def make(**controls):
        def note(**values):
            panel_values.append(values)
            return GREY

        panel_values: list[dict] = []
        panel = live(note, alt="grey", **controls)
        panel.values = panel_values
        panels.append(panel)
        return panel

    yield make
    for panel in panels:
        panel.close()
