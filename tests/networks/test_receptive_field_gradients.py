"""The rectangle that a unit is said to see is where its gradient with respect to the picture is not 0."""

import pytest
import torch
from small import noise, one_sentence
from torch import Tensor, nn

from cnnlab import networks
from cnnlab.networks import Network
from cnnlab.networks.probes import activations
from cnnlab.networks.receptive_fields import Field, Tracing, trace

NETWORKS = {  # layers from early to late, with branches joined, and the side of the pictures
    "squeezenet": (128, ["features.0", "features.2", "features.3.expand3x3", "features.5", "features.9"]),
    "vgg11": (64, ["features.0", "features.5", "features.8", "features.13"]),
    "vgg16": (64, ["features.2", "features.9", "features.16", "features.23"]),
    "resnet18": (128, ["conv1", "maxpool", "layer1.0", "layer2.0", "layer3.1"]),
    "googlenet": (128, ["conv1", "maxpool1", "inception3a", "inception3b", "inception4a"]),
    "densenet121": (96, ["features.conv0", "features.pool0", "features.denseblock1", "features.transition1"]),
    "mobilenet_v2": (128, ["features.0", "features.2.conv.1", "features.4", "features.7", "features.9"]),
}
EACH = 5  # so many pictures a place that each pixel of a pooling window is the largest in one of them
SAMPLES = noise(4 * EACH, 3, 128, 128).double()


def tracing_of(network: Network, size: int) -> Tracing:
    tracing = trace(network.module, network.normalise(torch.zeros(1, 3, size, size)))
    assert tracing is not None
    return tracing


def outputs_of(network: Network, layers: list[str], pictures: Tensor) -> dict[str, Tensor]:
    """In double precision, in which torch convolves without the tricks that blur where a gradient ends."""
    network = network.double()
    with activations(network, *layers) as seen:
        network.logits(network.normalise(pictures))
    return seen


def rectangle(slope: Tensor) -> Field:
    """The smallest rectangle outside of which a gradient (N, C, H, W) is 0."""
    seen = slope.abs().sum((0, 1)) > 0  # (H, W)
    rows, columns = seen.any(1).nonzero().flatten().tolist(), seen.any(0).nonzero().flatten().tolist()
    return Field(rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)


def supports(outputs: Tensor, pictures: Tensor, places: list[tuple[int, int]]) -> list[Field]:
    """Where the gradient of a place's units is not 0, for each place over pictures of its own."""
    weights = noise(outputs.shape[1]).double() - 0.5
    chosen = zip(outputs.chunk(len(places)), places, strict=True)
    score = sum((output[:, :, row, column] * weights).sum() for output, (row, column) in chosen)
    (slope,) = torch.autograd.grad(score, pictures, retain_graph=True)
    return [rectangle(part) for part in slope.chunk(len(places))]


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("ignore:The default weight initialization")
def test_the_field_is_the_rectangle_that_the_gradient_fills(name):
    size, layers = NETWORKS[name]
    network = networks.load(name, weights=None) if name != "squeezenet" else networks.load()
    tracing = tracing_of(network, size)
    pictures = SAMPLES[..., :size, :size].clone().requires_grad_()
    whole = 0
    for layer, outputs in outputs_of(network, layers, pictures).items():
        height, width = outputs.shape[2:]
        places = [(0, 0), (height // 2, width // 3), (1, width - 1), (height - 1, width // 2)]
        fields = [tracing.field(layer, *place) for place in places]
        assert supports(outputs, pictures, places) == fields, layer
        whole += sum(field.top > 0 and field.bottom < size for field in fields)
    assert whole >= 2  # not only fields that the border cuts


def test_a_dilated_kernel_is_exact_inside_and_never_too_narrow():
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=2, dilation=2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(4, 4, 2)
    )
    network = networks.wrap(module, (0.5,) * 3, (0.25,) * 3, ["a"], 24)
    tracing = tracing_of(network, 24)
    pictures = SAMPLES[..., :24, :24].clone().requires_grad_()
    (outputs,) = outputs_of(network, ["2"], pictures).values()
    places = [(4, 5), (0, 10), (10, 0), (10, 10)]
    inner, *border = zip(supports(outputs, pictures, places), places, strict=True)
    assert inner[0] == tracing.field("2", *inner[1]) == Field(6, 8, 15, 17)
    for found, place in border:
        field = tracing.field("2", *place)
        assert field.top <= found.top <= field.top + 1 and field.left <= found.left <= field.left + 1
        assert (
            field.bottom - 1 <= found.bottom <= field.bottom and field.right - 1 <= found.right <= field.right
        )


def test_a_field_cuts_the_picture():
    picture = noise(1, 3, 9, 9)
    assert torch.equal(Field(2, 3, 5, 7).crop(picture), picture[:, :, 2:5, 3:7])


def test_units_that_see_everything_have_the_whole_picture():
    tracing = tracing_of(networks.load(), 95)
    assert tracing.field("classifier.3") == Field(0, 0, 95, 95)


@pytest.mark.parametrize("place", [("features.99", 0, 0), ("features.3", 99, 0), ("features.3", 0, -1)])
def test_a_layer_or_place_that_is_not_there_gets_a_sentence(place):
    with pytest.raises(ValueError) as caught:
        tracing_of(networks.load(), 64).field(*place)
    assert one_sentence(caught.value) and "features" in str(caught.value)
