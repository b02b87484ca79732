"""Controls for what comes from a file: a picture, bundled or uploaded, and any other file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
from torch import Tensor

from .. import pictures
from .bound_control import BoundControl, Control
from .controls import one_option

NO_FILE = "none"


def picture(
    value: str,
    *,
    size: int | None = None,
    more: Mapping[str, Tensor] | None = None,
    decode: Callable[[bytes], Tensor] = pictures.read,
    label: str | None = None,
    help: str | None = None,
    restart: bool = True,
) -> Control:
    """A picture by name, bundled or one of `more`, or uploaded; the function receives (1, 3, H, W).

    `size`: cut to this many pixels a side. `decode` reads what is uploaded, `films.frames` animations, too. A
    file that cannot be read is answered with one sentence, and the last picture stays.
    """
    own = dict(more or {})
    names = [*own, *pictures.names()]
    if value not in names:
        raise ValueError(f"picture: {value!r} is not among the pictures; pictures.names() lists them.")

    def cut(found: Tensor) -> Tensor:
        return found if size is None else pictures.fit(found, size)

    return _offered(
        names, value, lambda name: cut(own[name] if name in own else pictures.read(name)),
        lambda content: cut(decode(content)), "image/*", "A picture of your own",
        label=label, help=help, restart=restart,
    )  # fmt: skip


def file(
    decode: Callable[[bytes], Any],
    *,
    accept: str = ".csv",
    value: Any = None,
    label: str | None = None,
    help: str | None = None,
    restart: bool = True,
) -> Control:
    """A file that the reader uploads; the function receives `decode(its bytes)`, and `value` without one.

    `accept`: the endings or kinds of file that the browser offers, such as ".csv" or "text/*". A file for
    which `decode` raises a `ValueError` is answered with its name and that sentence, and the last one stays.
    """
    return _offered(
        [NO_FILE], NO_FILE, lambda name: value, decode, accept, "A file of your own",
        label=label, help=help, restart=restart,
    )  # fmt: skip


def _offered(
    names: Sequence[str],
    value: str,
    find: Callable[[str], Any],
    decode: Callable[[bytes], Any],
    accept: str,
    tooltip: str,
    **named: Any,
) -> Control:
    """One of some names, which `find` looks up, or of the files that the reader uploads beside them."""
    sent: dict[str, Any] = {}

    def read(field: Any) -> Any:
        return sent[field.value] if field.value in sent else find(field.value)

    def beside(bound: BoundControl, later: Callable) -> list:
        button = widgets.FileUpload(accept=accept, description="Upload", tooltip=tooltip)

        def upload() -> None:
            for one in button.value:
                name = f"{one['name']} (upload {len(sent) + 1})"
                try:
                    sent[name] = decode(bytes(one["content"]))
                except ValueError as error:
                    bound.refuse(f"{one['name']}: {error}")
                else:
                    bound.field.options = [*bound.field.options, name]
                    bound.field.value = name
            button.value = ()

        button.observe(lambda change: later(upload), "value")
        return [button]

    return Control(
        lambda text: widgets.Dropdown(options=[*names, *sent], value=value, description=text),
        read, parse=one_option, beside=beside, **named,
    )  # fmt: skip
