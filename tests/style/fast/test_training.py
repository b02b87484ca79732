"""Training makes the loss smaller and takes new settings at once; Muon's moves are torch's."""

from itertools import islice

import pytest
import torch
from small import convolutional, noise, one_sentence

from cnnlab import pictures
from cnnlab.pictures import PictureError
from cnnlab.style.fast import Muon, PerceptualLoss, Photographs, StyleTraining, TransformerNet, held_out
from cnnlab.style.fast.training import orthogonal

LAYERS = {"1": 1.0, "4": 1.0}
STRIPES = (torch.arange(48) % 6 < 3).float().expand(1, 3, 48, 48).contiguous()
SOURCE = {f"photograph {k}": pictures.resize(noise(1, 3, 6, 8, seed=k), (48, 64)) for k in range(4)}


@pytest.fixture(scope="module")
def goal() -> PerceptualLoss:
    return PerceptualLoss(convolutional(), STRIPES, LAYERS, content="1")


def training(goal: PerceptualLoss, **settings) -> StyleTraining:
    return StyleTraining(TransformerNet(4, 1), goal, Photographs(SOURCE), size=24, **settings)


def weights(training: StyleTraining) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for one in training.transformer.parameters()])


def measured(training: StyleTraining) -> float:
    photographs = torch.cat([*SOURCE.values()])
    parts = training.goal(training.transformer(photographs), photographs)
    return sum(getattr(training, name) * part.mean().item() for name, part in parts.items())


def test_training_lowers_the_loss(goal):
    run = training(goal, step_size=5e-3)
    before = measured(run)
    for step in islice(run, 40):
        assert step.photographs.shape == step.pictures.shape == (2, 3, 24, 24)
    assert step.number == run.number == 40
    assert measured(run) < 0.85 * before
    expected = 3 * step.parts["content"] + 6 * step.parts["style"] + 0.3 * step.parts["smooth"]
    assert step.loss == pytest.approx(expected, rel=1e-5)


def test_the_seed_decides(goal):
    runs = [training(goal, seed=seed) for seed in (0, 0, 1)]
    for run in runs:
        list(islice(run, 2))
    assert torch.equal(weights(runs[0]), weights(runs[1]))
    assert not torch.equal(weights(runs[0]), weights(runs[2]))


def test_settings_act_at_the_next_step(goal):
    run = training(goal)
    steps = iter(run)
    assert next(steps).pictures.shape == (2, 3, 24, 24)
    run.batch, run.size, run.content, run.style, run.step_size = 1, 40, 0.0, 0.0, 0.0
    before, step = weights(run), next(steps)
    assert step.pictures.shape == (1, 3, 40, 40)
    assert step.loss == pytest.approx(0.3 * step.parts["smooth"], rel=1e-5)
    assert torch.equal(weights(run), before)


def test_what_is_no_number_stops_and_leaves_the_network(goal):
    run = training(goal)
    next(iter(run))
    run.style, before = float("nan"), weights(run)
    with pytest.raises(ValueError, match="not a number any more") as caught:
        next(iter(run))
    assert one_sentence(caught.value) and torch.equal(weights(run), before)
    run.style = 6.0
    assert next(iter(run)).number == 2


def test_crops_are_squares_of_any_size_mirrored_and_drawn_by_the_seed():
    ramp = torch.linspace(0, 1, 400).expand(1, 3, 300, 400).contiguous()
    crops = Photographs({"ramp": ramp}).crops(40, 32, torch.Generator().manual_seed(0))
    assert crops.shape == (40, 3, 32, 32)
    slopes = (crops[..., -1] - crops[..., 0]).mean((1, 2))
    assert (slopes > 0).any() and (slopes < 0).any()
    share = slopes.abs() * 400 / 300 * 32 / 31  # of the short side
    assert 0.45 < share.min() < 0.6 and 0.9 < share.max() < 1.05
    again = Photographs({"ramp": ramp}).crops(40, 32, torch.Generator().manual_seed(0))
    assert torch.equal(crops, again)


def test_what_cannot_be_read_is_left_out():
    photographs = Photographs({"broken": b"no picture", "whole": noise(1, 3, 30, 30)})
    assert photographs.crops(6, 8, torch.Generator().manual_seed(0)).shape == (6, 3, 8, 8)
    assert len(photographs) == 1
    for source in ({}, {"broken": b"no picture"}):
        with pytest.raises(PictureError, match="photograph") as caught:
            Photographs(source).crops(1, 8, torch.Generator())
        assert one_sentence(caught.value)


def test_photographs_held_out_are_not_learned_from():
    assert 15 <= len(held_out()) <= 25
    assert len(Photographs()) == len(pictures.names()) - len(held_out())


def test_a_folder_will_do(tmp_path):
    for k in range(3):
        pictures.save(noise(1, 3, 20, 24, seed=k), tmp_path / f"{k}.png")
    assert Photographs(tmp_path).crops(2, 16, torch.Generator()).shape == (2, 3, 16, 16)


# --- Muon, against the singular value decomposition and torch's own ---


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
