"""Objectives: their values worked out by hand, their gradients against finite differences, and their sums.

Tile by tile: the whole picture's gradient but for the seams.
"""

import pytest
import torch
from small import convolutional, linear, noise, one_sentence, seen_by
from torch import nn

from cnnlab.networks.probes import LOGITS
from cnnlab.optvis.ascent import Ascent
from cnnlab.optvis.canvases import fourier, pixels
from cnnlab.optvis.objectives import (
    NOTHING,
    Objective,
    Seen,
    channel,
    diversity,
    energy,
    logit,
    match,
    neuron,
    probability,
    tiled,
)
from cnnlab.optvis.regularisers import alpha_norm, l2, total_variation
from cnnlab.optvis.transforms import jitter

CODE = torch.rand(1, 6, 32, 32, generator=torch.Generator().manual_seed(9))
OBJECTIVES = {
    "logit": logit("flamingo"),
    "logit, by number": logit(3),
    "logit, one for each": logit(["hen", 4]),
    "probability": probability("hen"),
    "channel": channel("0", 2),
    "channel, one for each": channel("0", [2, 4]),
    "channel of a layer without maps": channel("7", 1),
    "neuron": neuron("3", 5),
    "neuron, somewhere": neuron("3", 5, 0, 15),
    "neuron of a layer without maps": neuron("7", 1),
    "energy": energy("3"),
    "match": match("0", CODE),
    "diversity": diversity("0"),
    "diversity of a layer without maps": diversity("7"),
    "less an L2": logit("hen") - 3 * l2(),
    "less a total variation": logit("hen") - 20 * total_variation(),
    "less an alpha norm": 2 * channel("3", 1) - alpha_norm(),
    "a penalty alone": -total_variation(1.0),
    "a sum": channel("0", 1) + 0.5 * energy("3") - 0.1 * logit("panda"),
}
EACH = pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)


@EACH
@pytest.mark.parametrize("canvas", [pixels, fourier])
def test_the_score_rises(objective, canvas):
    climb = Ascent(convolutional(), objective, canvas(32, batch=2, contrast=0.5), step_size=0.01).run(10)
    assert climb.before < climb.after


@EACH
def test_the_gradient_is_that_of_finite_differences(objective):
    """In float64, in a network without kinks, along three random directions for each objective."""
    network = convolutional(activation=nn.Softplus).double()
    network.module[2] = nn.AvgPool2d(2)
    pictures = (0.1 + 0.8 * noise(2, 3, 32, 32)).double().requires_grad_()
    (gradient,) = torch.autograd.grad(objective.of(network, pictures).sum(), pictures)
    for seed in range(3):
        way = noise(2, 3, 32, 32, seed=seed).double() - 0.5
        above, below = (objective.of(network, pictures.detach() + s * 1e-5 * way).sum() for s in (1, -1))
        torch.testing.assert_close((gradient * way).sum(), (above - below) / 2e-5, rtol=1e-5, atol=1e-8)


# --- worked out by hand ---


def test_the_logit_of_a_linear_network_has_its_weights_as_gradient():
    network, pictures = linear((3, 4, 5)), noise(2, 3, 4, 5).requires_grad_()
    logit("panda").of(network, pictures).sum().backward()
    expected = network.module[1].weight[3].view(1, 3, 4, 5) / 0.25
    torch.testing.assert_close(pictures.grad, expected.expand(2, -1, -1, -1))


def test_classes_by_label_by_number_and_one_for_each_picture():
    network, pictures = convolutional(), noise(2, 3, 32, 32)
    logits = network(pictures)
    torch.testing.assert_close(logit("Flamingo").of(network, pictures), logits[:, 2])
    torch.testing.assert_close(logit(2).of(network, pictures), logits[:, 2])
    expected = torch.stack([logits[0, 4], logits[1, 0]])
    torch.testing.assert_close(logit(["gorilla", 0]).of(network, pictures), expected)
    log_p = logits.softmax(1).log()[:, 1]
    torch.testing.assert_close(probability("hen").of(network, pictures), log_p)


def test_the_gradient_of_a_probability_does_not_vanish():
    """Where another class has all of it, its own gradient is 0 in float32; its logarithm's is not."""
    network, pictures = linear((1, 4, 4)), noise(1, 1, 4, 4).requires_grad_()
    network.module[1].bias += torch.tensor([0.0, 200, 0, 0, 0])
    assert network(pictures).softmax(1)[0, 0] == 0
    probability("goldfish").of(network, pictures).sum().backward()
    assert pictures.grad.abs().max() > 0.1


def test_maps_and_values():
    network, pictures = convolutional(), noise(2, 3, 32, 32)
    maps = network.module[:4](network.normalise(pictures))  # (2, 8, 16, 16)
    torch.testing.assert_close(channel("3", 5).of(network, pictures), maps[:, 5].mean((1, 2)))
    each = torch.stack([maps[0, 1].mean(), maps[1, 7].mean()])
    torch.testing.assert_close(channel("3", [1, 7]).of(network, pictures), each)
    torch.testing.assert_close(neuron("3", 5).of(network, pictures), maps[:, 5, 8, 8])
    torch.testing.assert_close(neuron("3", 5, 0, 15).of(network, pictures), maps[:, 5, 0, 15])


