"""How a surface comes to be, from coarse to fine, on functions of two numbers."""

from itertools import islice

import numpy as np
import pytest
import torch
from scipy.interpolate import RegularGridInterpolator
from small import one_sentence

from cnnlab.surfaces.slices import Plane, loss_surfaces


def one_weight():
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    return Plane({"x": zero, "y": zero}, {"x": one, "y": zero}, {"x": zero, "y": one})


def test_columns_do_not_zig_zag():
    """loss-landscapes 3.0.6 shifts every other column by a step: there, the rows of this loss jump."""
    for surface in loss_surfaces(
        lambda parameters: 100 * parameters["y"] + parameters["x"], one_weight(), 8.0, 17
    ):
        assert torch.equal(surface.losses, 100 * surface.y[:, None] + surface.x[None])
        assert surface.losses.diff(dim=1).unique().numel() == 1
        assert surface.losses.diff(dim=0).unique().numel() == 1


def count(loss):
    def counted(parameters):
        counted.places.append(tuple(value.item() for value in parameters.values()))
        return loss(parameters)

    counted.places = []
    return counted


def bumpy(parameters):
    return torch.sin(3 * parameters["x"]) * torch.cos(2 * parameters["y"]) + parameters["x"] ** 2


@pytest.mark.parametrize(
    "steps, sizes", [(33, [5, 9, 17, 33]), (51, [26, 51]), (13, [7, 13]), (8, [8]), (2, [2]), (5, [5])]
)
def test_surfaces_get_finer_and_compute_no_place_twice(steps, sizes):
    loss = count(bumpy)
    first, *rest = loss_surfaces(loss, one_weight(), 1.5, steps)
    assert first.known.all() and first.losses.shape == (sizes[0], sizes[0])
    assert list(dict.fromkeys(len(surface.x) for surface in rest)) == sizes[1:]
    assert len(loss.places) == len(set(loss.places)) == steps**2
    *_, final = [first, *rest]
    assert final.known.all() and final.losses.shape == (steps, steps)
    for surface in rest:
        stride = (steps - 1) // (len(surface.x) - 1)
        fine = final.losses[::stride, ::stride]
        assert torch.equal(surface.losses[surface.known], fine[surface.known])


def test_the_first_surface_costs_little():
    loss = count(bumpy)
    assert next(loss_surfaces(loss, one_weight(), steps=65)).losses.shape == (5, 5)
    assert len(loss.places) == 25


def test_what_is_not_known_yet_lies_between_its_neighbours():
    first, second, *_ = loss_surfaces(bumpy, one_weight(), steps=17)
    between = RegularGridInterpolator((first.y.numpy(), first.x.numpy()), first.losses.numpy())
    guesses = between(torch.cartesian_prod(second.y, second.x).numpy()).reshape(9, 9)
    unknown = ~second.known
    assert unknown.sum() == 8 * 9 - 4 * 5
    np.testing.assert_allclose(second.losses[unknown], guesses[unknown], atol=1e-12)
    assert (second.losses - torch.from_numpy(guesses)).abs().max() > 0.01


def test_a_frame_stays_as_it_was_and_gradients_stay_on():
    frames = loss_surfaces(bumpy, one_weight(), steps=17)
    kept = [next(frames) for _ in range(6)]
    before = [(frame.losses.clone(), frame.known.clone()) for frame in kept]
    assert torch.is_grad_enabled()
    list(frames)
    assert all(
        torch.equal(frame.losses, b) and torch.equal(frame.known, k)
        for frame, (b, k) in zip(kept, before, strict=True)
    )


def test_losses_that_are_not_finite_stand_where_they_are():
    def wall(parameters):
        x = parameters["x"].item()
        return float("nan") if x > 0.9 else float("inf") if x > 0.6 else x

    *_, last = loss_surfaces(wall, one_weight(), steps=9)
    assert torch.equal(last.losses.isnan(), (last.x > 0.9).expand(9, 9))
    assert torch.equal(last.losses.isinf(), ((last.x > 0.6) & (last.x <= 0.9)).expand(9, 9))
    assert last.losses[:, :6].isfinite().all()


def test_it_can_be_left_at_any_moment():
    loss = count(bumpy)
    assert len(list(islice(loss_surfaces(loss, one_weight(), steps=65), 4))) == 4
    assert len(loss.places) < 50


@pytest.mark.parametrize(
    "work, words",
    [
        (lambda: next(loss_surfaces(bumpy, one_weight(), steps=1)), "2 x 2"),
        (lambda: next(loss_surfaces(bumpy, one_weight(), extent=0.0)), "begin low"),
        (lambda: next(loss_surfaces(bumpy, one_weight(), extent=(1, -1, 0, 1))), "begin low"),
        (lambda: next(loss_surfaces(bumpy, one_weight(), extent=float("nan"))), "begin low"),
    ],
)
def test_bad_input_gets_a_sentence(work, words):
    with pytest.raises(ValueError, match=words) as raised:
        work()
    assert one_sentence(raised.value)
