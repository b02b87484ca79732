"""The smallest eps, where it is known in closed form, and that what comes with it fools the network."""

import math

import pytest
import torch
from small import linear, noise
from torch import nn

from cnnlab import networks
from cnnlab.adversarial import LINF, Attack, margin, reached, smallest, wilson


def two_classes():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    return networks.wrap(module, (0.5,), (0.25,), ["a", "b"], 6)


def last(brackets):
    *_, bracket = brackets
    return bracket


def test_on_two_linear_classes_it_is_the_distance_to_the_border():
    """The other class overtakes when eps * ||w_a - w_b||_1 / std is the lead."""
    network, shown = two_classes(), 0.4 + 0.2 * noise(12, 1, 6, 6)
    weights, logits = network.module[1].weight.detach() / 0.25, network(shown).detach()
    exact = logits.diff(dim=1)[:, 0].abs() / (weights[1] - weights[0]).abs().sum()
    assert exact.max() < 0.3  # so that no picture is cut off at black or white
    bracket = last(smallest(Attack(network, shown, eps=0.3, rel_stepsize=1.0), 1, 12))
    assert (bracket.high >= exact - 1e-6).all()
    torch.testing.assert_close(bracket.high, exact, rtol=0, atol=0.3 / 2**10)


def test_what_comes_with_it_fools_the_network_and_lies_within_it():
    network, shown = linear((3, 8, 8)), noise(6, 3, 8, 8, seed=3)
    attack = Attack(network, shown, eps=0.5)
    rounds = list(smallest(attack, 4, 6))
    labels = network(shown).argmax(1)
    for bracket in rounds:
        won = bracket.high.isfinite()
        assert (network(bracket.pictures).argmax(1) != labels)[won].all()
        assert (LINF.size(bracket.pictures - shown) <= bracket.high + 1e-7)[won].all()
        assert (bracket.low < bracket.high).all()
    highs = torch.stack([bracket.high for bracket in rounds])
    assert (highs.diff(dim=0).nan_to_num() <= 0).all()
    assert torch.equal(attack.at, shown), "the attack that was handed over has moved"


def test_a_picture_that_is_never_fooled_stays_as_it_is():
    shown = noise(2, 3, 8, 8)
    network = linear((3, 8, 8))
    said = network(shown).argmax(1)
    bracket = last(smallest(Attack(network, shown, labels=said, eps=torch.tensor([1e-7, 1.0])), 4, 3))
    assert bracket.high[0] == math.inf
    assert torch.equal(bracket.pictures[0], shown[0])


def test_goals_and_labels_go_with_their_pictures():
    network, shown = linear((3, 8, 8)), noise(5, 3, 8, 8, seed=5)
    goals = torch.tensor([0, 1, 2, 3, 4])
    bracket = last(smallest(Attack(network, shown, goals, eps=1.0, loss=margin), 8, 4))
    won = bracket.high.isfinite()
    assert won.sum() >= 2
    assert torch.equal(network(bracket.pictures).argmax(1)[won], goals[won])


@pytest.mark.parametrize("share, count", [(0, 10), (3, 10), (10, 10), (50, 207)])
def test_wilsons_interval_is_that_of_scipy(share, count):
    from scipy.stats import binomtest

    low, high = wilson(torch.tensor(float(share)), count)
    expected = binomtest(share, count).proportion_ci(method="wilson")
    assert (low.item(), high.item()) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_how_many_are_reached():
    needed = torch.tensor([0.1, math.inf, 0.3, 0.2])
    assert reached(needed, [0.05, 0.1, 0.25, 9.0]).tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="NaN"):
        reached(torch.tensor([math.nan]), [0.1])
