"""What helps and what does not: teachers, small networks, defences."""

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from small import linear, noise

from cnnlab.adversarial import (
    Attack,
    Defended,
    adversarial,
    digit_network,
    jpeg,
    learn,
    margin,
    mistakes,
    noisy,
    png,
    sign_step,
    straight_through,
    turned,
)  # fmt: skip
from cnnlab.datasets import picture_set


@pytest.fixture(scope="module")
def digits():
    return picture_set("digits")


def taught(digits, teacher=None, epochs=15):
    network = digit_network((32,), side=8, seed=0)
    losses = list(learn(network, *digits.train, epochs, teacher, learning_rate=0.005))
    assert losses[-1] < losses[0]
    return network


def test_softmax_regression_learns_what_scikit_learns_does(digits):
    network = digit_network(side=8)
    *_, loss = learn(network, *digits.train, 200, batch=1297, learning_rate=0.05)
    peer = LogisticRegression(C=1e6, max_iter=2000).fit(digits.train.pictures.flatten(1), digits.train.labels)
    ours = 1 - mistakes(network, digits.test.pictures, digits.test.labels).error
    theirs = peer.score(digits.test.pictures.flatten(1), digits.test.labels)
    assert loss < 0.1
    assert ours == pytest.approx(theirs, abs=0.03)


def test_an_adversarial_teacher_helps_against_its_own_attack_and_a_noisy_one_does_not(digits):
    def error(network):
        stepped = sign_step(network, digits.test.pictures, digits.test.labels, 0.15)
        return mistakes(network, stepped, digits.test.labels).error

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
    runs = [list(learn(digit_network(side=8, seed=1), *digits.train, 2)) for _ in range(2)]
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
