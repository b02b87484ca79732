"""The perceptual loss is the paper's, written out; its parts are 0 where they should be."""

import pytest
import torch
from small import convolutional, noise, one_sentence

from cnnlab.networks.probes import activations
from cnnlab.pictures import PictureError
from cnnlab.style.fast import Perceptual

STYLE, PHOTOGRAPH, PICTURE = (noise(1, 3, 40, 36, seed=seed) for seed in range(3))


def maps(network, picture: torch.Tensor, layer: str) -> torch.Tensor:
    with activations(network, layer) as seen:
        network(picture)
    return seen[layer]


@torch.no_grad()
def test_the_parts_written_out():
    network = convolutional()
    parts = Perceptual(network, STYLE, {"1": 1.0, "4": 3.0}, content="3")(PICTURE, PHOTOGRAPH)

    code, found = (maps(network, one, "3") for one in (PHOTOGRAPH, PICTURE))
    assert parts["content"].item() == pytest.approx(
        ((found - code) ** 2).sum().item() / (code**2).sum().item()
    )

    style = 0.0
    for layer, weight in {"1": 1.0, "4": 3.0}.items():
        wanted, found = (maps(network, one, layer)[0].flatten(1) for one in (STYLE, PICTURE))  # (C, places)
        for matrix in (lambda x: torch.einsum("cp,dp->cd", x, x) / x.shape[1], lambda x: x.cov(correction=0)):
            goal, gram = matrix(wanted), matrix(found)
            style += weight / 8 * ((gram - goal) ** 2).sum().item() / (goal**2).sum().item()
    assert parts["style"].item() == pytest.approx(style, rel=1e-4)

    down, right = PICTURE.diff(dim=2)[..., :-1], PICTURE.diff(dim=3)[..., :-1, :]
    assert parts["smooth"].item() == pytest.approx((down**2 + right**2).mean().item(), rel=1e-4)


@torch.no_grad()
def test_each_part_is_0_where_it_should_be():
    goal = Perceptual(convolutional(), STYLE, {"1": 1.0, "4": 1.0}, content="1")
    assert goal(PHOTOGRAPH, PHOTOGRAPH)["content"].item() == 0
    assert goal(STYLE, PHOTOGRAPH)["style"].item() == pytest.approx(0, abs=1e-9)
    assert goal(torch.full_like(STYLE, 0.3), PHOTOGRAPH)["smooth"].item() == 0


def test_an_ascent_climbs_the_same_loss():
    class Weights:
        content, style, smooth = 2.0, 5.0, 0.5

    goal = Perceptual(convolutional(), STYLE, {"1": 1.0}, content="1")
    parts = goal(PICTURE, PHOTOGRAPH)
    loss = sum(getattr(Weights, name) * part for name, part in parts.items())
    score = goal.goal(PHOTOGRAPH, Weights).of(goal.network, PICTURE)
    assert score.item() == pytest.approx(-loss.item(), rel=1e-5)


def test_a_style_without_texture_gets_a_sentence():
    with pytest.raises(PictureError, match="1 x 1 pixels") as caught:
        Perceptual(convolutional(), torch.zeros(1, 3, 1, 1), {"1": 1.0}, content="1")
    assert one_sentence(caught.value)
    with pytest.raises(ValueError, match="layer 'nine'"):
        Perceptual(convolutional(), STYLE, {"nine": 1.0}, content="1")
    with pytest.raises(ValueError, match="no weight") as caught:
        Perceptual(convolutional(), STYLE, {"1": 0.0}, content="1")
    assert one_sentence(caught.value)
