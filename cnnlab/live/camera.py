"""A control for pictures that move: the reader's camera, a clip or a still, or a bundled photograph.

The browser cuts pictures to size and sends the next one when what the panel made of the last one is in sight.
They come as messages, and leave as such: neither is part of a widget's state, so that no notebook keeps them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets
from torch import Tensor

from .. import pictures
from ..pictures import clips
from .controls import one_option
from .knobs import Control, Knob, Late
from .plain import core_only

OWN = "camera or upload"
FRAMES = 60  # of an animation, at most


class Camera(anywidget.AnyWidget):
    """The buttons Camera and Upload. Everything they give comes as messages; a `Source` hears them.

    width, height: of the pictures, in pixels. mirror: whether a camera shows its pictures as a mirror does.
    """

    _esm = Path(__file__).parent / "camera.js"

    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    mirror = traitlets.Bool(True).tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)


class UploadOnly(widgets.FileUpload):
    """A core widget in place of `Camera`: it gives stills, and of a clip the first picture."""

    words = traitlets.Unicode()

    def __init__(self, width: int, height: int, mirror: bool, words: str) -> None:
        self.width, self.height = width, height
        self.hear: Callable = lambda widget, content, buffers: None
        super().__init__(words=words, accept="image/*", description="Upload", tooltip="A picture of your own")
        self.observe(lambda change: self._give(change["new"]), "value")

    def on_msg(self, callback: Callable, remove: bool = False) -> None:
        """Tell `callback` of every file, as `Camera` does."""
        self.hear = callback

    def send(self, content: dict, buffers: Any = None) -> None:
        """Nothing in the browser listens."""

    def _give(self, files: Sequence[dict]) -> None:
        for one in files:
            self.hear(self, {"kind": "file", "name": one["name"]}, [one["content"]])
        self.value = ()


@dataclass(eq=False)
class Shot(Late):
    """One picture from the reader, which is decoded when the function asks for it.

    again: whether it is the next one of the same film. moves: whether another will follow. rate: pictures a
    second of late. delay: milliseconds from taking a picture to seeing what became of it.
    """

    decode: Callable[[], Tensor]
    number: int = 0
    again: bool = False
    moves: bool = False
    rate: float = 0.0
    delay: float = 0.0
    picture: Tensor | None = None
    used: bool = False  # the function has asked for it
    back: bool = False  # and what it made of it is in sight

    def get(self) -> Tensor:
        self.used = True
        if self.picture is None:
            self.picture = self.decode()
        return self.picture

    def words(self) -> list[str]:
        """The rate and the delay, once they are known."""
        return [f"{self.rate:.0f} frames/s", f"{self.delay:.0f} ms behind"] if self.rate else []


class Source(widgets.Dropdown):
    """Bundled photographs by name and, under `OWN`, what comes from `camera`. shot: the newest of these."""

    shot = traitlets.Any(None, allow_none=True)

    def __init__(self, value: str, label: str, camera: Camera | UploadOnly) -> None:
        self.camera = camera
        self.clip: Tensor | None = None  # the frames (N, 3, height, width) of an animation
        self.refuse: Callable[[str], None] = lambda sentence: None
        super().__init__(options=[OWN, *pictures.names()], value=value, description=label)
        camera.on_msg(lambda widget, content, buffers: self._hear(buffers, **content))

    @property
    def plays(self) -> bool:
        """Whether pictures go on to come."""
        return self.value == OWN and self.shot is not None and self.shot.moves

    def picture(self) -> Tensor | Shot:
        """(1, 3, height, width), or a `Shot` of that shape."""
        if self.value != OWN:
            return self._cut(pictures.read(self.value))
        if self.shot is None:
            raise ValueError("press Camera or Upload first: nothing of yours is kept.")
        return self.shot

    def came_back(self) -> None:
        """What the function made of the newest picture that it asked for is in sight, or an error is."""
        if self.shot is not None and self.shot.used and not self.shot.back:
            self.shot.back = True
            self.camera.send({"kind": "shown", "number": self.shot.number})

    def _cut(self, picture: Tensor) -> Tensor:
        return pictures.fit(picture, (self.camera.height, self.camera.width))

    @traitlets.observe("value")
    def _choose(self, change: dict) -> None:
        if change["new"] != OWN and self.shot is not None:
            self.shot = self.clip = None
            self.camera.send({"kind": "stop"})

    def _hear(self, buffers: list, kind: str, **content: Any) -> None:
        """A message from the browser; on any thread."""
        if kind == "picture":
            self._take(Shot(partial(self._decode, bytes(buffers[0])), **content))
        elif kind == "next" and self.clip is not None:
            start = content["number"] % len(self.clip)
            picture = self.clip[start : start + 1]
            self._take(Shot(lambda: picture, moves=True, **content))
        elif kind == "file":
            self._open(bytes(buffers[0]), content["name"])
        elif kind == "stopped" and (last := self.shot):
            self.shot = replace(last, again=True, moves=False)
        elif kind == "refused":
            self.refuse(content["words"])

    def _take(self, shot: Shot) -> None:
        """Show this picture, unless it comes late from a film that another choice has ended."""
        if not shot.again:
            with self.hold_trait_notifications():
                self.shot, self.value = shot, OWN
        elif self.value == OWN:  # which the reader may change just now: it is not set again
            self.shot = shot

    def _decode(self, content: bytes) -> Tensor:
        return self._cut(pictures.read(content))

    def _open(self, content: bytes, name: str) -> None:
        """A file that the browser left to the kernel: a still, or an animation."""
        side = 2 * max(self.camera.width, self.camera.height)
        try:
            frames = self._cut(clips.frames(content, FRAMES, side))
        except ValueError as error:
            self.refuse(f"{name}: {error}")
            return
        self.clip = frames
        self._take(Shot(lambda: frames[:1]))
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

    def make(text: str) -> Any:
        words = f"{text}: camera or upload"
        kind = UploadOnly if core_only() else Camera
        buttons = kind(width=width, height=height, mirror=mirror, words=words)
        buttons.add_class("cnnlab-camera")
        return Source(value, text, buttons)

    def beside(knob: Knob, later: Callable) -> list:
        knob.field.refuse = partial(later, knob.refuse)
        return [knob.field.camera]

    def parse(field: Any, words: str) -> str:
        if words == OWN:
            raise ValueError("a camera or an upload begins with its button; give the name of a photograph.")
        return one_option(field, words)

    return Control(
        make, Source.picture, also=("shot",), write=lambda name: value if name == OWN else name, parse=parse,
        beside=beside, label=label, help=help, restart=restart,
    )  # fmt: skip
