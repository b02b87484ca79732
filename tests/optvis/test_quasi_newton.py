"""L-BFGS against a hill whose top is known, and against the same with one call for many moves."""

import pytest
import torch
from torch.optim import LBFGS

from cnnlab.optvis import quasi_newton
from cnnlab.optvis.quasi_newton import REACH, SCALE, QuasiNewton


def bowl(size: int = 12):
    """A positive definite matrix (size, size), its conditions 1 to 100, and where its bowl is lowest."""
    drawn = torch.randn(size, size + 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turned = torch.linalg.qr(drawn[:, :size]).Q
    return turned * torch.logspace(0, 2, size, dtype=torch.float64) @ turned.T, drawn[:, size] / 10


def loss(held, matrix, lowest):
    away = held.flatten() - lowest
    return away @ matrix @ away / 2


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_it_comes_to_the_bottom_of_a_narrow_bowl_and_to_the_top_of_a_hill(sign):
    matrix, lowest = bowl()
    held = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    optimizer = QuasiNewton([held], maximize=sign < 0)
    for _ in range(80):
        optimizer.zero_grad()
        (sign * loss(held, matrix, lowest)).backward()
        optimizer.step()
    torch.testing.assert_close(held.detach().flatten(), lowest, rtol=0, atol=1e-4)


def test_a_gradient_for_each_move_leads_where_one_call_for_all_of_them_leads(monkeypatch):
    monkeypatch.setattr(quasi_newton, "REACH", 10.0)  # torch's cuts no move short
    matrix, lowest = bowl()
    ours, theirs = (torch.zeros(12, dtype=torch.float64, requires_grad=True) for _ in range(2))
    first = QuasiNewton([ours])
    for _ in range(15):
        first.zero_grad()
        loss(ours, matrix, lowest).backward()
        first.step()

    second = LBFGS([theirs], max_iter=15, history_size=10, tolerance_grad=0.0, tolerance_change=0.0)

    def closure():
        second.zero_grad()
        scaled = SCALE * loss(theirs, matrix, lowest)
        scaled.backward()
        return scaled

    second.step(closure)
    torch.testing.assert_close(ours, theirs)
    assert loss(ours, matrix, lowest) < 0.1 * loss(torch.zeros_like(ours), matrix, lowest)


def test_no_move_goes_further_than_is_known():
    held = torch.zeros(4, requires_grad=True)
    optimizer = QuasiNewton([held], maximize=True)
    for _ in range(20):
        before = held.detach().clone()
        optimizer.zero_grad()
        (held.sum() + 0.1 * held.square().sum()).backward()  # a slope without a top
        optimizer.step()
        assert 0 < (held.detach() - before).min() <= (held.detach() - before).max() <= REACH + 1e-6


def test_it_moves_where_the_slope_is_faint():
    held = torch.full((4,), 0.5, requires_grad=True)
    optimizer = QuasiNewton([held])
    for _ in range(20):
        optimizer.zero_grad()
        (1e-6 * held.square().sum()).backward()
        optimizer.step()
    assert held.detach().abs().max() < 1e-3
