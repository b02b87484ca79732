"""Sizes: the same pixels as PIL and torchvision, whatever the shape."""

import numpy as np
import pytest
import torch
import torchvision.transforms.v2.functional as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnlab import pictures
from cnnlab.pictures import PictureError

PHOTO = pictures.read("panda")  # (1, 3, H, W)


@pytest.mark.parametrize("size", [(50, 90), (227, 227), (700, 650)])
def test_resize_agrees_with_pil(size):
    image = Image.fromarray((PHOTO[0] * 255).round().byte().permute(1, 2, 0).numpy())
    expected = np.array(image.resize(size[::-1], Image.Resampling.BILINEAR)).transpose(2, 0, 1) / 255
    error = (pictures.resize(PHOTO, size)[0] - torch.from_numpy(expected).float()).abs()
    assert error.max() < 1.6 / 255  # PIL rounds to whole levels after each of two passes


@pytest.mark.parametrize("size", [32, 224, 227])
@pytest.mark.parametrize("shape", [(300, 400), (400, 300), (256, 256), (255, 512), (100, 399)])
def test_fit_agrees_with_torchvision(size, shape):
    picture = pictures.resize(PHOTO, shape)
    expected = reference.center_crop(reference.resize(picture, [size], antialias=True), [size, size])
    torch.testing.assert_close(pictures.fit(picture, size), expected, atol=1e-5, rtol=0)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 30), st.integers(1, 30))
def test_fit_of_any_shape_to_any_shape(height, width, tall, wide):
    ramp = torch.linspace(0, 1, width).expand(1, 3, height, width)
    fitted = pictures.fit(ramp, (tall, wide))
    assert fitted.shape == (1, 3, tall, wide)
    half_a_pixel = 0.501 / max(1, width - 1)
    assert fitted.mean().item() == pytest.approx(0.5, abs=half_a_pixel)  # it is cut out of the middle


def test_fit_to_a_pair_keeps_proportions():
    photo = pictures.resize(PHOTO, (240, 320))
    expected = reference.resize(reference.center_crop(photo, [240, 240]), [60, 60], antialias=True)
    torch.testing.assert_close(pictures.fit(photo, (60, 60)), expected, atol=1e-5, rtol=0)
    expected = reference.resize(reference.center_crop(photo, [120, 320]), [30, 80], antialias=True)
    torch.testing.assert_close(pictures.fit(photo, (30, 80)), expected, atol=1e-5, rtol=0)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 30), st.sampled_from([1, 3]), st.integers(1, 2))
def test_fit_of_any_shape(height, width, size, channels, count):
    picture = torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(0))
    fitted = pictures.fit(picture, size)
    assert fitted.shape == (count, channels, size, size)
    pictures.check(fitted)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 60_000)])
def test_ribbons_stay_cheap_and_keep_their_middle(shape):
    picture = torch.zeros(1, 3, *shape)
    long = 2 if shape[0] >= shape[1] else 3
    middle = shape[long - 2] // 2
    picture.narrow(long, max(0, middle - 20), min(40, shape[long - 2])).fill_(1)
    assert (pictures.fit(picture, 224) > 0.99).all()


def test_no_jagged_edges():
    stripes = (torch.arange(400) % 2).float().expand(1, 3, 400, 400)  # finer than the result can show
    assert (pictures.resize(stripes, 100) - 0.5).abs().max() < 0.1


def test_the_size_it_has_already():
    assert torch.equal(pictures.resize(PHOTO, PHOTO.shape[-2:]), PHOTO)


def test_gradients_flow_through():
    picture = torch.full((1, 3, 8, 8), 0.5, requires_grad=True)
    pictures.fit(picture, 4).sum().backward()
    assert picture.grad is not None and picture.grad.abs().sum() > 0


@pytest.mark.parametrize("size", [0, -1, 2.5, (4,), (4, 4, 4), (0, 4), "large", None])
def test_sizes_that_are_none(size):
    for change in (pictures.resize, pictures.fit):
        with pytest.raises(PictureError, match="size is"):
            change(PHOTO, size)


@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (41, 41), (7, 100)])
def test_one_number_is_the_short_side_as_in_torchvision(shape):
    picture = pictures.resize(PHOTO, shape)
    expected = reference.resize(picture, [30], antialias=True)
    assert pictures.resize(picture, 30).shape == expected.shape
    assert torch.allclose(pictures.resize(picture, 30), expected, atol=1e-5)
