"""Folders with broken files, and zip files that mean harm."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from cnnlab.datasets import archive, folder, folders
from cnnlab.pictures import PictureError


def jpeg(level=128, size=(40, 30), kind="JPEG"):
    data = io.BytesIO()
    Image.new("RGB", size, (level, 0, 0)).save(data, kind)
    return data.getvalue()


def zipped(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", **options) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return data.getvalue()


def test_a_folder_with_broken_pictures_skips_and_lists_them(tmp_path):
    for name, content in {
        "cats/a.jpg": jpeg(50), "cats/b.jpg": jpeg(60)[:200], "dogs/c.png": jpeg(200, kind="PNG"),
        "dogs/d.png": b"", "e.jpg": jpeg(90), "notes.txt": b"no picture",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    found = folder(tmp_path, size=16)
    assert found.pictures.shape == (3, 3, 16, 16)
    assert [found.names[label] for label in found.labels] == ["cats", "dogs", tmp_path.name]
    assert len(found.skipped) == 2
    assert found.skipped[0].startswith("cats/b.jpg: ") and found.skipped[1].startswith("dogs/d.png: ")


def test_of_many_pictures_some_are_chosen_evenly(tmp_path):
    for k in range(10):
        (tmp_path / f"{k}.png").write_bytes(jpeg(20 * k, kind="PNG"))
    found = folder(tmp_path, most=5, size=4)
    assert (found.pictures[:, 0, 0, 0] * 255).round().tolist() == [0, 40, 80, 120, 160]


def test_a_folder_without_a_picture_gets_a_sentence(tmp_path):
    with pytest.raises(PictureError, match="holds no pictures"):
        folder(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"broken")
    with pytest.raises(PictureError, match=r"no picture that can be read \(a.jpg"):
        folder(tmp_path)
    with pytest.raises(PictureError, match="no folder"):
        folder(tmp_path / "nowhere")


def test_a_zip_file_is_read_in_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = zipped({
        "holiday/sea/one.jpg": jpeg(10), "holiday/hills/two.png": jpeg(250, kind="PNG"), "readme.md": "words",
        "__MACOSX/holiday/sea/._one.jpg": b"macOS's own", "holiday/sea/broken.jpg": jpeg()[:150],
    })  # fmt: skip
    found = archive(data, size=16)
    assert found.pictures.shape == (2, 3, 16, 16) and found.names == ("hills", "sea")
    assert [one.split(":")[0] for one in found.skipped] == ["holiday/sea/broken.jpg"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    ["../../evil.jpg", "/etc/evil.jpg", "C:\\evil\\evil.jpg", "a/../../evil.jpg", "n" * 300 + "/e.jpg"],
)
def test_odd_names_only_ever_become_labels(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = archive(zipped({name: jpeg(), "b.jpg": jpeg()}), size=8)
    assert len(found.labels) == 2 and all(len(label) <= 60 for label in found.names)
    assert not list(tmp_path.rglob("*")) and not (tmp_path.parent / "evil.jpg").exists()


def test_a_bomb_of_one_picture_is_left_out(monkeypatch):
    monkeypatch.setattr(folders, "LARGEST", 10_000)
    data = zipped({"bomb.png": bytes(1_000_000), "b.jpg": jpeg()}, compression=zipfile.ZIP_DEFLATED)
    assert len(data) < 5_000
    found = archive(data, size=8)
    assert len(found.labels) == 1 and "larger than" in found.skipped[0]


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_bomb_of_pixels_is_left_out():
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))
    found = archive(zipped({"bomb.png": png, "b.jpg": jpeg()}), size=8)
    assert len(found.labels) == 1 and "too many pixels" in found.skipped[0]


def test_a_bomb_in_all_is_refused(monkeypatch):
    monkeypatch.setattr(folders, "ALL", 1_000_000)
    with pytest.raises(PictureError, match="would unpack to"):
        archive(zipped({f"{k}.png": bytes(600_000) for k in range(2)}, compression=zipfile.ZIP_DEFLATED))


def test_an_archive_that_lies_about_its_sizes_is_damaged_and_no_more():
    data = bytearray(zipped({"a.png": bytes(200_000), "b.jpg": jpeg()}, compression=zipfile.ZIP_DEFLATED))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.index(mark)
        data[start + at : start + at + 4] = struct.pack("<I", 100)
    found = archive(bytes(data), size=8)
    assert len(found.labels) == 1 and found.skipped[0].startswith("a.png: ")


def test_a_locked_picture_is_left_out():
    data = bytearray(zipped({"a.jpg": jpeg(), "b.jpg": jpeg()}))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + at] |= 1
    found = archive(bytes(data), size=8)
    assert len(found.labels) == 1 and "password" in found.skipped[0]


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "not a zip file"),
        (b"PK\x03\x04 and no more", "not a zip file"),
        (jpeg(), "not a zip file"),
        (zipped({}), "no picture that can be read"),
        (zipped({"inner.zip": zipped({"a.jpg": jpeg()})}), "no picture that can be read"),
        (zipped({"a.jpg": jpeg()})[:-30], "not a zip file"),
    ],
)
def test_what_is_no_zip_file_of_pictures_gets_a_sentence(data, words):
    with pytest.raises(PictureError, match=words):
        archive(data)


def test_pictures_of_a_zip_file_without_folders_are_unlabelled():
    assert archive(zipped({"one.jpg": jpeg()})).names == ("unlabelled",)
