"""Attacks beside foolbox's, beside closed forms, and what they refuse."""

import math
from itertools import islice

import foolbox
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import convolutional, linear, noise, one_sentence
from torch import nn

from cnnlab import networks, pictures
from cnnlab.adversarial import (
    L2,
    LINF,
    NORMS,
    Attack,
    cross_entropy,
    fast_gradient_sign,
    fooling,
    margin,
    taken_for_something,
)
from cnnlab.pictures import PictureError

EPS = 0.05


@pytest.fixture(scope="module")
def network():
    return convolutional()


def theirs(attack, network, shown, criterion, eps):
    """foolbox's adversarial pictures."""
    model = foolbox.PyTorchModel(network, bounds=(0, 1))
    return attack(model, shown, criterion, epsilons=eps)[1]


def labels_of(network, shown):
    return network(shown).argmax(1)


def test_one_step_is_foolboxs_fast_gradient(network):
    shown = noise(6, 3, 32, 32)
    labels = labels_of(network, shown)
    expected = theirs(foolbox.attacks.LinfFastGradientAttack(), network, shown, labels, EPS)
    found = fast_gradient_sign(network, shown, EPS, labels=labels)
    torch.testing.assert_close(found.pictures, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("goal", [None, 3])
@pytest.mark.parametrize(
    "norm, eps, peer",
    [
        (LINF, EPS, foolbox.attacks.LinfProjectedGradientDescentAttack),
        (L2, 1.5, foolbox.attacks.L2ProjectedGradientDescentAttack),
    ],
)
def test_many_steps_are_foolboxs_projected_gradient_descent(network, norm, eps, peer, goal):
    shown = noise(6, 3, 32, 32, seed=1)
    labels = labels_of(network, shown)
    criterion = foolbox.criteria.Misclassification(labels)
    if goal is not None:
        criterion = foolbox.criteria.TargetedMisclassification(torch.full((6,), goal))
    attack = peer(steps=10, rel_stepsize=0.1, random_start=False)
    expected = theirs(attack, network, shown, criterion, eps)
    found = Attack(network, shown, goal, labels, eps, norm, rel_stepsize=0.1).run(10)
    torch.testing.assert_close(found.pictures, expected, rtol=0, atol=1e-5)
    assert found.after > found.before


def test_the_embedded_network_is_fooled_as_foolbox_fools_it(squeezenet):
    panda = pictures.fit(pictures.read("panda"), 64)
    labels = labels_of(squeezenet, panda)
    attack = foolbox.attacks.LinfProjectedGradientDescentAttack(steps=3, rel_stepsize=0.5, random_start=False)
    expected = theirs(attack, squeezenet, panda, labels, 4 / 255)
    found = Attack(squeezenet, panda, labels=labels, eps=4 / 255, rel_stepsize=0.5).run(3)
    apart = (found.pictures - expected).abs()
    assert (apart > 1e-5).float().mean() < 0.001  # a gradient of 0 within rounding has either sign


@pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)
@settings(max_examples=25, deadline=None)
@given(eps=st.floats(0, 1.5), rel_stepsize=st.floats(0, 3), seed=st.integers(0, 99))
def test_every_step_stays_within_eps_and_among_pictures(norm, eps, rel_stepsize, seed):
    shown = noise(2, 3, 8, 8, seed=seed)
    attack = Attack(
        convolutional(), shown, None, None, eps, norm, rel_stepsize, random=bool(seed % 2), seed=seed
    )
    for step in islice(attack, 4):
        change = (step.pictures.double() - shown.double()).flatten(1)
        assert (change.norm(math.inf if norm is LINF else 2, dim=1) <= eps).all()
        assert step.pictures.min() >= 0
        assert step.pictures.max() <= 1


def test_a_full_step_uses_all_of_eps(network):
    shown = 0.2 + 0.6 * noise(4, 3, 32, 32)
    moved = (fast_gradient_sign(network, shown, EPS).pictures - shown).abs()
    assert moved.flatten(1).amax(1).tolist() == pytest.approx([EPS] * 4, abs=1e-6)
    assert (moved > EPS - 1e-6).double().mean() > 0.99


def test_on_a_linear_network_one_step_is_the_best_there_is():
    """The margin between two classes rises by eps * ||w_a - w_b||_1 / std, and no more in any direction."""
    network, shown = linear((1, 6, 6)), 0.3 + 0.4 * noise(1, 1, 6, 6)
    weights = network.module[1].weight / 0.25
    label = int(labels_of(network, shown))
    before = network(shown)[0]
    goal = (label + 1) % 5
    stepped = Attack(
        network, shown, goal, eps=EPS, rel_stepsize=1.0,
        loss=lambda z, labels: z[:, label] - z.gather(1, labels[:, None])[:, 0],
    ).run(1)  # fmt: skip
    after = network(stepped.pictures)[0]
    rise = (after[goal] - after[label]) - (before[goal] - before[label])
    assert rise.item() == pytest.approx(EPS * (weights[goal] - weights[label]).abs().sum().item(), rel=1e-4)


