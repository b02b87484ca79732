"""Ways between two networks: lines, matched neurons and learned curves, on digits and small cases."""

from copy import deepcopy
from itertools import combinations, islice, pairwise, permutations

import pytest
import torch
from sklearn.datasets import load_digits
from small import one_sentence
from torch import nn
from torch.nn.functional import cross_entropy

from cnnlab.surfaces.mode_connectivity import Bezier, BezierCurve, barrier, batch_loss, matched, straight
from cnnlab.surfaces.slices import loss_on, parameters_of


def chain(*sizes, seed=0, bias=True):
    """Linear layers with a ReLU between any two."""
    layers = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for i, (inputs, outputs) in enumerate(pairwise(sizes)):
            layers += [nn.ReLU()] * (i > 0) + [nn.Linear(inputs, outputs, bias)]
    return nn.Sequential(*layers)


def digits():
    """The first 1000 of scikit-learn's digits, 64 numbers in [0, 1] each."""
    inputs, labels = load_digits(return_X_y=True)
    return torch.from_numpy(inputs[:1000] / 16).float(), torch.from_numpy(labels[:1000])


def trained(*sizes, seed):
    network, (inputs, labels) = chain(*sizes, seed=seed), digits()
    descent = torch.optim.SGD(network.parameters(), lr=0.3)
    random = torch.Generator().manual_seed(seed)
    for _ in range(20):
        for chosen in torch.randperm(1000, generator=random).split(25):
            descent.zero_grad()
            cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
            descent.step()
    return network


@pytest.fixture(scope="module")
def pair():
    """Two networks that have learned the digits from different starts, and their training loss."""
    a, b = (trained(64, 32, 32, 10, seed=seed) for seed in (1, 2))
    return a, b, loss_on(a, *digits())


def ends(pair):
    return [parameters_of(network) for network in pair[:2]]


