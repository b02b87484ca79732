"""What a unit is said to see is what it sees: a NaN in one column of a picture tells what it reaches."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import fx, nn

from cnnlab.networks.receptive_fields import Axis, trace


class Values(fx.Interpreter):
    """The tensors of a traced network, by node."""

    def __init__(self, traced: fx.GraphModule) -> None:
        super().__init__(traced)
        self.values: dict[fx.Node, torch.Tensor] = {}

    def run_node(self, n):
        result = super().run_node(n)
        if isinstance(result, torch.Tensor) and n.op not in ("output", "get_attr"):
            self.values[n] = result
        return result


@torch.no_grad()
def reached(
    traced: fx.GraphModule, size: tuple[int, int], axis: int, pixel: int
) -> dict[fx.Node, np.ndarray]:
    """Which indices along `axis` (0 rows, 1 columns) of each 4-d value become NaN when one row of pixels is.

    In double precision, in which torch convolves without the tricks (Winograd) that spread a NaN.
    """
    picture = torch.zeros(1, 3, *size, dtype=torch.double)
    picture.select(2 + axis, pixel).fill_(torch.nan)
    run = Values(traced)
    run.run(picture)
    return {
        n: value.isnan().any(0).any(0).any(1 - axis).numpy()
        for n, value in run.values.items()
        if value.ndim == 4
    }


def compare(
    module: nn.Module, size: tuple[int, int], pixels: list[tuple[int, int]], exact: bool = True
) -> int:
    """Compare all views with what NaNs reach, (axis, pixel) by (axis, pixel); how many views there were."""
    module = module.double().eval()
    tracing = trace(module, torch.zeros(1, 3, *size, dtype=torch.double))
    compared = set()
    for axis, pixel in pixels:
        for n, hit in reached(tracing.module, size, axis, pixel).items():
            view = tracing.views[n]
            if view is None:
                continue
            seen = view[2 + axis]
            assert isinstance(seen, Axis) and seen.of == axis
            may = (seen.first <= pixel) & (pixel <= seen.last)
            assert not (hit & ~may).any(), f"{n} sees pixel {pixel} and is said not to"
            assert not exact or (hit == may).all(), f"{n} is said to see pixel {pixel} and does not"
            compared.add(n)
    return len(compared)


NETWORKS = {
    "squeezenet1_1": (95, 63), "vgg16": (64, 48), "resnet18": (96, 65), "googlenet": (96, 64),
    "densenet121": (64, 96), "mobilenet_v2": (96, 64),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_views_of_known_networks_are_exact(name):
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    module = torchvision.models.get_model(name, weights=None, **options)
    (height, width) = size = NETWORKS[name]
    pixels = [(0, 0), (0, height // 2), (0, height - 1), (1, 1), (1, width // 3), (1, width - 2)]
    assert compare(module, size, pixels) > 20


class Branches(nn.Module):
    """Two branches of unlike reach, added and concatenated; then a bias for each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Conv2d(3, 4, 5, 2, 2), nn.Conv2d(3, 4, 3, 2, 1)
        self.bias = nn.Parameter(torch.ones(1, 4, 1, 1))

    def forward(self, x):
        wide, narrow = self.wide(x), self.narrow(x)
        return torch.cat([F.relu(wide + narrow) * self.bias, F.max_pool2d(narrow, 3, 1, 1)], 1)


