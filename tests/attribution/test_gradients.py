"""Attribution: rules worked out by hand, captum's and a second way to the same maps, and what is refused."""

from threading import Thread

import captum.attr
import pytest
import torch
import torch.nn.functional as F
from small import convolutional, hooks, linear, noise, one_sentence
from torch import nn

from cnnlab import networks
from cnnlab.attribution.gradients import attribution, layer_gradients
from cnnlab.attribution.relu_rules import RULES
from cnnlab.optvis.objectives import NOTHING, Objective, channel, energy, logit, neuron
from cnnlab.optvis.regularisers import l2

EACH_RULE = pytest.mark.parametrize("rule", RULES)
TWO_RULES = pytest.mark.parametrize("rule", RULES[1:])


class Rewritten(torch.autograd.Function):
    """The three rules once more, as a ReLU with a backward pass of its own."""

    rule = "gradient"

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        if Rewritten.rule != "gradient":
            gradient = gradient * (gradient > 0)
        return gradient if Rewritten.rule == "deconvnet" else gradient * (x > 0)


class Calling(nn.Module):
    """A convolution, `activation` as the code of a network calls it, twice, and a linear layer."""

    def __init__(self, activation):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.conv, self.next = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
            self.linear = nn.Linear(6, 2)
        self.activation = activation

    def forward(self, x):
        x = self.activation(self.next(self.activation(self.conv(x))))
        return self.linear(x.mean((2, 3)))


def calling(activation) -> networks.Network:
    return networks.wrap(Calling(activation), (0.5,) * 3, (0.25,) * 3, ["hen", "panda"], 8)


PICTURES = noise(2, 3, 8, 8)


# --- worked out by hand ---


