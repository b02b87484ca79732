"""Labelled pictures: parts of them, what to learn from and to be tested on, rows of numbers."""

import pytest
import torch
from torch.nn.functional import avg_pool2d

from cnnlab.datasets import Labelled, averaged, digits


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def some(count=20, side=28, channels=1):
    return Labelled(noise(count, channels, side, side), torch.arange(count) % 10, tuple("0123456789"))


def examples(inputs, labels):
    """Rows with their labels as a sorted list, to compare sets of them."""
    return sorted([*row, label] for row, label in zip(inputs.tolist(), labels.tolist(), strict=True))


def test_pictures_and_labels_unpack_in_this_order():
    labelled = some()
    pictures, labels = labelled
    assert pictures is labelled.pictures and labels is labelled.labels


def test_a_part_has_what_was_chosen_and_names_and_sentences_stay():
    labelled = Labelled(*some(), tuple("0123456789"), ("a.jpg: unreadable",))
    part = labelled.part(torch.tensor([7, 3]))
    assert part.labels.tolist() == [7, 3] and torch.equal(part.pictures, labelled.pictures[[7, 3]])
    assert part.names == labelled.names and part.skipped == labelled.skipped


def test_resized_pictures_keep_their_labels():
    larger = some(side=8).resized(32)
    assert larger.pictures.shape == (20, 1, 32, 32) and larger.labels.tolist() == some().labels.tolist()


def test_what_is_divided_is_in_one_part_each():
    labelled = some(20, channels=3)
    found = labelled.divided(15, "noise")
    assert found.name == "noise" and found.names == labelled.names and found.shape == (3, 28, 28)
    assert torch.equal(torch.cat([found.train.pictures, found.test.pictures]), labelled.pictures)
    assert torch.equal(found.train.labels, labelled.labels[:15]) and len(found.test.labels) == 5


@pytest.mark.parametrize("train", [0, -1, 20])
def test_both_parts_must_hold_something(train):
    with pytest.raises(ValueError, match="take 1 to 19"):
        some().divided(train)
    with pytest.raises(ValueError, match="take 1 to 19"):
        some().split(train)


def test_a_split_is_rows_in_the_same_order():
    labelled = some()
    split = labelled.split(12)
    assert torch.equal(torch.cat([split.inputs, split.test_inputs]), labelled.pictures.flatten(1))
    assert torch.equal(torch.cat([split.labels, split.test_labels]), labelled.labels)


def test_a_split_is_averaged_and_some_of_it_chosen():
    found = some().divided(12)
    split = found.split(14)
    for part, inputs, labels in ((found.train, *split[:2]), (found.test, *split[2:])):
        torch.testing.assert_close(inputs, avg_pool2d(part.pictures, 2).flatten(1))
        assert torch.equal(labels, part.labels)
    few = found.split(14, train=7, seed=3)
    assert len(few.labels) == 7 and len(set(examples(*few[:2])[0])) > 1
    assert all(row in examples(*split[:2]) for row in examples(*few[:2]))
    assert torch.equal(few.test_inputs, split.test_inputs)
    assert torch.equal(few.labels, found.split(28, train=7, seed=3).labels)
    assert not torch.equal(few.labels, found.split(14, train=7, seed=4).labels)


@pytest.mark.parametrize("settings", [{"size": 0}, {"size": 29}, {"train": 0}, {"train": 13}])
def test_settings_that_make_no_sense(settings):
    with pytest.raises(ValueError, match="take 1 to"):
        some().divided(12).split(**settings)


def test_a_split_in_another_precision():
    split = digits().split(10).to(dtype=torch.float64)
    assert split.inputs.dtype == split.test_inputs.dtype == torch.float64
    assert split.labels.dtype == split.test_labels.dtype == torch.int64


def test_a_centred_split_has_the_same_differences_and_no_mean():
    split = digits().split(20)
    centred = split.centred()
    torch.testing.assert_close(centred.inputs.mean(0), torch.zeros(64), atol=1e-6, rtol=0)
    torch.testing.assert_close(split.inputs - centred.inputs, split.inputs.mean(0).expand(20, 64))
    torch.testing.assert_close(
        split.test_inputs - centred.test_inputs, split.inputs.mean(0).expand(1777, 64), atol=1e-6, rtol=0
    )


def test_averaged_keeps_means_and_splits_pixels_between_areas():
    pictures = noise(3, 28, 28).double()
    torch.testing.assert_close(averaged(pictures, 28), pictures)
    torch.testing.assert_close(averaged(pictures, 10).mean((1, 2)), pictures.mean((1, 2)))
    fine = pictures.repeat_interleave(5, 1).repeat_interleave(
        5, 2
    )  # 140 x 140: areas of 14 x 14 are whole pixels
    torch.testing.assert_close(averaged(pictures, 10), avg_pool2d(fine[:, None], 14)[:, 0])
