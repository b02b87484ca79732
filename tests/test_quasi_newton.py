"""L-BFGS against a hill whose top is known, and against torch's."""

import pytest
import torch
from torch.optim import LBFGS

from cnnlab.quasi_newton import FIRST, REACH, QuasiNewton


def bowl(size: int = 12):
    """A positive definite matrix (size, size), its conditions 1 to 100, and where its bowl is lowest."""
    drawn = torch.randn(size, size + 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turned = torch.linalg.qr(drawn[:, :size]).Q
    return turned * torch.logspace(0, 2, size, dtype=torch.float64) @ turned.T, drawn[:, size] / 10


def descend(held, matrix, lowest, optimizer, steps, sign=1.0):
    for _ in range(steps):
        optimizer.zero_grad()
        away = held.flatten() - lowest
        (sign * (away @ matrix @ away) / 2).backward()
        optimizer.step(lambda: 0.0)
    return held.detach().flatten()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_it_comes_to_the_bottom_of_a_narrow_bowl_and_to_the_top_of_a_hill(sign):
    matrix, lowest = bowl()
    held = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    found = descend(held, matrix, lowest, QuasiNewton([held], maximize=sign < 0), 60, sign)
    torch.testing.assert_close(found, lowest, rtol=0, atol=1e-4)


def test_its_directions_are_torchs():
    matrix, lowest = bowl()
    ours = torch.zeros(12, dtype=torch.float64, requires_grad=True)
    theirs = torch.zeros(12, dtype=torch.float64, requires_grad=True)
    first, second = QuasiNewton([ours], memory=5), LBFGS([theirs], max_iter=1, history_size=5)
    descend(ours, matrix, lowest, first, 1)
    theirs.data.copy_(ours)
    descend(theirs, matrix, lowest, second, 1)  # its first move is another: hand ours on
    state = second.state[theirs]
    start = -(matrix @ -lowest)  # the direction of the first move: minus the gradient at 0
    state["d"], state["t"], state["prev_flat_grad"] = start, FIRST / start.abs().max(), -start
    state["n_iter"] = 1
    theirs.data.copy_(ours)
    for _ in range(6):
        before = ours.detach().clone()
        descend(ours, matrix, lowest, first, 1)
        if (ours - before).abs().max() > 0.99 * REACH:
            pytest.fail("a move was cut short, so nothing can be compared: start nearer")
        descend(theirs, matrix, lowest, second, 1)
        torch.testing.assert_close(ours, theirs)


def test_no_move_goes_further_than_is_known():
    held = torch.zeros(4, requires_grad=True)
    optimizer, moves = QuasiNewton([held], maximize=True), []
    for _ in range(8):
        before = held.detach().clone()
        optimizer.zero_grad()
        (1e3 * held.sum() + 1e-3 * held.square().sum()).backward()  # a slope without a top
        optimizer.step()
        moves.append((held.detach() - before).abs().max().item())
    assert moves[0] == pytest.approx(FIRST) and max(moves) <= REACH + 1e-6
    assert held.detach().min() > 0