def test_the_gradient_of_energy_at_the_layer_is_the_activation():
    """Deep Dream "sets the gradient to the activation": this is why."""
    activation = noise(2, 4, 5, 5).requires_grad_()
    energy("there")(Seen(convolutional(), noise(2, 3, 8, 8), {"there": activation})).sum().backward()
    assert torch.equal(activation.grad, activation.detach())


def test_a_match_is_0_at_the_code_and_minus_1_at_silence():
    code = noise(2, 4, 5, 5)
    said = {"there": code, "silence": torch.zeros_like(code)}
    seen = Seen(convolutional(), noise(2, 3, 8, 8), said)
    assert match("there", code)(seen).tolist() == [0, 0]
    assert match("silence", code)(seen).tolist() == [-1, -1]
    other = noise(1, 4, 5, 5, seed=1)  # one code for both
    expected = -torch.stack([(one - other[0]).norm() ** 2 / other.norm() ** 2 for one in code])
    torch.testing.assert_close(match("there", other)(seen), expected)


def test_diversity_is_minus_the_mean_cosine_of_gram_matrices():
    maps = torch.zeros(3, 2, 1, 4)
    maps[0, 0], maps[1, 0], maps[2, 1] = 1, 5, 2  # the first two speak of one channel, the third of the other
    seen = Seen(convolutional(), noise(3, 3, 8, 8), {"there": maps})
    torch.testing.assert_close(diversity("there")(seen), torch.tensor([-0.5, -0.5, 0.0]))


def test_a_batch_becomes_diverse():
    network = convolutional()
    alike = fourier(32, noise(1, 3, 32, 32), batch=2)
    alike.held.data += 0.01 * torch.randn(alike.held.shape, generator=torch.Generator().manual_seed(0))
    climb = Ascent(network, diversity("0"), alike).run(30)
    assert climb.before < -0.99 and climb.after > climb.before + 0.01


# --- sums and weights, as in lucid ---


def constant(value: float, *layers: str) -> Objective:
    return Objective(lambda seen: torch.full((len(seen.pictures),), value), frozenset(layers))


@pytest.mark.parametrize(
    ("objective", "value", "layers"),
    [
        (constant(3, "a") + constant(4, "b"), 7, "ab"),
        (constant(3, "a") - constant(4, "b"), -1, "ab"),
        (-constant(3, "a"), -3, "a"),
        (2 * constant(3, "a"), 6, "a"),
        (constant(3, "a") * 0.5, 1.5, "a"),
        (0.5 * (constant(3, "a") + constant(4, "b")) - 2 * constant(1, "b"), 1.5, "ab"),
        (constant(3, "a") + 0 * constant(4, "b"), 3, "a"),
        (sum((constant(v, "a") for v in (1, 2, 3)), NOTHING), 6, "a"),
    ],
)
def test_sums_and_weights(objective, value, layers):
    seen = Seen(convolutional(), noise(2, 3, 8, 8), {})
    assert objective(seen).tolist() == [value, value]
    assert objective.layers == set(layers)


def test_a_sum_asks_each_layer_once():
    both = channel("0", 1) + channel("0", 2) + logit(1) + probability(2)
    assert both.layers == {"0", LOGITS}
    network, pictures = convolutional(), noise(2, 3, 32, 32)
    parts = [channel("0", 1), channel("0", 2), logit(1), probability(2)]
    expected = sum(part.of(network, pictures) for part in parts)
    torch.testing.assert_close(both.of(network, pictures), expected)


def test_only_objectives_are_added():
    with pytest.raises(TypeError):
        logit(1) + 3


# --- what cannot be ---


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (logit("flamingos"), "near it: flamingo"),
        (probability("flamigo"), "near it: flamingo"),
        (logit(5), "the classes are 0 to 4"),
        (logit(["hen", "hen", "hen"]), "3 classes for 2 pictures"),
        (channel("0", 6), "channels 0 to 5"),
        (channel("0", -1), "channels 0 to 5"),
        (channel("0", [1, 2, 3]), "3 channels for 2 pictures"),
        (neuron("3", 8), "channels 0 to 7"),
        (neuron("3", 0, 16), r"16 x 16, without a place \(16, 8\)"),
        (neuron("3", 0, column=-1), r"without a place \(8, -1\)"),
        (match("0", torch.zeros(1, 6, 31, 32)), "of the same size"),
        (match("0", torch.zeros(3, 6, 32, 32)), "of the same size"),
        (energy("33"), "layer '33' is not known; near it: 3"),
    ],
)
def test_what_cannot_be_is_said(objective, says):
    with pytest.raises(ValueError, match=says) as failed:
        objective.of(convolutional(), noise(2, 3, 32, 32))
    assert one_sentence(failed.value)


def test_diversity_needs_others():
    with pytest.raises(ValueError, match="two or more") as failed:
        diversity("0").of(convolutional(), noise(1, 3, 32, 32))
    assert one_sentence(failed.value)


# --- large pictures, tile by tile ---

REACH = 7  # pixels: how far the units of layer "3" beside a seam see into the tile


def gradients(network, objective, layer, picture, size, shift, generator):
    """The gradient of the whole picture and that by tiles, of the same picture."""
    whole, parts = picture.clone().requires_grad_(), picture.clone().requires_grad_()
    [expected] = torch.autograd.grad(objective(seen_by(network, layer, whole)).sum(), whole)
    score = tiled(network, objective, size, [jitter(shift)], generator)(Seen(network, parts, {}))
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
