"""Computing only what a window can change gives what computing everything gives."""

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from cnnlab.attribution.incremental import plan

Intervals = list[tuple[int, int]]


def network(name: str) -> nn.Module:
    """A torchvision network with random weights, lively: what enters it makes a difference at its end."""
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = torchvision.models.get_model(name, weights=None, **options).eval()
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 1.0  # the statistics of the one batch below
            if getattr(layer, "inplace", False):
                layer.inplace = False
        if any(isinstance(layer, nn.BatchNorm2d) for layer in module.modules()):
            with torch.no_grad():
                module.train()(noise(4, 3, 96, 96))
            module.eval()
    return module.to(memory_format=torch.channels_last)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def windows(side: int, window: int, stride: int) -> Intervals:
    return [(start, min(start + window, side)) for start in range(0, side - window + stride, stride)]


def variants(picture: Tensor, rows: Intervals, columns: Intervals, squares: list[tuple[int, int]]) -> Tensor:
    """The whole picture once for each square of the grid, with other noise in that square."""
    other, result = noise(*picture.shape, seed=9), picture.repeat(len(squares), 1, 1, 1)
    for changed, (i, j) in zip(result, squares, strict=True):
        square = (..., slice(*rows[i]), slice(*columns[j]))
        changed[square] = other[0][square]
    return result


@torch.no_grad()
def check_exact(module, picture, rows, columns, squares, must_plan=True) -> None:
    """Both ways agree to 1e-4 of the largest logit, and far better than the windows change the logits."""
    made = plan(module, picture, rows, columns)
    if made is None:
        assert not must_plan
        return
    expected, got = (
        module(variants(picture, rows, columns, squares)),
        run(made, picture, rows, columns, squares),
    )
    off, effect = (got - expected).abs().max(), (expected - module(picture)).abs().max()
    assert off <= 1e-4 * expected.abs().max()
    assert off <= 0.01 * effect


def run(made, picture, rows, columns, squares):
    """What the plan makes of the variants."""
    whole = variants(picture, rows, columns, squares)
    return made.run(
        torch.cat([whole[n : n + 1, :, *made.crop(square)] for n, square in enumerate(squares)]), squares
    )


def some(rows: Intervals, columns: Intervals) -> list[tuple[int, int]]:
    """The corners of a grid, the middles of its sides and its middle."""
    i, j = (0, len(rows) // 2, len(rows) - 1), (0, len(columns) // 2, len(columns) - 1)
    return [(a, b) for a in i for b in j]


NETWORKS = ("squeezenet1_1", "vgg16", "resnet18", "googlenet", "densenet121", "mobilenet_v2")


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_it_equals_brute_force(name):
    module = network(name)
    for height, width, window, stride in [(151, 227, 20, 13), (224, 160, 48, 31), (160, 160, 100, 24)]:
        rows, columns = windows(height, window, stride), windows(width, window, stride)
        check_exact(
            module, noise(1, 3, height, width), rows, columns, some(rows, columns), must_plan=window < 40
        )


@pytest.mark.parametrize("name", ["shufflenet_v2_x0_5", "mnasnet0_5", "efficientnet_b0", "regnet_y_400mf"])
def test_other_networks_are_exact_where_there_is_a_plan(name):
    rows = windows(128, 24, 16)
    check_exact(network(name), noise(1, 3, 128, 128), rows, rows, some(rows, rows), must_plan=False)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "saves"), [("squeezenet1_1", 1.5), ("vgg16", 3.5), ("resnet18", 1.3)])
def test_it_saves_work(name, saves):
    rows = windows(224, 32, 16)
    assert plan(network(name), noise(1, 3, 224, 224), rows, rows).saving > saves


