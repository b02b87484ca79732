"""Every kind of thing that holds a picture becomes the same plain tensor."""

import datetime
import functools
import http.server
import io
import struct
import threading
import urllib.error
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from cnnlab import pictures
from cnnlab.pictures import PictureError, reading

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)  # (H, W, C)
EXPECTED = torch.from_numpy(PIXELS.transpose(2, 0, 1).copy())[None] / 255  # (1, 3, H, W)


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


PNG = encoded(Image.fromarray(PIXELS))


def expect(picture, expected=EXPECTED, atol=0.0):
    pictures.check(picture)
    assert picture.shape[:2] == (1, 3)
    torch.testing.assert_close(picture, expected.float(), atol=atol, rtol=0)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes(kind):
    expect(pictures.read(kind(PNG)))


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path(kind, tmp_path):
    (tmp_path / "mine.png").write_bytes(PNG)
    expect(pictures.read(kind(tmp_path / "mine.png")))


def test_a_path_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "mine.png").write_bytes(PNG)
    expect(pictures.read("~/mine.png"))


def test_a_bundled_name():
    name = pictures.names()[0]
    assert torch.equal(pictures.read(name), pictures.sample([name])[name])


def test_an_image_and_an_array():
    expect(pictures.read(Image.fromarray(PIXELS)))
    expect(pictures.read(PIXELS))
    expect(pictures.read(PIXELS[:, ::-1]), EXPECTED.flip(-1))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[0, 255]], np.uint8), [0, 1]),
        (np.array([[0, 65535]], np.uint16), [0, 1]),
        (np.array([[0, 65535]], ">u2"), [0, 1]),
        (np.array([[False, True]]), [0, 1]),
        (np.array([[0.25, 0.5]], np.float64), [0.25, 0.5]),
        (np.array([[0.25, 0.5]], np.float16), [0.25, 0.5]),
        (np.array([[[0.25], [0.5]]], np.float32), [0.25, 0.5]),
        (np.array([[-5e-5, 1 + 5e-5]], np.float32), [0, 1]),  # what rounding does
    ],
)
def test_arrays_of_each_type(array, expected):
    expect(pictures.read(array), torch.tensor(expected).expand(1, 3, 1, 2))


def test_a_fourth_channel_is_opacity_on_white():
    red = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [255, 0, 0, 51]]], np.uint8)
    expected = torch.tensor([[1, 1, 1], [0, 1, 0.8], [0, 1, 0.8]])[None, :, None]
    expect(pictures.read(red), expected, atol=1e-6)
    expect(pictures.read(Image.fromarray(red)), expected, atol=1 / 255)
    expect(pictures.read(torch.from_numpy(red).permute(2, 0, 1)), expected, atol=1e-6)


def test_tensors():
    expect(pictures.read(EXPECTED))
    expect(pictures.read(EXPECTED[0]))
    expect(pictures.read((EXPECTED * 255).byte()))
    expect(pictures.read(EXPECTED[0, :1]), EXPECTED[:, :1].expand(1, 3, -1, -1))
    expect(pictures.read(EXPECTED[0, 0]), EXPECTED[:, :1].expand(1, 3, -1, -1))
    expect(pictures.read(EXPECTED.bfloat16()), EXPECTED.bfloat16().float())
    expect(pictures.read(EXPECTED.clone().requires_grad_()))


def test_what_was_read_is_a_copy():
    mine = EXPECTED.clone()
    pictures.read(mine).zero_()
    assert torch.equal(mine, EXPECTED)
    floats = np.full((4, 4), 0.5, np.float32)
    pictures.read(floats).zero_()
    assert (floats == 0.5).all()


