"""The table of layers: names, order, shapes, and what a unit sees."""

import pytest
import small
import torch
from torch import nn

from cnnlab import networks
from cnnlab.networks.hooks import Hooks
from cnnlab.networks.layers import Layers

VGG16_SEES = [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]


def test_vgg16_sees_what_the_literature_says():
    """As Araujo, Norris and Sim found (Distill 2019): 212 pixels at the end of the convolutions."""
    layers = networks.load("vgg16", weights=None).layers
    sees = [layer.sees for layer in layers if layer.kind in ("Conv2d", "MaxPool2d")]
    assert sees == [(side, side) for side in VGG16_SEES]
    assert layers["classifier.0"].sees == (224, 224)


@pytest.mark.slow
def test_resnet50_sees_what_the_literature_says():
    """483 pixels at its end in Araujo, Norris and Sim, whose blocks stride early; 427 in torchvision."""
    network = networks.load("resnet50", weights=None)
    network.size = 600  # so large that the border does not cut it
    assert network.layers["layer4.2"].sees == (427, 427)
    early = networks.wrap(network.module, (0.5,) * 3, (0.5,) * 3, network.labels, 600)
    for name in ("layer2.0", "layer3.0", "layer4.0"):
        first = early.layer(name)
        first.conv1.stride, first.conv2.stride = (2, 2), (1, 1)
    assert early.layers["layer4.2"].sees == (483, 483)


def test_layers_stand_in_forward_order_with_their_shapes():
    layers = networks.load().layers
    assert isinstance(layers, Layers) and len(layers) == len(layers.names) == len(list(layers))
    assert layers.names[0] == "features.0" == layers[0].name
    assert layers["features.0"].shape == (64, 113, 113)
    assert layers["features.0"].kind == "Conv2d"
    assert layers[-1].shape == (1000, 1, 1)
    order = [layers.names.index(f"features.3.{part}") for part in ("squeeze", "expand1x1", "expand3x3")]
    assert order == sorted(order) and layers.names.index("features.3") > order[-1]
    assert "features.3" in layers and layers[3] in layers and "features" not in layers


def test_the_table_can_be_read_and_seen():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2))
    layers = networks.wrap(module, (0.5,), (0.5,), ["a", "b"], 9).layers
    lines = repr(layers).splitlines()
    assert lines[0].split("  ")[0] == "layer" and len(lines) == 5
    assert "2 × 7 × 7" in lines[1] and lines[1].endswith("3 × 3 px")
    assert lines[2].endswith("the whole picture")
    html = layers._repr_html_()
    assert html.count("<tr>") == 5 and html.count("scope='col'") == 4


def test_a_network_that_cannot_be_followed_still_has_a_table():
    (layer,) = small.choosing(8).layers
    assert layer.sees is None and layer.shape == (2, 6, 6)


def test_what_another_thread_does_meanwhile_is_not_in_the_table():
    network = small.convolutional()
    expected = repr(network.layers)
    del network.layers

    def meanwhile(layer, inputs):
        small.elsewhere(lambda: network(small.noise(1, 3, 16, 16)))

    with Hooks() as hooks:
        hooks.before(network.layer("7"), meanwhile)
        assert repr(network.layers) == expected


def test_looking_at_the_layers_leaves_no_hooks():
    network = networks.load()
    assert len(network.layers) > 50
    assert small.hooks(network) == 0
    assert not any(parameter.grad is not None for parameter in network.parameters())
    assert torch.is_grad_enabled()
