"""Walkers on surfaces: known minima, PyTorch's rules, knobs that act in mid-run, walkers that are lost."""

from itertools import islice

import pytest
import torch

from cnnlab.surfaces.branch_and_bound import minimise
from cnnlab.surfaces.descents import (
    OPTIMISERS,
    TEST_FUNCTIONS,
    Walks,
    bowl,
    himmelblau,
    rastrigin,
    ravine,
    rosenbrock,
    saddle,
)

MINIMA = [
    ("bowl", [(0, 0)], 0),
    ("ravine", [(0, 0)], 0),
    ("Rosenbrock", [(1, 1)], 0),
    ("Himmelblau", [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)], 0),
    ("saddle", [(0, 2**0.5), (0, -(2**0.5))], -0.5),
    ("Rastrigin", [(0, 0)], 0),
]


def after(walks, steps):
    """The walks after some steps."""
    return next(islice(walks, steps, None))


@pytest.mark.parametrize("name, places, height", MINIMA)
def test_minima_are_where_the_literature_has_them(name, places, height):
    places = torch.tensor(places, dtype=torch.float64, requires_grad=True)
    heights = TEST_FUNCTIONS[name].function(places)
    torch.testing.assert_close(heights, torch.full_like(heights, height), atol=1e-9, rtol=0)
    (slope,) = torch.autograd.grad(heights.sum(), places)
    assert slope.abs().max() < 1e-3


@pytest.mark.parametrize("name", TEST_FUNCTIONS)
def test_no_place_lies_lower_than_the_lowest(name):
    function, low, high, lowest = TEST_FUNCTIONS[name]
    line = torch.linspace(low, high, 301)
    heights = function(torch.cartesian_prod(line, line))
    assert lowest - 1e-6 <= heights.min() < lowest + 0.1


@pytest.mark.parametrize("name", ["bowl", "ravine", "saddle"])
def test_all_reach_the_bottom_where_nothing_is_in_the_way(name):
    function, low, high, lowest = TEST_FUNCTIONS[name]
    walks = after(Walks(function, (0.6 * low, 0.7 * high), step_size=0.03), 800)
    for walker in OPTIMISERS:
        assert walks.height(walker) == pytest.approx(lowest, abs=2e-3)


def test_gradient_descent_is_the_formula():
    walks = after(Walks(TEST_FUNCTIONS["Rosenbrock"].function, (-1.0, 0.5), step_size=0.001), 3)
    place = torch.tensor([-1.0, 0.5], requires_grad=True)
    for _ in range(3):
        (slope,) = torch.autograd.grad(rosenbrock(place), place)
        place = (place - 0.001 * slope).detach().requires_grad_()
    torch.testing.assert_close(walks.paths["gradient descent"][-1], place.detach())
    assert len(walks.paths["Adam"]) == 4


def test_knobs_act_in_mid_run():
    still = Walks(TEST_FUNCTIONS["bowl"].function, (2.0, 1.0), step_size=0.0, momentum=0.0)
    running = iter(still)
    next(running), next(running)
    for name in ("gradient descent", "momentum", "Adam"):
        assert still.height(name) == bowl(torch.tensor([2.0, 1.0])).item()
    still.step_size = 0.1
    next(running)
    torch.testing.assert_close(still.paths["momentum"][-1], still.paths["gradient descent"][-1])
    still.momentum = 0.9
    next(running), next(running)
    assert still.height("momentum") < still.height("gradient descent") < bowl(torch.tensor([2.0, 1.0])).item()


def test_noise_is_drawn_with_the_seed():
    one, same, other, none = (
        after(Walks(TEST_FUNCTIONS["bowl"].function, (1.0, 1.0), noise=noise, seed=seed), 5).paths["Adam"][-1]
        for noise, seed in ((1.0, 0), (1.0, 0), (1.0, 1), (0.0, 0))
    )
    assert torch.equal(one, same) and not torch.equal(one, other) and not torch.equal(one, none)


def test_who_runs_away_is_lost_and_stays_on_the_map_of_numbers():
    walks = Walks(TEST_FUNCTIONS["Rosenbrock"].function, (-2.0, 2.0), step_size=0.5)
    after(walks, 60)
    assert {"gradient descent", "momentum"} <= walks.lost
    assert all(place.isfinite().all() for path in walks.paths.values() for place in path)
    assert "L-BFGS" not in walks.lost and walks.height("L-BFGS") < 1e-6
    assert len(walks.paths["gradient descent"]) < 61


def test_a_function_that_breaks_down_loses_its_walkers_only():
    walks = after(Walks(lambda points: (points[:, 0]).sqrt(), (0.01, 0.0), step_size=1.0), 10)
    assert all(place.isfinite().all() for path in walks.paths.values() for place in path)
    assert "gradient descent" in walks.lost


def test_walks_can_be_walked_again():
    walks = Walks(TEST_FUNCTIONS["Rosenbrock"].function, (-1.0, 1.0), step_size=0.001)
    first = after(walks, 20).paths["Adam"][-1]
    assert torch.equal(after(walks, 20).paths["Adam"][-1], first)
    assert len(walks.paths["Adam"]) == 21


def test_a_line_search_goes_on_until_it_finds_a_lower_place():
    """PyTorch allows one evaluation for one step, unless told otherwise; then L-BFGS stays where it is."""
    walks = after(Walks(lambda points: (30 * points.square()).sum(1).sin() ** 2, (0.2, 0.2)), 1)
    assert walks.height("L-BFGS") < 0.9 * walks.function(torch.tensor([[0.2, 0.2]]))


@pytest.mark.parametrize(
    "formula, low, high, lowest",
    [
        (bowl, -3.1, 3, 0),
        (ravine, -3.1, 3, 0),
        (rosenbrock, -2, 2.5, 0),
        (himmelblau, -5.5, 5.6, 0),
        (saddle, -2.5, 2.6, -0.5),
        (rastrigin, -3.5, 3.6, 0),
    ],
)
def test_formulas_take_intervals_too_and_their_minimum_is_proved(formula, low, high, lowest):
    *_, frame = minimise(formula, [low, low], [high, high], 1e-2)
    assert frame.state == "closed" and frame.minimum.contains(lowest)
