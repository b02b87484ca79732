"""Transforms, against SciPy's and torchvision's."""

import math

import numpy as np
import pytest
import scipy.ndimage
import torch
from small import noise, one_sentence

from cnnlab.optvis.transforms import (
    Warp,
    apply,
    blurred,
    jitter,
    rotate,
    scale,
    smooth_gradient,
    tint,
)

TRANSFORMS = {
    "jitter": jitter(3),
    "rotate": rotate(30),
    "scale": scale(0.7, 1.4),
    "smooth_gradient": smooth_gradient(0.8),
    "tint": tint(0.2),
}
EACH = pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def warped_by_scipy(picture: torch.Tensor, turn: complex) -> np.ndarray:
    """`picture` (H, W) turned and stretched about its centre, mirrored beyond the border, by SciPy."""
    step = 1 / turn
    matrix = np.array([[step.real, step.imag], [-step.imag, step.real]])  # of (row, column)
    centre = (np.array(picture.shape) - 1) / 2
    offset = centre - matrix @ centre
    return scipy.ndimage.affine_transform(picture.numpy(), matrix, offset, order=1, mode="reflect")


@EACH
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (24, 17)])
def test_the_size_stays(transform, size):
    assert transform(noise(2, 3, *size), drawn()).shape == (2, 3, *size)


@EACH
def test_a_seed_gives_the_same_and_nobody_elses_numbers_are_used(transform):
    picture, before = noise(1, 3, 16, 16), torch.get_rng_state()
    assert torch.equal(transform(picture, drawn(1)), transform(picture, drawn(1)))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("name", ["jitter", "rotate", "scale", "tint"])
def test_each_time_it_is_another(name):
    picture, generator = noise(1, 3, 16, 16), drawn()
    first, second = (TRANSFORMS[name](picture, generator) for _ in range(2))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", ["jitter", "rotate", "scale", "tint"])
def test_gradients_are_those_of_finite_differences(name):
    picture = noise(1, 1, 6, 7).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda p: TRANSFORMS[name](p, drawn()), picture)


@pytest.mark.parametrize("transform", [jitter(0), rotate(0), scale(1, 1), tint(0)])
def test_at_nothing_the_picture_stays(transform):
    picture = noise(2, 3, 8, 9)
    torch.testing.assert_close(transform(picture, drawn()), picture)


def test_jitter_rolls_by_every_shift_in_its_range():
    picture, generator = torch.zeros(1, 1, 9, 9), drawn()
    picture[..., 4, 4] = 1
    places = {tuple(jitter(2)(picture, generator)[0, 0].nonzero()[0].tolist()) for _ in range(500)}
    assert places == {(y, x) for y in range(2, 7) for x in range(2, 7)}
    picture = noise(1, 1, 9, 9)
    shifted = jitter(30)(picture, drawn()).numpy()
    rolls = [np.roll(picture.numpy(), shift, (2, 3)) for shift in np.ndindex(9, 9)]
    assert sum(np.array_equal(shifted, roll) for roll in rolls) == 1


@pytest.mark.parametrize("turn", [complex(1.3), complex(0.6), 1j, complex(0.9, 0.3), complex(-0.2, 1.1)])
@pytest.mark.parametrize("size", [(12, 12), (20, 9), (1, 7)])
def test_a_warp_is_scipys(turn, size):
    pictures = noise(2, 3, *size)
    got = Warp(lambda generator: turn)(pictures, drawn())
    expected = [[warped_by_scipy(channel, turn) for channel in picture] for picture in pictures]
    np.testing.assert_allclose(got, np.array(expected), atol=1e-4)


