"""What flows forward and back, beside plain autograd; the arithmetic of single numbers, beside what the
networks' own layers put out."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, cross_entropy

from cnnlab import networks
from cnnlab.datasets import picture_set
from cnnlab.training.layer_view.architecture import Architecture
from cnnlab.training.layer_view.arithmetic import SOFTMAX, LayerArrays, layer_names, parameter_count
from cnnlab.training.layer_view.learner import Learner, LearningSettings

SMALL = "conv 4 3x3 pad 1\nbatchnorm\nrelu\npool 2\nconv 5 2x2\ntanh\ndense 10"
TEXT = (
    "conv 5 3x3 pad 1\nbatchnorm\nrelu\npool 2\nconv 4 3x2 pad 1 stride 2\ntanh\navgpool 2\n"
    "dropout .5\ndense 9\nsigmoid\ndense 10"
)


@pytest.fixture(scope="module")
def small():
    return Learner(picture_set("digits"), Architecture(SMALL))


@pytest.fixture(scope="module")
def learner():
    one = Learner(picture_set("MNIST sample"), Architecture(TEXT))
    for _ in range(20):
        one.step(LearningSettings())
    return one


def plain(network, picture, name, goal):
    """Output, gradient by it and by the layer's parameters, by autograd and retain_grad alone."""
    held = {}

    def keep(module, inputs, output):
        output.retain_grad()
        held["output"] = output

    hook = network.layer(name).register_forward_hook(keep)
    network.zero_grad()
    goal(network(picture)).backward()
    hook.remove()
    weight = getattr(network.layer(name), "weight", None)
    found = held["output"].detach(), held["output"].grad, None if weight is None else weight.grad.clone()
    network.zero_grad(set_to_none=True)
    return found


@pytest.mark.parametrize("name", ["conv1", "batchnorm1", "relu1", "pool1", "conv2", "tanh1", "dense1"])
@pytest.mark.parametrize("label", [3, None])
def test_a_look_is_what_autograd_finds(small, name, label):
    network, picture = small.network, small.data.test.pictures[4:5]
    best = int(network(picture).argmax())

    def goal(logits):
        return logits[0, best] if label is None else cross_entropy(logits, torch.tensor([label]))

    output, gradient, weights = plain(network, picture, name, goal)
    seen = LayerArrays(network, picture, name, label)
    torch.testing.assert_close(seen.activations.flatten(), output.flatten())
    torch.testing.assert_close(seen.gradients.flatten(), gradient.flatten())
    if weights is None:
        assert seen.weights is None and seen.weight_gradients is None
    else:
        assert len(seen.weights) == len(weights)
        torch.testing.assert_close(seen.weights.flatten(), network.layer(name).weight.flatten())
        torch.testing.assert_close(seen.weight_gradients.flatten(), weights.flatten(), rtol=1e-4, atol=1e-7)
    assert (seen.of, seen.label) == (("logit", best) if label is None else ("loss", label))
    assert list(seen.maps) == layer_names(network)
    torch.testing.assert_close(seen.maps[name], seen.activations)
    torch.testing.assert_close(seen.maps["conv1"], plain(network, picture, "conv1", goal)[0][0])
    torch.testing.assert_close(seen.maps["softmax"].flatten(), network(picture).softmax(1)[0])


def test_a_look_leaves_the_network_as_it_was(small):
    network, picture = small.network, small.data.test.pictures[:1]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    LayerArrays(network, picture, "conv2", 1)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
    with pytest.raises(ValueError, match="not known"):
        LayerArrays(network, picture, "conv9", 1)
    assert not any(module._forward_hooks for module in network.modules())


def test_a_network_with_fixed_weights_shows_their_gradients_too(squeezenet):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    seen = LayerArrays(squeezenet, picture, "features.12.expand3x3")
    assert seen.weight_gradients.shape == seen.weights.shape == (256, 64, 3, 3)
    assert seen.weight_gradients.abs().max() > 0
    assert not any(p.requires_grad for p in squeezenet.parameters())


def test_softmax_has_the_gradient_of_the_loss(small):
    seen = LayerArrays(small.network, small.data.test.pictures[:1], "softmax", 2)
    shares = seen.logits.softmax(0)
    wanted = torch.zeros(10)
    wanted[2] = -1 / shares[2]
    torch.testing.assert_close(seen.gradients.flatten(), wanted)
    assert layer_names(small.network)[-1] == "softmax" and "flatten" not in layer_names(small.network)


