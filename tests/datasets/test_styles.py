"""Style images: those that ship need no network, and one sentence for what cannot be had."""

import pytest

from cnnlab import pictures
from cnnlab.datasets import styles


def test_names_come_by_kind():
    assert styles.names() == [
        *styles.names("painted"),
        *styles.names("texture"),
        *styles.names("masterpiece"),
    ]
    assert len(set(styles.names())) == len(styles.names())
    with pytest.raises(ValueError, match=r"'paint' is not known; near it: painted\."):
        styles.names("paint")


@pytest.mark.parametrize("name", styles.names("painted"))
@pytest.mark.parametrize("size", [65, 384, 500])
def test_a_painted_one_is_a_picture_of_the_size_asked_for(name, size):
    picture = styles.read(name, size)
    pictures.check(picture)
    assert picture.shape == (1, 3, size, size) and picture.std() > 0.15


def test_what_is_read_is_yours_to_change():
    styles.read("comic", 64).zero_()
    assert styles.read("comic", 64).mean() > 0.2


@pytest.mark.parametrize("name", styles.names("texture"))
def test_textures_are_there_without_a_network(name):
    picture = styles.read(name, 128)
    pictures.check(picture)
    assert picture.shape == (1, 3, 128, 128)
    assert (picture > 0.02).float().mean() > 0.9  # no black frame


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(ValueError, match="'starry nigth' is not known; near it: starry night"):
        styles.read("starry nigth")
    with pytest.raises(ValueError, match="near it: mosaic"):
        styles.read("mosaik")


@pytest.mark.parametrize("size", [0, 31, 5000, 99.5, "large"])
def test_a_size_that_makes_no_sense(size):
    with pytest.raises(ValueError, match="whole number of pixels from 32 to 1024"):
        styles.read("oil", size)