HAND_MADE = {
    "dilated": nn.Sequential(nn.Conv2d(3, 4, 3, padding=2, dilation=2), nn.Conv2d(4, 4, 3)),
    "same, even kernel": nn.Sequential(nn.Conv2d(3, 4, 4, padding="same")),
    "same, dilated": nn.Sequential(nn.Conv2d(3, 4, (4, 3), padding="same", dilation=2), nn.Conv2d(4, 4, 3)),
    "unlike axes": nn.Sequential(nn.Conv2d(3, 4, (5, 1), stride=(2, 1), padding=(1, 0)), nn.ReLU()),
    "ceil mode": nn.Sequential(nn.MaxPool2d(3, 2, ceil_mode=True), nn.MaxPool2d(2, 2, ceil_mode=True)),
    "average": nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.AvgPool2d(3, 2, 1, ceil_mode=True)),
    "adaptive": nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d((7, 5))),
    "adaptive, enlarging": nn.Sequential(nn.Conv2d(3, 4, 3, 4), nn.AdaptiveMaxPool2d((9, 9))),
    "branches": Branches(),
    "steps over pixels": nn.Sequential(nn.Conv2d(3, 4, 2, stride=2), nn.Conv2d(4, 4, 3, stride=3)),
}


@pytest.mark.parametrize("name", HAND_MADE)
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_the_views_of_small_networks_are_exact(name):
    size = 23, 18
    tracing = trace(HAND_MADE[name].double().eval(), torch.zeros(1, 3, *size, dtype=torch.double))
    for axis in (0, 1):
        hits = [reached(tracing.module, size, axis, pixel) for pixel in range(size[axis])]
        for n in hits[0]:
            seen = np.array([hit[n] for hit in hits])  # (pixels, indices)
            view = tracing.views[n][2 + axis]
            assert seen.any(0).all()
            first, last = seen.argmax(0), size[axis] - 1 - seen[::-1].argmax(0)
            assert (view.first <= first).all() and (view.last >= last).all()
            # a dilated kernel may jump over the pixel at the border; there a view is one pixel too wide
            inner = slice(4, -4) if "dilated" in name else slice(None)
            np.testing.assert_array_equal(view.first[inner], first[inner])
            np.testing.assert_array_equal(view.last[inner], last[inner])


class Places(nn.Module):
    """Adds a number of its own for each row and column."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.number = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return x + self.number


class Unknown(nn.Module):
    def __init__(self, function) -> None:
        super().__init__()
        self.conv, self.function = nn.Conv2d(3, 4, 3, padding=1), function

    def forward(self, x):
        return F.relu(self.function(self.conv(x)))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.flip(3),
        lambda x: x.roll(2, 3),
        lambda x: torch.fft.fft2(x).abs(),
        lambda x: F.interpolate(x, scale_factor=2.0),
        lambda x: x.transpose(2, 3),
        lambda x: x - x.mean((2, 3), keepdim=True),
        lambda x: x[:, :, 3:],
        lambda x: torch.cat([x, x], 2),
        lambda x: x + x.transpose(2, 3),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"),
        nn.Conv2d(4, 4, 2, padding=5, padding_mode="reflect"),
        nn.InstanceNorm2d(4),
        nn.GroupNorm(2, 4),
        nn.LayerNorm((4, 12, 12)),
        nn.ConvTranspose2d(4, 4, 2, 2),
        nn.PixelShuffle(2),
        nn.Softmax(3),
        Places(1, 1, 12, 12),
        Places(12),
    ],
)
def test_what_has_no_rule_counts_as_seeing_everything(function):
    module = Unknown(function)
    tracing = trace(module, torch.zeros(1, 3, 12, 12))
    output = [n for n in tracing.shapes if n.op != "output"][-1]
    assert tracing.views[output] is None
    compare(module, (12, 12), [(0, 0), (0, 5), (1, 11)])


def test_attention_sees_everything_and_patches_see_patches():
    tracing = trace(torchvision.models.vit_b_16(weights=None).eval(), torch.zeros(1, 3, 224, 224))
    if tracing is not None:
        views = list(tracing.views.values())
        assert views[-1] is None


def test_code_that_asks_about_values_cannot_be_followed():
    class Choosing(nn.Module):
        def forward(self, x):
            return x + 1 if x.mean() > 0 else x

    assert trace(Choosing(), torch.zeros(1, 3, 8, 8)) is None