def test_layers_that_hold_no_maps_and_layers_that_are_not_used():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.row, self.idle = nn.Conv2d(1, 2, 3), nn.Flatten(2), nn.ReLU()

        def forward(self, x):
            return self.row(self.conv(x)).mean(2)

    network = networks.wrap(Odd(), (0.5,), (0.5,), ["a", "b"], 8)
    picture = torch.rand(1, 1, 8, 8)
    with pytest.raises(ValueError, match="holds no maps"):
        LayerArrays(network, picture, "row")
    with pytest.raises(ValueError, match="not used"):
        LayerArrays(network, picture, "idle")
    assert list(LayerArrays(network, picture, "conv").maps) == ["conv", "softmax"]
    with pytest.raises(ValueError, match="one picture, not at 2"):
        LayerArrays(network, torch.rand(2, 1, 8, 8), "conv")


def test_of_many_layers_those_around_are_kept(squeezenet):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    names = layer_names(squeezenet)
    for layer in ("features.0", "features.6.expand3x3", "softmax"):
        kept = list(LayerArrays(squeezenet, picture, layer).maps)
        first = names.index(kept[0])
        assert layer in kept and kept == names[first : first + 10]


@pytest.mark.parametrize(
    "module, words",
    [
        (nn.Conv2d(1, 16, 3), "3 × 3 × 1 × 16 + 16 = 160"),
        (nn.Conv2d(16, 8, (5, 3), bias=False), "5 × 3 × 16 × 8 = 1,920"),
        (nn.Conv2d(6, 8, 1, groups=2), "1 × 1 × 3 × 8 + 8 = 32"),
        (nn.Linear(256, 10), "256 × 10 + 10 = 2,570"),
        (nn.BatchNorm2d(16), "16 + 16 = 32"),
        (nn.ReLU(), "none"),
        (nn.Sequential(nn.Linear(3, 2)), "8 in its parts"),
    ],
)
def test_the_count_of_parameters_adds_up(module, words):
    assert parameter_count(module) == words
    if "=" in words:
        assert words.rpartition("= ")[2] == f"{sum(p.numel() for p in module.parameters()):,}"


def test_dense_weights_are_cut_into_the_maps_that_they_see(small):
    seen = LayerArrays(small.network, small.data.test.pictures[:1], "dense1")
    assert seen.weights.shape == seen.weight_gradients.shape == (10, 5, 3, 3)
    assert torch.equal(seen.weights.flatten(1), small.network.layer("dense1").weight)
    seen = LayerArrays(small.network, small.data.test.pictures[:1], "batchnorm1")
    assert seen.weights.shape == (4, 1, 1, 1)


def test_dense_weights_without_maps_are_single_numbers(learner):
    seen = LayerArrays(learner.network, learner.data.test.pictures[:1], "dense2")
    assert seen.weights.shape == (10, 9, 1, 1)


def everywhere(shape, count=12):
    """Some places of maps (C, h, w), corners among them."""
    sizes = (*shape, 1, 1)[:3]
    draw = torch.Generator().manual_seed(0)
    some = [tuple(int(torch.randint(size, (), generator=draw)) for size in sizes) for _ in range(count)]
    return [(0, 0, 0), tuple(size - 1 for size in sizes), *some]


def test_every_kind_of_layer_gives_what_the_network_gives(learner):
    network, picture = learner.network, learner.data.test.pictures[7:8]
    for layer in network.layers:
        if layer.name == "flatten":
            continue
        look = LayerArrays(network, picture, layer.name)
        for unit in everywhere(layer.shape):
            number = look.explain(*unit)
            assert number.put_out == pytest.approx(float(look.activations[unit]), abs=1e-6)
            assert number.value == pytest.approx(number.put_out, rel=1e-5, abs=1e-5), (layer.name, unit)


def test_every_layer_of_squeezenet_that_has_arithmetic_of_its_own(squeezenet):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    opened = [layer for layer in squeezenet.layers if layer.kind != "Fire"]
    assert len(opened) > 50
    for layer in opened[::4]:
        number = LayerArrays(squeezenet, picture, layer.name).explain(*everywhere(layer.shape, 1)[-1])
        assert number.value == pytest.approx(number.put_out, rel=1e-5, abs=1e-4), layer.name
    with pytest.raises(ValueError, match="made of other layers"):
        LayerArrays(squeezenet, picture, "features.3").explain(0)


