"""What is no picture is refused in one sentence that says what was wrong and what to do."""

import io
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from cnnlab import pictures
from cnnlab.pictures import PictureError


def encoded(image: Image.Image, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
BATCH = torch.zeros(2, 3, 4, 4)

REFUSED = {
    "no bytes": (b"", r"empty \(0 bytes\)"),
    "text": (b"Dear reader, this is a letter.", r"not a picture .* PNG, JPEG"),
    "a program for a printer": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    "a truncated JPEG": (encoded(NOISE, "JPEG")[:1500], "damaged or cut short"),
    "a truncated PNG": (encoded(NOISE)[:1500], "damaged or cut short"),
    "the start of a PNG": (encoded(NOISE)[:20], "damaged or cut short|not a picture"),
    "a bomb": (bomb(60_000, 60_000), r"too many pixels .*80 million.* make it smaller"),
    "a smaller bomb": (bomb(10_000, 10_000), r"too many pixels .*80 million"),
    "NaN": (np.array([[np.nan, 0.0]]), "NaN or infinite"),
    "infinity": (np.array([[np.inf, 0.0]]), "NaN or infinite"),
    "floats to 255": (np.array([[0.0, 255.0]]), "from 0 to 255.* divide by 255"),
    "negative floats": (np.array([[-1.0, 1.0]]), "from -1 to 1.* rescale"),
    "whole numbers": (np.array([[0, 255]]), "int64; use uint8"),
    "texts": (np.array([["a", "b"]]), "use uint8"),
    "two channels": (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\)"),
    "five channels": (np.zeros((4, 4, 5), np.uint8), r"shape \(4, 4, 5\)"),
    "colours first": (np.zeros((3, 8, 8), np.uint8), r"transpose\(1, 2, 0\)"),
    "a line": (np.zeros(4, np.uint8), r"shape \(4,\)"),
    "an empty array": (np.zeros((0, 4, 3), np.uint8), "no pixels"),
    "an array of no height": (np.zeros((4, 0), np.uint8), "no pixels"),
    "a batch": (BATCH, r"holds 2 pictures .* tensor\[i:i\+1\]"),
    "an empty batch": (BATCH[:0], "shape|no pixels"),
    "a tensor, colours last": (torch.zeros(8, 8, 3), r"movedim\(-1, -3\)"),
    "a long tensor": (torch.zeros(3, 4, 4, dtype=torch.long), "int64"),
    "a float tensor to 255": (torch.full((3, 4, 4), 200.0), "divide by 255"),
    "an empty image": (Image.new("RGB", (0, 4)), "no pixels"),
    "a number": (3, "an int is not a picture"),
    "nothing": (None, "a NoneType is not a picture"),
    "a list": ([1, 2], "is not a picture"),
    "no upload yet": ((), "nothing has been uploaded"),
    "an empty upload": ({"name": "a.png", "content": memoryview(b"")}, r"a\.png.* is empty"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("source", "sentence"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_sentence(source, sentence):
    with pytest.raises(PictureError, match=sentence) as caught:
        pictures.read(source)
    words = str(caught.value)
    assert "\n" not in words and words.endswith(".") and len(words) < 300


def test_a_letter_that_is_called_a_photograph(tmp_path):
    (tmp_path / "letter.jpg").write_text("Dear reader")
    with pytest.raises(PictureError, match=r"letter\.jpg.* is not a picture .*b'Dear reader'"):
        pictures.read(tmp_path / "letter.jpg")


def test_a_folder(tmp_path):
    with pytest.raises(PictureError, match="is a folder: give the path"):
        pictures.read(tmp_path)


def test_a_missing_file_brings_up_the_nearest(tmp_path):
    (tmp_path / "panda.jpg").write_bytes(b"")
    with pytest.raises(PictureError, match=r"no file .*pandas\.jpg.*nearest are panda\.jpg"):
        pictures.read(str(tmp_path / "pandas.jpg"))
    with pytest.raises(PictureError, match="no file"):
        pictures.read(tmp_path / "no folder" / "panda.jpg")


def test_a_misspelt_name_brings_up_the_nearest():
    with pytest.raises(PictureError, match=r"'pandda'; the nearest are .*panda"):
        pictures.read("pandda")
    with pytest.raises(PictureError, match=r"pictures\.names\(\) lists"):
        pictures.read("xqzwvk")


def test_paths_that_no_system_opens():
    for path in ("a\0b", "x" * 10_000):
        with pytest.raises(PictureError, match=r"cannot be opened|there is no"):
            pictures.read(path)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
def test_damage_never_escapes_as_another_error(format):
    data = encoded(NOISE.resize((24, 24)), format)
    rng = np.random.default_rng(1)
    for _ in range(60):
        damaged = np.frombuffer(data, np.uint8).copy()
        damaged[rng.integers(0, len(data), 6)] = rng.integers(0, 256, 6)
        try:
            pictures.check(pictures.read(damaged.tobytes()))
        except PictureError as error:
            assert str(error)
