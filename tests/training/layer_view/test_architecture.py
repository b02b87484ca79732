"""Architectures as text: what can be written, what is built of it, what is refused and in which words."""

import pytest
import torch
from torch import nn

from cnnlab.training.layer_view.architecture import Architecture

TEXT = """
conv 4 3x3 pad 1   # four maps
relu

CONV 6 5 x 3 pad 2 stride 2
batchnorm
tanh
avgpool 2
dropout .25
dense 7
sigmoid
dense 3
"""


def test_a_text_becomes_named_layers_with_these_numbers():
    network = Architecture(TEXT).build((1, 12, 10), 3)
    names = [name for name, _ in network.named_children()]
    assert names == [
        "conv1", "relu1", "conv2", "batchnorm1", "tanh1", "avgpool1", "dropout1", "flatten", "dense1",
        "sigmoid1", "dense2",
    ]  # fmt: skip
    conv = network.conv2
    assert (conv.in_channels, conv.out_channels, conv.kernel_size) == (4, 6, (5, 3))
    assert conv.padding == (2, 2) and conv.stride == (2, 2)
    assert network.dropout1.p == 0.25
    assert network(torch.rand(5, 1, 12, 10)).shape == (5, 3)


def test_a_parsed_text_comes_back():
    text = "conv 4 3x3 pad 1\nrelu\ndense 10"
    assert Architecture(text) == text and Architecture(f"{text}  # done") == text


def test_the_start_follows_from_the_seed_and_leaves_the_global_generator_alone():
    state = torch.random.get_rng_state()
    first, second, other = (Architecture(TEXT).build((1, 12, 10), 3, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first.conv1.weight, second.conv1.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)


def test_weights_start_as_large_as_he_et_al_say():
    network = Architecture("conv 64 3x3\nrelu\nconv 64 3x3\nrelu\ndense 10").build((3, 8, 8), 10)
    for layer, fan_in, scale in (
        (network.conv1, 27, 1),
        (network.conv2, 576, 1),
        (network.dense1, 1024, 0.1),
    ):
        assert layer.weight.std().item() == pytest.approx(scale * (2 / fan_in) ** 0.5, rel=0.1)
        assert not layer.bias.any()


def test_an_untrained_network_finds_all_classes_about_equally_likely():
    network = Architecture("conv 16 3x3\nrelu\npool 2\ndense 10").build((1, 8, 8), 10)
    logits = network(torch.rand(100, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert nn.functional.cross_entropy(logits, torch.arange(100) % 10).item() == pytest.approx(2.303, abs=0.1)


def test_dropout_drops_its_share_in_training_alone_and_keeps_the_mean():
    layer = Architecture("dropout .3\ndense 2").build((1000,), 2).dropout1
    x = torch.ones(200, 1000)
    assert torch.equal(layer.eval()(x), x)
    dropped = layer.train()(x)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    assert not torch.equal(layer(x), dropped)


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "there is no layer"),
        ("# nothing", "there is no layer"),
        ("conf 8 3x3", "line 1: 'conf' is no layer; perhaps you mean conv"),
        ("relu\nconv 8", "line 2: 'conv 8' cannot be read; write it as conv 16 3x3"),
        ("conv 8 3x3 pad", "cannot be read"),
        ("conv -8 3x3", "cannot be read"),
        ("relu 3", "cannot be read; write it as relu"),
        ("dense ten", "cannot be read; write it as dense 10"),
        ("dense 999999999999999999999", "cannot be read"),
        ("conv 16 3x3\npool 2\npool 4", "line 3: pool 4 cannot take 16 maps of 3 x 3: take 1 to 3"),
        ("pool 0", "line 1: pool 0 cannot take 1 map of 8 x 8: take 1 to 8"),
        ("conv 4 9x9", "line 1: conv 4 9x9 cannot take 1 map of 8 x 8: windows of 9 x 9 are larger"),
        ("conv 0 3x3", "are 1 or more"),
        ("conv 4 3x3 stride 0", "are 1 or more"),
        ("conv 4 3x3 pad 3", "take less than 3"),
        ("dense 4\nconv 4 3x3", "line 2: conv 4 3x3 cannot take 4 numbers: convolutions come before"),
        ("dense 4\npool 2", "line 2: pool 2 cannot take 4 numbers: pooling comes before"),
        ("dense 0", "take 1 unit or more"),
        ("dropout 1.5", "its share is 0 or more, and below 1"),
        ("dense 90000", "it would have 5,760,000 weights"),
        ("conv 90000 7x7", "it would have 4,410,000 weights"),
        ("conv 90000 1x1", "would put out 90000 maps of 8 x 8"),
        ("dense 9", "the last layer puts out 9 numbers and there are 10 classes: end with dense 10"),
        ("conv 10 3x3", "the last layer puts out 10 maps of 6 x 6 and there are 10 classes"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(text, words):
    with pytest.raises(ValueError) as caught:
        Architecture(text).build((1, 8, 8), 10)
    assert words in str(caught.value) and "\n" not in str(caught.value)
