"""Sets of pictures with labels: two that ship, MNIST and CIFAR-10 from files that are made here."""

import hashlib
import pickle

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torchvision.datasets import CIFAR10

from cnnlab.datasets import picture_sets


@pytest.mark.parametrize(
    "name, shape, counts", [("digits", 8, (1297, 500)), ("MNIST sample", 28, (4000, 1000))]
)
def test_what_ships_is_pictures_with_labels(name, shape, counts):
    found = picture_sets.load(name)
    assert found.name == name and found.names == tuple("0123456789") and found.shape == (1, shape, shape)
    for pictures, labels, count in zip(found[2::2], found[3::2], counts, strict=True):
        assert pictures.shape == (count, 1, shape, shape) and labels.shape == (count,)
        assert pictures.dtype == torch.float32 and labels.dtype == torch.int64
        assert pictures.min() == 0 and pictures.max() == 1


def test_digits_are_those_of_scikit_learn():
    found = picture_sets.load("digits")
    theirs = torch.tensor(load_digits().images / 16, dtype=torch.float32)[:, None]
    ours = torch.cat([found.pictures, found.test_pictures])
    assert sorted(ours.flatten(1).tolist()) == sorted(theirs.flatten(1).tolist())


def test_the_sample_has_as_many_of_each_digit_in_each_part_and_none_twice():
    found = picture_sets.load("MNIST sample")
    assert found.labels.bincount().tolist() == [400] * 10
    assert found.test_labels.bincount().tolist() == [100] * 10
    every = torch.cat([found.pictures, found.test_pictures]).flatten(1)
    assert len(every.unique(dim=0)) == 5000
    for digit in range(10):  # in any order: no part of a list holds one digit alone
        assert found.labels[:100].tolist().count(digit) < 30


def test_a_name_that_is_not_known():
    with pytest.raises(ValueError, match="near it: MNIST"):
        picture_sets.load("mnits")


@pytest.mark.parametrize("name, remedy", [("MNIST", "MNIST/raw"), ("CIFAR-10", "cifar-10-batches-py")])
def test_sets_that_are_not_there_say_what_to_do(tmp_path, name, remedy):
    with pytest.raises(FileNotFoundError, match="download=True") as caught:
        picture_sets.load(name, tmp_path)
    assert remedy in str(caught.value) and "\n" not in str(caught.value)


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
    found = picture_sets.load("CIFAR-10", tmp_path)
    assert found.shape == (3, 32, 32) and found.names == tuple("abcdefghij")
    torch.testing.assert_close(found.pictures, torch.from_numpy(written["data_batch_1"]).float() / 255)
    torch.testing.assert_close(found.test_pictures, torch.from_numpy(written["test_batch"]).float() / 255)
    assert found.labels.tolist() == [0, 1, 2, 3, 9, 9]


class Trap:
    """What a pickle that was tampered with may do."""

    def __reduce__(self):
        return (pytest.fail, ("the pickle was read",))


def test_cifar10_that_is_not_the_original_is_not_unpickled(tmp_path, monkeypatch):
    home, _ = write_cifar10(tmp_path, monkeypatch)
    (home / "data_batch_1").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="cannot be read") as caught:
        picture_sets.load("CIFAR-10", tmp_path)
    assert "\n" not in str(caught.value)


def test_cifar10_that_cannot_be_fetched_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(CIFAR10, "url", (tmp_path / "nowhere.tar.gz").as_uri())
    with pytest.raises(ConnectionError, match="could not be fetched"):
        picture_sets.load("CIFAR-10", tmp_path / "here", download=True)