def test_uploads():
    upload = ipywidgets.FileUpload()
    item = {"name": "mine.png", "type": "image/png", "size": len(PNG), "content": memoryview(PNG)}
    expect(pictures.read(item))
    expect(pictures.read((item,)))
    with pytest.raises(PictureError, match="nothing has been uploaded yet"):
        pictures.read(upload)
    upload.value = ({**item, "last_modified": datetime.datetime.now(datetime.UTC)},)
    expect(pictures.read(upload))
    expect(pictures.read(upload.value))
    with pytest.raises(PictureError, match="2 files were uploaded"):
        pictures.read((item, item))


# --- what photographs come as ---


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright(orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Transpose members that lay the picture down
    image = Image.fromarray(PIXELS)
    if orientation > 1:
        image = image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    expect(pictures.read(encoded(image, exif=exif)))


def test_grey_palette_and_one_bit():
    grey = Image.fromarray(PIXELS[..., 0])
    expect(pictures.read(encoded(grey)), EXPECTED[:, :1].expand(1, 3, -1, -1))
    palette = Image.fromarray(PIXELS).quantize(16)
    expect(pictures.read(encoded(palette)), pictures.read(np.array(palette.convert("RGB"))))
    bits = Image.fromarray(PIXELS[..., 0] > 127)
    expect(pictures.read(encoded(bits)), (EXPECTED[:, :1] * 255 > 127).expand(1, 3, -1, -1))


def test_transparent_grey_and_palette_lie_on_white():
    grey = Image.fromarray(np.array([[[0, 0], [0, 255]]], np.uint8), "LA")
    expect(pictures.read(encoded(grey)), torch.tensor([1.0, 0.0]).expand(1, 3, 1, 2))
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    palette.putpalette([255, 0, 0, 0, 0, 255])
    picture = pictures.read(encoded(palette, transparency=0))
    expect(picture, torch.tensor([[1, 0], [1, 0], [1, 1]])[None, :, None])


def test_sixteen_bits_keep_their_steps():
    levels = np.array([[0, 1, 256, 32768, 65535]], np.uint16)
    for format in ("PNG", "TIFF"):
        picture = pictures.read(encoded(Image.fromarray(levels), format))
        expect(picture, torch.from_numpy(levels / 65535).expand(1, 3, 1, 5), atol=1e-7)


def test_floats_in_a_tiff():
    levels = np.array([[0.0, 0.3, 1.0]], np.float32)
    expect(
        pictures.read(encoded(Image.fromarray(levels), "TIFF")), torch.from_numpy(levels).expand(1, 3, 1, 3)
    )
    with pytest.raises(PictureError, match="divide by 255"):
        pictures.read(encoded(Image.fromarray(levels * 255), "TIFF"))


def test_cmyk_is_not_a_negative():
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    for format in ("JPEG", "TIFF"):  # Adobe's JPEG stores CMYK inverted, TIFF does not
        picture = pictures.read(encoded(red, format))
        expect(picture, torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand_as(picture), atol=0.02)


def test_the_first_frame_of_an_animation():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    expect(pictures.read(data), torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 4, 4))


def test_other_colour_profiles_become_srgb():
    lab_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.fromarray(PIXELS)
    expect(pictures.read(encoded(image, icc_profile=srgb)))
    expect(pictures.read(encoded(image, icc_profile=lab_profile)))  # for another mode: left alone
    expect(pictures.read(encoded(image, icc_profile=b"no profile at all")))