def test_terms_are_patches_times_weights_and_add_up_to_conv2d(learner):
    network, picture = learner.network, learner.data.test.pictures[7:8]
    conv = network.layer("conv2")
    seen = LayerArrays(network, picture, "pool1").activations[None]
    wanted = conv2d(seen, conv.weight, None, stride=2, padding=1)[0, 2, 3, 4].item()
    number = LayerArrays(network, picture, "conv2").explain(2, 3, 4)
    assert number.way == "sum" and len(number.terms) == 5
    for term in number.terms:
        assert term.seen.shape == term.weights.shape == (3, 2)
        assert term.value == pytest.approx(float((term.seen * term.weights).sum()))
    assert sum(term.value for term in number.terms) == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    assert number.value - number.bias == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    sizes = [abs(term.value) for term in number.terms]
    assert sizes == sorted(sizes, reverse=True)
    term = next(term for term in number.terms if term.name == "map 3")
    torch.testing.assert_close(term.seen.float(), seen[0, 3, 5:8, 7:9])  # 2 × 3 − 1 and 2 × 4 − 1


def test_a_patch_at_the_border_sees_zeros(learner):
    number = LayerArrays(learner.network, learner.data.test.pictures[:1], "conv1").explain(0, 0, 0)
    (term,) = number.terms
    assert not term.seen[0].any() and not term.seen[:, 0].any()


def test_dense_layers_see_maps(learner):
    number = LayerArrays(learner.network, learner.data.test.pictures[:1], "dense1").explain(3)
    assert len(number.terms) == 4 and number.terms[0].seen.ndim == 2 and number.terms[0].seen.numel() > 1
    number = LayerArrays(learner.network, learner.data.test.pictures[:1], "dense2").explain(3)
    assert len(number.terms) == 9 and number.terms[0].name.startswith("input")


def test_softmax_is_a_share(learner):
    picture = learner.data.test.pictures[:1]
    shares = learner.network(picture).softmax(1)[0].tolist()
    look = LayerArrays(learner.network, picture, SOFTMAX)
    for k in range(10):
        assert look.explain(k).value == pytest.approx(shares[k], rel=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 6, 3, groups=2, dilation=2, padding=2),
        nn.AdaptiveAvgPool2d(3),
        nn.AdaptiveAvgPool2d((4, 2)),
        nn.MaxPool2d(3, 2, 1),
        nn.MaxPool2d(3, 2, ceil_mode=True),
    ],
)
def test_layers_that_only_other_networks_have(layer):
    module = nn.Sequential(nn.Conv2d(1, 4, 3), layer, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network = networks.wrap(module, (0.5,), (0.5,), list("abcdef"), 12)
    picture = torch.rand(1, 1, 12, 12, generator=torch.Generator().manual_seed(0))
    look = LayerArrays(network, picture, "1")
    for unit in everywhere(network.layers["1"].shape):
        number = look.explain(*unit)
        assert number.value == pytest.approx(number.put_out, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(
    "layer, words",
    [
        (nn.Softplus(), "Softplus) is not opened here"),
        (nn.Softmax(1), "Softmax) is not opened here"),
        (nn.Conv2d(4, 4, 3, padding="same"), "zeros are its pad"),
        (nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"), "zeros are its pad"),
        (nn.MaxPool2d(2, dilation=2), "dilation"),
        (nn.AvgPool2d(2, padding=1), "with a pad"),
    ],
)
def test_what_is_not_opened_says_so(layer, words):
    module = nn.Sequential(nn.Conv2d(1, 4, 3), layer, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network = networks.wrap(module, (0.5,), (0.5,), list("abcd"), 12)
    look = LayerArrays(network, torch.rand(1, 1, 12, 12), "1")
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        look.explain(0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("unit", [(5, 0, 0), (0, 28, 0), (0, 0, -1)])
def test_places_that_are_not_there(learner, unit):
    look = LayerArrays(learner.network, learner.data.test.pictures[:1], "conv1")
    with pytest.raises(ValueError, match="5 x 28 x 28 numbers, and none at"):
        look.explain(*unit)
