"""A control for pictures that move: the reader's camera, a clip or a still, or a bundled photograph.

The browser cuts pictures to size and sends the next one when what the panel made of the last one is in sight.
They come as messages, and leave as such: neither is part of a widget's state, so that no notebook keeps them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets
from torch import Tensor

from .. import pictures
from .bound_control import BoundControl, Control, Lazy
from .controls import one_option
from .core_widgets import core_only

OWN = "camera or upload"
FRAMES = 60  # of an animation, at most


class Camera(anywidget.AnyWidget):
    """The buttons Camera and Upload. Everything they give comes as messages; a `Source` hears them.

    width, height: of the pictures, in pixels. mirror: whether a camera shows its pictures as a mirror does.
    """

    _esm = Path(__file__).with_name("camera.js").read_text(encoding="utf-8")

    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    mirror = traitlets.Bool(True).tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)


@dataclass(eq=False)
class CameraFrame(Lazy):
    """One picture from the reader, which is decoded when the function asks for it.

    camera: the buttons that it came from. rate: pictures a second of late. delay: milliseconds from taking a
    picture to seeing what became of it. back: whether what the function made of it is in sight.
    """

    camera: widgets.DOMWidget
    decode: Callable[[], Tensor]
    number: int = 0
    again: bool = False
    moves: bool = False
    rate: float = 0.0
    delay: float = 0.0
    picture: Tensor | None = None
    used: bool = False
    back: bool = False

    private = True

    def get(self) -> Tensor:
        """(1, 3, height, width): decoded when it is first asked for."""
        self.used = True
        if self.picture is None:
            self.picture = self.decode()
        return self.picture

    def words(self) -> list[str]:
        """The rate and the delay, once they are known."""
        return [f"{self.rate:.0f} frames/s", f"{self.delay:.0f} ms behind"] if self.rate else []

    def came_back(self) -> None:
        """Tell the browser once, which then takes the next picture."""
        if self.used and not self.back:
            self.back = True
            self.camera.send({"kind": "shown", "number": self.number})


class Source(widgets.Dropdown):
    """Bundled photographs by name and, under `OWN`, what the reader's `camera` sends, or uploads to it.

    size: height and width of the pictures. frame: the newest of the reader's.
    """

    frame = traitlets.Any(None, allow_none=True)

    def __init__(self, value: str, label: str, size: tuple[int, int], camera: widgets.DOMWidget) -> None:
        self.camera, self.size = camera, size
        self.clip: Tensor | None = None  # the frames (N, 3, height, width) of an animation
        self.refuse: Callable[[str], None] = lambda sentence: None
        super().__init__(options=[OWN, *pictures.names()], value=value, description=label)
        if isinstance(camera, Camera):
            camera.on_msg(lambda widget, content, buffers: self._hear(buffers, **content))
        else:
            camera.observe(lambda change: self._upload(), "value")

    def picture(self) -> Tensor | CameraFrame:
        """(1, 3, height, width), or a `CameraFrame` of that shape."""
        if self.value != OWN:
            return pictures.fit(pictures.read(self.value), self.size)
        if self.frame is None:
            raise ValueError("press Camera or Upload first: nothing of yours is kept.")
        return self.frame

    @traitlets.observe("value")
    def _choose(self, change: dict) -> None:
        if change["new"] != OWN and self.frame is not None:
            self.frame = self.clip = None
            self.camera.send({"kind": "stop"})

    def _hear(self, buffers: list, kind: str, **content: Any) -> None:
        """A message from the browser; on any thread."""
        if kind == "picture":
            self._take(partial(self._decode, bytes(buffers[0])), **content)
        elif kind == "next" and self.clip is not None:
            start = content["number"] % len(self.clip)
            self._take(partial(self.clip.narrow, 0, start, 1), moves=True, **content)
        elif kind == "file":
            self._open(bytes(buffers[0]), content["name"])
        elif kind == "stopped" and (last := self.frame):
            self.frame = replace(last, again=True, moves=False)
        elif kind == "refused":
            self.refuse(content["words"])

    def _take(self, decode: Callable[[], Tensor], **content: Any) -> None:
        """Show this picture, unless it comes late from a film that another choice has ended."""
        frame = CameraFrame(self.camera, decode, **content)
        if not frame.again:
            with self.hold_trait_notifications():
                self.frame, self.value = frame, OWN
        elif self.value == OWN:  # which the reader may change just now: it is not set again
            self.frame = frame

    def _decode(self, content: bytes) -> Tensor:
        return pictures.fit(pictures.read(content), self.size)

    def _upload(self) -> None:
        """Files that a core widget took, where no `Camera` works."""
        for one in self.camera.value:
            self._open(bytes(one["content"]), one["name"])
        self.camera.value = ()

    def _open(self, content: bytes, name: str) -> None:
        """A file that the browser left to the kernel: a still, or an animation."""
        from ..pictures import films  # only where there is a file to open

        try:
            frames = pictures.fit(films.frames(content, FRAMES, 2 * max(self.size)), self.size)
        except ValueError as error:
            self.refuse(f"{name}: {error}")
            return
        self.clip = frames
        self._take(partial(frames.narrow, 0, 0, 1))
        if len(frames) > 1:
            self.camera.send({"kind": "play"})


def camera(
    width: int = 256,
    height: int = 192,
    *,
    value: str = "panda",
    mirror: bool = True,
    label: str | None = None,
    help: str | None = None,
    restart: bool = True,
) -> Control:
    """The reader's camera, a clip or a still of their own, or a bundled photograph, cut to this many pixels.

    The function receives the newest picture (1, 3, height, width): the photograph `value` until the reader
    presses Camera or Upload. One picture is under way at a time, so that a slow function sees fewer of them
    and no old ones. Nothing is recorded; what a panel makes of a reader's pictures is in no saved notebook.
    With `restart`, a generator starts again where another source is chosen; for the next picture of the same
    one only if it has come to its end. mirror: a camera's pictures are as in a mirror, unless it looks away
    from the reader.
    """
    if value not in pictures.names():
        raise ValueError(f"camera: {value!r} is not among the pictures; pictures.names() lists them.")
    if min(width, height) < 1:
        raise ValueError(f"camera: {width} x {height} pixels are none; give a width and a height above 0.")

    def make(text: str) -> Source:
        return Source(value, text, (height, width), _buttons(width, height, mirror, f"{text}: {OWN}"))

    def beside(bound: BoundControl, later: Callable) -> list:
        bound.field.refuse = partial(later, bound.refuse)
        return [bound.field.camera]

    return Control(
        make, Source.picture, also=("frame",), write=lambda name: value if name == OWN else name,
        parse=_photograph, beside=beside, label=label, help=help, restart=restart,
    )  # fmt: skip


def _buttons(width: int, height: int, mirror: bool, words: str) -> widgets.DOMWidget:
    """Camera and Upload; of core widgets alone Upload, for stills, and for the first picture of a clip."""
    if core_only():
        made = widgets.FileUpload(accept="image/*", description="Upload", tooltip="A picture of your own")
    else:
        made = Camera(width=width, height=height, mirror=mirror, words=words)
    return made.add_class("cnnlab-camera")


def _photograph(field: Source, words: str) -> str:
    """A bundled photograph's name, as `one_option`."""
    if words == OWN:
        raise ValueError("a camera or an upload begins with its button; give the name of a photograph.")
    return one_option(field, words)
