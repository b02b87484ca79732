"""The network and its training, against PyTorch's autograd and optimiser."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from cnnlab.training.playground.network import (
    FEATURES,
    MLP,
    Hyperparameters,
    Layer,
    diverged,
    evaluate,
    initialise,
    sgd_step,
    train,
)  # fmt: skip
from cnnlab.training.playground.points import make_points

MODULES = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "linear": nn.Identity}
EVERY = (Layer(5, "relu"), Layer(4, "tanh"), Layer(3, "sigmoid"), Layer(2, "linear"))


def in_torch(network: MLP) -> nn.Sequential:
    sizes = [len(network.features), *(layer.units for layer in network.layers)]
    modules = []
    for (before, after), (_, activation) in zip(pairwise(sizes), network.layers, strict=True):
        modules += [nn.Linear(before, after), MODULES[activation]()]
    twin = nn.Sequential(*modules).double()
    with torch.no_grad():
        for linear, weights, biases in zip(twin[::2], network.weights, network.biases, strict=True):
            linear.weight.copy_(torch.from_numpy(weights.T.copy()))
            linear.bias.copy_(torch.from_numpy(biases.copy()))
    return twin


def flat(twin: nn.Sequential, grad: bool) -> np.ndarray:
    """Weights and biases in our order."""
    parts = []
    for linear in twin[::2]:
        for tensor in (
            linear.weight.grad.T if grad else linear.weight.T,
            linear.bias.grad if grad else linear.bias,
        ):
            parts.append(tensor.detach().reshape(-1))
    return torch.cat(parts).numpy()


@pytest.mark.parametrize("regression", [False, True])
@pytest.mark.parametrize("hidden", [(), EVERY, (Layer(16, "tanh"),) * 6])
def test_forward_and_gradient_agree_with_autograd(hidden, regression):
    network = initialise(tuple(FEATURES), hidden, regression=regression, seed=1)
    network.parameters += 0.1 * np.random.default_rng(0).standard_normal(
        len(network.parameters)
    )  # biases, too
    points = make_points("plane", count=40, seed=2)
    inputs = network.look(points.inputs)
    twin = in_torch(network)
    output = twin(torch.from_numpy(inputs))
    assert np.allclose(network.forward(inputs)[-1], output.detach().numpy(), atol=1e-12)
    (0.5 * (output[:, 0] - torch.from_numpy(points.targets)) ** 2).mean().backward()
    gradient = network.gradient(inputs, points.targets, np.random.default_rng(0))
    assert np.abs(gradient - flat(twin, grad=True)).max() < 1e-12 * max(1, np.abs(gradient).max())


def test_twenty_steps_agree_with_torch_sgd_and_weight_decay():
    network = initialise(("x1", "x2"), (Layer(6, "tanh"),), regression=False, seed=3)
    points = make_points("circle", count=60, seed=1)
    twin = in_torch(network)
    decayed = [linear.weight for linear in twin[::2]]
    others = [linear.bias for linear in twin[::2]]
    optimiser = torch.optim.SGD([{"params": decayed, "weight_decay": 0.02}, {"params": others}], lr=0.1)
    inputs = network.look(points.inputs)
    for step in range(20):
        chosen = slice(3 * step, 3 * step + 3)
        gradient = network.gradient(inputs[chosen], points.targets[chosen], np.random.default_rng(0))
        sgd_step(network, gradient, rate=0.1, l1=0.0, l2=0.02)
        optimiser.zero_grad()
        output = twin(torch.from_numpy(inputs[chosen]))[:, 0]
        (0.5 * (output - torch.from_numpy(points.targets[chosen])) ** 2).mean().backward()
        optimiser.step()
    assert np.allclose(network.parameters, flat(twin, grad=False), atol=1e-12)


def test_l1_moves_weights_to_zero_and_no_further():
    network = MLP(("x1", "x2"), (Layer(1, "tanh"),), np.array([0.5, -0.03, 0.4]))
    sgd_step(network, np.zeros(3), rate=0.1, l1=1.0, l2=0.0)
    assert network.parameters.tolist() == pytest.approx([0.4, 0.0, 0.4])  # the bias stays


def test_dropout_keeps_the_mean_and_the_gradient_follows_its_masks():
    """Frozen masks: the gradient agrees with finite differences of the loss under the same draws."""
    network = initialise(("x1", "x2"), (Layer(6, "tanh"), Layer(5, "relu")), regression=False, seed=5)
    points = make_points("Gaussians", count=30)
    inputs = network.look(points.inputs)

    def loss(parameters):
        random, copy = np.random.default_rng(7), MLP(network.features, network.layers, parameters)
        a = np.tanh(inputs @ copy.weights[0] + copy.biases[0])
        a = a * (random.random(a.shape) >= 0.4) / 0.6
        b = np.maximum(a @ copy.weights[1] + copy.biases[1], 0)
        b = b * (random.random(b.shape) >= 0.4) / 0.6
        return (0.5 * (np.tanh(b @ copy.weights[2] + copy.biases[2])[:, 0] - points.targets) ** 2).mean()

    gradient = network.gradient(inputs, points.targets, np.random.default_rng(7), dropout=0.4)
    for place in range(0, len(gradient), 5):
        step = np.zeros_like(gradient)
        step[place] = 1e-6
        slope = (loss(network.parameters + step) - loss(network.parameters - step)) / 2e-6
        assert gradient[place] == pytest.approx(slope, abs=1e-7)


def test_an_epoch_sees_every_training_point_once_and_reads_its_pace_at_each_step():
    points = make_points("circle", count=100, share=0.5)
    network = initialise(("x1", "x2"), (Layer(4, "tanh"),), regression=False, seed=0)
    batches = iter([7, 30, 100])
    seen = list(train(network, points, lambda: Hyperparameters(0.1, next(batches)), np.random.default_rng(0)))
    assert seen == [7, 37, 50]


def test_training_lowers_the_loss_and_the_same_seed_gives_the_same_network():
    points = make_points("circle")

    def learned():
        network, random = (
            initialise(("x1", "x2"), (Layer(4, "tanh"),), regression=False, seed=0),
            np.random.default_rng(1),
        )
        for _ in range(40):
            for _ in train(network, points, lambda: Hyperparameters(0.1), random):
                pass
        return network

    before = evaluate(initialise(("x1", "x2"), (Layer(4, "tanh"),), regression=False, seed=0), points)
    one, two = learned(), learned()
    assert evaluate(one, points).train_loss < 0.2 * before.train_loss
    assert np.array_equal(one.parameters, two.parameters)


def test_a_judgement_counts_by_hand():
    network = MLP(("x1",), (Layer(2, "relu"), Layer(1, "tanh")), np.array([1.0, -1, 0, -100, 1, 1, 0]))
    points = make_points("circle", count=20, share=0.5)
    now = evaluate(network, points)
    answer = np.tanh(np.maximum(points.inputs[:, 0], 0))
    losses = 0.5 * (answer - points.targets) ** 2
    assert now.train_loss == pytest.approx(losses[points.train].mean())
    assert now.test_loss == pytest.approx(losses[~points.train].mean())
    assert now.test_accuracy == np.mean((answer > 0)[~points.train] == (points.targets > 0)[~points.train])
    assert [layer.tolist() for layer in now.dead] == [[False, True], [False]]
    assert evaluate(network, make_points("plane", share=1)).test_loss is None


def test_too_large_a_weight_and_nan_are_divergence():
    network = MLP(("x1",), (Layer(1, "tanh"),), np.array([1.0, 0]))
    assert not diverged(network)
    for bad in (1e5, np.nan, -np.inf):
        network.parameters[0] = bad
        assert diverged(network)


def test_the_start_has_the_deviation_that_it_promises():
    def begun(seed):
        return initialise(("x1", "x2"), (Layer(16, "tanh"), Layer(16, "relu")), regression=False, seed=seed)

    second = np.concatenate([begun(seed).weights[1].ravel() for seed in range(20)])
    assert second.std() == pytest.approx(np.sqrt(2 / 16), rel=0.05)
    assert all((biases == 0).all() for biases in begun(0).biases)
    assert not initialise(("x1",), (), regression=True, seed=0, scale=0).parameters.any()


def test_a_network_needs_features_and_parameters_that_fit():
    with pytest.raises(ValueError, match="nothing to look at"):
        initialise((), (), regression=False, seed=0)
    with pytest.raises(ValueError, match="no feature 'x3'"):
        initialise(("x3",), (), regression=False, seed=0)
