"""Slices through a network's loss, against brute force, scikit-learn's PCA and what the paper says."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from small import one_sentence
from torch import nn
from torch.nn.functional import cross_entropy

from cnnlab.surfaces.slices import (
    Plane,
    around,
    directions,
    loss_on,
    loss_surfaces,
    parameters_of,
    path_plane,
)  # fmt: skip


def module(*layers, seed=0, dtype=torch.float64):
    """A chain of layers that `seed` starts; `layers` makes them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(*(layer() for layer in layers)).to(dtype)


def dense(seed=0, dtype=torch.float64):
    return module(lambda: nn.Linear(5, 7), nn.ReLU, lambda: nn.Linear(7, 3), seed=seed, dtype=dtype)


def convolutional(seed=0):
    network = module(
        lambda: nn.Conv2d(2, 4, 3), lambda: nn.BatchNorm2d(4), nn.ReLU, lambda: nn.Conv2d(4, 3, 3),
        lambda: nn.LayerNorm([3, 2, 2]), nn.Flatten, lambda: nn.Linear(12, 3),
        seed=seed,
    )  # fmt: skip
    network(torch.randn(20, 2, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1)))
    return network  # its batch normalisation has seen something


def examples(*shape, seed=0, dtype=torch.float64):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=dtype, generator=random), torch.randint(3, shape[:1], generator=random)


def plane_of(network, seed=0):
    return Plane(parameters_of(network), *directions(network, seed))


def by_hand(network, data, plane, x, y):
    """The loss at (x, y), with numbers written into a copy of the network."""
    copy = deepcopy(network).eval()
    for name, parameter in copy.named_parameters():
        parameter.data = plane.centre[name] + x * plane.along[name] + y * plane.across[name]
    with torch.no_grad():
        return cross_entropy(copy(data[0]), data[1]).item()


def trained_path(steps=30, network=None):
    """The parameters of a network before and after each of so many steps of gradient descent."""
    network = network or dense(seed=3)
    loss = loss_on(network, *examples(40, 5))
    here = parameters_of(network)
    path = [here]
    for _ in range(steps):
        leaves = {name: value.clone().requires_grad_() for name, value in here.items()}
        gradients = torch.autograd.grad(loss(leaves), list(leaves.values()))
        here = {n: value - 0.5 * g for (n, value), g in zip(here.items(), gradients, strict=True)}
        path.append(here)
    return path, loss


def flat(parameters):
    return torch.cat([value.flatten() for value in parameters.values()]).numpy()


def test_a_filter_moves_by_its_own_length_and_the_rest_stays():
    network = convolutional()
    for direction in directions(network):
        assert list(direction) == [name for name, _ in network.named_parameters()]
        for name, moved in direction.items():
            layer, kind = name.split(".")
            if kind == "weight" and isinstance(network[int(layer)], nn.Conv2d | nn.Linear):
                for one, filter in zip(moved, network[int(layer)].weight, strict=True):
                    torch.testing.assert_close(one.norm(), filter.norm().detach())
            else:
                assert not moved.any(), name


