"""A picture that knows where it was clicked: by mouse, finger or keyboard."""

import base64
import io
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from PIL import Image

from ..pictures.encoding import compress

HERE = Path(__file__).parent
PARTS = ("hints.js", "drawing.js", "clickable.js")  # one module in the browser
FURTHEST = 2**15  # pixels: no picture is wider


class MarkedPicture(traitlets.HasTraits):
    """A picture with a mark on it that the reader moves; positions are whole pixels of the picture.

    value: the bytes of a JPEG or PNG. alt: what it shows, in words.
    mode: what is marked. "" nothing, a still picture; "point" a pixel; "square" a square of side `size`
        around the pixel, kept inside; "drawing" lines that a pen draws.
    mark: whether a point is marked; where not, only while the arrow keys move it.
    position: [x, y], where the mark is. Clicks, drags and arrow keys (with Shift ten times as far) move it.
    clicks: how often the picture was clicked, or Enter pressed.
    hover: whether to report where the pointer is, in `hovered`: [x, y], or empty outside. keyed: whether keys
        moved the mark since the pointer last moved.
    strokes: what was drawn, each stroke [pen, x, y, x, y, ...]. pen: which of `colours` draws now. area:
        [left, top, width, height], where drawing is taken, or empty for everywhere. ink: whether strokes stay
        in sight when the next `value` has come. By keyboard: Enter puts a point down, Space lowers and raises
        the pen, Backspace takes a stroke away.
    hints: [x0, y0, x1, y1, words] each; the words appear when the pointer is near this line, in every mode.
    width, height: of the picture, in its own pixels; follow `value`.
    """

    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Enum(["", "point", "square", "drawing"], "").tag(sync=True)
    mark = traitlets.Bool(True).tag(sync=True)
    position = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    size = traitlets.Int(1).tag(sync=True)
    clicks = traitlets.Int(0).tag(sync=True)
    hover = traitlets.Bool(False).tag(sync=True)
    hovered = traitlets.List(traitlets.Int(), []).tag(sync=True)
    keyed = traitlets.Bool(False).tag(sync=True)
    strokes: traitlets.List = traitlets.List().tag(sync=True)
    pen = traitlets.Int(0).tag(sync=True)
    colours = traitlets.List(traitlets.Unicode(), ["#000000"]).tag(sync=True)
    area = traitlets.List(traitlets.Int(), []).tag(sync=True)
    ink = traitlets.Bool(True).tag(sync=True)
    hints: traitlets.List = traitlets.List().tag(sync=True)
    width = traitlets.Int(0).tag(sync=True)
    height = traitlets.Int(0).tag(sync=True)

    @traitlets.observe("value")
    def _measure(self, change: dict) -> None:
        if change["new"]:
            self.width, self.height = Image.open(io.BytesIO(change["new"])).size

    def show(self, data: bytes, *, keep: bool = True) -> None:
        """Show the bytes of a JPEG or PNG; unless `keep`, past what a saved notebook may hold, if that is
        possible."""
        raise NotImplementedError

    @property
    def square(self) -> tuple[int, int, int, int]:
        """(left, top, width, height) of the square around `position`, inside the picture if there is one."""
        room = self.width or FURTHEST, self.height or FURTHEST
        width, height = (min(self.size, length) for length in room)
        left, top = (
            max(0, min(middle - side // 2, length - side))
            for middle, side, length in zip(self.position, (width, height), room, strict=True)
        )
        return left, top, width, height

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The widget; where no kernel runs, the picture and its words."""
        image = Image.open(io.BytesIO(self.value)) if self.value else Image.new("L", (1, 1), 255)
        return still(self, self.alt, image)


class ClickablePicture(MarkedPicture, anywidget.AnyWidget):
    """A `MarkedPicture` whose mark is set in the picture itself.

    The browser draws the mark at once and sends at most one change a painted frame, the newest.
    """

    _esm = "".join((HERE / part).read_text(encoding="utf-8") for part in PARTS)
    _css = (HERE / "clickable.css").read_text(encoding="utf-8")

    def show(self, data: bytes, *, keep: bool = True) -> None:
        """Show the bytes of a JPEG or PNG; unless `keep`, past `value`, which a saved notebook may hold."""
        if keep:
            self.value = data
        else:
            self._measure({"new": data})
            self.send({"kind": "picture"}, [data])


def still(widget: Any, words: str, image: Image.Image | None = None) -> tuple[dict, dict]:
    """A display bundle: `widget` where a kernel runs, else `image` as PNG if there is one, else `words`.

    The words are the same in every run, so that stored outputs can be compared.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {"text/plain": words, "application/vnd.jupyter.widget-view+json": view}
    if image is None:
        return data, {}
    data["image/png"] = base64.b64encode(compress(image, "png")).decode()
    return data, {"image/png": {"alt": words}}
