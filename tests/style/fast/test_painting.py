"""Pictures and clips, painted whole, and what a stop keeps."""

import io
from itertools import islice

import pytest
import torch
from PIL import Image
from small import noise, one_sentence

from cnnlab import pictures
from cnnlab.pictures import PictureError, clips
from cnnlab.pictures.film import Film
from cnnlab.style.fast import Stylist, paint, paint_clip

FRAMES = noise(3, 3, 24, 32)


@pytest.fixture(scope="module")
def stylist() -> Stylist:
    return Stylist(4, 1).eval()


def test_a_painting_is_what_the_network_puts_out(stylist):
    owl = pictures.resize(pictures.read("owl"), (30, 41))
    picture, words = paint(stylist, owl)
    with torch.no_grad():
        assert torch.allclose(picture, stylist(owl), atol=1e-6)
    assert words == "41 x 30 pixels."
    assert not picture.is_inference()  # it can go wherever a picture can


def test_a_giant_picture_is_reduced_with_a_word(stylist):
    for size, shape in {(900, 600): (80, 120), (121, 30): (30, 120)}.items():
        picture, words = paint(stylist, Image.new("RGB", size), largest=120)
        assert picture.shape == (1, 3, *shape)
        assert words == f"120 x {shape[0]} pixels: the picture was larger and has been reduced."
    assert paint(stylist, Image.new("RGB", (120, 30)), largest=120).words == "120 x 30 pixels."


def test_8000_pixels_are_painted(stylist):
    """As JPEG, which is decoded small at once."""
    buffer = io.BytesIO()
    Image.new("RGB", (8000, 400), "teal").save(buffer, "JPEG")
    assert paint(stylist, buffer.getvalue()).picture.shape == (1, 3, 51, 1024)


def test_a_single_pixel_is_painted(stylist):
    assert paint(stylist, torch.zeros(1, 3, 1, 1)).picture.shape == (1, 3, 1, 1)


@pytest.mark.parametrize("ending", ["gif", "webp", "mp4"])
def test_a_clip_is_painted_frame_by_frame(stylist, tmp_path, ending):
    film = Film(tmp_path / f"painted.{ending}")
    shots = list(paint_clip(stylist, FRAMES, film))
    assert [shot.number for shot in shots] == [1, 2, 3] and shots[-1].done == 1
    assert torch.equal(shots[1].picture, paint(stylist, FRAMES[1:2]).picture)
    found = clips.frames(film.path)
    assert found.shape == FRAMES.shape
    assert (found - torch.cat([shot.picture for shot in shots])).abs().mean() < 0.06


def test_a_stop_keeps_what_is_finished(stylist, tmp_path):
    film = Film(tmp_path / "painted.mp4")
    shots = paint_clip(stylist, FRAMES, film)
    assert [round(shot.done, 2) for shot in islice(shots, 2)] == [0.33, 0.67]
    shots.close()
    assert len(clips.frames(film.path)) == 2


def test_a_clip_from_a_file_and_a_still(stylist, tmp_path):
    with Film(tmp_path / "clip.mp4") as film:
        for frame in FRAMES.split(1):
            film.add(frame)
    assert len(list(paint_clip(stylist, film.path, most=2))) == 2
    assert len(list(paint_clip(stylist, "owl", max_side=40))) == 1
    with pytest.raises(PictureError, match="already holds 3 frames") as caught:
        next(paint_clip(stylist, FRAMES, film))
    assert one_sentence(caught.value)
