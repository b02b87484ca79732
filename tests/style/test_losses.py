"""Losses against einsum, torch.cov, Gatys' gradient, finite differences; the perceptual loss written out."""

import pytest
import torch
from small import convolutional, noise, one_sentence

from cnnlab.networks.probes import activations
from cnnlab.optvis.objectives import Seen
from cnnlab.pictures import PictureError
from cnnlab.style import gram, grams, match_style
from cnnlab.style.fast import PerceptualLoss

CENTRED = pytest.mark.parametrize("centred", [False, True])


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def scored(maps, wanted, weights, centred=False):
    """(N,): the objective of maps by layer, without a network."""
    return match_style(wanted, weights, centred)(
        Seen(None, torch.zeros(len(next(iter(maps.values())))), maps)
    )


def test_a_gram_matrix_worked_out_by_hand():
    maps = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]]])  # two channels of two places
    assert gram(maps).tolist() == [[[2.5, 0.5], [0.5, 5.0]]]


def test_gram_is_einsum_over_all_places():
    maps = drawn(2, 5, 3, 4)
    torch.testing.assert_close(gram(maps), torch.einsum("nchw,ndhw->ncd", maps, maps) / 12)


def test_centred_it_is_the_covariance():
    maps = drawn(2, 5, 3, 4) + 3
    expected = torch.stack([torch.cov(one.flatten(1), correction=0) for one in maps])
    torch.testing.assert_close(gram(maps, centred=True), expected)
    assert not torch.allclose(gram(maps), expected)


def shuffled(maps, seed=0):
    """The same columns in another order."""
    order = torch.randperm(maps[0, 0].numel(), generator=torch.Generator().manual_seed(seed))
    return maps.flatten(2)[..., order].view(maps.shape)


@CENTRED
def test_it_forgets_where_things_are(centred):
    maps = drawn(2, 5, 6, 7)
    mixed = shuffled(maps, seed=3)
    assert not torch.equal(mixed, maps)
    torch.testing.assert_close(mixed.flatten(2).sort(2).values, maps.flatten(2).sort(2).values)
    torch.testing.assert_close(gram(mixed, centred), gram(maps, centred))
    apart = torch.stack([shuffled(maps[:, i : i + 1], seed=i)[:, 0] for i in range(5)], 1)
    assert not torch.allclose(gram(apart), gram(maps))  # each channel in an order of its own


def test_the_gradient_is_gatys_formula():
    """Of E = sum ((G - A)^2) / (4 N^2 M^2) with G = F F^T: their equation 6 says F^T (G - A) / (N^2 M^2)."""
    channels, places = 4, 15
    maps, other = drawn(1, channels, 3, 5).requires_grad_(), drawn(1, channels, 3, 5, seed=1)
    wanted = gram(other)
    flat = maps.detach()[0].flatten(1)
    theirs = (flat.T @ (flat @ flat.T - places * wanted[0])).T / (channels * places) ** 2
    length = wanted.square().sum()
    factor = length / (
        4 * channels**2
    )  # E over ours: (places^2 |G - A|^2) / (4 N^2 M^2) over |G - A|^2 / |A|^2
    scored({"a": maps}, {"a": wanted}, {"a": 1.0}).sum().backward()
    torch.testing.assert_close(-factor * maps.grad[0].flatten(1), theirs)


@CENTRED
def test_the_gradient_is_that_of_finite_differences(centred):
    wanted = {"a": gram(drawn(1, 3, 4, 4), centred), "b": gram(drawn(1, 2, 2, 2), centred)}
    maps = drawn(2, 3, 4, 4, seed=1).requires_grad_(), drawn(2, 2, 2, 2, seed=2).requires_grad_()

    def score(a, b):
        return scored({"a": a, "b": b}, wanted, {"a": 0.7, "b": 0.2}, centred)

    assert torch.autograd.gradcheck(score, maps)


def test_the_units_are_0_for_the_same_and_minus_the_weight_for_silence():
    maps = drawn(1, 3, 4, 4)
    wanted = {"a": gram(maps)}
    assert scored({"a": maps}, wanted, {"a": 2.0}).item() == pytest.approx(0, abs=1e-12)
    assert scored({"a": 0 * maps}, wanted, {"a": 2.0}).item() == pytest.approx(-2)
    assert scored({"a": 3 * maps}, wanted, {"a": 2.0}).item() == pytest.approx(-2 * 8**2)


def test_grams_are_those_of_what_the_network_puts_out(squeezenet):
    pictures = noise(2, 3, 64, 64)
    found = grams(squeezenet, pictures, ["features.1", "features.4"])
    maps = squeezenet.module.features[:5](squeezenet.normalise(pictures))
    torch.testing.assert_close(found["features.4"], torch.einsum("nchw,ndhw->ncd", maps, maps) / 15**2)
    assert found["features.1"].shape == (2, 64, 64)


