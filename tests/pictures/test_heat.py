"""Heat over a picture: the right colour at the right place."""

import re

import matplotlib
import numpy as np
import pytest
import torch

from cnnlab import pictures
from cnnlab.pictures import PictureError

GREY = torch.full((1, 3, 40, 60), 0.5)


def is_colour(pixel, level):
    """The pixel (3,) has the colour of magma at `level` 0 to 1."""
    expected = torch.tensor(matplotlib.colormaps["magma"](level)[:3]).float()
    torch.testing.assert_close(pixel, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", [torch.tensor, np.array, list])
def test_the_ends_of_the_range_get_the_ends_of_the_map(kind):
    heat = [[0.2, 0.7], [0.2, 0.7]] if kind is list else kind([[0.2, 0.7], [0.2, 0.7]])
    result = pictures.overlay(GREY, heat, strength=1)
    pictures.check(result)
    is_colour(result[0, :, 0, 0], 0.0)
    is_colour(result[0, :, 0, -1], 1.0)


def test_zero_is_white_where_there_are_both_signs():
    heat = torch.tensor([[-0.5, 0.0, 1.0]])
    result = pictures.overlay(torch.zeros(1, 1, 3, 3), heat, strength=1)[0, :, 0]  # (3, columns)
    assert (result[:, 1] > 0.95).all()
    assert result[2, 0] > result[0, 0]  # negative: blue
    assert result[0, 2] > result[2, 2]  # positive: red
    assert (result[:, 0] - result[:, 1]).abs().sum() < (result[:, 2] - result[:, 1]).abs().sum()


def test_strength_mixes_grey_and_colour():
    photo = pictures.fit(pictures.read("panda"), 64)
    heat = torch.arange(64.0).view(8, 8)
    none, half, full = (pictures.overlay(photo, heat, strength=share) for share in (0, 0.5, 1))
    torch.testing.assert_close(none[:, 0], none[:, 2])  # grey
    torch.testing.assert_close(half, (none + full) / 2)


def test_limits_keep_colours_comparable():
    low, high = (
        pictures.overlay(GREY, torch.full((2, 2), value), limits=(0, 1), strength=1) for value in (0.1, 0.9)
    )
    assert high.mean() > low.mean()
    beyond = pictures.overlay(GREY, torch.full((2, 2), 5.0), limits=(0, 1), strength=1)
    is_colour(beyond[0, :, 0, 0], 1.0)
    signed = pictures.overlay(GREY, torch.zeros(2, 2), limits=(-1, 1), strength=1)
    assert (signed > 0.95).all()


def test_even_heat_is_cold():
    assert torch.equal(pictures.overlay(GREY, torch.zeros(3, 3)), pictures.overlay(GREY, torch.ones(3, 3)))


def test_place():
    heat = torch.zeros(4, 6)
    heat[0, 5] = 1
    brightness = pictures.overlay(torch.zeros(1, 3, 40, 60), heat, strength=1).sum(1)[0]
    row, column = divmod(brightness.argmax().item(), 60)
    assert row < 10 and column >= 50


def test_gradients_do_not_matter():
    pictures.overlay(GREY, torch.rand(3, 3, requires_grad=True))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"heat": torch.zeros(1, 3, 3)}, r"shape \(1, 3, 3\)"),
        ({"heat": torch.zeros(0, 3)}, "shape"),
        ({"heat": torch.full((2, 2), torch.nan)}, "nan_to_num"),
        ({"colormap": "jet"}, "no colormap 'jet' here; choose from magma"),
        ({"strength": 2}, "from 0 .* to 1"),
        ({"limits": (1, 0)}, "low below high"),
        ({"picture": GREY.expand(2, -1, -1, -1)}, "holds 2 pictures"),
    ],
)
def test_refusals(arguments, sentence):
    with pytest.raises(PictureError, match=sentence):
        pictures.overlay(**{"picture": GREY, "heat": torch.rand(3, 3), **arguments})


# --- signed ---


def test_signed_numbers_lie_around_grey_each_picture_on_its_own_scale():
    values = torch.linspace(-1, 2, 3 * 50 * 40).reshape(1, 3, 50, 40)
    shown = pictures.signed(torch.cat([values, -1e-9 * values, 0 * values]))
    pictures.check(shown)
    assert torch.equal(shown[0] > 0.5, values[0] > 0)
    torch.testing.assert_close(shown[1], 1 - shown[0], atol=1e-5, rtol=0)
    assert (shown[2] == 0.5).all()


def test_half_a_percent_is_clipped():
    values = torch.arange(1.0, 1001).reshape(1, 1, 20, 50)
    shown = pictures.signed(values)
    assert (shown == 1).sum() == 5
    assert shown[0, 0, 0, 0] == pytest.approx(0.5, abs=1e-3)


def test_places_without_numbers_do_not_count():
    """A neuron's gradient is 0 outside its receptive field, however large the picture."""
    patch = torch.arange(1.0, 1001).reshape(1, 1, 20, 50)
    wide = torch.zeros(1, 1, 300, 300)
    wide[..., 100:120, 100:150] = patch
    assert torch.equal(pictures.signed(wide)[..., 100:120, 100:150], pictures.signed(patch))


@pytest.mark.parametrize(
    "values, sentence",
    [
        (torch.zeros(3, 4, 4), "give (N, C, H, W)"),
        (torch.zeros(1, 2, 4, 4), "C = 1 or 3"),
        (torch.zeros(1, 3, 0, 4), "give (N, C, H, W)"),
        (torch.full((1, 3, 4, 4), torch.nan), "NaN"),
    ],
)
def test_signed_refuses(values, sentence):
    with pytest.raises(PictureError, match=re.escape(sentence)):
        pictures.signed(values)
