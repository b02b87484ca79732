"""Collections: crops, digits, folders with broken files, and zip files that mean harm."""

import io
import struct
import zipfile
import zlib

import pytest
import torch
from PIL import Image

from cnnlab import networks, pictures
from cnnlab.datasets import reading
from cnnlab.embedding import archive, codes_of, crops, dataset, digits, folder, pixels
from cnnlab.networks.probes import activations
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


def test_crops_are_labelled_by_their_photograph():
    album = crops(each=3, photographs=4, size=32)
    assert (
        album.pictures.shape == (12, 3, 32, 32)
        and album.labels.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    )
    middle = pictures.fit(pictures.read(album.names[2]), 32)
    assert torch.equal(album.pictures[6:7], middle)
    assert torch.equal(album.pictures, crops(each=3, photographs=4, size=32).pictures)
    assert not torch.equal(album.pictures, crops(each=3, photographs=4, size=32, seed=1).pictures)


@pytest.mark.parametrize("each, photographs", [(0, 3), (1, 0), (1, 10_000)])
def test_crops_that_are_not_there_get_a_sentence(each, photographs):
    with pytest.raises(ValueError, match=r"take 1 to \d+ photographs"):
        crops(each, photographs)


def test_digits_are_small_grey_pictures():
    some = digits(20)
    assert some.pictures.shape == (20, 1, 8, 8) and some.labels.shape == (20,) and some.names[3] == "3"
    assert len(digits().labels) == 1797


def test_a_collection_can_be_drawn_from():
    some = digits(50)
    drawn = some.draw(10, seed=1)
    assert drawn.pictures.shape == (10, 1, 8, 8) and torch.equal(
        drawn.pictures, some.draw(10, seed=1).pictures
    )
    assert len(some.draw(99).labels) == 50


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
    assert found.pictures.shape == (2, 3, 16, 16) and found.names == ["hills", "sea"]
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
    monkeypatch.setattr(reading, "LARGEST", 10_000)
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
    monkeypatch.setattr(reading, "ALL", 1_000_000)
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


def test_codes_are_means_of_feature_maps_and_logits_are_logits():
    network, shown = networks.load(), crops(each=1, photographs=3, size=64).pictures
    found = codes_of(network, shown, ["features.3", ""])
    assert found["features.3"].shape == (3, 128) and found[""].shape == (3, 1000)
    assert torch.allclose(found[""], network(shown), atol=1e-3)
    with activations(network, "features.3") as seen:
        network(shown)
    assert torch.allclose(found["features.3"], seen["features.3"].mean((2, 3)), atol=1e-3)


def test_grey_pictures_are_shown_to_a_colour_network():
    grey = pictures.resize(digits(2).pictures, 64)
    network = networks.load()
    assert torch.allclose(
        codes_of(network, grey, ["features.4"])["features.4"],
        codes_of(network, grey.expand(-1, 3, -1, -1), ["features.4"])["features.4"],
    )


def test_pixels_are_the_picture_made_smaller():
    assert pixels(torch.rand(2, 3, 64, 64)).shape == (2, 3072)
    small = torch.rand(2, 1, 8, 8)
    assert torch.equal(pixels(small), small.flatten(1))


def test_data_sets_that_are_not_there_get_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="CIFAR-10 and Imagenette"):
        dataset("imagenet", folder=tmp_path)
    for name in ("CIFAR-10", "Imagenette"):
        with pytest.raises(FileNotFoundError, match="give download=True"):
            dataset(name, folder=tmp_path)


def test_imagenette_is_read_where_torchvision_stores_it(tmp_path):
    for k in range(6):
        place = tmp_path / "imagenette2-160" / "val" / ("n01440764" if k < 3 else "n02102040")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{k}.JPEG").write_bytes(jpeg(40 * k))
        (tmp_path / "imagenette2-160" / "train" / place.name).mkdir(parents=True, exist_ok=True)
    found = dataset("Imagenette", 4, size=16, folder=tmp_path)
    assert found.pictures.shape == (4, 3, 16, 16) and found.labels.tolist() == [0, 0, 1, 1]
    assert found.names[:2] == ["tench", "English springer"]


def test_pictures_of_a_zip_file_without_folders_are_unlabelled():
    assert archive(zipped({"one.jpg": jpeg()})).names == ["unlabelled"]
