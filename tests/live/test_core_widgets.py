"""Panels of core widgets alone: where no others work, everything can still be set."""

import asyncio
import io
import sys
import types
from datetime import UTC, datetime

import anywidget
import ipywidgets as widgets
import numpy as np
import pytest
import torch
from helpers import GREY, bound, press, until
from PIL import Image

from cnnlab.live import (
    ClickablePicture,
    Point,
    Stroke,
    camera,
    drawing,
    live,
    point,
    slider,
    square,
)
from cnnlab.live.core_widgets import PlainPicture, core_only, marked_picture


@pytest.fixture(autouse=True)
def core(monkeypatch):
    monkeypatch.setenv("CNNLAB_CORE_WIDGETS", "1")


@pytest.fixture
def made():
    """Makes a panel that notes what its function receives."""
    panels = []

    def make(**controls):
        seen = []
        panels.append(live(lambda **given: seen.append(given) or GREY, alt="grey", **controls))
        return panels[-1], seen

    yield make
    for panel in panels:
        panel.close()


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def sent(name, content):
    """What a browser sends for one file."""
    now = datetime.now(UTC)
    return (
        {"name": name, "type": "image/png", "size": len(content), "content": content, "last_modified": now},
    )


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.image.value)).convert("L")).astype(int)


CONTROLS = {
    "a point": lambda: point(10, 20),
    "a hovering point": lambda: point(10, 20, hover=True),
    "a square": lambda: square(10, 20, 8),
    "a drawing": lambda: drawing(("blue", "orange")),
    "a camera": lambda: camera(16, 12),
    "a slider": lambda: slider(1, 0, 5),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_no_other_widgets_are_used(made, name):
    panel, _ = made(control=CONTROLS[name]())
    assert not [part for part in parts(panel) if isinstance(part, anywidget.AnyWidget)]
    assert all(type(part).__module__.startswith(("ipywidgets", "cnnlab")) for part in parts(panel))


def test_sliders_set_a_point_and_follow_it(made):
    async def scenario():
        panel, seen = made(at=point(10, 20))
        picture = panel.view.picture
        assert [(one.description, one.value, one.max) for one in picture.sliders] == [
            ("x", 10, 59),
            ("y", 20, 39),
        ]
        picture.sliders[0].value = 33
        await until(lambda: seen[-1] == {"at": Point(33, 20)})
        panel.state = "at=5 6"
        await until(lambda: seen[-1] == {"at": Point(5, 6)})
        assert [one.value for one in picture.sliders] == [5, 6]

    asyncio.run(scenario())


def test_dots_and_lines_are_drawn_with_the_pen_that_is_chosen(made):
    async def scenario():
        panel, seen = made(ink=drawing(("blue", "orange"), area=(4, 4, 50, 30)))
        picture = panel.view.picture
        assert [(one.min, one.max) for one in picture.sliders] == [(4, 53), (4, 33)]
        picture.sliders[0].value, picture.sliders[1].value = 10, 12
        press(picture, "Line")  # nothing to go on from: a dot
        picture.sliders[0].value = 30
        press(picture, "Line")
        pens = next(part for part in parts(panel) if isinstance(part, widgets.ToggleButtons))
        pens.index = 1
        press(picture, "Dot")
        strokes = (Stroke(0, (Point(10, 12), Point(30, 12))), Stroke(1, (Point(30, 12),)))
        await until(lambda: seen[-1] == {"ink": strokes})

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "control, dark",
    [(point(10, 20), (20, 14)), (square(30, 20, 10), (15, 30))],
)
def test_the_mark_is_drawn_into_the_picture(made, control, dark):
    panel, _ = made(control=control)
    shown = pixels(panel.view.picture)
    assert abs(shown[dark] - 128) > 60
    assert abs(shown[35, 55] - 128) < 8
    assert panel.view.picture.width == 60
    assert torch.equal(panel.frame.picture, GREY), "the function's own picture has no mark"


def test_a_picture_without_a_mark_is_as_it_is():
    buffer = io.BytesIO()
    Image.new("RGB", (7, 5)).save(buffer, "PNG")
    for picture in (PlainPicture(), PlainPicture(mode="point", mark=False)):
        picture.show(buffer.getvalue())
        assert (picture.image.value, picture.image.format) == (buffer.getvalue(), "png")
        assert (picture.width, picture.height) == (7, 5)


def test_the_browser_is_sent_nothing_that_a_box_does_not_have():
    assert set(PlainPicture(mode="point").get_state()) == set(widgets.VBox().get_state())


def test_what_is_stored_is_the_same_as_elsewhere(made, monkeypatch):
    plain, _ = made(at=point(10, 20))
    monkeypatch.delenv("CNNLAB_CORE_WIDGETS")
    usual, _ = made(at=point(10, 20))
    for kind in ("text/plain", "image/png"):
        assert plain._repr_mimebundle_()[0][kind] == usual._repr_mimebundle_()[0][kind]


def test_a_still_can_be_uploaded_where_no_camera_works(made):
    async def scenario():
        panel, seen = made(frame=camera(16, 12))
        upload = bound(panel, "frame").field.camera
        buffer = io.BytesIO()
        Image.new("RGB", (32, 24), (255,) * 3).save(buffer, "PNG")
        upload.value = sent("white.png", buffer.getvalue())
        await until(
            lambda: seen[-1]["frame"].shape == (1, 3, 12, 16) and bool(seen[-1]["frame"].min() > 0.99)
        )
        assert upload.value == ()
        upload.value = sent("no.png", b"no picture")
        await until(lambda: "no.png" in panel.view.message.value)

    asyncio.run(scenario())


@pytest.mark.parametrize("variable, colab, expected", [
    (None, False, False), ("1", False, True), ("0", False, False),
    (None, True, True), ("1", True, True), ("0", True, False),
])  # fmt: skip
def test_colab_gets_core_widgets_unless_told_otherwise(monkeypatch, variable, colab, expected):
    monkeypatch.delenv("CNNLAB_CORE_WIDGETS")
    if variable is not None:
        monkeypatch.setenv("CNNLAB_CORE_WIDGETS", variable)
    if colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert core_only() == expected
    assert isinstance(marked_picture(), PlainPicture if expected else ClickablePicture)
