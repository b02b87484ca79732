"""The small network learns, keeps SqueezeNet's half as it is, and can be looked into like any other."""

import pytest
import torch

from cnnlab import flaws, networks
from cnnlab.flaws.learner import StrongestAndMean
from cnnlab.networks.probes import activations


@pytest.fixture(scope="module")
def learned():
    generator = torch.Generator().manual_seed(0)
    pictures = 0.3 * torch.rand(48, 3, 64, 64, generator=generator)
    labels = torch.arange(48) % 2
    pictures[labels == 1, 0] += 0.6  # reddish
    return pictures, labels, flaws.learn(pictures, labels, ("dark", "red"), seed=1)


def test_it_learns_what_is_easy(learned):
    pictures, labels, network = learned
    assert flaws.accuracy(network, pictures, labels) == 1.0


def test_its_first_layers_are_the_embedded_networks(learned):
    pictures, _, network = learned
    with activations(network, "features.7") as mine, torch.no_grad():
        network(pictures[:2])
    whole = networks.load()
    with activations(whole, "features.7") as theirs, torch.no_grad():
        whole(pictures[:2])
    assert torch.allclose(mine["features.7"], theirs["features.7"], atol=1e-4)


def test_the_pool_is_the_strongest_and_the_mean():
    maps = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
    assert StrongestAndMean()(maps).tolist() == [[6.0, 3.0]]


@pytest.mark.parametrize(
    "labels, words", [(torch.zeros(3), "a label for each"), (torch.full((4,), 2), "there are 2 names")]
)
def test_labels_that_do_not_fit_get_a_sentence(labels, words):
    with pytest.raises(ValueError, match=words):
        flaws.learn(torch.rand(4, 3, 64, 64), labels, ("a", "b"))
