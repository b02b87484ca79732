"""Norms against arithmetic in double precision: never exceeded, nearest, steepest, evenly drawn."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import noise

from cnnlab.adversarial import L2, LINF, NORMS
from cnnlab.adversarial.norms import Norm

EPS = st.floats(0, 2, allow_nan=False)
each_norm = pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)


def changes(seed, scale, count=3, side=7):
    drawn = torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(seed))
    return scale * drawn


def as_eps(number):
    return torch.tensor(number, dtype=torch.float32).view(-1, 1, 1, 1)


def size(norm: Norm, change):
    """The norm, in double precision, not by the norm's own code."""
    flat = change.double().flatten(1)
    return flat.abs().amax(1) if norm is LINF else flat.square().sum(1).sqrt()


@each_norm
@settings(max_examples=60, deadline=None)
@given(eps=EPS, scale=st.floats(1e-6, 10), seed=st.integers(0, 10**6))
def test_what_is_added_to_a_picture_never_exceeds_eps(norm, eps, scale, seed):
    pictures = noise(3, 3, 7, 7, seed=seed)
    moved = (pictures + norm.project(changes(seed, scale), as_eps(eps))).clamp(0, 1)
    assert (size(norm, moved.double() - pictures.double()) <= eps).all()


@each_norm
@settings(max_examples=60, deadline=None)
@given(eps=st.floats(1e-3, 2), scale=st.floats(1e-6, 10), seed=st.integers(0, 10**6))
def test_a_change_within_eps_stays_and_projecting_twice_changes_nothing(norm, eps, scale, seed):
    change = changes(seed, scale)
    once = norm.project(change, as_eps(eps))
    torch.testing.assert_close(norm.project(once, as_eps(eps)), once, rtol=1e-5, atol=1e-7)
    inside = size(norm, change) < 0.99 * eps - 1e-5
    assert torch.equal(once[inside], change[inside])


@each_norm
@settings(max_examples=40, deadline=None)
@given(eps=st.floats(0.01, 2), seed=st.integers(0, 10**6))
def test_no_other_change_within_eps_is_nearer(norm, eps, seed):
    change = changes(seed, 1.0, count=1)
    nearest = norm.project(change, as_eps(eps))
    others = norm.project(changes(seed + 1, 1.0, count=50), as_eps(eps))
    distance = (change - nearest).double().norm()
    assert (distance <= (others - change).double().flatten(1).norm(dim=1) + 1e-4).all()


@each_norm
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_change_of_size_1_climbs_faster_than_the_direction(norm, seed):
    gradient = changes(seed, 1.0, count=1)
    best = norm.direction(gradient)
    assert size(norm, best).item() == pytest.approx(1, abs=1e-5)
    others = changes(seed + 1, 1.0, count=50)
    others = others / norm.size(others).view(-1, 1, 1, 1)
    assert ((others * gradient).sum((1, 2, 3)) <= (best * gradient).sum() + 1e-4).all()


@each_norm
def test_where_there_is_no_gradient_nothing_moves(norm):
    assert not norm.direction(torch.zeros(2, 3, 4, 4)).any()


@each_norm
def test_each_picture_may_have_an_eps_of_its_own(norm):
    projected = norm.project(changes(0, 10.0), as_eps([0.0, 0.1, 1.0]))
    assert size(norm, projected).tolist() == pytest.approx([0, 0.1, 1], abs=1e-5)


def test_random_changes_are_even_in_the_cube_and_in_the_ball():
    many = torch.empty(4000, 1, 2, 2)  # 4 dimensions: a radius is below r with probability r ** 4
    random = torch.Generator().manual_seed(0)
    cube, ball = LINF.draw(many, random), L2.draw(many, random)
    assert (size(LINF, cube) <= 1).all()
    assert (size(L2, ball) <= 1 + 1e-6).all()
    assert cube.abs().mean().item() == pytest.approx(0.5, abs=0.01)
    for radius in (0.5, 0.8):
        for sizes in (size(LINF, cube), size(L2, ball)):
            assert (sizes < radius).double().mean().item() == pytest.approx(radius**4, abs=0.03)
    assert ball.mean().item() == pytest.approx(0, abs=0.02)
