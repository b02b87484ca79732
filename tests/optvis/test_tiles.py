"""Tiles: the whole picture's gradient but for the seams, in little memory, in a dream as well."""

import subprocess
import sys

import pytest
import torch
from small import convolutional, noise, seen_by
from torch import nn

from cnnlab import pictures
from cnnlab.optvis.dream import Settings, dream
from cnnlab.optvis.objectives import Seen, energy
from cnnlab.optvis.tiles import tiled
from cnnlab.optvis.transforms import jitter

REACH = 7  # pixels: how far the units of layer "3" beside a seam see into the tile


def gradients(network, objective, layer, picture, size, shift, generator):
    """The gradient of the whole picture and that by tiles, of the same picture."""
    whole, parts = picture.clone().requires_grad_(), picture.clone().requires_grad_()
    [expected] = torch.autograd.grad(objective(seen_by(network, layer, whole)).sum(), whole)
    score = tiled(objective, size, [jitter(shift)], generator)(Seen(network, parts, {}))
    [got] = torch.autograd.grad(score.sum(), parts)
    return expected, got


def test_tiles_have_the_whole_pictures_gradient_away_from_their_seams():
    network, generator = convolutional(activation=nn.Tanh), torch.Generator().manual_seed(0)
    picture = noise(1, 3, 64, 96)
    expected, got = gradients(network, energy("3"), "3", picture, 32, 0, generator)
    far = torch.ones(64, 96, dtype=torch.bool)
    far[32 - REACH : 32 + REACH] = False
    for seam in (32, 64):
        far[:, seam - REACH : seam + REACH] = False
    torch.testing.assert_close(got[..., far], expected[..., far])
    assert not torch.allclose(got[..., ~far], expected[..., ~far])  # at a seam there is a border


def test_random_shifts_make_the_seams_vanish():
    network, generator = convolutional(activation=nn.Tanh), torch.Generator().manual_seed(0)
    picture = noise(1, 3, 48, 48)
    errors, mean = [], torch.zeros_like(picture)
    for _ in range(120):
        expected, got = gradients(network, energy("0"), "0", picture, 24, 12, generator)
        errors.append((got - expected).abs().max().item())
        mean += got / 120
    inside = (..., slice(2, -2), slice(2, -2))
    assert (mean - expected)[inside].abs().max() < max(errors) / 3
    cosine = torch.cosine_similarity(mean[inside].flatten(), expected[inside].flatten(), 0)
    assert cosine > 0.99


def test_a_large_picture_is_never_looked_at_whole(squeezenet):
    looked = []
    hook = squeezenet.layer("features.0").register_forward_hook(lambda _, given, __: looked.append(given[0]))
    try:
        picture = pictures.resize(pictures.read("great_wall"), (200, 330))
        frames = list(
            dream(squeezenet, picture, Settings(energy("features.7"), octaves=1, steps=4, tile=128))
        )
    finally:
        hook.remove()
    dreamt = [given for given in looked if min(given.shape[2:]) > 40]  # less: the search for the least side
    assert len([given for given in looked if tuple(given.shape[2:]) == (100, 110)]) == 6 * 5
    assert max(max(given.shape[2:]) for given in dreamt[-30:]) <= 128
    assert frames[-1].score > frames[0].score


PEAK = """
from pathlib import Path
from cnnlab import networks, pictures
from cnnlab.optvis.dream import Settings, dream
from cnnlab.optvis.objectives import energy
picture = pictures.resize(pictures.read("great_wall"), (768, 1024))
list(dream(networks.load(), picture, Settings(energy("features.12"), octaves=1, steps=1)))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""  # not ru_maxrss, in which the memory of the process that started this one counts, too


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process its own peak")
def test_a_picture_of_1024_pixels_needs_less_than_2_gb():
    said = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True).stdout
    assert int(said) * 1024 < 2e9
