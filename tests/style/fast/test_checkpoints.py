"""What is packed comes back exactly; what does not fit gets a sentence."""

import pytest
import torch
from small import one_sentence
from torch import nn

from cnnlab.style.fast import checkpoints


def parts(seed: int, width: int = 3) -> dict:
    generator = torch.Generator().manual_seed(seed)
    network = nn.Linear(width, 2)
    for weights in network.parameters():
        nn.init.normal_(weights, generator=generator)
    return {"net": network, "adam": torch.optim.Adam(network.parameters()), "random": generator}


def step(net, adam, random) -> None:
    adam.zero_grad()
    net(torch.rand(4, 3, generator=random)).square().sum().backward()
    adam.step()


def test_a_run_goes_on_as_if_it_had_not_stopped():
    whole, first, second = parts(0), parts(0), parts(1)
    for _ in range(5):
        step(**whole)
    for _ in range(2):
        step(**first)
    checkpoints.unpack(checkpoints.pack(**first), **second)
    for _ in range(3):
        step(**second)
    assert torch.equal(whole["net"].weight, second["net"].weight)
    assert torch.equal(whole["random"].get_state(), second["random"].get_state())


def test_fused_optimisers_and_channels_last():
    runs = []
    for stop in (False, True):
        network = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
        nn.init.ones_(network.weight), nn.init.zeros_(network.bias)
        adam = torch.optim.Adam(network.parameters(), 0.1, fused=True)
        for k in range(4):
            if stop and k == 2:
                packed = {name: t.clone().contiguous() for name, t in checkpoints.pack(adam=adam).items()}
                adam = torch.optim.Adam(network.parameters(), 0.1, fused=True)
                checkpoints.unpack(packed, adam=adam)
            adam.zero_grad()
            network(torch.arange(300.0).view(1, 3, 10, 10) / 300 + k).square().mean().backward()
            adam.step()
        runs.append(network.weight.detach())
    assert torch.equal(*runs)


def test_what_is_not_there_or_does_not_fit_gets_a_sentence():
    packed = checkpoints.pack(**parts(0))
    for missing in ("net", "random"):
        rest = {name: tensor for name, tensor in packed.items() if name.split(".")[0] != missing}
        with pytest.raises(ValueError, match=f"the {missing} of this checkpoint") as caught:
            checkpoints.unpack(rest, **parts(1))
        assert one_sentence(caught.value)
    with pytest.raises(ValueError, match="the net of this checkpoint"):
        checkpoints.unpack(packed, **parts(1, width=5))
