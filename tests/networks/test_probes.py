"""Activations: what the layers put out, copied; a reader that stops early; no hook left behind."""

from copy import deepcopy

import pytest
import small
import torch
from torch import nn

from cnnlab import networks
from cnnlab.networks.probes import LOGITS, Reader, activations, average_pooling, leaky_relus


def network():
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    return networks.wrap(module, (0.5,) * 3, (0.5,) * 3, ["a", "b"], 8)


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
        assert small.hooks(net) == 2
    assert small.hooks(net) == 0
    with pytest.raises(RuntimeError, match="halfway"), activations(net, "0"):
        raise RuntimeError("halfway")
    assert small.hooks(net) == 0
    with pytest.raises(ValueError, match="layer '9' is not known"), activations(net, "0", "9"):
        raise AssertionError("never gets here")
    assert small.hooks(net) == 0


def test_what_an_other_thread_does_with_the_network_is_not_seen():
    net = network()
    with activations(net, "0") as seen:
        net(PICTURE[:1, :, :6, :6])
        logits, maps = small.elsewhere(lambda: (net(PICTURE), Reader(net, ["1"])(PICTURE)["1"]))
        assert seen["0"].shape == (1, 4, 4, 4)
    assert torch.equal(logits, net(PICTURE))
    assert maps.shape == (2, 4, 6, 6)


# --- a reader ---


def test_a_reader_says_what_activations_say():
    net = small.convolutional()
    normalised = net.normalise(small.noise(2, 3, 32, 32))
    reader = Reader(net, ["3", "0", LOGITS])
    with activations(net, "0", "3") as seen:
        logits = net.logits(normalised)
        expected = {**seen, LOGITS: logits}
    for _ in range(2):
        got = reader(normalised)
        assert set(got) == set(expected)
        for name, output in got.items():
            assert torch.equal(output, expected[name])


def test_it_runs_the_network_no_further_than_it_has_to():
    net, run = small.convolutional(), []
    for name, layer in net.module.named_children():
        layer.register_forward_pre_hook(lambda layer, inputs, name=name: run.append(name))
    reader, normalised = Reader(net, ["0", "3"]), net.normalise(small.noise(1, 3, 32, 32))
    first = reader(normalised)
    assert run == list("01234567")
    run.clear()
    second = reader(normalised)
    assert run == list("0123")
    assert all(torch.equal(first[name], second[name]) for name in ("0", "3"))


def test_a_layer_that_is_used_twice_is_read_the_second_time():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.head = nn.Conv2d(3, 3, 3, padding=1), nn.Flatten()

        def forward(self, x):
            return self.head(self.layer(self.layer(x)))

    net = networks.wrap(Twice(), (0.5,) * 3, (0.5,) * 3, ["a"], 4)
    reader, normalised = Reader(net, ["layer"]), net.normalise(PICTURE)
    expected = net.module.layer(net.module.layer(normalised))
    for _ in range(3):
        torch.testing.assert_close(reader(normalised)["layer"], expected)


def test_gradients_flow_through_a_reader_that_stops_early():
    net, picture = small.convolutional(), small.noise(1, 3, 32, 32).requires_grad_()
    reader = Reader(net, ["0"])
    for _ in range(2):
        picture.grad = None
        reader(net.normalise(picture))["0"].sum().backward()
        assert picture.grad.any()


def test_a_reader_leaves_no_hook_however_it_ends():
    net = small.convolutional()
    normalised = net.normalise(small.noise(1, 3, 32, 32))
    reader = Reader(net, ["0", "3"])
    for _ in range(2):  # the whole way, then an early stop
        reader(normalised)
        assert small.hooks(net) == 0
    with pytest.raises(RuntimeError):  # the network itself fails
        reader(normalised[:, :2])
    assert small.hooks(net) == 0
    with pytest.raises(ValueError, match="layer '33' is not known; near it: 3"):
        Reader(net, ["0", "33"])(normalised)
    assert small.hooks(net) == 0
    assert Reader(net, [])(normalised) == {}


def test_a_layer_that_cannot_be_read_is_said():
    net = networks.load("vit_b_32", weights=None)
    normalised = net.normalise(small.noise(1, 3, 224, 224))
    block = "encoder.layers.encoder_layer_0.self_attention"
    with pytest.raises(ValueError, match="puts out a tuple, not one tensor") as failed:
        Reader(net, [block])(normalised)
    assert small.one_sentence(failed.value)
    with pytest.raises(ValueError, match="is not used by vit_b_32") as failed:
        Reader(net, [f"{block}.out_proj"])(normalised)
    assert small.one_sentence(failed.value) and small.hooks(net) == 0


# --- average pooling ---


def test_average_pooling_takes_the_mean_of_each_window():
    net, picture = small.convolutional(), small.noise(1, 3, 9, 9)
    before = net(picture)
    with activations(net, "1", "2") as seen, average_pooling(net):
        assert not torch.equal(net(picture), before)
    assert torch.equal(net(picture), before)
    maps, pooled = seen["1"], seen["2"]
    assert pooled.shape == (1, 6, 5, 5)  # rounded up, as the max pooling does
    torch.testing.assert_close(
        pooled[..., :4, :4], maps[..., :8, :8].unfold(2, 2, 2).unfold(3, 2, 2).mean((4, 5))
    )
    torch.testing.assert_close(pooled[..., 4, 4], maps[..., 8, 8])  # nothing counts beyond the border


@pytest.mark.parametrize("name", ["squeezenet", "googlenet", "resnet18"])
def test_all_max_poolings_take_the_average_and_come_back(name):
    net = networks.load() if name == "squeezenet" else networks.load(name, weights=None)
    normalised, averaged = net.normalise(small.noise(1, 3, 75, 75)), deepcopy(net)
    pools = {name: pool for name, pool in net.module.named_modules() if isinstance(pool, nn.MaxPool2d)}
    for name, pool in pools.items():
        mean = nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode, False)
        averaged.module.set_submodule(name, mean)
    usual, expected = Reader(net, pools)(normalised), Reader(averaged, pools)(normalised)
    with pytest.raises(RuntimeError, match="halfway"), average_pooling(net):
        for name, output in Reader(net, pools)(normalised).items():
            torch.testing.assert_close(output, expected[name], rtol=1e-3, atol=0)
            assert not torch.allclose(output, usual[name], atol=0)
        for name, output in small.elsewhere(lambda: Reader(net, pools)(normalised)).items():
            assert torch.equal(output, usual[name])
        raise RuntimeError("halfway")
    assert all(torch.equal(output, usual[name]) for name, output in Reader(net, pools)(normalised).items())
    assert small.hooks(net) == 0


# --- leaky ReLUs ---


def test_a_leak_changes_what_flows_back_and_nothing_else():
    net = networks.wrap(nn.Sequential(nn.ReLU(), nn.Flatten()), (0.5,), (1.0,), list("abcd"), 2)
    picture = torch.tensor([[[[0.1, 0.9], [0.4, 0.6]]]], requires_grad=True)
    with leaky_relus(net, 0.25):
        leaky = net(picture)
    leaky.sum().backward()
    assert torch.equal(leaky, net(picture))
    assert picture.grad.flatten().tolist() == [0.25, 1, 0.25, 1]
    with pytest.raises(RuntimeError, match="halfway"), leaky_relus(net):
        raise RuntimeError("halfway")
    assert small.hooks(net) == 0
