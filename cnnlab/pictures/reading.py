"""One door for pictures: by name, path, address, bytes, image, array, tensor or upload."""

import difflib
import http.client
import random
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from . import photographs
from .checking import PictureError, a_kind
from .decoding import decode, from_array, from_image, from_tensor
from .sizing import resize

LARGEST_DOWNLOAD = 50_000_000  # bytes
PATIENCE = 20  # seconds


def read(source: Any, *, max_side: int | None = 1024) -> Tensor:
    """A picture (1, 3, H, W), RGB, float32 in [0, 1], from nearly anything.

    `source` is the name of a bundled photograph (`pictures.names()` lists them), the path of a file, an
    http(s) address, the bytes of a file, a PIL image, a NumPy array (H, W) or (H, W, 1, 3 or 4), a tensor
    (H, W), (C, H, W) or (1, C, H, W), or what an ipywidgets FileUpload holds. Photographs are turned
    upright; grey becomes three equal channels; what is transparent lies on white; of an animation the first
    frame counts. A long side of more than `max_side` pixels is reduced to it, unless that is None.

    Raises `PictureError`, in one sentence, for anything that is not a picture.
    """
    if max_side is not None and (not isinstance(max_side, int) or max_side < 1):
        raise PictureError(f"max_side is {max_side!r}; give a whole number of pixels above 0, or None.")
    return _reduced(_read(source, max_side), max_side)


def sample(
    names: Iterable[str] | None = None, *, kind: str | None = None, count: int | None = None, seed: int = 0
) -> dict[str, Tensor]:
    """Photographs by name, each (1, 3, H, W), float32 in [0, 1], long side 640 pixels at most.

    `names` gives them in that order; without it all are taken in alphabetical order, or all of one `kind`.
    `count` draws that many of them without repetition; the same `seed` draws the same ones. Their sizes
    differ: `pictures.fit` makes them alike.

    Raises `PictureError` for an unknown name or kind, both at once, or a count that cannot be drawn.
    """
    if isinstance(names, str):
        raise PictureError(f"names is the text {names!r}; give a list of names, as [{names!r}].")
    if names is not None and kind is not None:
        raise PictureError("Give names or a kind, not both.")
    chosen = photographs.names(kind) if names is None else list(names)
    if count is not None:
        if not isinstance(count, int) or not 0 < count <= len(chosen):
            raise PictureError(f"count is {count!r}; draw between 1 and {len(chosen)} of these photographs.")
        chosen = random.Random(seed).sample(chosen, count)
    return {name: read(photographs.path(name)) for name in chosen}


def _read(source: Any, max_side: int | None) -> Tensor:
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return decode(download(source), _short(source), max_side)
    if isinstance(source, str) and source in photographs.names():
        return decode(photographs.path(source).read_bytes(), source, max_side)
    if isinstance(source, str | Path):
        return decode(_contents(source), repr(_short(str(source))), max_side)
    if isinstance(source, bytes | bytearray | memoryview):
        return decode(bytes(source), "the data", max_side)
    if isinstance(source, Image.Image):
        return from_image(source, "the image", max_side)
    if isinstance(source, np.ndarray):
        return from_array(source)
    if isinstance(source, Tensor):
        return from_tensor(source)
    name, content = _upload(source)
    return decode(bytes(content), name, max_side)


def _reduced(picture: Tensor, max_side: int | None) -> Tensor:
    height, width = picture.shape[-2:]
    long = max(height, width)
    if max_side is None or long <= max_side:
        return picture
    return resize(picture, (max(1, round(height * max_side / long)), max(1, round(width * max_side / long))))


def _contents(source: str | Path) -> bytes:
    """The bytes of a file, or one sentence that says why there are none."""
    path, name = Path(source), _short(str(source))
    try:
        path = path.expanduser()
        return path.read_bytes()
    except FileNotFoundError:
        raise PictureError(_not_found(name, path)) from None
    except (IsADirectoryError, PermissionError) as error:
        if path.is_dir():  # Windows calls opening a folder a lack of permission
            raise PictureError(f"{name!r} is a folder: give the path of one picture in it.") from None
        raise PictureError(f"{name!r} cannot be opened: {error.strerror}.") from None
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a null character, ~nobody
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"{name!r} cannot be opened ({reason}): check the path.") from None


def _short(name: str) -> str:
    return name if len(name) <= 100 else f"{name[:60]}...{name[-30:]}"


def _not_found(source: str, path: Path) -> str:
    """What was not found, and the nearest names that there are."""
    here = sorted(file.name for file in path.parent.iterdir()) if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, here, 3)
    if Path(source).name == source:
        near = difflib.get_close_matches(source, photographs.names(), 3) + near
    hint = f"the nearest are {', '.join(near)}" if near else "pictures.names() lists the bundled photographs"
    place = "bundled photograph or file" if Path(source).name == source else "file"
    return f"there is no {place} {source!r}; {hint}."


def download(
    address: str, instead: str = 'bundled photographs need no network: try pictures.read("panda")'
) -> bytes:
    """What an http(s) address answers, or a `PictureError`; `instead` says what else could be done."""
    try:
        request = urllib.request.Request(address, headers={"User-Agent": "cnnlab"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            data = response.read(LARGEST_DOWNLOAD + 1)
    except urllib.error.HTTPError as error:
        raise PictureError(
            f"{_short(address)} answered {error.code} {error.reason}: check the address."
        ) from None
    except (OSError, ValueError, http.client.HTTPException) as error:  # no network, host or answer
        reason = getattr(error, "reason", error)
        raise PictureError(f"{_short(address)} could not be reached ({reason}); {instead}.") from None
    if len(data) > LARGEST_DOWNLOAD:
        raise PictureError(
            f"{_short(address)} is larger than {LARGEST_DOWNLOAD // 1_000_000} MB: choose a smaller copy."
        )
    return data


def _upload(source: Any) -> tuple[str, bytes | memoryview]:
    """Name and content of an upload: the FileUpload widget, its value, or one item of its value."""
    value = source.value if type(source).__name__ == "FileUpload" else source
    if isinstance(value, Sequence) and not value:
        raise PictureError("nothing has been uploaded yet: choose a file first.")
    if isinstance(value, Sequence) and len(value) > 1 and all(isinstance(item, dict) for item in value):
        raise PictureError(
            f"{len(value)} files were uploaded and one is wanted: choose with upload.value[0]."
        )
    item = value[0] if isinstance(value, Sequence) else value
    if isinstance(item, dict) and "content" in item:
        return f"the upload {item.get('name', '')!r}", item["content"]
    raise PictureError(
        f"{a_kind(source)} is not a picture: give a bundled name, a path, an address, bytes, "
        "a PIL image, an array, a tensor or an upload."
    )
