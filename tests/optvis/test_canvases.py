"""Canvases: what they hold is what they show, spectra fall as they should, colours are photographs'."""

import numpy as np
import pytest
import torch
from small import noise, one_sentence

from cnnlab import pictures
from cnnlab.optvis.canvases import AXES, MEAN, Canvas, fourier, pixels
from cnnlab.pictures import PictureError

KINDS = [
    pytest.param(make, colours, bounds, id=f"{make.__name__}-{colours}-{bounds}")
    for make in (pixels, fourier)
    for colours in ("rgb", "decorrelated")
    for bounds in ("sigmoid", "clip")
]
SIZES = [(1, 1), (1, 7), (6, 1), (5, 8), (9, 9), (32, 24)]


def values(canvas: Canvas) -> torch.Tensor:
    """What is held as values of pixels, before colours and bounds."""
    return canvas.spread(canvas.held).detach()


# --- what it holds and what it shows ---


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("make", "colours", "bounds"), KINDS)
def test_it_shows_what_was_painted(make, colours, bounds, size):
    photograph = noise(2, 3, *size)
    photograph[0, :, 0, 0], photograph[1, :, -1, -1] = 0, 1
    shown = make(size, photograph, batch=2, colours=colours, bounds=bounds)()
    assert shown.shape == (2, 3, *size) and shown.dtype is torch.float32
    torch.testing.assert_close(shown, photograph, rtol=0, atol=1.1e-4)  # black and white become nearly so
    assert shown.min() >= 0 and shown.max() <= 1


@pytest.mark.parametrize(("make", "colours", "bounds"), KINDS)
def test_painted_black_and_white_can_climb_back(make, colours, bounds):
    canvas = make(16, noise(1, 3, 16, 16).round(), colours=colours, bounds=bounds)
    shown = canvas()
    (slope,) = torch.autograd.grad(shown.sum(), canvas.held, retain_graph=True)
    assert slope.any()
    raw = torch.einsum("nchw,dc->ndhw", values(canvas), canvas.axes)
    assert bounds == "sigmoid" or (raw.abs() <= 0.5).all()  # beyond, the gradient would be cut off


@pytest.mark.parametrize(("make", "colours", "bounds"), KINDS)
def test_its_gradient_is_that_of_finite_differences(make, colours, bounds):
    canvas = make((4, 5), colours=colours, bounds=bounds, contrast=0.3).double()
    held = canvas.held.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda h: torch.func.functional_call(canvas, {"held": h}, ()), held)


@pytest.mark.parametrize("size", SIZES)
def test_the_fourier_canvas_is_an_inverse_fourier_transform(size):
    canvas = fourier(size, colours="rgb", bounds="clip", contrast=0.02)
    held = (canvas.held * canvas.scale).detach().numpy()
    expected = np.fft.irfft2(held[..., 0] + 1j * held[..., 1], size, norm="ortho")
    np.testing.assert_allclose(canvas().detach(), (expected + 0.5).clip(0, 1), atol=1e-5)


@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5])
def test_noise_has_the_spectrum_that_was_asked_for(decay):
    """Measured with NumPy on the pictures: amplitude ~ 1 / f ** decay, as a slope in a log-log plot."""
    canvas = fourier(128, channels=1, batch=8, bounds="clip", contrast=0.05, decay=decay)
    amplitude = np.abs(np.fft.fft2(canvas().detach().numpy() - 0.5)).mean((0, 1))
    frequency = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.fftfreq(128))
    middle = (frequency > 0.02) & (frequency < 0.45)
    slope, _ = np.polyfit(np.log(frequency[middle]), np.log(amplitude[middle]), 1)
    assert slope == pytest.approx(-decay, abs=0.05)


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
def test_contrast_is_the_standard_deviation(decay):
    drawn = torch.stack([values(fourier(64, contrast=0.3, seed=s, decay=decay)) for s in range(40)])
    assert drawn.std().item() == pytest.approx(0.3, rel=0.1)
    assert values(pixels(64, contrast=0.3)).std().item() == pytest.approx(0.3, rel=0.05)


