"""What the panel's tests share: small functions to make live, and a way to wait in the loop."""

import asyncio
import time
from collections.abc import Callable

import torch

GREY = torch.full((1, 3, 40, 60), 0.5)


def grey(level: float) -> torch.Tensor:
    """A plain picture, 60 wide and 40 high."""
    return torch.full((1, 3, 40, 60), float(level))


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Let the loop run until `condition()` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def knob(panel, name):
    """The control called `name`, at work in `panel`."""
    return next(knob for knob in panel.knobs if knob.name == name)


def press(panel, label):
    """Press the button that says `label`."""

    def buttons(widget):
        for child in getattr(widget, "children", ()):
            yield from buttons(child)
        if type(widget).__name__ == "Button":
            yield widget

    next(button for button in buttons(panel) if button.description == label).click()
