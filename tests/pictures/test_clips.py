"""Clips: what Pillow wrote comes back, frame by frame; the camera stays inside and really moves."""

import io

import pytest
import torch
from PIL import Image
from small import noise, one_sentence

from cnnlab import pictures
from cnnlab.pictures import clips

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


def animation(format: str, count: int = 4, size: tuple[int, int] = (40, 30)) -> bytes:
    """`count` plain frames, red, green, blue, white and again."""
    images = [Image.new("RGB", size, COLOURS[i % 4]) for i in range(count)]
    buffer = io.BytesIO()
    options = {"lossless": True} if format == "WEBP" else {}
    images[0].save(buffer, format, save_all=True, append_images=images[1:], duration=100, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_all_frames_come_back_in_order(format):
    found = clips.frames(animation(format))
    assert found.shape == (4, 3, 30, 40)
    pictures.check(found)
    expected = torch.tensor(COLOURS) / 255
    assert torch.allclose(found.mean((2, 3)), expected, atol=0.02)


def test_long_and_large_clips_are_cut():
    assert clips.frames(animation("GIF", 9), most=5).shape[0] == 5
    assert clips.frames(animation("GIF", 2, size=(640, 320)), max_side=100).shape == (2, 3, 50, 100)


@pytest.mark.parametrize("source", ["owl", Image.new("RGB", (8, 6)), noise(1, 3, 5, 5)])
def test_what_does_not_move_has_one_frame(source):
    assert clips.frames(source).shape[0] == 1


@pytest.mark.parametrize("data", [b"", b"no picture", animation("GIF")[:-60]])
def test_a_damaged_file_gets_one_sentence(data):
    with pytest.raises(pictures.PictureError) as caught:
        clips.frames(data)
    assert one_sentence(caught.value)


def test_a_gif_that_was_cut_anywhere_is_shorter_or_gets_one_sentence():
    first, *more = [Image.fromarray((255 * noise(12, 16, 3, seed=k)).byte().numpy()) for k in range(3)]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=more)
    data = buffer.getvalue()
    whole = clips.frames(data)
    lengths = set()
    for end in range(0, len(data), 3):
        try:
            found = clips.frames(data[:end])
        except pictures.PictureError as error:
            assert one_sentence(error)
            lengths.add(0)
        else:
            assert torch.equal(found, whole[: len(found)])
            lengths.add(len(found))
    assert {0, 1, 2} <= lengths <= {0, 1, 2, 3}


def test_the_camera_starts_in_the_middle_stays_inside_and_reaches_the_edges():
    ramp = torch.linspace(0, 1, 120).expand(1, 3, 90, 120).contiguous()  # its brightness tells the column
    middles = [clips.pan(ramp, 30, moment).mean().item() for moment in range(2 * 97)]
    assert middles[0] == pytest.approx(0.5, abs=0.02)
    half = 30 / (1.5 * 30 / 90 * 120) / 2  # of the window, as a share of the width
    assert min(middles) == pytest.approx(half, abs=0.03) and max(middles) == pytest.approx(1 - half, abs=0.03)
    steps = torch.tensor(middles).diff().abs()
    assert steps.max() < 0.05  # no jumps
    assert clips.pan(ramp, 30, 5).shape == (1, 3, 30, 30)


def test_a_view_is_a_frame_that_comes_again_and_pans_on_request():
    clip = clips.frames(animation("GIF"))
    assert torch.equal(clips.view(clip, 20, 1, panning=False), clips.view(clip, 20, 5, panning=False))
    assert torch.equal(clips.view(clip, 20, 2, panning=False), pictures.fit(clip[2:3], 20))
    owl = clips.frames("owl")
    assert torch.equal(clips.view(owl, 50, 7, panning=True), clips.pan(owl, 50, 7))
    assert not torch.equal(clips.pan(owl, 50, 7), clips.pan(owl, 50, 8))
