"""What the panel's tests share: small functions to make live, and a way to wait in the loop."""

import asyncio
import contextlib
import io
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

from cnnlab.live import live

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


@contextlib.contextmanager
def panel_of(*arguments, **keywords):
    """A panel around a function, which is closed at the end."""
    panel = live(*arguments, alt="a grey picture", **keywords)
    try:
        yield panel
    finally:
        panel.close()


def shown(panel):
    """The picture in the page, as an array (H, W, ...)."""
    return np.asarray(Image.open(io.BytesIO(panel.view.picture.value)))


def bound(panel, name):
    """The control called `name`, at work in `panel`."""
    return next(bound for bound in panel.controls if bound.name == name)


def press(panel, label):
    """Press the button that says `label`."""

    def buttons(widget):
        for child in getattr(widget, "children", ()):
            yield from buttons(child)
        if type(widget).__name__ == "Button":
            yield widget

    next(button for button in buttons(panel) if button.description == label).click()
