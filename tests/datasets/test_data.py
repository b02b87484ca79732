"""Digits and MNIST, the latter as small files that are made here."""

import struct

import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import avg_pool2d
from torchvision.datasets import MNIST

from cnnlab.datasets import data

COUNTS = {"train": 12, "t10k": 5}


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def write_mnist(folder):
    """Pictures of noise and the labels 0, 1, 2 ... as IDX files; what was written, by part."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    written = {}
    for part, count in COUNTS.items():
        pictures = (noise(count, 28, 28, seed=count) * 255).byte()
        labels = torch.arange(count).byte() % 10
        head = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(head + pictures.numpy().tobytes())
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">4BI", 0, 0, 8, 1, count) + labels.numpy().tobytes()
        )
        written[part] = pictures.float() / 255, labels.long()
    return written


def rows(inputs, labels):
    """Examples as a sorted list, to compare sets of them."""
    return sorted([*row, label] for row, label in zip(inputs.tolist(), labels.tolist(), strict=True))


def test_digits_are_all_of_scikit_learns_and_each_is_in_one_part():
    split = data.digits()
    assert split.inputs.shape == (1000, 64) and split.test_inputs.shape == (797, 64)
    assert split.inputs.dtype == torch.float32 and split.labels.dtype == torch.int64
    assert split.inputs.min() == 0 and split.inputs.max() == 1
    pictures, labels = load_digits(return_X_y=True)
    both = torch.cat([split.inputs, split.test_inputs]) * 16, torch.cat([split.labels, split.test_labels])
    assert rows(*both) == rows(torch.tensor(pictures), torch.tensor(labels))


def test_digits_seed_says_which_to_learn_from():
    assert torch.equal(data.digits(100, seed=1).labels, data.digits(100, seed=1).labels)
    assert not torch.equal(data.digits(100, seed=1).labels, data.digits(100, seed=2).labels)


@pytest.mark.parametrize("train", [0, -1, 1797])
def test_digits_must_leave_something_on_both_sides(train):
    with pytest.raises(ValueError, match="take 1 to 1796"):
        data.digits(train)


def test_a_split_in_another_precision():
    split = data.digits(10).to(dtype=torch.float64)
    assert split.inputs.dtype == split.test_inputs.dtype == torch.float64
    assert split.labels.dtype == split.test_labels.dtype == torch.int64


def test_a_centred_split_has_the_same_differences_and_no_mean():
    split = data.digits(20)
    centred = split.centred()
    torch.testing.assert_close(centred.inputs.mean(0), torch.zeros(64), atol=1e-6, rtol=0)
    torch.testing.assert_close(split.inputs - centred.inputs, split.inputs.mean(0).expand(20, 64))
    torch.testing.assert_close(
        split.test_inputs - centred.test_inputs, split.inputs.mean(0).expand(1777, 64), atol=1e-6, rtol=0
    )


def test_mnist_is_read_averaged_and_shuffled(tmp_path):
    written = write_mnist(tmp_path)
    split = data.mnist(14, folder=tmp_path)
    for part, inputs, labels in (("train", *split[:2]), ("t10k", *split[2:])):
        pictures, expected = written[part]
        torch.testing.assert_close(inputs, avg_pool2d(pictures[:, None], 2).flatten(1))
        assert torch.equal(labels, expected)
    some = data.mnist(14, train=7, seed=3, folder=tmp_path)
    assert len(some.labels) == 7 and len(set(rows(*some[:2])[0])) > 1
    assert all(row in rows(*split[:2]) for row in rows(*some[:2]))
    assert torch.equal(some.test_inputs, split.test_inputs)


def test_averaged_keeps_means_and_splits_pixels_between_areas():
    pictures = noise(3, 28, 28).double()
    torch.testing.assert_close(data.averaged(pictures, 28), pictures)
    torch.testing.assert_close(data.averaged(pictures, 10).mean((1, 2)), pictures.mean((1, 2)))
    fine = pictures.repeat_interleave(5, 1).repeat_interleave(
        5, 2
    )  # 140 x 140: areas of 14 x 14 are whole pixels
    torch.testing.assert_close(data.averaged(pictures, 10), avg_pool2d(fine[:, None], 14)[:, 0])


def test_mnist_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="download=True") as caught:
        data.mnist(folder=tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_mnist_that_cannot_be_fetched_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(MNIST, "mirrors", [f"{(tmp_path / 'nowhere').as_uri()}/"])
    with pytest.raises(ConnectionError, match=r"could not be fetched .* take digits\(\)"):
        data.mnist(folder=tmp_path / "here", download=True)


@pytest.mark.parametrize("content", [b"", b"not an IDX file", bytes([0, 0, 8, 3, 0, 0, 0, 12])])
def test_mnist_that_is_damaged_says_so(tmp_path, content):
    write_mnist(tmp_path)
    (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read") as caught:
        data.mnist(folder=tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"size": 0}, {"size": 29}, {"train": 0}, {"train": 13}])
def test_mnist_with_settings_that_make_no_sense(tmp_path, settings):
    write_mnist(tmp_path)
    with pytest.raises(ValueError, match="take 1 to"):
        data.mnist(folder=tmp_path, **settings)
