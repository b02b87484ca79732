"""A network that is looked into is left as it was: a training in whose midst one looks comes to the same."""

from itertools import islice

import pytest
import torch
from small import convolutional, noise
from torch.nn.functional import cross_entropy

from cnnlab.adversarial import Attack
from cnnlab.attribution import attribution, layer_gradients, occlusion, randomised
from cnnlab.embedding import codes_of
from cnnlab.networks import activations, answers, leaky_relus
from cnnlab.neurons import top_patches
from cnnlab.optvis import (
    Ascent,
    DreamSettings,
    code,
    dream,
    energy,
    fourier,
    inversion,
    logit,
    neuron,
    pixels,
    total_variation,
    visualization,
)  # fmt: skip
from cnnlab.style import TransferSettings, transfer
from cnnlab.training.layer_view import LayerArrays

PICTURE = noise(1, 3, 32, 32)
STYLE = TransferSettings(layers={"0": 1.0, "3": 0.5}, content_layer="3", steps=2)


def climbs(rule, **settings):
    return lambda n: Ascent(n, logit("hen"), fourier(32), rule=rule, step_size=0.01, **settings).run(2)


def reads_activations(network):
    with activations(network, "3") as seen, leaky_relus(network):
        network(PICTURE)
    return seen


LOOKS = {
    **{rule: climbs(rule) for rule in ("adam", "gradient", "momentum", "lbfgs", "normalised")},
    "wake": climbs("adam", wake=5),
    "penalty": lambda n: Ascent(n, logit(1) - total_variation(), pixels(32), wake=1).run(2),
    "visualization": lambda n: visualization(n, logit("hen"), 32).run(2),
    "inversion": lambda n: inversion(n, "3", code(n, PICTURE, "3"), 32).run(2),
    "dream": lambda n: list(dream(n, PICTURE, DreamSettings(energy("3"), octaves=1, steps=2, tile=64))),
    "style": lambda n: list(islice(transfer(n, PICTURE, [noise(1, 3, 32, 32)], STYLE, (32,)), 3)),
    **{
        rule: lambda n, rule=rule: attribution(n, PICTURE, neuron("3", 2), rule)
        for rule in ("guided", "deconvnet")
    },
    "layer gradients": lambda n: layer_gradients(n, PICTURE, logit("hen")),
    "occlusion": lambda n: occlusion(n, PICTURE, window=8, stride=8),
    "attack": lambda n: Attack(n, PICTURE, eps=0.1).run(2),
    "top patches": lambda n: list(top_patches(n, {"a": PICTURE, "b": 1 - PICTURE}, ["0", "3"], 2)),
    "randomised": lambda n: list(randomised(n)),
    "codes": lambda n: codes_of(n, PICTURE, ["3"]),
    "layer view": lambda n: LayerArrays(n, PICTURE, "3", "hen").explain(0, 1, 1),
    "activations": reads_activations,
    "answers": lambda n: answers(n, PICTURE),
    "layers": lambda n: n.layers,
    "predict": lambda n: n.predict(PICTURE),
}


def trained(look):
    """A network after some steps of training, with a `look` before each, and between gradient and step."""
    network = convolutional().requires_grad_(True)
    network.module.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5, momentum=0.9)
    for step in range(4):
        look(network)
        pictures, labels = noise(6, 3, 32, 32, seed=step), torch.arange(6) % 5
        cross_entropy(network.module(network.normalise(pictures)), labels).backward()
        look(network)
        optimizer.step()
        optimizer.zero_grad()
    return network


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_a_training_comes_to_the_same_with_a_look_in_its_midst(look):
    alone, watched = trained(lambda network: None), trained(look)
    for (name, weight), other in zip(alone.named_parameters(), watched.parameters(), strict=True):
        assert torch.equal(weight, other), name
        assert other.requires_grad and other.grad is None, name
    for module in watched.module.modules():
        assert module.training
        assert not module._forward_hooks and not module._forward_pre_hooks and not module._backward_hooks