def shuffled(network, seed=0):
    """A copy that computes the same, its hidden neurons in another order, by permutation matrices."""
    copy, random = deepcopy(network), torch.Generator().manual_seed(seed)
    layers = [layer for layer in copy if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, following in pairwise(layers):
            matrix = torch.eye(layer.out_features)[torch.randperm(layer.out_features, generator=random)]
            layer.weight.copy_(matrix @ layer.weight)
            if layer.bias is not None:
                layer.bias.copy_(matrix @ layer.bias)
            following.weight.copy_(following.weight @ matrix.T)
    return copy


def same(a, b):
    return all(torch.equal(value, b[name]) for name, value in a.items())


def distance(a, b):
    pairs = zip(a.parameters(), b.parameters(), strict=True)
    return sum((one - other).double().square().sum().item() for one, other in pairs)


def test_a_straight_line():
    a, b = parameters_of(chain(3, 4, 2)), parameters_of(chain(3, 4, 2, seed=1))
    line = straight(a, b)
    assert same(line.at(0), a) and same(line.at(1), b)
    for t in (0.1, 0.5, 0.8):
        expected = {name: (1 - t) * value + t * b[name] for name, value in a.items()}
        torch.testing.assert_close(line.at(t), expected)


def test_a_quadratic_bezier_curve():
    a, m, b = ({"w": torch.tensor([x, y])} for x, y in ((0.0, 0.0), (1.0, 2.0), (2.0, 0.0)))
    curve = BezierCurve(a, m, b)
    torch.testing.assert_close(curve.at(0.5), {"w": torch.tensor([1.0, 1.0])})  # half as high as its middle
    torch.testing.assert_close(curve.at(0.25)["w"] * 4, torch.tensor([2.0, 3.0]))
    assert same(curve.at(0), a) and same(curve.at(1), b)
    torch.testing.assert_close(
        curve.losses(lambda p: p["w"][1], 5), torch.tensor([0, 0.75, 1, 0.75, 0]).double()
    )


def test_a_barrier_is_measured_from_the_worse_end():
    assert barrier(torch.tensor([1.0, 5.0, 3.0])) == 2
    assert barrier(torch.tensor([3.0, 5.0, 1.0])) == 2
    assert barrier(torch.tensor([3.0, 2.0, 1.0])) == 0
    assert torch.tensor(barrier(torch.tensor([3.0, torch.nan, 1.0]))).isnan()
    assert barrier(torch.tensor([3.0, torch.inf, 1.0])) == torch.inf


def test_losses_along_a_line_are_those_of_networks_with_these_weights(pair):
    a, b, loss = pair
    inputs, labels = digits()
    losses = straight(*ends(pair)).losses(loss, 5)
    for share, value in zip((0, 0.25, 0.5, 0.75, 1), losses, strict=True):
        network = deepcopy(a)
        with torch.no_grad():
            for mine, other in zip(network.parameters(), b.parameters(), strict=True):
                mine.lerp_(other, share)
            assert cross_entropy(network(inputs), labels).item() == pytest.approx(value.item(), rel=1e-4)


@pytest.mark.parametrize("sizes", [(64, 20, 10), (64, 32, 32, 10), (64, 24, 40, 32, 10)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_network_in_another_order_is_matched_back_exactly(sizes, bias):
    network = chain(*sizes, bias=bias)
    other = shuffled(network)
    assert distance(network, other) > 1
    assert same(parameters_of(matched(network, other)), parameters_of(network))


def test_a_trained_network_in_another_order_is_matched_back_exactly(pair):
    assert same(parameters_of(matched(pair[0], shuffled(pair[0]))), parameters_of(pair[0]))


def test_a_matched_network_computes_what_it_did(pair):
    a, b, _ = pair
    before, inputs = ends(pair), digits()[0]
    other = matched(a, b)
    torch.testing.assert_close(other(inputs), b(inputs), rtol=1e-4, atol=1e-4)
    assert not same(parameters_of(other), parameters_of(b))
    assert all(same(parameters_of(network), kept) for network, kept in zip((a, b), before, strict=True))
    for one, two in zip(other.parameters(), b.parameters(), strict=True):
        assert torch.equal(one.flatten().sort().values, two.flatten().sort().values)


def test_one_hidden_layer_is_matched_as_well_as_can_be():
    a, b = chain(4, 5, 3), chain(4, 5, 3, seed=1)
    for network in (a, b):
        network[0].bias.data *= 3  # so that they count
    distances = []
    for order in permutations(range(5)):
        other = deepcopy(b)
        for parameter in other[0].parameters():
            parameter.data = parameter[list(order)]
        other[2].weight.data = b[2].weight[:, list(order)]
        distances.append(distance(a, other))
    assert distance(a, matched(a, b)) == pytest.approx(min(distances), rel=1e-6)
    assert min(distances) < 0.9 * distance(a, b)


def test_no_two_neurons_of_a_matched_network_had_better_change_places(pair):
    a, b, _ = pair
    other = matched(a, b)
    reached = distance(a, other)
    assert reached < 0.9 * distance(a, b)
    for k in (0, 2):
        for i, j in combinations(range(32), 2):
            order = torch.arange(32)
            order[[i, j]] = order[[j, i]]
            swapped = deepcopy(other)
            for parameter in swapped[k].parameters():
                parameter.data = parameter[order]
            swapped[k + 2].weight.data = swapped[k + 2].weight[:, order]
            assert distance(a, swapped) > reached - 1e-4


def test_matching_lowers_the_barrier(pair):
    a, b, loss = pair
    before = barrier(straight(*ends(pair)).losses(loss))
    after = barrier(straight(parameters_of(a), parameters_of(matched(a, b))).losses(loss))
    assert before > 0.4 and after < 0.4 * before


def test_a_flattened_picture_and_other_functions_of_single_neurons_can_be_matched():
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 8), nn.Tanh(), nn.Dropout(), nn.Linear(8, 3))
    assert same(parameters_of(matched(network, shuffled(network))), parameters_of(network))


def curved(seed=0):
    """A curve whose middle is off the line, between two small networks, and a loss of all examples."""
    network = chain(4, 6, 3).double()
    random = torch.Generator().manual_seed(3)
    inputs = torch.randn(30, 4, dtype=torch.float64, generator=random)
    loss = loss_on(network, inputs, torch.randint(3, (30,), generator=random))
    a, m, b = (parameters_of(chain(4, 6, 3, seed=number).double()) for number in range(3))
    bezier = Bezier(a, b, lambda parameters, _: loss(parameters), seed=seed)
    bezier.curve = BezierCurve(a, m, b)
    return bezier, loss


@pytest.mark.parametrize("t", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_the_slope_agrees_with_finite_differences(t):
    bezier, loss = curved()
    value, gradient = bezier.slope(t)
    assert value == loss(bezier.curve.at(t)).item()
    for name, weights in bezier.curve.middle.items():
        numeric, numbers = torch.zeros_like(weights), weights.view(-1)
        for i in range(numbers.numel()):
            kept, heights = numbers[i].item(), []
            for shift in (1e-6, -1e-6):
                numbers[i] = kept + shift
                heights.append(loss(bezier.curve.at(t)).item())
            numbers[i] = kept
            numeric.view(-1)[i] = (heights[0] - heights[1]) / 2e-6
        torch.testing.assert_close(gradient[name], numeric, atol=1e-8, rtol=1e-6)


def test_a_move_takes_the_step_size_times_the_slope():
    bezier, _ = curved(seed=5)
    t = torch.rand((), generator=torch.Generator().manual_seed(5)).item()
    _, gradient = bezier.slope(t)
    before = bezier.curve.middle
    after = bezier.run(1).middle
    torch.testing.assert_close(after, {n: value - 0.2 * gradient[n] for n, value in before.items()})


def test_the_barrier_of_a_curve_falls_and_its_ends_never_move(pair):
    a, b, loss = pair
    start, end = ends(pair)
    bezier = Bezier(start, end, batch_loss(a, *digits()))
    before = barrier(bezier.curve.losses(loss))
    curve = bezier.run(600)
    assert bezier.number == 600
    assert before > 0.4 and barrier(curve.losses(loss)) < 0.3 * before
    assert same(curve.at(0), parameters_of(a)) and same(curve.at(1), parameters_of(b))
    assert same(start, parameters_of(a)) and same(end, parameters_of(b))
    assert not same(curve.middle, straight(start, end).middle)
    assert torch.is_grad_enabled() and not any(value.requires_grad for value in curve.middle.values())


def test_matched_ends_and_a_curve_leave_nearly_no_barrier(pair):
    a, b, loss = pair
    start, end = parameters_of(a), parameters_of(matched(a, b))
    curve = Bezier(start, end, batch_loss(a, *digits())).run(1000)
    assert barrier(curve.losses(loss)) < 0.02


def test_a_seed_decides_the_places_and_the_batches(pair):
    loss = batch_loss(pair[0], *digits())
    one, again, other = (
        [step.loss for step in islice(Bezier(*ends(pair), loss, seed=seed), 5)] for seed in (1, 1, 2)
    )
    assert one == again and one != other


def test_the_step_size_is_read_anew_and_iterating_goes_on():
    bezier, _ = curved()
    steps = iter(bezier)
    next(steps)
    bezier.step_size = 0.0
    assert same(next(steps).curve.middle, next(steps).curve.middle)
    bezier.step_size = 0.5
    moved = next(steps)
    assert not same(moved.curve.middle, parameters_of(chain(4, 6, 3, seed=1).double()))
    assert next(iter(bezier)).number == moved.number == 3


def test_a_step_size_too_large_leaves_the_last_good_curve(pair):
    bezier = Bezier(*ends(pair), batch_loss(pair[0], *digits()), step_size=1e30)
    with pytest.raises(ValueError, match="too large") as raised:
        bezier.run(50)
    assert one_sentence(raised.value)
    assert bezier.number == 0 and bezier.curve.losses(pair[2]).isfinite().all()
    bezier.step_size = 0.1
    assert bezier.run(3).losses(pair[2]).isfinite().all() and bezier.number == 3


def test_a_batch_is_drawn_from_the_examples(pair):
    a, (inputs, labels) = pair[0], digits()
    here, random = parameters_of(a), torch.Generator().manual_seed(0)
    one = batch_loss(a, inputs[:1], labels[:1])(here, random)
    torch.testing.assert_close(one, loss_on(a, inputs[:1], labels[:1])(here))
    drawn = torch.stack([batch_loss(a, inputs, labels)(here, random) for _ in range(300)])
    assert drawn.std() > 0
    assert abs(drawn.mean() - pair[2](here)) < 5 * drawn.std() / 300**0.5


@pytest.mark.parametrize(
    "work, words",
    [
        (lambda: straight(parameters_of(chain(3, 2)), parameters_of(chain(3, 4, 2))), "different networks"),
        (lambda: straight(*[parameters_of(chain(3, 2))] * 2).losses(lambda _: 0.0, 2), "at least 3"),
        (lambda: matched(chain(3, 4, 2), chain(3, 5, 2)), "same shape"),
        (lambda: matched(chain(3, 4, 2), chain(3, 2)), "same shape"),
        (lambda: matched(nn.Sequential(nn.Conv2d(1, 2, 3)), nn.Sequential(nn.Conv2d(1, 2, 3))), "Conv2d"),
        (lambda: matched(chain(2, 2).append(nn.Softmax(1)), chain(2, 2)), "Softmax"),
        (lambda: batch_loss(chain(2, 2), torch.zeros(3, 2), torch.zeros(3).long(), 0), "at least one"),
        (lambda: batch_loss(chain(2, 2), torch.zeros(0, 2), torch.zeros(0).long()), "no examples"),
        (lambda: Bezier(parameters_of(chain(3, 2)), parameters_of(chain(4, 2)), len), "different networks"),
        (
            lambda: Bezier(parameters_of(chain(3, 2)), {"0.weight": torch.full((2, 3), torch.nan)}, len),
            "finite",
        ),
    ],
)
def test_bad_input_gets_a_sentence(work, words):
    with pytest.raises(ValueError, match=words) as raised:
        work()
    assert one_sentence(raised.value)