def test_turns_and_sizes_stay_in_their_range():
    generator = drawn()
    turns = [rotate(10).draw(generator) for _ in range(300)]
    angles = [math.degrees(math.atan2(turn.imag, turn.real)) for turn in turns]
    assert -10 <= min(angles) < -9 and 9 < max(angles) <= 10
    assert all(abs(turn) == pytest.approx(1) for turn in turns)
    sizes = [scale(0.9, 1.2).draw(generator) for _ in range(300)]
    assert all(size.imag == 0 for size in sizes)
    assert 0.9 <= min(size.real for size in sizes) < 0.91 and 1.19 < max(size.real for size in sizes) <= 1.2


def test_a_larger_factor_enlarges():
    small, large = torch.zeros(1, 1, 20, 20), Warp(lambda generator: complex(2))
    small[..., 8:12, 8:12] = 1
    assert large(small, drawn()).sum().item() == pytest.approx(4 * 16, rel=0.01)


def test_neighbouring_warps_become_one():
    """The one turns by the sum of the angles and stretches by the product: SciPy's map of both at once."""
    picture = noise(1, 1, 16, 16)
    got = apply([rotate(20), scale(0.8, 1.2), rotate(5)], picture, drawn(3))
    generator = drawn(3)
    turn = math.prod(warp.draw(generator) for warp in (rotate(20), scale(0.8, 1.2), rotate(5)))
    np.testing.assert_allclose(got[0, 0], warped_by_scipy(picture[0, 0], turn), atol=1e-4)


def test_others_are_applied_in_order():
    picture, moves = noise(1, 1, 16, 16), [jitter(3), rotate(20), jitter(2), tint(0.5)]
    got, generator, expected = apply(moves, picture, drawn(5)), drawn(5), picture
    for move in moves:
        expected = move(expected, generator)
    assert torch.equal(got, expected)
    assert apply([], picture, drawn()) is picture


@pytest.mark.parametrize("sigma", [0.3, 0.5, 1.0, 2.4])
def test_a_blur_is_scipys(sigma):
    pictures = noise(2, 3, 20, 17)
    radius = math.ceil(2 * sigma)
    expected = scipy.ndimage.gaussian_filter(
        pictures.numpy(), sigma, axes=(2, 3), radius=radius, mode="mirror"
    )
    np.testing.assert_allclose(blurred(pictures, sigma), expected, atol=1e-5)


def test_a_blur_wider_than_the_picture_is_cut_off():
    for size in ((1, 1), (1, 5), (3, 2)):
        assert blurred(noise(1, 3, *size), 4.0).shape == (1, 3, *size)
    torch.testing.assert_close(blurred(torch.full((1, 3, 3, 2), 0.7), 4.0), torch.full((1, 3, 3, 2), 0.7))


def test_smooth_gradient_shows_the_picture_and_blurs_what_flows_back():
    picture, weights = noise(1, 1, 16, 16).requires_grad_(), noise(1, 1, 16, 16, seed=1)
    shown = smooth_gradient(1.0)(picture, drawn())
    assert torch.equal(shown, picture)
    (shown * weights).sum().backward()
    expected = scipy.ndimage.gaussian_filter(weights.numpy(), 1.0, axes=(2, 3), radius=2, mode="mirror")
    np.testing.assert_allclose(picture.grad, expected, atol=1e-6)


def test_tint_changes_light_and_contrast_and_nothing_else():
    picture = noise(1, 3, 8, 8)
    got = tint(0.3)(picture, drawn())
    for before, after in zip(picture[0], got[0], strict=True):
        slope, height = np.polyfit(before.flatten(), after.flatten(), 1)
        np.testing.assert_allclose(after, slope * before + height, atol=1e-5)
        assert 0.7 <= slope <= 1.3 and abs(0.5 * slope + height - 0.5) <= 0.3


@pytest.mark.parametrize(
    ("make", "settings", "says"),
    [(scale, (0, 1), "0 < smallest"), (scale, (1.2, 1.1), "0 < smallest")],
)
def test_a_range_that_cannot_be_is_said(make, settings, says):
    with pytest.raises(ValueError, match=says) as failed:
        make(*settings)
    assert one_sentence(failed.value)
