"""Pictures as bytes and files."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from cnnlab import pictures
from cnnlab.pictures import PictureError

PHOTO = pictures.fit(pictures.read("panda"), 224)


@pytest.mark.parametrize("picture", [PHOTO, PHOTO[:, :1], PHOTO[..., :1, :1]])
def test_png_is_exact(picture):
    back = pictures.read(pictures.encode(picture, "png"))
    assert (back - picture).abs().max() <= 0.5 / 255 + 1e-6


def test_every_level_survives():
    levels = (torch.arange(256) / 255).view(1, 1, 16, 16)
    assert torch.equal(pictures.read(pictures.encode(levels, "png"))[:, :1], levels)


def test_jpeg_is_close_and_small():
    data = pictures.encode(PHOTO)
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert (pictures.read(data) - PHOTO).abs().mean() < 0.02
    assert len(pictures.encode(PHOTO, quality=30)) < len(data) < len(pictures.encode(PHOTO, "png")) / 3


def test_the_same_bytes_each_time():
    for format in ("jpeg", "png"):
        assert pictures.encode(PHOTO, format) == pictures.encode(PHOTO.clone(), format)


def test_values_that_rounding_left_outside_do_not_wrap_around():
    edges = torch.tensor([-9e-5, 1 + 9e-5]).view(1, 1, 1, 2)
    assert np.array(Image.open(io.BytesIO(pictures.encode(edges, "png")))).tolist() == [[0, 255]]


@pytest.mark.parametrize(
    ("suffix", "format"), [("png", "PNG"), ("jpg", "JPEG"), ("jpeg", "JPEG"), ("JPG", "JPEG")]
)
def test_save_goes_by_the_suffix(suffix, format, tmp_path):
    path = tmp_path / f"panda.{suffix}"
    pictures.save(PHOTO, str(path))
    assert Image.open(path).format == ("PNG" if suffix == "png" else "JPEG")
    assert (pictures.read(path) - PHOTO).abs().mean() < 0.01


def test_save_takes_tiles(tmp_path):
    pictures.save(pictures.compare({"before": PHOTO, "after": 1 - PHOTO}), tmp_path / "both.png")
    assert pictures.read(tmp_path / "both.png").shape[-1] > 2 * 224


@pytest.mark.parametrize("name", ["panda", "panda.gif", "panda.txt"])
def test_other_suffixes(name, tmp_path):
    with pytest.raises(PictureError, match=r"does not end in \.png, \.jpg or \.jpeg"):
        pictures.save(PHOTO, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_encoded():
    with pytest.raises(PictureError, match=r"holds 2 pictures .*picture\[i:i\+1\].*tile"):
        pictures.encode(PHOTO.expand(2, -1, -1, -1))
    with pytest.raises(PictureError, match='"jpeg" or "png"'):
        pictures.encode(PHOTO, "gif")
    for quality in (0, 96, 85.5):
        with pytest.raises(PictureError, match="quality"):
            pictures.encode(PHOTO, quality=quality)
