"""Colours that are kept: statistics against torch.cov, YIQ against its published matrix."""

import pytest
import torch
from small import noise

from cnnlab import pictures
from cnnlab.style.colours import as_bright_as, coloured, grey, recoloured

YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])  # FCC 1953


def statistics(picture):
    flat = picture[0].flatten(1).double()
    return flat.mean(1), torch.cov(flat, correction=0)


def muted(seed):
    """A picture whose colours stay far from black and white, and hang together."""
    mix = torch.tensor([[0.2, 0.1, 0.0], [0.1, 0.15, 0.05], [0.0, 0.1, 0.1]])
    return 0.3 + torch.einsum("dc,nchw->ndhw", mix, noise(1, 3, 30, 40, seed=seed))


def test_a_recoloured_style_has_the_contents_mean_and_covariance():
    style, content = noise(1, 3, 50, 20), muted(1)
    found = recoloured(style, content)
    assert found.dtype == torch.float32 and found.shape == style.shape
    assert found.min() > 0 and found.max() < 1  # so that nothing was cut off
    for one, other in zip(statistics(found), statistics(content), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def test_the_same_colours_stay_as_they_are():
    torch.testing.assert_close(recoloured(muted(2), muted(2)), muted(2), rtol=0, atol=1e-6)


@pytest.mark.parametrize("style", [torch.full((1, 3, 8, 8), 0.4), noise(1, 1, 8, 8).expand(1, 3, 8, 8)])
def test_a_style_without_colours_gets_the_mean_at_least(style):
    found = recoloured(style, muted(1))
    torch.testing.assert_close(statistics(found)[0], statistics(muted(1))[0], rtol=0, atol=0.02)
    assert found.isfinite().all()


def test_grey_is_y():
    picture = noise(2, 3, 8, 8)
    expected = torch.einsum("c,nchw->nhw", YIQ[0], picture)
    assert all(torch.allclose(grey(picture)[:, i], expected, atol=1e-6) for i in range(3))


def test_brightness_is_that_of_the_content():
    found, wanted = as_bright_as(noise(1, 3, 40, 40), muted(1)), grey(muted(1))
    assert found.mean().item() == pytest.approx(wanted.mean().item(), abs=1e-4)
    assert found.std().item() == pytest.approx(wanted.std().item(), rel=1e-3)
    assert as_bright_as(torch.full((1, 3, 4, 4), 0.2), muted(1)).isfinite().all()


def test_coloured_takes_y_from_one_and_i_and_q_from_the_other():
    picture = 0.4 + 0.2 * noise(1, 3, 12, 12)
    content = pictures.fit(pictures.read("gibbon"), 12) * 0.2 + 0.4
    found, one, other = (
        torch.einsum("dc,nchw->ndhw", YIQ, shown) for shown in (coloured(picture, content), picture, content)
    )
    torch.testing.assert_close(found[:, 0], one[:, 0], rtol=0, atol=1e-5)
    torch.testing.assert_close(found[:, 1:], other[:, 1:], rtol=0, atol=1e-3)  # the matrix has three digits
