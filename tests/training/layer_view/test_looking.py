"""What flows forward and back, beside plain autograd; mosaics; the arithmetic of parameters."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from cnnlab import networks
from cnnlab.datasets import picture_sets
from cnnlab.pictures.sheets import length, written
from cnnlab.training.layer_view import mosaics
from cnnlab.training.layer_view.architecture import parse
from cnnlab.training.layer_view.browsing import browse
from cnnlab.training.layer_view.learning import Learner
from cnnlab.training.layer_view.looking import arithmetic, layer_names, look, pictured
from cnnlab.training.layer_view.page import Page

TEXT = "conv 4 3x3 pad 1\nbatchnorm\nrelu\npool 2\nconv 5 2x2\ntanh\ndense 10"


@pytest.fixture(scope="module")
def learner():
    return Learner(picture_sets.load("digits"), parse(TEXT))


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
def test_a_look_is_what_autograd_finds(learner, name, label):
    network, picture = learner.network, learner.pictures.test_pictures[4:5]
    best = int(network(picture).argmax())

    def goal(logits):
        return logits[0, best] if label is None else cross_entropy(logits, torch.tensor([label]))

    output, gradient, weights = plain(network, picture, name, goal)
    seen = look(network, picture, name, label, others=["conv1", "softmax"])
    torch.testing.assert_close(seen.activations.flatten(), output.flatten())
    torch.testing.assert_close(seen.gradients.flatten(), gradient.flatten())
    if weights is None:
        assert seen.weights is None and seen.weight_gradients is None
    else:
        torch.testing.assert_close(seen.weights, network.layer(name).weight)
        torch.testing.assert_close(seen.weight_gradients, weights, rtol=1e-4, atol=1e-7)
    assert (seen.of, seen.label) == (("logit", best) if label is None else ("loss", label))
    assert list(seen.maps) == ["conv1", "softmax"]
    torch.testing.assert_close(seen.maps["softmax"].flatten(), network(picture).softmax(1)[0])


def test_a_look_leaves_the_network_as_it_was(learner):
    network, picture = learner.network, learner.pictures.test_pictures[:1]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    look(network, picture, "conv2", 1)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
    with pytest.raises(ValueError, match="not known"):
        look(network, picture, "conv9", 1)
    assert not any(module._forward_hooks for module in network.modules())


def test_a_network_with_fixed_weights_shows_their_gradients_too(squeezenet):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    seen = look(squeezenet, picture, "features.12.expand3x3")
    assert seen.weight_gradients.shape == seen.weights.shape == (256, 64, 3, 3)
    assert seen.weight_gradients.abs().max() > 0
    assert not any(p.requires_grad for p in squeezenet.parameters())


def test_softmax_has_the_gradient_of_the_loss(learner):
    seen = look(learner.network, learner.pictures.test_pictures[:1], "softmax", 2)
    shares = seen.logits.softmax(0)
    wanted = torch.zeros(10)
    wanted[2] = -1 / shares[2]
    torch.testing.assert_close(seen.gradients.flatten(), wanted)
    assert layer_names(learner.network)[-1] == "softmax" and "flatten" not in layer_names(learner.network)


def test_layers_that_hold_no_maps_and_layers_that_are_not_used():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.row, self.idle = nn.Conv2d(1, 2, 3), nn.Flatten(2), nn.ReLU()

        def forward(self, x):
            return self.row(self.conv(x)).mean(2)

    network = networks.wrap(Odd(), (0.5,), (0.5,), ["a", "b"], 8)
    with pytest.raises(ValueError, match="holds no maps"):
        look(network, torch.rand(1, 1, 8, 8), "row")
    with pytest.raises(ValueError, match="not used"):
        look(network, torch.rand(1, 1, 8, 8), "idle")


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
def test_the_arithmetic_of_parameters_adds_up(module, words):
    assert arithmetic(module) == words
    if "=" in words:
        assert words.rpartition("= ")[2] == f"{sum(p.numel() for p in module.parameters()):,}"


def test_dense_weights_are_cut_into_the_maps_that_they_see(learner):
    seen = look(learner.network, learner.pictures.test_pictures[:1], "dense1")
    tiles = pictured(seen.weights, seen.inputs)
    assert seen.inputs == (5, 3, 3) and tiles.shape == (10, 5, 3, 3)
    assert torch.equal(tiles.flatten(1), seen.weights)
    assert pictured(torch.rand(10, 7), (3, 1, 1)).shape == (10, 7, 1, 1)
    assert pictured(torch.rand(6), (6, 4, 4)).shape == (6, 1, 1, 1)


@pytest.mark.parametrize(
    "shape", [(1, 3, 3), (16, 8, 8), (7, 28, 28), (512, 14, 14), (10, 1, 1), (1000, 1, 1), (64, 113, 113)]
)
def test_mosaics_fit_their_box_and_know_their_tiles(shape):
    maps = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    made = mosaics.mosaic(maps, (336, 336))
    assert made.image.width <= 336 and made.image.height <= 336 and max(made.image.size) >= 250
    for tile in (0, len(maps) // 2, len(maps) - 1):
        left, top = made.corner(tile)
        inside = left + made.cell[0] // 2, top + made.cell[1] // 2
        assert made.tile_at(*inside)[0] == tile
    assert made.tile_at(10**6, 10**6)[0] == len(maps) - 1


def test_colours_tell_signs_and_sizes():
    maps = torch.tensor([[[-1.0, 1.0], [0.0, 0.5]]])
    image = np.asarray(mosaics.mosaic(maps, (101, 101)).image).astype(int)
    low, high, zero = image[5, 5], image[5, 95], image[95, 5]
    assert low[2] > low[0] > low[1] and high[0] > high[1] > high[2]  # purple, orange
    assert zero.min() > 240


@pytest.mark.parametrize(
    "largest, wanted", [(0.9, 1), (1.0, 1), (1.2, 1.5), (42.0, 50), (0.00031, 0.0005), (0.0, 1)]
)
def test_scales_are_round_numbers_that_hold_what_is_shown(largest, wanted):
    values = torch.linspace(-largest, largest, 50)
    assert mosaics.scale(values) == pytest.approx(wanted)


def test_scales_of_numbers_that_are_none():
    assert mosaics.scale(torch.tensor([float("nan"), float("inf")])) == 1.0


def test_matrices_that_are_too_large_show_what_fits():
    for outputs, inputs, count in ((1000, 512, 256), (10, 32, 250), (64, 4, 256), (2000, 2, 256)):
        made = mosaics.matrix(torch.rand(outputs, inputs, 3, 3), (336, 336))
        assert made.count == count and made.image.width <= 336 and made.image.height <= 336
        assert made.cell[0] >= 9  # not dust
    assert mosaics.matrix(torch.rand(16, 16, 3, 3), (336, 336)).count == 256
    numbers = mosaics.matrix(torch.rand(1000, 512, 1, 1), (336, 336))
    assert 256 < numbers.count < 512_000 and numbers.image.width <= 336 and numbers.image.height <= 336


def test_rows_of_numbers_keep_their_strongest_and_maps_say_when_they_do_not():
    values = torch.full((1000, 1, 1), 0.0003)
    values[7], values[500] = 0.76, 0.19
    row = mosaics.mosaic(values, (336, 336))
    assert row.limit == 1 and row.most == pytest.approx(0.76)
    maps = mosaics.mosaic(values.view(1, 25, 40), (400, 400))
    assert maps.limit < 0.01 and maps.most == pytest.approx(0.76)
    for made, pointed in ((row, False), (maps, True)):
        page = Page(336, 40)
        page.heading(0, 336, 14, "activations", (made.limit, made.most))
        assert [hint.words for hint in page.hints] == [
            "stronger numbers keep the last colour, here up to ±0.76"
        ] * pointed


def _touch(network, picture, layer):
    """Rectangles of a sheet's headings, titles and scales, that lie on each other."""
    drawn = []

    class Watched(Page):
        def text(self, x, y, words, fill="", size=24, anchor="lm"):
            wide = length(words, size)
            left = x - wide * {"l": 0, "m": 0.5, "r": 1}[anchor[0]]
            drawn.append((left, y - size / 2, left + wide, y + size / 2, words))
            super().text(x, y, words, "black", size, anchor)

        def paste(self, image, left, top):
            box = super().paste(image, left, top)
            drawn.append((*box, f"picture of {image.size}"))
            return box

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnlab.training.layer_view.sheet.Page", Watched)
        page = browse(network, picture, layer).picture
    inside = all(box[0] >= 0 and box[2] <= page.width + 1 for box in drawn)
    pairs = [
        (a[4], b[4]) for k, a in enumerate(drawn) for b in drawn[:k]
        if min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 2
    ]  # fmt: skip
    return pairs if inside else [*pairs, "out of the page"]


@pytest.mark.parametrize(
    "layer", ["features.0", "features.6.expand3x3", "features.12.squeeze", "classifier.1", "softmax"]
)
def test_nothing_on_a_sheet_lies_on_anything_else(squeezenet, layer):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    assert _touch(squeezenet, picture, layer) == []


@pytest.mark.parametrize(
    "value, words",
    [(0.05, "0.05"), (-2.314, "−2.31"), (1190, "1,190"), (4e-6, "4e−6"), (-0.00015, "−1.5e−4"), (0.0, "0")],
)
def test_numbers_in_few_letters(value, words):
    assert written(value) == words
