"""The painters of style pictures: the same ones each time, those that ship, and full of edges."""

import numpy as np
import pytest
import torch
from make_style_pictures import FOLDER
from make_style_pictures import SIZE as SHIPPED
from style_pictures import PAINTERS
from style_pictures.brush import Paint, flow
from style_pictures.canvas import noise, palette, shade
from style_pictures.marbling import _comb, _whirl
from torch.nn import functional as F

from cnnlab import pictures
from cnnlab.datasets import styles

SIZE = 192


@pytest.fixture(scope="module", params=PAINTERS)
def painter(request):
    """A painter, and what it paints first."""
    paint = PAINTERS[request.param]
    return paint, paint(SIZE)


@pytest.mark.slow
def test_what_ships_is_what_the_painters_paint():
    assert [file.stem for file in sorted(FOLDER.iterdir())] == sorted(PAINTERS) == sorted(styles.PAINTED)
    for name, paint in PAINTERS.items():
        apart = (pictures.read(FOLDER / f"{name}.png") - paint(SHIPPED)).abs()
        assert apart.mean() < 0.01, name  # rounding is 0.001; other processors place an edge differently


def test_a_painting_is_a_picture_of_the_size_asked_for(painter):
    paint, picture = painter
    pictures.check(picture)
    assert picture.shape == (1, 3, SIZE, SIZE)
    assert paint(65).shape == (1, 3, 65, 65)


def test_a_seed_paints_the_same_and_another_seed_something_else(painter):
    paint, picture = painter
    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002  what else is drawn in a program makes no difference
    assert torch.equal(paint(SIZE), picture)
    assert (paint(SIZE, seed=1) - picture).abs().mean() > 0.05


def test_another_size_is_the_same_painting(painter):
    paint, picture = painter
    small, large = (F.avg_pool2d(p.mean(1), p.shape[-1] // 24).flatten() for p in (picture, paint(2 * SIZE)))
    assert torch.corrcoef(torch.stack([small, large]))[0, 1] > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_no_part_of_a_painting_is_blank(painter, seed):
    picture = painter[0](SIZE, seed)
    assert most_common_colour(picture) < 0.4
    contrast = window_contrast(picture)
    assert contrast.median() > 0.08
    assert (contrast > 0.02).float().mean() > 0.98


def test_a_blank_picture_would_be_found_out():
    flat = torch.full((1, 3, SIZE, SIZE), 0.5)
    flat[..., : SIZE // 2, :] = torch.rand(1, 3, SIZE // 2, SIZE, generator=torch.Generator().manual_seed(0))
    assert most_common_colour(flat) > 0.4
    assert (window_contrast(flat) > 0.02).float().mean() < 0.6


def most_common_colour(picture):
    """The share of pixels that have the most common of 16 x 16 x 16 colours."""
    levels = (picture[0] * 15).round().long()
    return (levels[0] * 256 + levels[1] * 16 + levels[2]).flatten().bincount().max().item() / levels[
        0
    ].numel()


def window_contrast(picture):
    """The standard deviation of grey within each of 12 x 12 windows."""
    side = picture.shape[-1] // 12
    return F.unfold(picture.mean(1, keepdim=True), side, stride=side)[0].std(0)


# --- the tools of the painters ---


def test_smooth_chance_is_smooth_and_normalised():
    field = noise((90, 120), (6, 4), np.random.default_rng(0))
    assert abs(field.mean()) < 1e-4 and abs(field.std() - 1) < 1e-3
    assert np.abs(np.diff(field, axis=0)).max() < 0.5


def test_a_ramp_goes_through_the_colours_of_its_palette():
    colours = palette("#000000", "#ff0000", "#ffff00")
    at = np.array([-1, 0, 0.25, 0.5, 1, 2])
    wanted = [(0, 0, 0), (0, 0, 0), (0.5, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 0)]
    assert np.allclose(shade(colours, at), wanted)


def test_strokes_follow_the_field_and_the_last_one_lies_on_top():
    turning = np.full((80, 80), np.pi / 2)  # everywhere downwards
    curves = flow(turning, np.array([[40.0, 40.0]]), 5, 5.0)
    assert np.allclose(curves[0, :, 0], 40, atol=1e-3)
    assert np.allclose(curves[0, :, 1], np.arange(15, 66, 5), atol=1e-3)
    paint = Paint(np.zeros((80, 80, 3), np.float32))
    red_then_blue = np.array([(1, 0, 0), (0, 0, 1)], np.float32)
    paint.stroke(curves.repeat(2, 0), 12, red_then_blue, np.random.default_rng(0))
    assert paint.colour[40, 40, 2] > 0.5 and paint.colour[40, 40, 0] == 0
    assert (paint.colour[40, :30] == 0).all() and (paint.colour[30:50, 38:43, 2] > 0.5).all()


@pytest.mark.parametrize("kind", ["comb", "whirl"])
def test_what_is_drawn_through_marbling_keeps_areas(kind):
    """Lu et al. 2012: a tine drags, it does not stretch; the determinant of its derivative is 1."""
    rng = np.random.default_rng(3)
    undo = _comb(0.4, 0.3, 0.2, 0.05, rng) if kind == "comb" else _whirl(0.5 + 0.5j, 0.2, 0.5)
    points = rng.uniform(0, 1, 200) + 1j * rng.uniform(0, 1, 200)
    step = 1e-6
    across, down = ((undo(points + way * step) - undo(points - way * step)) / (2 * step) for way in (1, 1j))
    area = across.real * down.imag - across.imag * down.real
    assert np.abs(area - 1).max() < 1e-6