def linear_profile() -> bytes:
    """An ICC profile with the primaries of sRGB and no gamma: 0.5 means half the light."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    words = b"Linear light\0"
    line = b"curv\0\0\0\0" + struct.pack(">I", 0)
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(words)) + words + bytes(81),
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"rXYZ": xyz(0.4360747, 0.2225045, 0.0139322),
        b"gXYZ": xyz(0.3850649, 0.7168786, 0.0971045),
        b"bXYZ": xyz(0.1430804, 0.0606169, 0.7141733),
        b"rTRC": line,
        b"gTRC": line,
        b"bTRC": line,
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(value))
        body += value.ljust(-(-len(value) // 4) * 4, b"\0")
    head = struct.pack(
        ">I4sI4s4s4s", 132 + 12 * len(tags) + len(body), b"", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    head = head.ljust(36, b"\0") + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_linear_light_becomes_srgb(mode):
    image = Image.new("RGB", (4, 4), (128, 128, 128))
    image = image.quantize(2) if mode == "P" else image.convert(mode)
    picture = pictures.read(encoded(image, icc_profile=linear_profile()))
    half = 1.055 * (128 / 255) ** (1 / 2.4) - 0.055  # IEC 61966-2-1
    expect(picture, torch.full((1, 3, 4, 4), half), atol=2 / 255)


def test_one_pixel():
    expect(
        pictures.read(encoded(Image.new("RGB", (1, 1), "lime"))), torch.tensor([0.0, 1, 0]).view(1, 3, 1, 1)
    )


# --- large ones ---


def test_max_side_reduces_every_kind_of_source():
    large = np.zeros((300, 200, 3), np.uint8)
    jpeg, png = (encoded(Image.fromarray(large), format) for format in ("JPEG", "PNG"))
    sixteen = encoded(Image.fromarray(large[..., 0].astype(np.uint16)))
    for source in (large, jpeg, png, sixteen, Image.fromarray(large), torch.zeros(3, 300, 200)):
        assert pictures.read(source, max_side=30).shape == (1, 3, 30, 20)
        assert pictures.read(source, max_side=None).shape == (1, 3, 300, 200)
    assert pictures.read(np.zeros((2000, 1, 3), np.uint8), max_side=30).shape == (1, 3, 30, 1)


def test_a_reduced_photograph_looks_like_the_photograph():
    ramp = np.linspace(0, 255, 1600 * 1200).reshape(1200, 1600).astype(np.uint8)
    reduced = pictures.read(encoded(Image.fromarray(ramp), "JPEG", quality=95), max_side=200)
    whole = pictures.resize(pictures.read(ramp, max_side=None), (150, 200))
    assert (reduced - whole).abs().max() < 0.02


def test_a_max_side_that_is_no_number_of_pixels():
    for wrong in (0, -3, 2.5, "big"):
        with pytest.raises(PictureError, match="max_side"):
            pictures.read(PIXELS, max_side=wrong)


# --- addresses ---


@pytest.fixture
def address(tmp_path):
    """The address of a folder, served from this machine, that holds mine.png."""
    (tmp_path / "mine.png").write_bytes(PNG)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_address(address):
    expect(pictures.read(f"{address}/mine.png"))


def test_an_address_that_is_wrong_or_too_large(address, monkeypatch):
    with pytest.raises(PictureError, match=r"answered 404 .*check the address"):
        pictures.read(f"{address}/nothing.png")
    monkeypatch.setattr(reading, "LARGEST_DOWNLOAD", 20)
    with pytest.raises(PictureError, match="larger than"):
        pictures.read(f"{address}/mine.png")


def test_an_address_without_a_network(monkeypatch):
    def unreachable(*_, **__):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    with pytest.raises(PictureError, match=r"could not be reached .* need no network"):
        pictures.read("https://example.org/cat.jpg")


def test_addresses_that_are_none():
    for wrong in ("http://", "http://[", "http://a b/c.jpg", "http://127.0.0.1:1/cat.jpg"):
        with pytest.raises(PictureError, match="could not be reached"):
            pictures.read(wrong)


# --- any array at all ---

shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6)
types = st.sampled_from([np.uint8, np.uint16, np.bool_, np.int64, np.float32, np.float64, np.complex64])


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_array_becomes_a_picture_or_a_sentence(data):
    array = data.draw(hnp.arrays(data.draw(types), shapes))
    for source in (array, torch.from_numpy(array)):
        try:
            picture = pictures.read(source)
        except PictureError as error:
            assert len(str(error)) < 300 and str(error).endswith(".")
        else:
            pictures.check(picture)
            assert picture.shape[:2] == (1, 3)
            assert array.dtype.kind in "bfu" and array.size
