"""Filters in numbers: against scikit-image's Gabor functions, NumPy, and a network's answers to gratings."""

import numpy as np
import pytest
import torch
from skimage.filters import gabor_kernel
from small import noise, one_sentence

from cnnlab import networks
from cnnlab.networks.probes import activations
from cnnlab.neurons.filters import colourfulness, fit_gabor, grating, one_colour


def apart(first: float, second: float) -> float:
    """How many degrees lie between two orientations."""
    return abs((first - second + 90) % 180 - 90)


@pytest.mark.parametrize("frequency", [0.12, 0.2, 0.3])
@pytest.mark.parametrize("degrees", [0, 30, 75, 90, 140])
@pytest.mark.parametrize("offset", [0.0, 1.1, 2.0])
def test_the_numbers_of_scikit_images_gabor_functions_come_back(frequency, degrees, offset):
    theta = np.radians(degrees)  # of the wave, clockwise on the screen; the stripes stand across it
    kernel = gabor_kernel(frequency, theta, sigma_x=2, sigma_y=2, offset=offset).real
    fit = fit_gabor(torch.from_numpy(kernel))
    assert fit.explained == pytest.approx(1, abs=1e-6)
    assert fit.frequency == pytest.approx(frequency, abs=1e-3)
    assert apart(fit.orientation, 90 - degrees) < 0.1
    assert fit.sigma == pytest.approx(2, abs=0.01)
    assert fit.pattern.shape == kernel.shape


def test_a_window_that_stands_aside_is_found():
    kernel = np.pad(gabor_kernel(0.2, 0.6, sigma_x=1.5, sigma_y=1.5).real, ((0, 4), (3, 0)))
    fit = fit_gabor(torch.from_numpy(kernel))
    assert fit.explained > 0.999 and fit.frequency == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize("degrees", [0, 22, 45, 90, 135, 160])
def test_stripes_of_three_pixels_tell_their_direction(degrees):
    stripes = grating(degrees, frequency=0.3, size=3)[0, 0] - 0.5
    fit = fit_gabor(stripes)
    assert fit.explained > 0.99 and apart(fit.orientation, degrees) < 5


def test_a_fit_survives_noise_and_a_pattern_without_form_is_fitted_worse():
    kernel = torch.from_numpy(gabor_kernel(0.2, 1.0, sigma_x=2, sigma_y=2).real)
    disturbed = kernel + 0.2 * kernel.std() * noise(*kernel.shape, seed=1)
    fit = fit_gabor(disturbed - disturbed.mean() + kernel.mean())
    assert fit.frequency == pytest.approx(0.2, abs=0.02) and fit.explained > 0.9
    assert fit_gabor(noise(11, 11, seed=2) - 0.5).explained < 0.5


def test_a_blob_has_no_stripes():
    y, x = torch.meshgrid(torch.arange(9.0) - 4, torch.arange(9.0) - 4, indexing="ij")
    fit = fit_gabor(torch.exp(-(x**2 + y**2) / 8))
    assert fit.frequency < 0.03 and fit.explained > 0.999


def test_colourfulness_is_0_for_grey_1_for_pure_colour_and_two_thirds_for_random_weights():
    pattern = noise(1, 1, 5, 5) - 0.5
    grey, colour = pattern.expand(1, 3, 5, 5), pattern * torch.tensor([1.0, -2, 1]).view(1, 3, 1, 1)
    assert colourfulness(torch.cat([grey, colour])).tolist() == pytest.approx([0, 1], abs=1e-6)
    half = grey / grey.norm() + colour / colour.norm()
    assert colourfulness(half).item() == pytest.approx(0.5, abs=1e-6)
    many = torch.randn(4000, 3, 3, 3, generator=torch.Generator().manual_seed(0))
    assert colourfulness(many).mean().item() == pytest.approx(2 / 3, abs=0.01)