def test_colours_are_held_along_the_axes_of_the_bundled_photographs():
    """Recomputed: every photograph's central square at 64 x 64, all pixels in one covariance matrix of RGB.

    Its eigenvectors times the roots of their eigenvalues, the longest made 1, signs as in AXES.
    """
    squares = [pictures.fit(pictures.read(name), 64) for name in pictures.names()]
    colours = torch.cat(squares).movedim(1, 0).flatten(1).double().numpy()  # (3, pixels)
    variances, vectors = np.linalg.eigh(np.cov(colours))
    axes = (vectors * np.sqrt(variances))[:, ::-1]
    axes /= np.linalg.norm(axes, axis=0).max()
    known = np.array(AXES)
    np.testing.assert_allclose(axes * np.sign((axes * known).sum(0)), known, atol=0.01)


# --- where it starts ---


@pytest.mark.parametrize("make", [pixels, fourier])
def test_starts(make):
    torch.testing.assert_close(make(8, "grey")(), torch.full((1, 3, 8, 8), 0.5))
    mean = torch.tensor(MEAN).view(1, 3, 1, 1).expand(2, 3, 8, 8)
    torch.testing.assert_close(make(8, "mean", batch=2)(), mean, rtol=0, atol=1e-5)
    photograph = noise(1, 3, 8, 8)
    shown = make(8, photograph, batch=2)()
    torch.testing.assert_close(shown, photograph.expand(2, -1, -1, -1), rtol=0, atol=1.1e-4)


@pytest.mark.parametrize("make", [pixels, fourier])
def test_noise_belongs_to_its_seed(make):
    first = make(16, batch=2, seed=3)()
    assert torch.equal(first, make(16, batch=2, seed=3)())
    assert not torch.equal(first, make(16, batch=2, seed=4)())
    assert not torch.equal(first[0], first[1])
    before = torch.get_rng_state()
    make(16, seed=3)
    assert torch.equal(before, torch.get_rng_state())  # nobody else's numbers are used up


@pytest.mark.parametrize("make", [pixels, fourier])
def test_one_channel(make):
    assert make((3, 5), channels=1)().shape == (1, 1, 3, 5)
    painted = make(6, noise(1, 1, 6, 6), channels=1)()
    torch.testing.assert_close(painted, noise(1, 1, 6, 6), rtol=0, atol=1.1e-4)


@pytest.mark.parametrize("make", [pixels, fourier])
def test_painted_with_what_it_shows_it_lies_within_black_and_white(make):
    canvas = make(12, bounds="clip", contrast=3.0)
    shown = canvas().detach()
    canvas.paint(shown)
    torch.testing.assert_close(canvas().detach(), shown, rtol=0, atol=1e-5)
    raw = torch.einsum("nchw,dc->ndhw", values(canvas), canvas.axes)
    assert raw.abs().max() <= 0.5


# --- what cannot be ---


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"start": "nois"}, "noise"),
        ({"bounds": "tanh"}, '"sigmoid" or "clip", not \'tanh\''),
        ({"colours": "lab"}, '"rgb" or "decorrelated", not \'lab\''),
        ({"colours": "decorrelated", "channels": 1}, "3 channels, and this canvas has 1"),
        ({"size": (0, 4)}, "0 x 4 pixels"),
        ({"size": -1}, "sides of 1 or more"),
    ],
)
@pytest.mark.parametrize("make", [pixels, fourier])
def test_a_setting_that_cannot_be_is_said(make, settings, says):
    with pytest.raises(ValueError) as failed:
        make(**{"size": 8, **settings})
    assert says in str(failed.value) and one_sentence(failed.value)


@pytest.mark.parametrize(
    ("photograph", "says"),
    [
        (torch.full((1, 3, 8, 8), float("nan")), "NaN"),
        (torch.full((1, 3, 8, 8), 2.0), r"\[0, 1\]"),
        (torch.zeros(1, 3, 8, 9), "make them equal"),
        (torch.zeros(3, 3, 8, 8), "make them equal"),
        (torch.zeros(3, 8, 8), "add the first axis"),
    ],
)
def test_a_photograph_that_does_not_fit_is_said(photograph, says):
    canvas = fourier(8, batch=2)
    before = canvas().detach()
    with pytest.raises(PictureError, match=says):
        canvas.paint(photograph)
    assert torch.equal(canvas(), before)