@torch.no_grad()
@pytest.mark.parametrize("layer", ["features.3", "features.7.expand3x3", "features.12"])
def test_a_layer_can_be_watched(layer):
    module = network("squeezenet1_1")
    picture, rows = noise(1, 3, 127, 127), windows(127, 24, 16)
    squares = some(rows, rows)
    whole = variants(picture, rows, rows, squares)
    seen: list[Tensor] = []
    handle = module.get_submodule(layer).register_forward_hook(lambda *args: seen.append(args[2].clone()))
    expected = module(whole)
    handle.remove()
    made = plan(module, picture, rows, rows, layer)
    logits, maps = run(made, picture, rows, rows, squares)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(maps, seen[0], rtol=1e-4, atol=1e-4)


class Choosing(nn.Module):
    def forward(self, x):
        return x.mean((2, 3)) if x.mean() > 0 else x.amax((2, 3))


@pytest.mark.parametrize("make", [Choosing, lambda: network("vit_b_16")])
def test_no_plan_where_there_is_nothing_to_follow_or_to_save(make):
    rows = windows(224, 32, 64)
    assert plan(make(), noise(1, 3, 224, 224), rows, rows) is None


def test_a_network_that_was_changed_is_followed_anew():
    module = nn.Sequential(*block(3, 8), *block(8, 8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    rows = windows(64, 8, 8)
    check_exact(module, noise(1, 3, 64, 64), rows, rows, some(rows, rows))
    module[2] = nn.Conv2d(8, 8, 5, padding=2)
    check_exact(module, noise(1, 3, 64, 64), rows, rows, some(rows, rows))


def block(given: int, channels: int) -> list[nn.Module]:
    return [nn.Conv2d(given, channels, 3, padding=1), nn.ReLU()]


# --- any small network ---


@st.composite
def layers(draw, depth: int = 4) -> list[nn.Module]:
    """Convolutions and pools with all their options, each with rows and columns left."""
    made, given = [], 2
    for _ in range(draw(st.integers(1, depth))):
        kind = draw(st.sampled_from(["conv", "conv", "max", "average", "adaptive", "relu"]))
        kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        padding = draw(st.integers(0, kernel // 2))
        if kind == "conv":
            dilation = draw(st.integers(1, 2))
            padding = draw(st.integers(0, 3))
            made.append(nn.Conv2d(given, 3, kernel, stride, padding, dilation))
            given = 3
        elif kind == "max":
            made.append(nn.MaxPool2d(kernel, stride, padding, ceil_mode=draw(st.booleans())))
        elif kind == "average":
            made.append(nn.AvgPool2d(kernel, stride, padding, draw(st.booleans()), draw(st.booleans())))
        elif kind == "adaptive":
            made.append(nn.AdaptiveAvgPool2d((draw(st.integers(1, 9)), draw(st.integers(1, 9)))))
        else:
            made.append(nn.ReLU())
    return made


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_it_equals_brute_force_on_any_small_network(data):
    inside = data.draw(layers())
    with torch.random.fork_rng():
        torch.manual_seed(data.draw(st.integers(0, 99)))
        for layer in inside:
            if isinstance(layer, nn.Conv2d):
                layer.reset_parameters()
        last = next((3 for layer in inside if isinstance(layer, nn.Conv2d)), 2)
        body = nn.Sequential(*inside, nn.Conv2d(last, 64, 1), nn.ReLU(), nn.Conv2d(64, 3, 1))
        module = nn.Sequential(body, nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(27, 4)).double().eval()
    height, width = data.draw(st.integers(12, 40)), data.draw(st.integers(12, 40))
    window, stride = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    picture = noise(1, 2, height, width).double()
    rows, columns = windows(height, window, stride), windows(width, window, stride)
    squares = some(rows, columns)
    try:
        with torch.no_grad():
            expected = module(variants(picture, rows, columns, squares))
    except RuntimeError:
        return  # a layer left nothing for the next one
    made = plan(module, picture, rows, columns)
    if made is not None:
        got = run(made, picture, rows, columns, squares)
        torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-9)