def test_one_colour_takes_a_product_apart_and_is_numpys_best_approximation():
    pattern, colour = noise(1, 4, 5, seed=3)[0] - 0.5, torch.tensor([0.6, 0.8, 0.0])
    product = colour.view(3, 1, 1) * pattern
    patterns, colours, share = one_colour(product[None])
    assert torch.allclose(patterns[0], pattern, atol=1e-6)
    assert torch.allclose(colours[0], colour, atol=1e-6) and share.item() == pytest.approx(1)
    several = noise(6, 3, 3, 3, seed=4) - 0.5
    patterns, colours, share = one_colour(several)
    for one, p, c, s in zip(several, patterns, colours, share, strict=True):
        sizes = np.linalg.svd(one.flatten(1).numpy(), compute_uv=False)
        assert s.item() == pytest.approx(sizes[0] ** 2 / (sizes**2).sum(), abs=1e-5)
        rest = one - c.view(3, 1, 1) * p
        assert rest.square().sum().item() == pytest.approx((sizes[1:] ** 2).sum(), abs=1e-5)
        assert c.sum() >= 0


def test_trained_filters_are_waves_of_one_colour_and_untrained_ones_are_not(squeezenet):
    middle = {}
    for name, network in (
        ("trained", squeezenet),
        ("untrained", networks.load("squeezenet1_1", weights=None)),
    ):
        patterns, _, share = one_colour(network.layer("features.0").weight)
        fits = [fit_gabor(pattern).explained for pattern in patterns]
        middle[name] = (share * torch.tensor(fits)).median().item()
    assert middle["trained"] > 0.9 and middle["untrained"] < 0.45


def test_the_orientation_read_from_weights_is_the_one_that_gratings_find(squeezenet):
    """From inside and from outside: for grey filters with clear stripes, each answer of the network."""
    weights = squeezenet.layer("features.0").weight
    patterns, _, share = one_colour(weights)
    checked = 0
    for channel, (pattern, colour) in enumerate(zip(patterns, colourfulness(weights), strict=True)):
        fit = fit_gabor(pattern)
        if colour < 0.25 and 0.2 < fit.frequency < 0.4 and fit.explained * share[channel] > 0.8:
            answers = {}
            for degrees in range(0, 180, 15):
                with activations(squeezenet, "features.0") as seen:
                    squeezenet(grating(degrees))
                answers[degrees] = seen["features.0"][0, channel].max().item()
            assert apart(max(answers, key=answers.get), fit.orientation) < 17
            checked += 1
    assert checked > 12


def test_three_in_four_grey_striped_filters_like_the_stripes_that_were_read_from_their_weights(squeezenet):
    weights = squeezenet.layer("features.0").weight
    fits = [fit_gabor(pattern) for pattern in one_colour(weights)[0]]
    grey = (colourfulness(weights) < 0.25).tolist()
    striped = [k for k, fit in enumerate(fits) if fit.frequency > 0.08 and grey[k]]
    answers = []
    for degrees in range(0, 180, 15):
        with activations(squeezenet, "features.0") as seen:
            squeezenet(grating(degrees))
        answers.append(seen["features.0"][0].amax((1, 2)))
    liked = 15 * torch.stack(answers).argmax(0)
    near = [k for k in striped if apart(liked[k].item(), fits[k].orientation) < 5]
    assert len(striped) > 20 and len(near) >= 0.75 * len(striped)
    checks = [k for k in striped if apart(liked[k].item(), fits[k].orientation) > 20]
    assert checks and all(fits[k].frequency > 0.45 for k in checks)


@pytest.mark.parametrize("degrees, row_alike", [(0, True), (90, False)])
def test_gratings_stand_as_they_are_told(degrees, row_alike):
    stripes = grating(degrees, frequency=0.25, size=16)
    assert stripes.shape == (1, 3, 16, 16) and stripes.min() >= 0 and stripes.max() <= 1
    along = stripes.std(3) if row_alike else stripes.std(2)
    assert along.max() < 1e-5 and stripes.std() > 0.3
    rising = grating(45, size=16)[0, 0]  # counter-clockwise: from the lower left to the upper right
    assert torch.allclose(rising[1:, :-1], rising[:-1, 1:], atol=1e-5)


WRONG = {
    "zeros": lambda: fit_gabor(torch.zeros(3, 3)),
    "a line": lambda: fit_gabor(torch.ones(1, 5)),
    "three dimensions": lambda: fit_gabor(torch.ones(3, 5, 5)),
    "deeper weights": lambda: one_colour(torch.ones(4, 16, 3, 3)),
    "no colours": lambda: colourfulness(torch.ones(4, 1, 3, 3)),
    "one filter": lambda: colourfulness(torch.ones(3, 3, 3)),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_gets_one_sentence(case):
    with pytest.raises(ValueError) as caught:
        WRONG[case]()
    assert one_sentence(caught.value)
