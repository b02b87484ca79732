"""The arithmetic of single numbers, beside what the networks' own layers put out."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d

from cnnlab import networks
from cnnlab.datasets import picture_sets
from cnnlab.training.layer_view.architecture import parse
from cnnlab.training.layer_view.arithmetic import explain
from cnnlab.training.layer_view.learning import Learner, Settings
from cnnlab.training.layer_view.looking import SOFTMAX, look
from cnnlab.training.layer_view.sheet import around
from cnnlab.training.layer_view.working import working

TEXT = (
    "conv 5 3x3 pad 1\nbatchnorm\nrelu\npool 2\nconv 4 3x2 pad 1 stride 2\ntanh\navgpool 2\n"
    "dropout .5\ndense 9\nsigmoid\ndense 10"
)


@pytest.fixture(scope="module")
def learner():
    one = Learner(picture_sets.load("MNIST sample"), parse(TEXT))
    for _ in range(20):
        one.step(Settings())
    return one


def everywhere(shape, count=12):
    """Some places of maps (C, h, w), corners among them."""
    sizes = (*shape, 1, 1)[:3]
    draw = torch.Generator().manual_seed(0)
    some = [tuple(int(torch.randint(size, (), generator=draw)) for size in sizes) for _ in range(count)]
    return [(0, 0, 0), tuple(size - 1 for size in sizes), *some]


def test_every_kind_of_layer_gives_what_the_network_gives(learner):
    network, picture = learner.network, learner.pictures.test_pictures[7:8]
    for layer in network.layers:
        if layer.name == "flatten":
            continue
        own = look(network, picture, layer.name).activations
        for unit in everywhere(layer.shape):
            worked = explain(network, picture, layer.name, *unit)
            assert worked.put_out == pytest.approx(float(own[unit]), abs=1e-6)
            assert worked.value == pytest.approx(worked.put_out, rel=1e-5, abs=1e-5), (layer.name, unit)


def test_every_layer_of_squeezenet_that_has_arithmetic_of_its_own(squeezenet):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    opened = [layer for layer in squeezenet.layers if layer.kind != "Fire"]
    assert len(opened) > 50
    for layer in opened[::4]:
        worked = explain(squeezenet, picture, layer.name, *everywhere(layer.shape, 1)[-1])
        assert worked.value == pytest.approx(worked.put_out, rel=1e-5, abs=1e-4), layer.name
    with pytest.raises(ValueError, match="made of other layers"):
        explain(squeezenet, picture, "features.3", 0)


def test_terms_are_patches_times_weights_and_add_up_to_conv2d(learner):
    network, picture = learner.network, learner.pictures.test_pictures[7:8]
    conv = network.layer("conv2")
    seen = look(network, picture, "pool1").activations[None]
    wanted = conv2d(seen, conv.weight, None, stride=2, padding=1)[0, 2, 3, 4].item()
    worked = explain(network, picture, "conv2", 2, 3, 4)
    assert worked.way == "sum" and len(worked.terms) == 5
    for term in worked.terms:
        assert term.seen.shape == term.weights.shape == (3, 2)
        assert term.value == pytest.approx(float((term.seen * term.weights).sum()))
    assert sum(term.value for term in worked.terms) == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    assert worked.value - worked.bias == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    sizes = [abs(term.value) for term in worked.terms]
    assert sizes == sorted(sizes, reverse=True)
    term = next(term for term in worked.terms if term.name == "map 3")
    torch.testing.assert_close(term.seen.float(), seen[0, 3, 5:8, 7:9])  # 2 × 3 − 1 and 2 × 4 − 1


def test_a_patch_at_the_border_sees_zeros(learner):
    worked = explain(learner.network, learner.pictures.test_pictures[:1], "conv1", 0, 0, 0)
    (term,) = worked.terms
    assert not term.seen[0].any() and not term.seen[:, 0].any()


def test_dense_layers_see_maps(learner):
    worked = explain(learner.network, learner.pictures.test_pictures[:1], "dense1", 3)
    assert len(worked.terms) == 4 and worked.terms[0].seen.ndim == 2 and worked.terms[0].seen.numel() > 1
    worked = explain(learner.network, learner.pictures.test_pictures[:1], "dense2", 3)
    assert len(worked.terms) == 9 and worked.terms[0].name.startswith("input")


def test_softmax_is_a_share(learner):
    picture = learner.pictures.test_pictures[:1]
    shares = learner.network(picture).softmax(1)[0].tolist()
    for k in range(10):
        assert explain(learner.network, picture, SOFTMAX, k).value == pytest.approx(shares[k], rel=1e-5)


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
    for unit in everywhere(network.layers["1"].shape):
        worked = explain(network, picture, "1", *unit)
        assert worked.value == pytest.approx(worked.put_out, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(
    "layer, words",
    [
        (nn.Softplus(), "Softplus) is not opened here"),
        (nn.Conv2d(4, 4, 3, padding="same"), "zeros are its pad"),
        (nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"), "zeros are its pad"),
        (nn.MaxPool2d(2, dilation=2), "dilation"),
        (nn.AvgPool2d(2, padding=1), "with a pad"),
    ],
)
def test_what_is_not_opened_says_so(layer, words):
    module = nn.Sequential(nn.Conv2d(1, 4, 3), layer, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network = networks.wrap(module, (0.5,), (0.5,), list("abcd"), 12)
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        explain(network, torch.rand(1, 1, 12, 12), "1", 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("unit", [(5, 0, 0), (0, 28, 0), (0, 0, -1)])
def test_places_that_are_not_there(learner, unit):
    with pytest.raises(ValueError, match="5 x 28 x 28 numbers, and none at"):
        explain(learner.network, learner.pictures.test_pictures[:1], "conv1", *unit)


def ink(page):
    """How much of a page is dark."""
    return sum(255 - level for level in page.image.convert("L").resize((64, 50)).tobytes())


def test_the_drawing_grows_with_each_stage(learner):
    network, picture = learner.network, learner.pictures.test_pictures[:1]
    for layer in ("conv1", "relu1", "pool1", "avgpool1", "dense1", "dense2", SOFTMAX):
        maps = look(network, picture, layer, others=around(network, layer)).maps
        worked = explain(network, picture, layer, 0)
        inks = [ink(working(network, picture, maps, worked, stage)) for stage in (1, 2, 3, 4)]
        assert inks == sorted(inks) and inks[0] < inks[-1], (layer, inks)
