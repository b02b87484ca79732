"""The network's equation and its PyTorch code say what the network computes."""

import re

import numpy as np
import pytest
import torch

from cnnlab.training.playground import PlaygroundSettings, TrainingRun, code, equation
from cnnlab.training.playground.network import FEATURES, MLP


def learned(**settings):
    run = TrainingRun(PlaygroundSettings(rate=0.05, **settings))
    for _ in range(5):
        run.advance()
    return run.network


@pytest.mark.parametrize(
    "settings",
    [
        {"layers": "8, 8"},
        {"layers": "", "data": "plane"},
        {"layers": "3 relu, 4 sigmoid, 2 linear, 5 tanh", "features": tuple(FEATURES), "data": "hills"},
    ],
)
def test_the_code_runs_and_agrees_with_the_network(settings, capsys):
    network = learned(**settings)
    places = np.random.default_rng(0).uniform(-6, 6, (200, 2))
    made: dict = {}
    exec(code(network), made)
    expected = network.forward(network.look(places))[-1][:, 0]
    assert np.abs(made["predict"](torch.from_numpy(places)).numpy() - expected).max() < 1e-6
    assert capsys.readouterr().out.startswith("tensor([")


def test_the_equation_computes_the_same_to_its_two_decimals():
    network = learned(layers="3, 2")
    rounded = MLP(network.features, network.layers, network.parameters.round(2))
    lines = equation(network).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉−", "0123456789-")).splitlines()
    names: dict = {"x1": 1.5, "x2": -2.0, "tanh": np.tanh}
    for line in lines:
        exec(re.sub(r"(\d) (\w)", r"\1 * \2", line), names)
    output = rounded.forward(rounded.look(np.array([[1.5, -2.0]])))[-1][0, 0]
    assert names["y"] == pytest.approx(output, abs=1e-12)


def test_zero_weights_are_left_out_and_long_sums_are_counted():
    network = learned(layers="")
    network.parameters[:] = (0, -0.5, 0)
    assert equation(network) == "y = tanh(−0.50 x₂)"
    network.parameters[:] = 0
    assert equation(network) == "y = tanh(0.00)"
    wide = equation(learned(layers="16, 16"))
    assert "(8 more terms)" in wide and "more units like these" in wide
    assert len(wide.splitlines()) == 25 and wide.splitlines()[-1].startswith("y = tanh(")