def test_a_seed_decides_the_directions_and_nothing_else_is_drawn():
    before = torch.random.get_rng_state()
    (one, two), (again, _), (other, _) = (directions(dense(), seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(one["0.weight"], again["0.weight"])
    assert not torch.allclose(one["0.weight"], other["0.weight"])
    assert not torch.allclose(one["0.weight"], two["0.weight"])


def test_directions_of_all_kinds_are_equally_likely():
    drawn = directions(module(lambda: nn.Linear(5, 4000)))[0]["0.weight"]
    drawn = drawn / drawn.norm(dim=1, keepdim=True)
    assert drawn.mean(0).abs().max() < 0.03  # a standard error is 0.007
    torch.testing.assert_close(drawn.T @ drawn / 4000, torch.eye(5).double() / 5, atol=0.02, rtol=0)


@pytest.mark.parametrize(
    "network, data",
    [(dense(), examples(40, 5)), (convolutional(), examples(10, 2, 6, 6))],
    ids=["dense", "conv"],
)
def test_a_surface_is_what_brute_force_gives(network, data):
    plane = plane_of(network)
    *_, last = loss_surfaces(loss_on(network, *data), plane, (-1, 0.5, -0.7, 2), 9)
    assert last.known.all()
    np.testing.assert_allclose(last.x, np.linspace(-1, 0.5, 9), atol=1e-15)
    np.testing.assert_allclose(last.y, np.linspace(-0.7, 2, 9), atol=1e-15)
    expected = [[by_hand(network, data, plane, x.item(), y.item()) for x in last.x] for y in last.y]
    np.testing.assert_allclose(last.losses, expected, rtol=1e-12)
    assert last.losses.max() - last.losses.min() > 0.1


def test_a_surface_in_single_precision():
    network, data = dense(dtype=torch.float32), examples(40, 5, dtype=torch.float32)
    plane = plane_of(network)
    *_, last = loss_surfaces(loss_on(network, *data), plane, steps=5)
    expected = [[by_hand(network, data, plane, x.item(), y.item()) for x in last.x] for y in last.y]
    np.testing.assert_allclose(last.losses, expected, rtol=1e-5)
    assert last.losses[2, 2].item() == pytest.approx(
        cross_entropy(network(data[0]), data[1]).item(), rel=1e-6
    )


def test_networks_that_compute_the_same_look_the_same():
    """Section 4 of the paper: a ReLU network with weights ten times larger, then ten times smaller."""
    network, data = dense(), examples(40, 5)
    scaled = deepcopy(network)
    with torch.no_grad():
        scaled[0].weight *= 10
        scaled[0].bias *= 10
        scaled[2].weight /= 10
    one, other = (
        [*loss_surfaces(loss_on(n, *data), plane_of(n), steps=5)][-1].losses for n in (network, scaled)
    )
    torch.testing.assert_close(one, other, rtol=1e-10, atol=0)


def test_gradients_flow_to_the_plane():
    network = dense()
    plane, loss = plane_of(network), loss_on(network, *examples(40, 5))
    points = torch.tensor([[0.1, 0.2], [-0.5, 0.3]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda p: plane.heights(loss, p), points)


def test_the_loss_is_of_the_module_as_it_was():
    network, data = convolutional().train(), examples(10, 2, 6, 6)
    loss, here = loss_on(network, *data), parameters_of(network)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    value = loss(here)
    assert value.item() == by_hand(network, data, plane_of(network), 0, 0)
    assert network.training and all(torch.equal(v, state[name]) for name, v in network.state_dict().items())
    network(10 * data[0])  # the running statistics change, and with them what the module computes
    assert torch.equal(loss(here), value)
    assert loss_on(network, *data)(here) != value


def test_parameters_are_a_copy():
    network = dense()
    before = parameters_of(network)
    with torch.no_grad():
        network[0].weight += 1
    assert not torch.equal(before["0.weight"], network[0].weight)
    assert not any(value.requires_grad for value in before.values())


def test_tied_weights_move_together():
    network = module(lambda: nn.Linear(5, 5), nn.ReLU, lambda: nn.Linear(5, 5))
    network[2].weight = network[0].weight
    plane, data = plane_of(network), examples(20, 5)
    assert set(plane.along) == {"0.weight", "0.bias", "2.bias"}
    assert loss_on(network, *data)(plane.at(0.5, 0.1)).item() == by_hand(network, data, plane, 0.5, 0.1)


def test_a_path_gets_the_plane_that_principal_components_give():
    path, _ = trained_path()
    plane = path_plane(path)
    places = np.stack([flat(parameters) for parameters in path])
    pca = PCA(2).fit(places)
    np.testing.assert_allclose(plane.explained, pca.explained_variance_ratio_, rtol=1e-9)
    for axis, component in zip((plane.along, plane.across), pca.components_, strict=True):
        assert abs(flat(axis) @ component) == pytest.approx(1, abs=1e-9)
    expected = pca.transform(places) - pca.transform(places[-1:])
    expected *= np.where(expected[0] > 0, -1, 1)
    np.testing.assert_allclose(plane.path, expected, atol=1e-9)
    assert (plane.path[0] < 0).all() and (plane.path[-1] == 0).all()
    torch.testing.assert_close(plane.coordinates(path), plane.path)
    assert 0.8 < plane.explained.sum() < 1


def test_the_gap_is_what_the_plane_hides():
    path, loss = trained_path()
    plane = path_plane(path)
    met, shown = plane.gap(loss, path)
    torch.testing.assert_close(met, torch.stack([loss(parameters) for parameters in path]).float())
    assert met[-1] == pytest.approx(shown[-1].item(), rel=1e-6)  # the plane goes through the end
    assert met[-1] < met[0]
    here, (x, y) = path[7], plane.path[7].tolist()
    nearest = plane.at(x, y)
    assert loss(nearest).item() == pytest.approx(shown[7].item(), rel=1e-6)
    assert abs(met[7] - shown[7]) > 1e-4
    away = flat(here) - flat(nearest)  # at a right angle to the plane
    assert abs(away @ flat(plane.along)) < 1e-9 > abs(away @ flat(plane.across))


def test_a_path_in_a_plane_hides_nothing():
    network = dense()
    loss, slanted = loss_on(network, *examples(40, 5)), plane_of(network)
    angles = torch.linspace(0, 3, 9).tolist()
    plane = path_plane(path := [slanted.at(np.cos(angle), 0.3 * np.sin(angle)) for angle in angles])
    assert plane.explained.sum().item() == pytest.approx(1)
    met, shown = plane.gap(loss, path)
    torch.testing.assert_close(met, shown)


def test_several_paths_on_one_plane():
    network = dense()
    plane = plane_of(network)  # its axes are neither of length 1 nor at a right angle
    places = torch.tensor([[0.3, -0.2], [1.0, 0.0], [-2.0, 0.7]], dtype=torch.float64)
    path = [plane.at(x, y) for x, y in places.tolist()]
    torch.testing.assert_close(plane.coordinates(path), places)
    other, _ = trained_path(3, network)
    axes = np.stack([flat(plane.along), flat(plane.across)], 1)
    expected = [np.linalg.lstsq(axes, flat(p) - flat(plane.centre), rcond=None)[0] for p in other]
    np.testing.assert_allclose(plane.coordinates(other), expected, atol=1e-10)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1), st.floats(0, 2))
def test_a_square_around_points_has_them_inside(points, margin):
    left, right, bottom, top = around(torch.tensor(points, dtype=torch.float64), margin)
    assert right - left == pytest.approx(top - bottom) and right > left
    slack = 1e-9 * max(1, abs(right), abs(left), abs(top), abs(bottom))
    assert all(left - slack <= x <= right + slack and bottom - slack <= y <= top + slack for x, y in points)


def test_what_is_shown_around_a_path_begins_and_ends_inside():
    path, loss = trained_path()
    plane = path_plane(path)
    *_, last = loss_surfaces(loss, plane, around(plane.path), 9)
    assert last.x[0] < plane.path[:, 0].min() and plane.path[:, 0].max() < last.x[-1]
    assert last.losses.isfinite().all()


def nan_path():
    path, _ = trained_path(4)
    path[2]["0.bias"][0] = torch.nan
    return path


@pytest.mark.parametrize(
    "work, words",
    [
        (lambda: directions(nn.Sequential(nn.ReLU())), "no weights"),
        (lambda: directions(nn.BatchNorm1d(3)), "no weights"),
        (lambda: Plane(parameters_of(dense()), *directions(convolutional())), "different networks"),
        (lambda: plane_of(dense()).coordinates([parameters_of(convolutional())]), "different networks"),
        (lambda: path_plane(trained_path(1)[0]), "at least 3"),
        (lambda: path_plane([]), "at least 3"),
        (lambda: path_plane([parameters_of(dense())] * 5), "stands still"),
        (lambda: path_plane([{"w": torch.tensor([float(t)])} for t in range(5)]), "single parameter"),
        (lambda: path_plane(nan_path()), "diverged"),
        (lambda: path_plane([*trained_path(4)[0], parameters_of(convolutional())]), "different networks"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence(work, words):
    with pytest.raises(ValueError, match=words) as raised:
        work()
    assert one_sentence(raised.value)


def test_a_straight_path_still_has_a_plane():
    start, step = parameters_of(dense()), directions(dense())[0]
    plane = path_plane([Plane(start, step, step).at(t, 0) for t in (0.0, 1.0, 2.0, 3.0)])
    assert plane.explained[0].item() == pytest.approx(1)
    axes = torch.stack([torch.from_numpy(flat(plane.along)), torch.from_numpy(flat(plane.across))])
    torch.testing.assert_close(axes @ axes.T, torch.eye(2).double())
