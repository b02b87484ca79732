"""Penalties and operators, against formulas worked out by hand and against NumPy."""

import numpy as np
import pytest
import torch
from small import convolutional, noise, one_sentence
from torch.nn.functional import mse_loss

from cnnlab.optvis.objectives import Seen
from cnnlab.optvis.regularisers import (
    alpha_norm,
    blur,
    clip_small_contribution,
    clip_small_norm,
    decay,
    l2,
    total_variation,
)
from cnnlab.optvis.transforms import blurred

GREY, BLACK, WHITE = (torch.full((1, 3, 6, 8), value) for value in (0.5, 0.0, 1.0))


def score(penalty, pictures):
    return penalty(Seen(convolutional(), pictures, {}))


def ramp(down: float, right: float) -> torch.Tensor:
    """A picture (1, 1, 6, 8) that rises by so much from pixel to pixel."""
    return 0.2 + down * torch.arange(6.0).view(1, 1, 6, 1) + right * torch.arange(8.0)


@pytest.mark.parametrize("penalty", [l2(), alpha_norm(), alpha_norm(3)])
def test_a_norm_is_0_for_grey_and_1_for_black_and_white(penalty):
    for pictures, expected in ((GREY, 0.0), (BLACK, 1.0), (WHITE, 1.0)):
        assert score(penalty, pictures).tolist() == [expected]


def test_norms_are_means_of_powers():
    pictures = noise(2, 3, 6, 8)
    for penalty, alpha in ((l2(), 2), (alpha_norm(), 6), (alpha_norm(3), 3)):
        expected = (np.abs(pictures.numpy() - 0.5) / 0.5) ** alpha
        np.testing.assert_allclose(score(penalty, pictures), expected.mean((1, 2, 3)), rtol=1e-5)
    torch.testing.assert_close(score(l2(), pictures[:1])[0], 4 * mse_loss(pictures[:1], GREY))


@pytest.mark.parametrize("beta", [1.0, 1.5, 2.0])
def test_the_total_variation_of_a_ramp_is_its_slope(beta):
    expected = (0.03**2 + 0.04**2) ** (beta / 2)
    assert score(total_variation(beta), ramp(0.03, 0.04)).item() == pytest.approx(expected, rel=1e-4)


def test_the_total_variation_of_one_white_pixel():
    picture = torch.zeros(1, 1, 6, 8)
    picture[..., 3, 4] = (
        1  # steep above (1), to the left (1), and at itself (down and right: 2 ** (beta / 2))
    )
    for beta in (1.0, 2.0):
        expected = (2 + 2 ** (beta / 2)) / (5 * 7)
        assert score(total_variation(beta), picture).item() == pytest.approx(expected, rel=0.01)
    assert score(total_variation(), GREY).item() == 0


@pytest.mark.parametrize("penalty", [l2(), alpha_norm(), total_variation(), total_variation(1.0)])
def test_their_gradients_are_those_of_finite_differences(penalty):
    pictures = noise(2, 1, 4, 5).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda p: score(penalty, p), pictures)


def test_decay_is_the_step_down_the_l2_penalty():
    picture = noise(1, 3, 6, 8).requires_grad_()
    score(l2(), picture).sum().backward()
    step = 0.1 * picture.numel() / 8  # the gradient of the mean of (2 d) ** 2 is 8 d / numel
    expected = picture.detach() - step * picture.grad
    torch.testing.assert_close(decay(0.1)(picture.detach(), picture, 0), expected)


def test_blur_comes_after_every_so_many_steps():
    picture = noise(1, 3, 12, 12)
    operator = blur(1.0, every=3)
    after = [operator(picture, picture, step) for step in range(6)]
    changed = [not torch.equal(one, picture) for one in after]
    assert changed == [False, False, True, False, False, True]
    assert torch.equal(after[2], blurred(picture, 1.0))


@pytest.mark.parametrize("percent", [0, 30, 50, 100])
def test_small_norms_become_grey(percent):
    picture = noise(2, 3, 10, 10)
    got = clip_small_norm(percent)(picture, torch.zeros_like(picture), 0).numpy()
    for before, after in zip(picture.numpy(), got, strict=True):
        norms = np.linalg.norm(before - 0.5, axis=0)
        grey = norms <= np.sort(norms, axis=None)[percent - 1] if percent else norms < 0
        assert grey.sum() == percent  # of 100 pixels
        np.testing.assert_array_equal(after, np.where(grey, np.float32(0.5), before))


def test_small_contributions_become_grey():
    picture, gradient = noise(1, 3, 10, 10), noise(1, 3, 10, 10, seed=1) - 0.5
    got = clip_small_contribution(40)(picture, gradient, 0)[0].numpy()
    worth = np.abs(((picture - 0.5) * gradient)[0].numpy().sum(0))
    grey = worth <= np.sort(worth, axis=None)[39]
    np.testing.assert_array_equal(got, np.where(grey, np.float32(0.5), picture[0].numpy()))


def test_what_a_linear_score_misses_least_is_what_is_clipped():
    """For a linear score the estimate is exact: making a pixel grey costs just its contribution."""
    picture, weights = noise(1, 3, 4, 4), noise(1, 3, 4, 4, seed=1) - 0.5
    clipped = clip_small_contribution(100 / 16)(picture, weights, 0)
    loss = abs(float(((picture - clipped) * weights).sum()))
    for y in range(4):
        for x in range(4):
            other = picture.clone()
            other[..., y, x] = 0.5
            assert abs(float(((picture - other) * weights).sum())) >= loss - 1e-6


@pytest.mark.parametrize("percent", [-1, 101, float("nan")])
def test_a_share_that_cannot_be_is_said(percent):
    with pytest.raises(ValueError, match="from 0 to 100") as failed:
        clip_small_norm(percent)(WHITE, WHITE, 0)
    assert one_sentence(failed.value)
