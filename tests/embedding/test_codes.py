"""What a network says of pictures: means of feature maps, logits, and the pixels to compare."""

import torch

from cnnlab import networks, pictures
from cnnlab.datasets import crops, digits
from cnnlab.embedding import codes_of, pixels
from cnnlab.networks.probes import activations


def test_codes_are_means_of_feature_maps_and_logits_are_logits():
    network, shown = networks.load(), crops(each=1, photographs=3, size=64).pictures
    found = codes_of(network, shown, ["features.3", ""])
    assert found["features.3"].shape == (3, 128) and found[""].shape == (3, 1000)
    assert torch.allclose(found[""], network(shown), atol=1e-3)
    with activations(network, "features.3") as seen:
        network(shown)
    assert torch.allclose(found["features.3"], seen["features.3"].mean((2, 3)), atol=1e-3)


def test_grey_pictures_are_shown_to_a_colour_network():
    grey = pictures.resize(digits(2).pictures, 64)
    network = networks.load()
    assert torch.allclose(
        codes_of(network, grey, ["features.4"])["features.4"],
        codes_of(network, grey.expand(-1, 3, -1, -1), ["features.4"])["features.4"],
    )


def test_pixels_are_the_picture_made_smaller():
    assert pixels(torch.rand(2, 3, 64, 64)).shape == (2, 3072)
    small = torch.rand(2, 1, 8, 8)
    assert torch.equal(pixels(small), small.flatten(1))
