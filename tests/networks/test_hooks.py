"""Hooks: what they see and change, in their own thread alone, and that none is left."""

import pytest
import small
import torch

from cnnlab.networks.hooks import Hooks

PICTURE = small.noise(1, 3, 8, 8)


def test_they_see_what_goes_in_and_what_comes_out():
    net, seen = small.convolutional(), {}
    with Hooks() as hooks:
        hooks.before(net.layer("1"), lambda layer, inputs: seen.update(layer=layer, given=inputs[0]))
        hooks.after(net.layer("1"), lambda layer, inputs, output: seen.update(output=output))
        net(PICTURE)
    assert seen["layer"] is net.layer("1")
    assert (seen["given"] < 0).any() and torch.equal(seen["output"], seen["given"].relu())


def test_what_stands_instead_is_the_output_for_hooks_that_were_there_before():
    net, seen = small.convolutional(), {}
    with Hooks() as hooks:
        hooks.after(net.layer("7"), lambda layer, inputs, output: seen.update(output=output))
        hooks.instead(net.layer("7"), lambda layer, inputs, output: output + 1)
        changed = net(PICTURE)
    torch.testing.assert_close(changed, net(PICTURE) + 1)
    assert torch.equal(seen["output"], changed)


def test_another_thread_runs_the_network_as_it_is():
    net, seen = small.convolutional(), []
    expected = net(PICTURE)
    with Hooks() as hooks:
        hooks.before(net.layer("0"), lambda layer, inputs: (0 * inputs[0],))
        hooks.after(net.layer("0"), lambda layer, inputs, output: seen.append(output))
        hooks.instead(net.layer("7"), lambda layer, inputs, output: 0 * output)
        assert torch.equal(small.elsewhere(lambda: net(PICTURE)), expected)
        assert not seen
        assert not net(PICTURE).any() and len(seen) == 1


def test_none_is_left_however_it_ends():
    net = small.convolutional()
    with pytest.raises(RuntimeError, match="halfway"), Hooks() as hooks:
        hooks.before(net.layer("0"), print)
        hooks.after(net.layer("1"), print)
        hooks.instead(net.layer("2"), print)
        assert small.hooks(net) == 3
        raise RuntimeError("halfway")
    assert small.hooks(net) == 0
