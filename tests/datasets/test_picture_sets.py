"""Sets of pictures with labels: what ships, and torchvision's from files that are made here."""

import hashlib
import io
import pickle
import struct

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch.nn.functional import avg_pool2d
from torchvision.datasets import CIFAR10, MNIST

from cnnlab import pictures
from cnnlab.datasets import crops, digits, picture_set, torchvision_pictures

COUNTS = {"train": 12, "t10k": 5}


def test_digits_are_small_grey_pictures():
    some = digits(20)
    assert some.pictures.shape == (20, 1, 8, 8) and some.labels.shape == (20,) and some.names[3] == "3"
    assert len(digits().labels) == 1797


def examples(inputs, labels):
    """Rows with their labels as a sorted list, to compare sets of them."""
    return sorted([*row, label] for row, label in zip(inputs.tolist(), labels.tolist(), strict=True))


def test_digits_are_all_of_scikit_learns_and_each_is_in_one_part():
    split = digits().split(1000)
    assert split.inputs.shape == (1000, 64) and split.test_inputs.shape == (797, 64)
    assert split.inputs.dtype == torch.float32 and split.labels.dtype == torch.int64
    assert split.inputs.min() == 0 and split.inputs.max() == 1
    theirs, labels = load_digits(return_X_y=True)
    both = torch.cat([split.inputs, split.test_inputs]) * 16, torch.cat([split.labels, split.test_labels])
    assert examples(*both) == examples(torch.tensor(theirs), torch.tensor(labels))


def test_fewer_digits_are_the_first_and_the_seed_says_which():
    assert torch.equal(digits(100).pictures, digits().pictures[:100])
    assert torch.equal(digits(100, seed=1).labels, digits(100, seed=1).labels)
    assert not torch.equal(digits(100, seed=1).labels, digits(100, seed=2).labels)


def test_the_order_of_the_digits_is_that_of_the_lessons_numbers():
    assert digits(20).labels.tolist() == [6, 5, 5, 7, 9, 9, 8, 4, 6, 8, 6, 0, 6, 8, 3, 2, 2, 3, 1, 2]


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


@pytest.mark.parametrize(
    "name, shape, counts", [("digits", 8, (1297, 500)), ("MNIST sample", 28, (4000, 1000))]
)
def test_what_ships_is_pictures_with_labels(name, shape, counts):
    found = picture_set(name)
    assert found.name == name and found.names == tuple("0123456789") and found.shape == (1, shape, shape)
    for part, count in zip((found.train, found.test), counts, strict=True):
        assert part.pictures.shape == (count, 1, shape, shape) and part.labels.shape == (count,)
        assert part.pictures.dtype == torch.float32 and part.labels.dtype == torch.int64
        assert part.pictures.min() == 0 and part.pictures.max() == 1


def test_the_set_of_digits_is_scikit_learns():
    found = picture_set("digits")
    theirs = torch.tensor(load_digits().images / 16, dtype=torch.float32)[:, None]
    ours = torch.cat([found.train.pictures, found.test.pictures])
    assert sorted(ours.flatten(1).tolist()) == sorted(theirs.flatten(1).tolist())


def test_the_sample_has_as_many_of_each_digit_in_each_part_and_none_twice():
    found = picture_set("MNIST sample")
    assert found.train.labels.bincount().tolist() == [400] * 10
    assert found.test.labels.bincount().tolist() == [100] * 10
    every = torch.cat([found.train.pictures, found.test.pictures]).flatten(1)
    assert len(every.unique(dim=0)) == 5000
    for digit in range(10):  # in any order: no part of a list holds one digit alone
        assert found.train.labels[:100].tolist().count(digit) < 30


def test_names_that_are_not_known(tmp_path):
    with pytest.raises(ValueError, match="near it: MNIST"):
        picture_set("mnits")
    with pytest.raises(ValueError, match="CIFAR-10 and Imagenette"):
        torchvision_pictures("imagenet", folder=tmp_path)


@pytest.mark.parametrize(
    "get, name, remedy",
    [
        (picture_set, "MNIST", "MNIST/raw"),
        (picture_set, "CIFAR-10", "cifar-10-batches-py"),
        (torchvision_pictures, "CIFAR-10", "cifar-10-batches-py"),
        (torchvision_pictures, "Imagenette", "imagenette2-160"),
    ],
)
def test_sets_that_are_not_there_say_what_to_do(tmp_path, get, name, remedy):
    with pytest.raises(FileNotFoundError, match=rf'{get.__name__}\("{name}", download=True\)') as caught:
        get(name, folder=tmp_path)
    words = str(caught.value)
    assert str(tmp_path) in words and remedy in words and "\n" not in words


