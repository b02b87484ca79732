"""Panels of core widgets alone, for where no others work, as on Colab: sliders say where the mark is."""

import html
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import traitlets
from PIL import Image, ImageDraw

from ..pictures.encoding import compress
from .bound_control import button
from .clickable import ClickablePicture, MarkedPicture

VARIABLE = "CNNLAB_CORE_WIDGETS"
CROSS = 5  # line widths from the middle of a cross to its ends
SMALL = 160  # pixels: where every one of them is seen, JPEG's losses are, too


def core_only() -> bool:
    """Whether panels do with core widgets: on Colab unless CNNLAB_CORE_WIDGETS is 0, elsewhere if it is 1."""
    return os.environ.get(VARIABLE, "1" if "google.colab" in sys.modules else "0") != "0"


def marked_picture(**traits: Any) -> MarkedPicture:
    """A picture to click in or, where that does not work, one with sliders."""
    return PlainPicture(**traits) if core_only() else ClickablePicture(**traits)


class PlainPicture(MarkedPicture, widgets.VBox):
    """A `MarkedPicture` of core widgets: sliders below the picture set the mark, which is drawn into it.

    A drawing has two buttons: a dot at the mark, and a line from the last point to the mark. Nothing follows
    the pointer, and `hints` are not shown. What is shown is part of the widgets' state, `keep` or not.
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.image = widgets.Image().add_class("cnnlab-plain")
        self.words = widgets.HTML().add_class("cnnlab-words")  # as a core Image has no alt text
        self.sliders = [widgets.IntSlider(0, 0, 1, description=name) for name in ("xy" if self.mode else "")]
        pencil = self._pencil() if self.mode == "drawing" else []
        self.children = (self.image, self.words, *self.sliders, *pencil)
        self.placing = False
        self._place()
        for slider in self.sliders:
            slider.observe(lambda change: self._moved(), "value")
        self.observe(lambda change: self._place(), ["position", "width", "height"])
        self.observe(lambda change: self._draw(), ["position", "size", "strokes"])
        self._draw()

    @traitlets.default("keys")
    def _keys(self) -> list[str]:
        """The browser knows a VBox, and gets no more than that has."""
        return list(widgets.VBox.class_trait_names(sync=True))

    def show(self, data: bytes, *, keep: bool = True) -> None:
        """Show the bytes of a JPEG or PNG, with the mark drawn into it."""
        self.value = data
        self.words.value = html.escape(self.alt)
        self._draw()

    def _pencil(self) -> list[widgets.HBox]:
        dot = button("Dot", "Put a dot where the mark is", self.draw_dot)
        line = button("Line", "Draw from the last point to the mark", self.draw_line)
        return [widgets.HBox([dot, line])]

    def draw_dot(self) -> None:
        """Begin a stroke where the mark is."""
        self.strokes = [*self.strokes, [self.pen, *self.position]]

    def draw_line(self) -> None:
        """Draw on to where the mark is, if the last stroke is of this pen; else begin one."""
        if self.strokes and self.strokes[-1][0] == self.pen:
            self.strokes = [*self.strokes[:-1], [*self.strokes[-1], *self.position]]
        else:
            self.draw_dot()

    def _place(self) -> None:
        """Let the sliders stand where the mark is, and reach as far as the picture."""
        left, top, width, height = self.area or (0, 0, max(self.width, 2), max(self.height, 2))
        spans = [(left, left + width - 1), (top, top + height - 1)]
        self.placing = True
        try:
            for slider, (low, high), number in zip(self.sliders, spans, self.position, strict=False):
                slider.min = min(low, slider.min)  # which must never be above the maximum
                slider.max = high
                slider.min = low
                slider.value = min(max(number, low), high)
        finally:
            self.placing = False

    def _moved(self) -> None:
        """A slider moved."""
        if not self.placing:
            self.position = [slider.value for slider in self.sliders]

    def _draw(self) -> None:
        if not self.value:
            return
        data = self.value
        if self.mode and (self.mark or self.mode != "point"):
            image = Image.open(io.BytesIO(data)).convert("RGB")
            self._ink(ImageDraw.Draw(image), max(1, min(image.size) // 150))
            data = compress(image, "png" if min(image.size) < SMALL else "jpeg")
        self.image.format = "png" if data.startswith(b"\x89PNG") else "jpeg"
        self.image.value = data

    def _ink(self, pencil: ImageDraw.ImageDraw, thick: int) -> None:
        """Draw strokes, and the mark in black and white, so that it is seen on any ground."""
        for pen, *places in self.strokes if self.ink else ():
            points = list(zip(places[::2], places[1::2], strict=True))
            x, y = points[0]
            pencil.line(points, fill=self.colours[pen], width=2 * thick)
            pencil.ellipse((x - thick, y - thick, x + thick, y + thick), fill=self.colours[pen])
        for width, colour in ((3 * thick, "black"), (thick, "white")):
            for line in self._mark(CROSS * thick):
                pencil.line(line, fill=colour, width=width)

    def _mark(self, reach: int) -> list[Sequence[tuple[int, int]]]:
        if self.mode == "square":
            left, top, width, height = self.square
            right, bottom = left + width - 1, top + height - 1
            return [[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]]
        x, y = self.position
        return [[(x - reach, y), (x + reach, y)], [(x, y - reach), (x, y + reach)]]
