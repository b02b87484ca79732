"""Training makes the loss smaller, takes new settings at once, and resumes exactly."""

from itertools import islice

import pytest
import torch
from small import convolutional, noise, one_sentence

from cnnlab import pictures
from cnnlab.pictures import PictureError
from cnnlab.style.fast import Perceptual, Photographs, Stylist, Training, held_out

LAYERS = {"1": 1.0, "4": 1.0}
STRIPES = (torch.arange(48) % 6 < 3).float().expand(1, 3, 48, 48).contiguous()
SOURCE = {f"photograph {k}": pictures.resize(noise(1, 3, 6, 8, seed=k), (48, 64)) for k in range(4)}


@pytest.fixture(scope="module")
def goal() -> Perceptual:
    return Perceptual(convolutional(), STRIPES, LAYERS, content="1")


def training(goal: Perceptual, **settings) -> Training:
    return Training(Stylist(4, 1), goal, Photographs(SOURCE), size=24, **settings)


def weights(training: Training) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for one in training.stylist.parameters()])


def measured(training: Training) -> float:
    photographs = torch.cat([*SOURCE.values()])
    parts = training.goal(training.stylist(photographs), photographs)
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


def test_resumed_it_is_as_if_it_had_not_stopped(goal, tmp_path):
    whole, first, second = (training(goal, seed=3) for _ in range(3))
    list(islice(whole, 6))
    list(islice(first, 4))
    first.save(tmp_path / "stop.safetensors", words="so far")
    list(islice(second, 1))  # whatever it did before is gone
    assert second.resume(tmp_path / "stop.safetensors") == {"words": "so far"}
    assert second.number == 4
    list(islice(second, 2))
    assert torch.equal(weights(whole), weights(second))


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


def test_a_checkpoint_that_does_not_fit_gets_a_sentence(goal, tmp_path):
    file = tmp_path / "stop.safetensors"
    training(goal).save(file)
    larger = Training(Stylist(6, 1), goal, Photographs(SOURCE), size=24)
    with pytest.raises(ValueError, match="the stylist of this checkpoint does not fit"):
        larger.resume(file)
    file.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match="damaged"):
        larger.resume(file)


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
