"""Why it works, in closed form: w.eta, alignment, straight lines, mistakes, and what carries over."""

import math

import pytest
import torch
from captum.robust import FGSM
from small import convolutional, linear, noise
from torch.autograd import gradcheck

from cnnlab import networks
from cnnlab.adversarial import (
    Attack,
    alignment,
    along,
    cross_entropy,
    gain,
    loss_gradient,
    margin,
    mistakes,
    sign_step,
    straightness,
    transfer,
)  # fmt: skip
from cnnlab.networks import answers


def test_no_change_adds_more_than_eps_times_the_sum_of_the_weights():
    weights = torch.randn(5, 300, generator=torch.Generator().manual_seed(0))
    most = gain(weights, 0.1)
    exact = (weights * 0.1 * weights.sign()).sum(1)
    torch.testing.assert_close(most, exact)
    others = 0.1 * (2 * noise(1000, 1, 1, 300)[:, 0, 0] - 1)
    assert ((weights @ others.T).abs().amax(1) < most).all()


def test_it_grows_with_the_dimension_and_a_random_one_with_its_root():
    random = torch.Generator().manual_seed(0)
    for n in (100, 1000):
        weights = torch.randn(4000, n, generator=random)
        signs = torch.randn(4000, n, generator=random).sign()
        assert gain(weights, 0.01).mean().item() == pytest.approx(0.01 * n * (2 / math.pi) ** 0.5, rel=0.02)
        assert (0.01 * signs * weights).sum(1).std().item() == pytest.approx(0.01 * n**0.5, rel=0.05)


def test_alignment_is_1_for_the_sign_and_small_for_noise():
    gradient = noise(3, 3, 40, 40) - 0.5
    assert alignment(0.02 * gradient.sign(), gradient).tolist() == pytest.approx([1, 1, 1])
    assert alignment(-gradient.sign(), gradient).tolist() == pytest.approx([-1, -1, -1])
    assert alignment((noise(3, 3, 40, 40, seed=1) - 0.5).sign(), gradient).abs().max() < 0.06
    assert not alignment(torch.zeros_like(gradient), gradient).any()


@pytest.mark.parametrize("loss", [cross_entropy, margin])
def test_the_gradient_is_that_of_finite_differences(loss):
    network = linear((1, 4, 4)).double()
    shown = noise(2, 1, 4, 4).double().requires_grad_()
    labels = torch.tensor([1, 3])
    assert gradcheck(lambda p: loss(network.logits(network.normalise(p)), labels), shown)
    expected = torch.autograd.grad(loss(network.logits(network.normalise(shown)), labels).sum(), shown)[0]
    torch.testing.assert_close(loss_gradient(network, shown, labels, loss), expected)


def test_one_step_without_a_cut_is_captums():
    network, shown = convolutional(), noise(4, 3, 32, 32)
    labels = torch.tensor([0, 1, 2, 3])
    expected = FGSM(
        lambda p: network.logits(network.normalise(p)),
        lower_bound=-9, upper_bound=9, loss_func=torch.nn.CrossEntropyLoss(reduction="none"),
    ).perturb(shown.clone(), epsilon=0.25, target=labels)  # fmt: skip
    found = sign_step(network, shown, labels, 0.25)
    assert found.min() < 0
    apart = (found - expected).abs() > 1e-5
    assert apart.double().mean() < 0.005  # a gradient of 0 within rounding has either sign


def test_a_linear_networks_logits_lie_on_straight_lines():
    network, shown = linear((3, 5, 5)), noise(1, 3, 5, 5)
    amounts = torch.linspace(-2, 2, 9)
    logits = along(network, shown, torch.ones_like(shown), amounts, batch=4)
    assert logits.shape == (9, 5)
    assert straightness(amounts, logits).tolist() == pytest.approx([1] * 5)
    torch.testing.assert_close(logits[4:5], network(shown))
    slope = network.module[1].weight.sum(1) / 0.25
    torch.testing.assert_close((logits[8] - logits[0]) / 4, slope, rtol=1e-4, atol=1e-4)
    assert straightness(amounts, amounts[:, None] ** 2).item() == pytest.approx(0, abs=1e-9)


def test_mistakes_are_counted_with_the_confidence_in_them():
    network, shown = convolutional(), noise(6, 3, 32, 32)
    said = network(shown).argmax(1)
    none = mistakes(network, shown, said)
    assert none.error == 0
    assert math.isnan(none.confidence)
    labels = said.clone()
    labels[0] = (said[0] + 1) % 5
    one = mistakes(network, shown, labels)
    assert one.error == pytest.approx(1 / 6)
    assert one.confidence == pytest.approx(network(shown).softmax(1)[0].max().item())


def test_a_table_of_transfer_has_the_source_in_its_rows():
    networks = {"a": linear((3, 8, 8), seed=0), "b": linear((3, 8, 8), seed=1)}
    shown = noise(40, 3, 8, 8)
    labels = networks["a"](shown).argmax(1)
    table = transfer(networks, shown, labels, lambda network: sign_step(network, shown, labels, 0.3))
    assert table.clean.shape == (2,)
    assert table.clean[0] == 0
    for i, source in enumerate(networks.values()):
        made = sign_step(source, shown, labels, 0.3)
        for j, target in enumerate(networks.values()):
            said = target.logits(target.normalise(made)).argmax(1)
            assert table.error[i, j].item() == pytest.approx((said != labels).double().mean().item())
    assert table.error[0, 0] > table.clean[0]


def test_pictures_go_from_the_embedded_network_to_one_of_torchvisions(squeezenet):
    other = networks.load("resnet18", weights=None)  # as it would be loaded with its weights
    shown = noise(3, 3, 64, 64)
    labels = answers(squeezenet, shown)
    table = transfer(
        {"squeezenet": squeezenet, "resnet18": other},
        shown,
        labels,
        lambda network: Attack(network, shown, labels=answers(network, shown), eps=8 / 255).run(2).pictures,
    )
    assert table.clean[0] == 0
    assert table.error[0, 0] == 1
    assert table.error.shape == (2, 2)