def test_success_is_what_the_network_says_of_the_returned_pictures(network):
    shown = noise(8, 3, 32, 32, seed=2)
    labels = labels_of(network, shown)
    for goal, eps in ((None, 0.01), (None, 0.3), (2, 0.3)):
        found = Attack(network, shown, goal, eps=eps).run(5)
        said = labels_of(network, found.pictures)
        assert torch.equal(found.labels, said)
        assert torch.equal(found.success, said != labels if goal is None else said == goal)
        expected = network(found.pictures).softmax(1).amax(1)
        torch.testing.assert_close(found.confidence, expected)


@pytest.mark.parametrize("loss", [cross_entropy, margin])
@pytest.mark.parametrize("goal", [None, "flamingo", torch.tensor([0, 1, 2, 3])])
def test_the_score_rises(network, loss, goal):
    found = Attack(network, noise(4, 3, 32, 32), goal, eps=0.2, loss=loss, random=True).run(5)
    assert found.after > found.before


def test_the_margin_is_the_lead_of_the_best_other_class():
    logits = torch.tensor([[1.0, 4.0, 3.0], [2.0, -1.0, 0.0]])
    assert margin(logits, torch.tensor([1, 2])).tolist() == [-1.0, 2.0]


def test_settings_act_while_it_runs(network):
    shown = noise(1, 3, 32, 32)
    attack = Attack(network, shown, eps=0.1)
    steps = iter(attack)
    next(steps), next(steps), next(steps)
    attack.eps, attack.norm = 0.5, L2
    assert (next(steps).pictures - shown).norm() <= 0.5
    attack.goal = "panda"
    fourth = next(steps)
    assert fourth.number == 4
    assert next(steps).logits[0, 3] > fourth.logits[0, 3]


def test_a_random_start_is_the_seeds(network):
    shown = noise(2, 3, 16, 16)
    one, same, other = (
        next(iter(Attack(network, shown, random=True, seed=seed))).pictures for seed in (0, 0, 1)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(one, shown)


def test_pictures_from_0_to_255_get_a_sentence(network):
    with pytest.raises(PictureError, match=r"values from 0 to 25\d.*divide by 255") as raised:
        Attack(network, (noise(1, 3, 32, 32) * 255).round().clamp(0, 255).index_fill(2, torch.tensor(0), 0.0))
    assert one_sentence(raised.value)


@pytest.mark.parametrize(
    "settings, words",
    [
        (dict(eps=-0.1), "eps is -0.1"),
        (dict(eps=math.nan), "eps is nan"),
        (dict(eps=torch.tensor([0.1, 0.2, 0.3])), "one for each picture"),
        (dict(rel_stepsize=math.inf), "rel_stepsize is inf"),
        (dict(goal="pnda"), "panda"),
        (dict(goal=7), "class 7 is not there"),
        (dict(goal=torch.tensor([1, 2, 9])), "give one for each"),
        (dict(labels=torch.tensor([1, 9])), "from 0 to 4"),
        (dict(labels=torch.tensor([0.5, 1.0])), "whole numbers"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(network, settings, words):
    with pytest.raises(ValueError, match=words) as raised:
        Attack(network, noise(2, 3, 32, 32), **settings).run(1)
    assert one_sentence(raised.value)


def test_a_network_that_gives_no_numbers_and_one_without_a_gradient_get_a_sentence():
    class Infinite(nn.Module):
        def forward(self, pictures):
            return torch.stack([(pictures - 2).sqrt().sum((1, 2, 3)), pictures.sum((1, 2, 3))], 1)

    shown = noise(1, 3, 8, 8)
    with pytest.raises(ValueError, match="not a number"):
        Attack(Infinite(), shown, goal=0).run(1)
    with pytest.raises(ValueError, match="No gradient reaches"):
        Attack(lambda p: convolutional()(p.detach()), shown).run(1)
    with pytest.raises(ValueError, match="0 steps"):
        Attack(convolutional(), shown).run(0)


def test_noise_becomes_any_class(squeezenet):
    goals = torch.tensor([130, 949])  # flamingo and strawberry
    attack = fooling(squeezenet, goals, 96, length=0.5)  # longer steps jump about the goal
    found = attack.run(60)
    assert torch.equal(found.labels, goals)
    assert found.confidence.min() > 0.9
    first = next(iter(attack)).number
    assert first == 60


def test_rubbish_is_counted_where_a_class_has_more_than_half():
    class Sure(nn.Module):
        def forward(self, pictures):
            return torch.stack([20 * pictures[:, 0, 0, 0], torch.zeros(len(pictures))], 1)

    network = networks.wrap(Sure(), (0.0,), (1.0,), ["a", "b"], 4)
    assert taken_for_something(network, 200) == 1
    assert 0.02 < taken_for_something(network, 200, threshold=0.999) < 0.98


def test_it_works_on_the_networks_device(gpu):
    network = convolutional().to(gpu)
    found = Attack(network, noise(2, 3, 32, 32), random=True).run(2)
    assert found.pictures.device.type == gpu.type
