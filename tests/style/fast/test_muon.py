"""Muon's moves, against the singular value decomposition and against torch's own."""

import pytest
import torch

from cnnlab.style.fast.muon import Muon, orthogonal


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("shape", [(8, 40), (40, 8), (6, 6), (1, 9)])
def test_all_directions_come_out_about_alike(shape):
    matrix = drawn(*shape)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    found = u.mT @ orthogonal(matrix) @ v.mT  # diagonal, where the directions are those of the matrix
    assert (found - found.diag().diag()).abs().max() < 1e-4
    assert found.diag().min() > 0.5 and found.diag().max() < 1.3


def test_nothing_moves_along_a_gradient_of_nothing():
    assert not orthogonal(torch.zeros(3, 5)).any()


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="this torch has no Muon")
def test_its_moves_are_torchs_but_for_rounding():
    weights, grads = drawn(12, 30), torch.randn(4, 12, 30, generator=torch.Generator().manual_seed(1))
    ours, theirs = weights.clone().requires_grad_(), weights.clone().requires_grad_()
    first = Muon([ours], lr=0.01)
    second = torch.optim.Muon(  # it rounds to 8 bits on the way
        [theirs], lr=0.01, momentum=0.9, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
    )
    for grad in grads:
        ours.grad, theirs.grad = grad.clone(), grad.clone()
        first.step(), second.step()
    change, expected = (held.detach() - weights for held in (ours, theirs))
    assert (change - expected).norm() < 0.03 * expected.norm()


def test_a_convolutions_weights_are_read_as_a_matrix():
    convolution = torch.nn.Conv2d(3, 8, 3, bias=False).to(memory_format=torch.channels_last)
    flat = convolution.weight.detach().clone().flatten(1).requires_grad_()
    grad = drawn(8, 3, 3, 3)
    convolution.weight.grad, flat.grad = grad.clone(), grad.flatten(1)
    Muon([convolution.weight], lr=0.01).step()
    Muon([flat], lr=0.01).step()
    torch.testing.assert_close(convolution.weight.flatten(1), flat)


def test_it_comes_to_the_bottom_of_a_bowl():
    lowest = drawn(5, 7)
    held = torch.zeros(5, 7, requires_grad=True)
    optimizer = Muon([held], lr=0.05)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 300)
        optimizer.zero_grad()
        (held - lowest).square().sum().backward()
        optimizer.step()
    torch.testing.assert_close(held.detach(), lowest, rtol=0, atol=0.02)
