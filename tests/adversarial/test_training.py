"""What helps and what does not: teachers, small networks, defences, rubbish, one change for all."""

from itertools import islice

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from small import linear, noise
from torch import nn

from cnnlab import networks
from cnnlab.adversarial import MAX, Attack, margin
from cnnlab.adversarial.defences import Defended, jpeg, png, straight_through, turned
from cnnlab.adversarial.linear import mistakes
from cnnlab.adversarial.rubbish import fooling, taken_for_something
from cnnlab.adversarial.training import adversarial, digit_network, learn, noisy
from cnnlab.adversarial.transfer import sign_step
from cnnlab.adversarial.universal import Universal, added
from cnnlab.datasets import picture_sets
from cnnlab.networks import answers


@pytest.fixture(scope="module")
def digits():
    return picture_sets.load("digits")


def taught(digits, teacher=None, epochs=15):
    network = digit_network((32,), side=8, seed=0)
    losses = list(learn(network, digits.pictures, digits.labels, epochs, teacher, step_size=0.005))
    assert losses[-1] < losses[0]
    return network


def test_softmax_regression_learns_what_scikit_learns_does(digits):
    network = digit_network(side=8)
    *_, loss = learn(network, digits.pictures, digits.labels, 200, batch=1297, step_size=0.05)
    peer = LogisticRegression(C=1e6, max_iter=2000).fit(digits.pictures.flatten(1), digits.labels)
    ours = 1 - mistakes(network, digits.test_pictures, digits.test_labels).error
    theirs = peer.score(digits.test_pictures.flatten(1), digits.test_labels)
    assert loss < 0.1
    assert ours == pytest.approx(theirs, abs=0.03)


def test_an_adversarial_teacher_helps_against_its_own_attack_and_a_noisy_one_does_not(digits):
    def error(network):
        stepped = sign_step(network, digits.test_pictures, digits.test_labels, 0.15)
        return mistakes(network, stepped, digits.test_labels).error

    plain, aimed, coins = (
        error(taught(digits, teacher)) for teacher in (None, adversarial(0.15), noisy(0.15))
    )
    assert aimed < plain - 0.2
    assert coins > aimed + 0.2


def test_a_noisy_teacher_moves_every_value_by_eps():
    shown = noise(2, 1, 8, 8)
    moved = noisy(0.1)(digit_network(side=8), shown, torch.tensor([0, 1]), torch.Generator().manual_seed(0))
    torch.testing.assert_close((moved - shown).abs(), torch.full_like(shown, 0.1))
    assert (moved > shown).double().mean().item() == pytest.approx(0.5, abs=0.15)


def test_the_same_seeds_learn_the_same(digits):
    runs = [list(learn(digit_network(side=8, seed=1), digits.pictures, digits.labels, 2)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert digit_network(convolutions=True)(noise(2, 1, 28, 28)).shape == (2, 10)


def test_png_changes_half_a_level_at_most_and_jpeg_more():
    shown = noise(2, 3, 16, 16)
    assert (png(shown) - shown).abs().max() <= 0.5 / 255 + 1e-6
    assert torch.equal(png(png(shown)), png(shown))
    assert (jpeg(50)(shown) - shown).abs().max() > 2 / 255
    assert png(shown[:, :1]).shape == (2, 1, 16, 16)
    turning = turned(90)(shown)
    torch.testing.assert_close(turning, shown.rot90(1, (2, 3)), atol=1e-4, rtol=0)


def test_a_defence_without_a_gradient_says_so_and_is_broken_by_lending_it_one():
    network, shown = linear((3, 16, 16)), noise(6, 3, 16, 16)
    labels = Defended(network, jpeg(80))(shown).argmax(1)
    with pytest.raises(ValueError, match=r"straight_through"):
        Attack(Defended(network, jpeg(80)), shown, labels=labels).run(1)
    broken = Attack(Defended(network, straight_through(jpeg(80))), shown, labels=labels, eps=0.3).run(8)
    said = Defended(network, jpeg(80))(broken.pictures).argmax(1)
    assert torch.equal(said != labels, broken.success)
    assert broken.success.double().mean() > 0.5


def test_large_logits_hide_the_gradient_from_the_cross_entropy_only():
    network, shown = linear((3, 16, 16)), noise(6, 3, 16, 16)
    masked = Defended(network, factor=1e6)
    assert torch.equal(masked(shown).argmax(1), network(shown).argmax(1))
    hidden = Attack(masked, shown, eps=0.3).run(8)
    assert torch.equal(hidden.pictures, shown)
    assert Attack(masked, shown, eps=0.3, loss=margin).run(8).success.double().mean() > 0.5


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


def test_one_change_for_all_climbs_within_its_budget():
    network, shown = linear((3, 16, 16)), noise(40, 3, 18, 20)
    held_out = noise(40, 3, 16, 16, seed=8)
    labels = answers(network, held_out)
    search = Universal(network, shown, 16, eps=0.2)
    *_, last = islice(search, 20)
    assert last.number == 19
    assert last.change.abs().max() <= 0.2
    fooled = (answers(network, added(held_out, last.change)) != labels).double().mean()
    coins = (2 * noise(1, 3, 16, 16, seed=9) - 1).sign() * 0.2
    random = (answers(network, added(held_out, coins)) != labels).double().mean()
    assert fooled > max(random, 0.3)
    assert MAX.size(last.change).item() == pytest.approx(0.2, abs=1e-5)


def test_a_square_that_is_larger_than_the_pictures_gets_a_sentence():
    with pytest.raises(ValueError, match="square of 30"):
        Universal(linear((3, 30, 30)), noise(2, 3, 20, 40), 30)
