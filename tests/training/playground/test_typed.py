"""What a reader types, and the sentences for what cannot be read."""

import pytest

from cnnlab.training.playground import PlaygroundSettings, TrainingRun
from cnnlab.training.playground.network import Layer, initialise
from cnnlab.training.playground.typed import parse_edit, parse_layers, parse_stop


def test_layers_are_read_from_text():
    assert parse_layers("8, 8") == ((8, ""), (8, "")) == parse_layers("8 8")
    assert parse_layers("8 tanh, 4 ReLU") == ((8, "tanh"), (4, "relu"))
    assert parse_layers("") == () == parse_layers("  ")
    run = TrainingRun(PlaygroundSettings(layers="8, 4 relu", activation="sigmoid"))
    assert run.network.layers[:-1] == (Layer(8, "sigmoid"), Layer(4, "relu"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("8, 40", "layer 2 asks for 40 units: at most 16."),
        ("0", "layer 1 asks for 0 units: at least 1."),
        ("8, -3", "layer 2 asks for -3 units: at least 1."),
        ("8, many", "layer 2 says 'many'"),
        ("8,,8", "layer 2 is empty"),
        ("8.5", "layer 1 says '8.5'"),
        ("8 elu", "layer 1 has no activation 'elu': use relu, tanh, sigmoid, linear."),
        ("2," * 6 + "2", "there are 7 hidden layers: at most 6."),
        ("9" * 5000, "at most 16"),
    ],
)
def test_layers_that_do_not_fit_are_named(text, sentence):
    with pytest.raises(ValueError) as caught:
        parse_layers(text)
    assert sentence in str(caught.value) and len(str(caught.value)) < 160


@pytest.mark.parametrize(
    "text", ["soon", "loss", "loss 1.2.3", "loss .", "accuracy 120", "accuracy 0", "epoch -3"]
)
def test_what_is_no_stop_gets_a_sentence(text):
    with pytest.raises(ValueError, match=r"accuracy|write"):
        parse_stop(text)


def test_edits_reach_the_parameters_and_bad_ones_get_a_sentence():
    network = initialise(
        ("x1", "x1*x2"), TrainingRun(PlaygroundSettings()).network.layers[:-1], regression=False, seed=0
    )
    for text in ("x1*x2 > a2 = -2", "b1 = 0.25", "b2>y=3"):
        parse_edit(text)(network)
    assert network.weights[0][1, 1] == -2 and network.biases[1][0] == 0.25 and network.weights[2][1, 0] == 3
    assert parse_edit(" ") is None
    for text in ("x1 > a3", "= 3", "x1 > a3 = much", "x1 > a3 = nan"):
        with pytest.raises(ValueError, match="sets nothing"):
            parse_edit(text)
    with pytest.raises(ValueError, match="no unit c1"):
        parse_edit("c1 = 0")(network)