def one_convolution() -> networks.Network:
    """0.5 0.25 1 0 -> (2 -1) -> 0.75 -0.5 2 -> ReLU -> (3 5 -7) -> the logit."""
    module = nn.Sequential(nn.Conv2d(1, 1, (1, 2), bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(3, 1))
    with torch.no_grad():
        module[0].weight.copy_(torch.tensor([[[[2.0, -1.0]]]]))
        module[3].weight.copy_(torch.tensor([[3.0, 5.0, -7.0]]))
    return networks.wrap(module, (0.0,), (1.0,), ["it"], 4)


@pytest.mark.parametrize(
    ("rule", "passed", "expected"),
    [
        ("gradient", [3.0, 0.0, -7.0], [6.0, -3.0, -14.0, 7.0]),
        ("deconvnet", [3.0, 5.0, 0.0], [6.0, 7.0, -5.0, 0.0]),
        ("guided", [3.0, 0.0, 0.0], [6.0, -3.0, 0.0, 0.0]),
    ],
)
def test_one_convolution(rule, passed, expected):
    network, picture = one_convolution(), torch.tensor([[[[0.5, 0.25, 1.0, 0.0]]]])
    assert attribution(network, picture, logit("it"), rule).flatten().tolist() == expected
    conv, relu, *_ = layer_gradients(network, picture, logit("it"), rule)
    assert relu.grad_output.flatten().tolist() == [3.0, 5.0, -7.0]
    assert relu.grad_input.flatten().tolist() == conv.grad_output.flatten().tolist() == passed
    assert relu.derivative.flatten().tolist() == [3.0, 0.0, -7.0]
    assert conv.grad_input.flatten().tolist() == expected


def test_a_linear_networks_weights_are_its_map_under_every_rule():
    network, pictures = linear((3, 6, 6)), noise(2, 3, 6, 6)
    expected = (network.module[1].weight[1].reshape(1, 3, 6, 6) / 0.25).expand(2, -1, -1, -1)
    for rule in RULES:
        torch.testing.assert_close(attribution(network, pictures, logit("hen"), rule), expected)


# --- against others ---


@EACH_RULE
@pytest.mark.parametrize("name", ["squeezenet1_1", "vgg11", "resnet18"])
def test_maps_are_captums(name, rule):
    network = networks.load(name, weights=None)
    pictures = noise(2, 3, 64, 64)
    if rule == "gradient":
        expected = captum.attr.Saliency(network).attribute(pictures.clone(), target=5, abs=False)
    else:
        method = {"deconvnet": captum.attr.Deconvolution, "guided": captum.attr.GuidedBackprop}[rule]
        with pytest.warns(UserWarning, match="hooks on ReLU"):
            expected = method(network).attribute(pictures.clone(), target=5)
    assert expected.abs().max() > 0
    found = attribution(network, pictures, logit(5), rule)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.slow
@EACH_RULE
@pytest.mark.parametrize("name", ["vgg11", "resnet18", "densenet121", "googlenet", "shufflenet_v2_x0_5"])
@pytest.mark.filterwarnings("ignore:The default weight initialization")
def test_maps_are_those_of_rewritten_relus(name, rule, monkeypatch):
    """DenseNet and GoogLeNet call `F.relu`, which captum's hooks do not see; ResNet uses its ReLUs twice."""
    network = networks.load(name, weights=None)
    pictures = noise(1, 3, 64, 64)
    found = attribution(network, pictures, logit(5), rule)
    monkeypatch.setattr(F, "relu", lambda x, inplace=False: Rewritten.apply(x))
    monkeypatch.setattr(Rewritten, "rule", rule)
    given = pictures.clone().requires_grad_()
    (expected,) = torch.autograd.grad(network(given)[:, 5].sum(), given)
    assert expected.abs().max() > 0
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.parametrize("objective", [logit("hen"), channel("conv", 2), neuron("next", 3) - 2 * l2()])
def test_the_gradient_is_that_of_finite_differences(objective):
    network = calling(F.softplus)
    found = attribution(network, PICTURES, objective).double()
    network.double()

    for seed in range(3):
        way = noise(2, 3, 8, 8, seed=seed + 1).double() - 0.5
        above, below = (
            objective.of(network, PICTURES.double() + sign * 1e-5 * way).sum() for sign in (1, -1)
        )
        torch.testing.assert_close((found * way).sum(), (above - below) / 2e-5, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("objective", [logit("hen"), neuron("features.6.expand3x3", 7), energy("features.9")])
def test_adding_the_gradient_excites_what_was_asked_for(objective):
    network, picture = networks.load(), 0.2 + 0.6 * noise(1, 3, 64, 64)
    gradient = attribution(network, picture, objective)
    step = 0.1 * gradient / gradient.norm()
    assert objective.of(network, picture + step) > objective.of(network, picture)


# --- ways to write a ReLU ---


class InPlace(nn.Module):
    def forward(self, x):
        return F.relu(x, inplace=True)


WRITTEN = {
    "one module, used twice": nn.ReLU(),
    "a module that works in place": InPlace(),
    "F.relu": F.relu,
    "F.relu in place": lambda x: F.relu(x, inplace=True),
    "torch.relu": torch.relu,
    "torch.relu_": torch.relu_,
    "Tensor.relu": lambda x: x.relu(),
    "Tensor.relu_": lambda x: x.relu_(),
}


@TWO_RULES
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_relu_counts_however_it_is_written(written, rule, monkeypatch):
    network = calling(written)
    if isinstance(written, nn.ReLU):
        written.inplace = True
    found = [attribution(network, PICTURES, logit("hen"), rule) for _ in range(4)][-1]
    monkeypatch.setattr(Rewritten, "rule", rule)
    given = PICTURES.clone().requires_grad_()
    (expected,) = torch.autograd.grad(calling(Rewritten.apply)(given)[:, 0].sum(), given)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-8)
    plain = attribution(network, PICTURES, logit("hen"))
    assert not torch.allclose(found, plain, rtol=0.01)


def half(x):
    x = x.clone()
    F.relu_(x[:, :3])
    return x


REFUSED = {
    "SiLU": F.silu,
    "GELU": F.gelu,
    "Hardswish": F.hardswish,
    "Hardtanh (ReLU6)": F.relu6,
    "LeakyRelu": F.leaky_relu,
    "ELU": F.elu,
    "PreluKernel": nn.PReLU(),
    "Mish": F.mish,
    "Softplus": F.softplus,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Clamp": lambda x: x.clamp(min=0),
    "ClampMin": lambda x: x.clamp_min(0),
    "Maximum": lambda x: x.maximum(torch.zeros(())),
    "Where": lambda x: torch.where(x > 0, x, 0),
    "Threshold": lambda x: F.threshold(x, 0, 0),
    "Abs": lambda x: (x + x.abs()) / 2,
    "Rewritten": Rewritten.apply,
    "CopySlices": half,
    "a product with a mask": lambda x: x * (x > 0),
    "a product with a mask ": lambda x: (x > 0).float() * x,
}


@TWO_RULES
@pytest.mark.parametrize("step", REFUSED)
def test_what_has_no_rule_is_refused_in_a_sentence(step, rule):
    network = calling(REFUSED[step])
    with pytest.raises(ValueError, match="is not defined") as refusal:
        attribution(network, PICTURES, logit("hen"), rule)
    assert one_sentence(refusal.value) and f"uses {step.strip()}," in str(refusal.value)
    assert attribution(network, PICTURES, logit("hen")).abs().sum() > 0  # the gradient itself is always there
    below = attribution(
        network, PICTURES, channel("conv", 0), rule
    )  # as are layers before the first such step
    torch.testing.assert_close(below, attribution(network, PICTURES, channel("conv", 0)))


@pytest.mark.parametrize(
    ("name", "step"),
    [("mobilenet_v3_small", "Hardswish"), ("mobilenet_v2", "ReLU6"), ("efficientnet_b0", "SiLU")],
)
def test_torchvisions_networks_without_a_rule_are_refused(name, step):
    with pytest.raises(
        ValueError, match=f"{name} uses .*{step}.* for which the rule 'guided' is not defined"
    ):
        attribution(networks.load(name, weights=None), noise(1, 3, 64, 64), logit(0), "guided")


# --- nothing is left, and nobody is disturbed ---


@EACH_RULE
def test_nothing_is_left_however_it_ends(rule):
    network = convolutional()
    pictures = noise(2, 3, 32, 32)
    before = attribution(network, pictures, logit("hen"))

    def halfway(seen):
        raise RuntimeError("halfway")

    attribution(network, pictures, logit("hen"), rule)
    layer_gradients(network, pictures, channel("3", 1), rule)
    for method in (attribution, layer_gradients):
        with pytest.raises(RuntimeError, match="halfway"):
            method(network, pictures, Objective(halfway, frozenset(["1"])), rule)
    assert hooks(network) == sum(len(layer._forward_pre_hooks) for layer in network.modules()) == 0
    assert torch.equal(attribution(network, pictures, logit("hen")), before)
    assert not pictures.requires_grad and pictures.grad is None
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_gradient_of_the_callers_own_keeps_its_rule():
    """Recorded before, taken after a guided map of the same network."""
    network, given = convolutional(), noise(1, 3, 32, 32).requires_grad_()
    mine = network(given)[:, 1].sum()
    attribution(network, given, logit("hen"), "guided")
    (gradient,) = torch.autograd.grad(mine, given)
    assert torch.equal(gradient, attribution(network, given, logit("hen")))


def test_threads_keep_their_rules():
    network, pictures = convolutional(), noise(2, 3, 32, 32)
    expected = {rule: attribution(network, pictures, logit("hen"), rule) for rule in RULES}
    found: dict[str, list] = {rule: [] for rule in RULES}

    def work(rule):
        for _ in range(20):
            found[rule].append(attribution(network, pictures, logit("hen"), rule))
            layer_gradients(network, pictures, logit("hen"), rule)

    threads = [Thread(target=work, args=(rule,)) for rule in RULES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for rule in RULES:
        assert len(found[rule]) == 20 and all(torch.equal(one, expected[rule]) for one in found[rule])


@EACH_RULE
def test_pictures_of_a_batch_stay_apart(rule):
    network, pictures = convolutional(), noise(3, 3, 32, 32)
    together = attribution(network, pictures, logit(["hen", "panda", "hen"]), rule)
    alone = attribution(network, pictures[1:2], logit("panda"), rule)
    torch.testing.assert_close(together[1:2], alone)


def test_it_works_where_gradients_are_switched_off():
    network, pictures = convolutional(), noise(1, 3, 32, 32)
    expected = attribution(network, pictures, logit("hen"), "guided")
    with torch.no_grad():
        assert torch.equal(attribution(network, pictures, logit("hen"), "guided"), expected)
        assert layer_gradients(network, pictures, logit("hen"))[0].name == "0"


# --- layers on the way back ---


@TWO_RULES
def test_only_relus_change_what_flows_back(rule):
    """All layers of SqueezeNet, max pooling included: the lecture's sentence."""
    found = layer_gradients(networks.load(), noise(1, 3, 64, 64), channel("classifier.1", 3), rule)
    kinds = {one.kind: [p.difference for p in found if p.kind == one.kind] for one in found}
    assert {"Conv2d", "MaxPool2d", "ReLU", "Dropout"} <= set(kinds)
    assert max(kinds.pop("ReLU")) > 0.1
    assert max(max(differences) for differences in kinds.values()) < 1e-5


def test_the_derivative_changes_nothing():
    found = layer_gradients(networks.load("resnet18", weights=None), noise(1, 3, 64, 64), logit(3))
    assert len(found) > 50 and max(one.difference for one in found) < 1e-5


def test_a_layer_that_is_used_twice_has_two_gradients():
    found = layer_gradients(calling(nn.ReLU()), PICTURES, logit("hen"), "guided")
    assert [p.name for p in found] == ["conv", "activation", "next", "activation", "linear"]
    assert torch.equal(found[1].grad_output, found[2].grad_input) and torch.equal(
        found[2].grad_output, found[3].grad_input
    )


def test_layers_after_the_one_that_is_asked_for_are_left_out():
    found = layer_gradients(convolutional(), noise(1, 3, 32, 32), neuron("3", 2), "deconvnet")
    assert [p.name for p in found] == ["0", "1", "2", "3"]
    assert torch.equal(
        found[0].grad_input / 0.25,
        attribution(convolutional(), noise(1, 3, 32, 32), neuron("3", 2), "deconvnet"),
    )


# --- what is asked wrongly ---


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rule": "guide"}, "gradient, deconvnet, guided"),
        ({"objective": logit("henn")}, "near it: hen"),
        ({"objective": channel("9", 0)}, "layer '9' is not known"),
        ({"objective": channel("0", 6)}, "channels 0 to 5"),
        ({"objective": neuron("0", 1, 32, 0)}, "without a place"),
        ({"objective": NOTHING}, "does not depend on the picture"),
        ({"pictures": noise(3, 32, 32)}, "add the first axis"),
        ({"pictures": 255 * noise(1, 3, 32, 32)}, "divide by 255"),
        ({"pictures": noise(1, 1, 32, 32)}, "3 channel"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(wrong, says):
    asked = {"pictures": noise(1, 3, 32, 32), "objective": logit("hen"), "rule": "guided", **wrong}
    for method in (attribution, layer_gradients):
        network = convolutional()
        with pytest.raises(ValueError, match=says) as error:
            method(network, **asked)
        assert one_sentence(error.value)
        assert hooks(network) == 0


def test_maps_lie_where_the_network_lies(gpu):
    network, picture = convolutional(), noise(1, 3, 32, 32)
    expected = {rule: attribution(network, picture, logit("hen"), rule) for rule in RULES}
    network.to(gpu)
    for rule in RULES:
        found = attribution(network, picture, logit("hen"), rule)
        assert found.device.type == gpu.type
        torch.testing.assert_close(found.cpu(), expected[rule], rtol=1e-3, atol=1e-5)
        assert len(layer_gradients(network, picture, logit("hen"), rule)) == 8
