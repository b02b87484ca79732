"""Activations: what the layers put out, copied, and no hook left behind."""

from threading import Thread

import pytest
import torch
from torch import nn

from cnnlab import networks
from cnnlab.probes import Reader, activations


def network():
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    return networks.wrap(module, (0.5,) * 3, (0.5,) * 3, ["a", "b"], 8)


def hooks(network) -> int:
    return sum(len(layer._forward_hooks) for layer in network.modules())


PICTURE = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def test_each_call_renews_what_was_seen():
    net = network()
    with activations(net, "0", "4") as seen:
        assert seen == {}
        logits = net(PICTURE)
        assert torch.equal(seen["4"], logits)
        torch.testing.assert_close(seen["0"], net.module[0](net.normalise(PICTURE)))
        net(1 - PICTURE)
        assert not torch.equal(seen["4"], logits)
    assert list(seen) == ["0", "4"]


def test_they_are_copies_that_nothing_overwrites():
    net = network()
    net.module[1].inplace = True
    with activations(net, "0") as seen:
        net(PICTURE)
    assert (seen["0"] < 0).any()


def test_gradients_flow_through_them():
    net, picture = network(), PICTURE.clone().requires_grad_()
    with activations(net, "0") as seen:
        net(picture)
    seen["0"].sum().backward()
    assert picture.grad is not None and picture.grad.abs().sum() > 0


def test_no_hook_is_left_however_it_ends():
    net = network()
    with activations(net, "0", "1"):
        assert hooks(net) == 2
    assert hooks(net) == 0
    with pytest.raises(RuntimeError, match="halfway"), activations(net, "0"):
        raise RuntimeError("halfway")
    assert hooks(net) == 0
    with pytest.raises(ValueError, match="layer '9' is not known"), activations(net, "0", "9"):
        raise AssertionError("never gets here")
    assert hooks(net) == 0


def test_what_an_other_thread_does_with_the_network_is_not_seen():
    net, small, results = network(), PICTURE[:1, :, :6, :6], []

    def elsewhere():
        results.append(net(PICTURE))
        results.append(Reader(net, ["1"])(PICTURE)["1"])

    with activations(net, "0") as seen:
        net(small)
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert seen["0"].shape == (1, 4, 4, 4)
    assert torch.equal(results[0], net(PICTURE))
    assert results[1].shape == (2, 4, 6, 6)