def write_mnist(folder):
    """Pictures of noise and the labels 0, 1, 2 ... as IDX files; what was written, by part."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    written = {}
    for part, count in COUNTS.items():
        draw = torch.Generator().manual_seed(count)
        pixels = (torch.rand((count, 28, 28), generator=draw) * 255).byte()
        labels = torch.arange(count).byte() % 10
        head = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(head + pixels.numpy().tobytes())
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">4BI", 0, 0, 8, 1, count) + labels.numpy().tobytes()
        )
        written[part] = pixels.float() / 255, labels.long()
    return written


def test_mnist_is_read_and_averaged(tmp_path):
    written = write_mnist(tmp_path)
    found = picture_set("MNIST", tmp_path)
    assert found.names == tuple("0123456789") and found.shape == (1, 28, 28)
    split = found.split(14)
    for part, whole, inputs, labels in (
        ("train", found.train, *split[:2]), ("t10k", found.test, *split[2:]),
    ):  # fmt: skip
        expected, numbers = written[part]
        assert torch.equal(whole.pictures, expected[:, None])
        torch.testing.assert_close(inputs, avg_pool2d(expected[:, None], 2).flatten(1))
        assert torch.equal(labels, numbers)


def test_mnist_that_cannot_be_fetched_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(MNIST, "mirrors", [f"{(tmp_path / 'nowhere').as_uri()}/"])
    with pytest.raises(ConnectionError, match=r"could not be fetched .* take digits\(\)"):
        picture_set("MNIST", tmp_path / "here", download=True)


@pytest.mark.parametrize("content", [b"", b"not an IDX file", bytes([0, 0, 8, 3, 0, 0, 0, 12])])
@pytest.mark.parametrize("download", [False, True])
def test_mnist_that_is_damaged_says_so(tmp_path, content, download):
    write_mnist(tmp_path)
    (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read") as caught:
        picture_set("MNIST", tmp_path, download)
    assert "\n" not in str(caught.value)


def write_cifar10(folder, monkeypatch, names=("data_batch_1", "test_batch")):
    """Tiny files as CIFAR-10 has them, and their hashes where torchvision keeps the true ones."""
    home = folder / CIFAR10.base_folder
    home.mkdir()
    draw = np.random.default_rng(0)
    written, hashes = {}, {}
    for name in names:
        pixels = draw.integers(0, 256, (6, 3072), dtype=np.uint8)
        written[name] = pixels.reshape(6, 3, 32, 32)
        (home / name).write_bytes(pickle.dumps({"data": pixels, "labels": [0, 1, 2, 3, 9, 9]}))
    meta = {"label_names": [*"abcdefghij"]}
    (home / "batches.meta").write_bytes(pickle.dumps(meta))
    for name in (*names, "batches.meta"):
        hashes[name] = hashlib.md5((home / name).read_bytes()).hexdigest()
    monkeypatch.setattr(CIFAR10, "train_list", [[names[0], hashes[names[0]]]])
    monkeypatch.setattr(CIFAR10, "test_list", [[names[1], hashes[names[1]]]])
    wanted = {"filename": "batches.meta", "key": "label_names", "md5": hashes["batches.meta"]}
    monkeypatch.setattr(CIFAR10, "meta", wanted)
    return home, written


def test_cifar10_is_colours_first_and_in_0_1(tmp_path, monkeypatch):
    _, written = write_cifar10(tmp_path, monkeypatch)
    found = picture_set("CIFAR-10", tmp_path)
    assert found.shape == (3, 32, 32) and found.names == tuple("abcdefghij")
    torch.testing.assert_close(found.train.pictures, torch.from_numpy(written["data_batch_1"]).float() / 255)
    torch.testing.assert_close(found.test.pictures, torch.from_numpy(written["test_batch"]).float() / 255)
    assert found.train.labels.tolist() == [0, 1, 2, 3, 9, 9]
    few = torchvision_pictures("CIFAR-10", 3, size=32, folder=tmp_path)
    torch.testing.assert_close(few.pictures, found.test.pictures[::2])
    assert few.labels.tolist() == [0, 2, 9] and few.names == found.names


class Trap:
    """What a pickle that was tampered with may do."""

    def __reduce__(self):
        return (pytest.fail, ("the pickle was read",))


def test_cifar10_that_is_not_the_original_is_not_unpickled(tmp_path, monkeypatch):
    home, _ = write_cifar10(tmp_path, monkeypatch)
    (home / "data_batch_1").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="cannot be read") as caught:
        picture_set("CIFAR-10", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("get, instead", [(picture_set, "digits"), (torchvision_pictures, "crops")])
def test_cifar10_that_cannot_be_fetched_says_so(tmp_path, monkeypatch, get, instead):
    monkeypatch.setattr(CIFAR10, "url", (tmp_path / "nowhere.tar.gz").as_uri())
    with pytest.raises(ConnectionError, match=rf"could not be fetched .* take {instead}\(\)"):
        get("CIFAR-10", folder=tmp_path / "here", download=True)


def jpeg(level):
    data = io.BytesIO()
    Image.new("RGB", (40, 30), (level, 0, 0)).save(data, "JPEG")
    return data.getvalue()


def test_imagenette_is_read_where_torchvision_stores_it(tmp_path):
    for k in range(6):
        place = tmp_path / "imagenette2-160" / "val" / ("n01440764" if k < 3 else "n02102040")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{k}.JPEG").write_bytes(jpeg(40 * k))
        (tmp_path / "imagenette2-160" / "train" / place.name).mkdir(parents=True, exist_ok=True)
    found = torchvision_pictures("Imagenette", 4, size=16, folder=tmp_path)
    assert found.pictures.shape == (4, 3, 16, 16) and found.labels.tolist() == [0, 0, 1, 1]
    assert found.names[:2] == ("tench", "English springer")
