"""Cascading randomisation: what is drawn anew and what is not, and similarity against others' code."""

from itertools import pairwise

import pytest
import torch
from scipy.stats import spearmanr
from small import convolutional, noise, one_sentence
from torch import nn

from cnnlab import networks, pictures
from cnnlab.attribution.gradients import attribution
from cnnlab.attribution.randomisation import randomised, rank_correlation, ssim, strength
from cnnlab.attribution.relu_rules import RULES
from cnnlab.optvis.objectives import channel


def weights(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_layers_lose_their_weights_from_the_top():
    network = convolutional()
    before = weights(network)
    steps = list(randomised(network))
    assert [name for name, _ in steps] == ["7", "3", "0"]
    lost: list[str] = []
    for name, copy in steps:
        lost.append(name)
        for key, value in weights(copy.module).items():
            assert torch.equal(value, before[f"module.{key}"]) == (key.split(".")[0] not in lost)
    assert all(torch.equal(value, before[key]) for key, value in weights(network).items())
    for (_, one), (name, two) in pairwise(steps):  # what is drawn once stays
        kept = {key: value for key, value in weights(two).items() if f"module.{name}." not in key}
        assert all(torch.equal(value, weights(one)[key]) for key, value in kept.items())


def test_weights_are_drawn_as_he_does():
    *_, (_, network) = randomised(networks.load())
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            expected = (2 / layer.weight[0].numel()) ** 0.5
            assert abs(layer.weight.std() / expected - 1) < 0.1
            assert not layer.bias.any()


def test_normalisations_forget():
    names, network = [], networks.load("resnet18", weights=None)
    for name, copy in randomised(network):  # one copy at a time: all would take 2 GB
        names.append(name)
        network = copy
    assert (names[0], names[-1]) == ("fc", "conv1")
    assert len(names) == 41  # 20 convolutions, each with its normalisation, and a linear layer
    normalisation = network.module.bn1
    assert (normalisation.weight == 1).all() and not normalisation.bias.any()
    assert not normalisation.running_mean.any() and (normalisation.running_var == 1).all()


def test_a_seed_decides_what_is_drawn():
    one, same, other = (weights(next(randomised(convolutional(), seed))[1]) for seed in (1, 1, 2))
    assert torch.equal(one["module.7.weight"], same["module.7.weight"])
    assert not torch.equal(one["module.7.weight"], other["module.7.weight"])


# --- similarity ---


def test_ranks_correlate_as_scipy_says():
    """With ties, as maps have whole fields of zeros."""
    maps, others = ((noise(3, 1, 16, 16, seed=seed) - 0.5).relu().mul(20).round() for seed in (0, 1))
    maps[0], maps[1] = others[0] + maps[0], 3 - others[1]
    got = rank_correlation(maps, others)
    expected = [spearmanr(a.flatten(), b.flatten()).statistic for a, b in zip(maps, others, strict=True)]
    torch.testing.assert_close(got, torch.tensor(expected).float())
    assert got[1] == pytest.approx(-1)


@pytest.mark.filterwarnings("error")
def test_a_map_that_is_the_same_everywhere_has_no_ranks():
    maps, others = noise(2, 3, 16, 16), noise(2, 3, 16, 16, seed=1)
    maps[0] = 0.3
    assert rank_correlation(maps, others).isnan().tolist() == [True, False]
    assert rank_correlation(others, maps).isnan().tolist() == [True, False]


def test_a_map_is_like_itself_and_like_its_negative_but_for_the_sign():
    maps = noise(2, 3, 16, 16) - 0.5
    for factor in (1, -1, 5):
        for one in (
            ssim(maps, factor * maps),
            rank_correlation(maps, factor * maps) * (1 if factor > 0 else -1),
        ):
            torch.testing.assert_close(one.float(), torch.ones(2))
    torch.testing.assert_close(rank_correlation(maps.abs(), (-maps).abs()), torch.ones(2))


def test_unrelated_maps_are_unlike():
    maps, others = (noise(2, 3, 64, 64, seed=seed) - 0.5 for seed in (0, 1))
    for one in (
        ssim(maps, others),
        rank_correlation(maps, others),
        rank_correlation(maps.abs(), others.abs()),
    ):
        assert (one.abs() < 0.1).all()


def test_strength_by_hand():
    maps = torch.zeros(2, 2, 10, 20)
    maps[0, 0] = torch.arange(200.0).reshape(10, 20)
    maps[0, 1] = -torch.arange(200.0).reshape(10, 20)  # sizes 0, 2, 4 ... 398; 99 % lie below 394.02
    got = strength(maps)
    assert got.shape == (2, 1, 10, 20)
    torch.testing.assert_close(got[0, 0], (torch.arange(200.0) * 2 / 394.02).clamp(max=1).reshape(10, 20))
    assert not got[1].any()


@pytest.mark.parametrize("measure", [ssim, rank_correlation])
@pytest.mark.parametrize("shape", [(1, 3, 8, 9), (2, 3, 8, 8), (1, 3, 6, 6), (3, 8, 8)])
def test_maps_that_cannot_be_compared(shape, measure):
    first = torch.zeros(1, 3, 8, 8) if shape[-2:] != (6, 6) else torch.zeros(shape)
    with pytest.raises(ValueError, match="cannot be compared") as error:
        measure(first, torch.zeros(shape))
    assert one_sentence(error.value)


# --- the paper's finding ---


@pytest.mark.slow
def test_guided_maps_survive_the_loss_of_the_top_layer_and_gradients_do_not():
    """Adebayo et al. 2018, figures 2 and 4, by order, on ten of the bundled photographs."""
    network = networks.load()
    photographs = torch.cat(
        [pictures.fit(pictures.read(name), 224) for name in pictures.names("animal")[:10]]
    )
    objective = channel("classifier.1", network(photographs).argmax(1).tolist())  # before the last ReLU
    _, without = next(randomised(network))
    pairs = {
        rule: [attribution(one, photographs, objective, rule) for one in (network, without)] for rule in RULES
    }
    likeness, rank = ({rule: measure(*pairs[rule]) for rule in RULES} for measure in (ssim, rank_correlation))
    for rule in ("guided", "deconvnet"):
        assert likeness[rule].mean() > likeness["gradient"].mean() + 0.2
        assert rank[rule].mean() > rank["gradient"].mean() + 0.4
        assert (likeness[rule] > likeness["gradient"]).all()