def test_weights_add_up_and_0_asks_for_nothing():
    network, pictures = convolutional(), noise(2, 3, 32, 32)
    wanted = grams(network, noise(1, 3, 32, 32, seed=1), ["0", "3"])
    parts = [match_style(wanted, {layer: 1.0}).of(network, pictures) for layer in ("0", "3")]
    both = match_style(wanted, {"0": 0.5, "3": 2.0})
    torch.testing.assert_close(both.of(network, pictures), 0.5 * parts[0] + 2 * parts[1])
    assert match_style(wanted, {"0": 1.0, "3": 0.0}).layers == {"0"}
    assert not match_style(wanted, {"0": 0.0}).of(network, pictures).any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda n: grams(n, noise(1, 3, 32, 32), ["features.0"]), "not known"),
        (lambda n: grams(n, noise(3, 32, 32), ["0"]), "shape"),
        (lambda n: grams(n, noise(1, 3, 32, 32) * float("nan"), ["0"]), "NaN"),
    ],
)
def test_what_cannot_be_done_is_said(call, words):
    with pytest.raises(ValueError, match=words) as caught:
        call(convolutional())
    assert one_sentence(caught.value)


# --- the perceptual loss ---

STYLE, PHOTOGRAPH, PICTURE = (noise(1, 3, 40, 36, seed=seed) for seed in range(3))


def maps_of(network, picture: torch.Tensor, layer: str) -> torch.Tensor:
    with activations(network, layer) as seen:
        network(picture)
    return seen[layer]


@torch.no_grad()
def test_the_parts_written_out():
    network = convolutional()
    parts = PerceptualLoss(network, STYLE, {"1": 1.0, "4": 3.0}, content="3")(PICTURE, PHOTOGRAPH)

    code, found = (maps_of(network, one, "3") for one in (PHOTOGRAPH, PICTURE))
    assert parts["content"].item() == pytest.approx(
        ((found - code) ** 2).sum().item() / (code**2).sum().item()
    )

    style = 0.0
    for layer, weight in {"1": 1.0, "4": 3.0}.items():
        wanted, found = (
            maps_of(network, one, layer)[0].flatten(1) for one in (STYLE, PICTURE)
        )  # (C, places)
        for matrix in (lambda x: torch.einsum("cp,dp->cd", x, x) / x.shape[1], lambda x: x.cov(correction=0)):
            goal, gram = matrix(wanted), matrix(found)
            style += weight / 8 * ((gram - goal) ** 2).sum().item() / (goal**2).sum().item()
    assert parts["style"].item() == pytest.approx(style, rel=1e-4)

    down, right = PICTURE.diff(dim=2)[..., :-1], PICTURE.diff(dim=3)[..., :-1, :]
    assert parts["smooth"].item() == pytest.approx((down**2 + right**2).mean().item(), rel=1e-4)


@torch.no_grad()
def test_each_part_is_0_where_it_should_be():
    goal = PerceptualLoss(convolutional(), STYLE, {"1": 1.0, "4": 1.0}, content="1")
    assert goal(PHOTOGRAPH, PHOTOGRAPH)["content"].item() == 0
    assert goal(STYLE, PHOTOGRAPH)["style"].item() == pytest.approx(0, abs=1e-9)
    assert goal(torch.full_like(STYLE, 0.3), PHOTOGRAPH)["smooth"].item() == 0


def test_an_ascent_climbs_the_same_loss():
    class Weights:
        content, style, smooth = 2.0, 5.0, 0.5

    goal = PerceptualLoss(convolutional(), STYLE, {"1": 1.0}, content="1")
    parts = goal(PICTURE, PHOTOGRAPH)
    loss = sum(getattr(Weights, name) * part for name, part in parts.items())
    score = goal.goal(PHOTOGRAPH, Weights).of(goal.network, PICTURE)
    assert score.item() == pytest.approx(-loss.item(), rel=1e-5)


def test_a_style_without_texture_gets_a_sentence():
    with pytest.raises(PictureError, match="1 x 1 pixels") as caught:
        PerceptualLoss(convolutional(), torch.zeros(1, 3, 1, 1), {"1": 1.0}, content="1")
    assert one_sentence(caught.value)
    with pytest.raises(ValueError, match="layer 'nine'"):
        PerceptualLoss(convolutional(), STYLE, {"nine": 1.0}, content="1")
    with pytest.raises(ValueError, match="no weight") as caught:
        PerceptualLoss(convolutional(), STYLE, {"1": 0.0}, content="1")
    assert one_sentence(caught.value)
