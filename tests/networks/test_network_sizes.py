"""Pictures of a size that a network cannot look at: one sentence, whoever asks; other errors stay."""

import pytest
import torch
from small import hooks, noise, one_sentence
from torch import nn

from cnnlab import networks
from cnnlab.attribution.gradients import attribution
from cnnlab.attribution.occlusion import occlusion
from cnnlab.networks import Network, SizeError
from cnnlab.networks.probes import LOGITS
from cnnlab.optvis.dream import guided
from cnnlab.optvis.inversion import code, inversion
from cnnlab.optvis.objectives import logit
from cnnlab.optvis.visualization import visualization

ONES = torch.ones(1, 5)  # a code of class scores
WAYS_TO_LOOK = {
    "the network": lambda network, picture: network(picture),
    "attribution": lambda network, picture: attribution(network, picture, logit(0)),
    "visualization": lambda network, picture: visualization(network, logit(0), picture.shape[3]).run(1),
    "code": lambda network, picture: code(network, picture, LOGITS),
    "inversion": lambda network, picture: inversion(network, LOGITS, ONES, picture.shape[3]).run(1),
    "occlusion": lambda network, picture: occlusion(network, picture, 1, 1),
    "occlusion with a layer": lambda network, picture: occlusion(network, picture, 1, 1, layer="0"),
    "a guide": lambda network, picture: guided(network, LOGITS, picture),
}


def pooling(size: int = 32) -> Network:
    """A network that can look at pictures of 8 pixels a side or more."""
    module = nn.Sequential(nn.MaxPool2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5))
    return networks.wrap(module, (0.5,) * 3, (0.25,) * 3, list("abcde"), size)


def rigid() -> Network:
    """A network that can look at pictures of 8 x 8 pixels and no others."""
    module = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(48, 5))
    return networks.wrap(module, (0.5,) * 3, (0.25,) * 3, list("abcde"), 8)


@pytest.mark.parametrize("way", WAYS_TO_LOOK)
@pytest.mark.parametrize("network, size", [(pooling(), 7), (rigid(), 10)], ids=["too small", "too large"])
def test_a_picture_of_a_size_that_will_not_do_gets_a_sentence(way, network, size):
    with pytest.raises(SizeError, match=f"look at a picture of {size} x {size} pixels: ") as failed:
        WAYS_TO_LOOK[way](network, noise(1, 3, size, size))
    assert one_sentence(failed.value) and f"pictures.fit(picture, {network.size})" in str(failed.value)
    assert type(failed.value.__cause__) is RuntimeError
    assert hooks(network) == 0
    WAYS_TO_LOOK[way](network, noise(1, 3, network.size, network.size))


@pytest.mark.parametrize(
    "name, size",
    [("squeezenet", (16, 40)), ("alexnet", (62, 62)), ("vit_b_32", (200, 224)), ("maxvit_t", (100, 100))],
)
def test_torchvisions_networks_say_it_too(name, size):
    network = networks.load() if name == "squeezenet" else networks.load(name, weights=None)
    with pytest.raises(SizeError, match="{} cannot look at a picture of {} x {} pixels".format(name, *size)):
        network(noise(1, 3, *size))


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), AssertionError("never"), KeyError("x")])
def test_other_errors_of_a_network_stay_what_they_are(error):
    def fail(x):
        raise error

    network = pooling()
    network.module[1].forward = fail
    with pytest.raises(type(error)) as failed:
        network(noise(1, 3, 16, 16))
    assert failed.value is error


def test_a_network_that_cannot_look_at_its_own_size_is_not_the_pictures_fault():
    with pytest.raises(RuntimeError, match="Output size is too small"):
        pooling(7)(noise(1, 3, 7, 7))
