"""Enclosures of minima that are known, by calculus or by other people's optimisers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares
from small import one_sentence

from cnnlab.surfaces import branch_and_bound
from cnnlab.surfaces.branch_and_bound import INPUTS, TARGETS, lipschitz_bound, minimise, one_neuron
from cnnlab.surfaces.descents import rastrigin
from cnnlab.surfaces.intervals import Interval

ctx.prec = 400  # bits that arb works with
LOW, HIGH = -4.7, 5.53  # bisection never meets the origin in such a box
FIT = {1: ([-7.3], [8.9]), 2: ([-7.3, -4.1], [8.9, 3.7]), 3: ([-7.3, -4.1, -2.3], [8.9, 3.7, 2.1])}


def griewank(x):
    """1 + Σ x_i² / 4000 - Π cos(x_i / √i): 0 at the origin, many shallow valleys; doi:10.1007/BF00933356."""
    waves = [np.cos(x_i / np.sqrt(i)) for i, x_i in enumerate(x, 1)]
    return sum((x_i**2 / 4000 for x_i in x), 1.0) - math.prod(waves[1:], start=waves[0])


def last(*arguments, **options):
    *_, frame = minimise(*arguments, **options)
    return frame


def holds(boxes, point):
    """Whether each of the boxes (d, K) contains the point (d,)."""
    return boxes.contains(np.asarray(point)[:, None]).all(0)


def in_arb(function, point):
    return function([arb(float(coordinate)) for coordinate in point])


# --- minima that are known


@pytest.mark.parametrize("function", [rastrigin, griewank])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_known_minima_are_enclosed(function, dimension):
    frame = last(function, [LOW] * dimension, [HIGH] * dimension, 1e-4)
    assert frame.state == "closed" and str(frame).startswith("Closed")
    assert frame.minimum.low <= 0 <= frame.minimum.high
    assert frame.minimum.high - frame.minimum.low <= 1e-4
    assert holds(frame.kept, [0.0] * dimension).any()


@pytest.mark.parametrize(
    ("function", "low", "high", "exact"),
    [
        (lambda x: x[0] ** 4 - 2 * x[0] ** 2, -1.7, 2.9, arb(-1)),
        (lambda x: np.sin(x[0]), 0.1, 6, arb(-1)),
        (lambda x: np.exp(x[0]) - 2 * x[0], -3, 5, 2 - 2 * arb(2).log()),
        (lambda x: x[0] / (1 + x[0] ** 2), -7, 5, arb(-0.5)),
        (lambda x: np.tanh(x[0]) * x[0], -3, 5, arb(0)),
        (lambda x: 1 * x[0], 2, 3, arb(2)),  # at the edge
    ],
)
def test_minima_by_calculus_are_enclosed(function, low, high, exact):
    frame = last(function, [low], [high], 1e-6)
    assert frame.state == "closed"
    assert arb(float(frame.minimum.low)) <= exact <= arb(float(frame.minimum.high))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6), st.floats(-4, 0), st.floats(0.1, 4))
def test_no_value_lies_below_the_enclosure_and_its_upper_end_is_reached(c, low, width):
    def function(x):
        return c[0] * x[0] + c[1] * x[0] ** 3 + c[2] * np.cos(c[3] * x[0]) + c[4] * np.sin(5 * x[0] + c[5])

    frame = last(function, [low], [low + width], 1e-3, 20_000)
    values = function([np.linspace(low, low + width, 1001)[1:-1]])
    assert values.min() >= frame.minimum.low - 1e-12  # of the floats here
    at_best = in_arb(function, frame.best)
    assert not at_best > arb(float(frame.minimum.high))
    assert at_best > arb(float(frame.minimum.high)) - arb(1e-12)


# --- how it goes on the way


@pytest.mark.parametrize("constant", [None, 75 * math.sqrt(2)])
def test_the_minimiser_is_never_discarded_and_no_box_gets_lost(constant):
    function = rastrigin if constant is None else lipschitz_bound(rastrigin, constant)
    gone, before = 0.0, None
    for frame in minimise(function, [LOW, LOW], [HIGH, HIGH], 0.05):
        assert holds(frame.kept, [0.0, 0.0]).any()
        assert not holds(frame.discarded, [0.0, 0.0]).any()
        gone += np.prod(frame.discarded.high - frame.discarded.low, 0).sum()
        area = np.prod(frame.kept.high - frame.kept.low, 0).sum()
        assert area + gone == pytest.approx((HIGH - LOW) ** 2)
        assert frame.minimum.low <= 0 <= frame.minimum.high
        assert (frame.bounds <= frame.minimum.high).all() and frame.bounds.min() == frame.minimum.low
        if before:
            assert frame.minimum.low >= before.minimum.low and frame.minimum.high <= before.minimum.high
            assert frame.number == before.number + 1 and before.state == "open"
        before = frame
    assert frame.state == "closed" and gone > 0


def test_minimisers_on_the_border_of_boxes_are_kept_on_both_sides():
    for frame in minimise(rastrigin, [-4.0, -4.0], [4.0, 4.0], 1e-3):
        assert holds(frame.kept, [0.0, 0.0]).sum() == min(4, 2**frame.number)


def test_boxes_as_low_as_the_upper_bound_are_kept():
    def stairs(x):  # 0 up to 0.5, then 1
        return Interval(np.where(x.low[0] <= 0.5, 0.0, 1.0), np.where(x.high[0] <= 0.5, 0.0, 1.0))

    frame = last(stairs, [0.0], [1.1])
    assert frame.state == "closed" and frame.minimum.low == frame.minimum.high == 0
    assert holds(frame.kept, [0.5]).any() and not holds(frame.kept, [1.0]).any()


def test_what_bounds_a_box_bounds_its_halves():
    bounds = [
        float(frame.minimum.low)
        for frame in minimise(lipschitz_bound(lambda x: x[0] + 0 * x[1], 1), [0.0, 0.0], [1.0, 1.0], 0.02)
    ]
    assert bounds == sorted(bounds) and -0.02 <= bounds[-1] <= 0


def test_the_upper_bound_is_an_intervals_end_and_its_point_is_there():
    frame = last(griewank, [-10.0, -10.0], [11.3, 11.3])
    value = griewank(Interval(frame.best))
    assert value.high == frame.minimum.high > value.low
    assert not in_arb(griewank, frame.best) > arb(float(frame.minimum.high))


def test_boxes_multiply_with_the_dimension():
    counts = [last(rastrigin, [LOW] * d, [HIGH] * d, 1e-4).evaluated for d in range(1, 6)]
    assert all(6 < more / less < 9 for less, more in pairwise(counts)), counts
    wide = [last(griewank, [-563.0] * d, [637.0] * d, 1e-4).evaluated for d in range(1, 5)]
    assert all(6 < more / less < 25 for less, more in pairwise(wide)), wide


def test_how_many_boxes_are_evaluated_at_once_changes_nothing(monkeypatch):
    one = last(rastrigin, [LOW] * 3, [HIGH] * 3)
    monkeypatch.setattr(branch_and_bound, "CHUNK", 7)
    other = last(rastrigin, [LOW] * 3, [HIGH] * 3)
    assert other.evaluated == pytest.approx(one.evaluated, rel=0.01)  # vectors' ends may round differently
    assert other.minimum.low == pytest.approx(one.minimum.low, abs=1e-12)
    assert other.minimum.high == pytest.approx(one.minimum.high, abs=1e-12)


# --- with a Lipschitz constant


def gradients(function, low, high, count=4000):
    """Norms of the gradient at random points, by central differences."""
    points = np.random.default_rng(0).uniform(low, high, (3, count))
    step = 1e-5
    slopes = [
        (function(points + step * unit[:, None]) - function(points - step * unit[:, None])) / (2 * step)
        for unit in np.eye(3)
    ]
    return np.linalg.norm(slopes, axis=0)


def test_the_lipschitz_constant_that_is_told_holds():
    assert 0.8 * 75 * 3**0.5 < gradients(rastrigin, -6, 6).max() < 75 * 3**0.5


@settings(deadline=None)
@given(*[st.floats(-6, 6)] * 4, st.floats(0, 1), st.floats(0, 1))
def test_a_lipschitz_bound_contains_the_value_at_every_point(a, b, c, d, share, other_share):
    low, high = np.minimum([a, c], [b, d]), np.maximum([a, c], [b, d])
    enclosure = lipschitz_bound(rastrigin, 75 * math.sqrt(2))(Interval(low[:, None], high[:, None]))
    point = np.clip(low + (high - low) * [share, other_share], low, high)
    value = in_arb(rastrigin, point)
    assert not value < arb(enclosure.low[0]) and not value > arb(enclosure.high[0])


def test_a_lipschitz_bound_of_a_cone_is_exact_up_to_rounding():
    enclosure = lipschitz_bound(lambda x: 2 * x[0], 2)(Interval([[0.1]], [[0.7]]))
    assert enclosure.low[0] == pytest.approx(0.2) and enclosure.low[0] < 2 * 0.1
    assert enclosure.high[0] == pytest.approx(1.4) and enclosure.high[0] > 2 * 0.7


@pytest.mark.parametrize("dimension", [1, 2])
def test_knowing_only_a_lipschitz_constant_takes_more_boxes(dimension):
    box = [LOW] * dimension, [HIGH] * dimension, 0.01
    known = last(lipschitz_bound(rastrigin, 75 * math.sqrt(dimension)), *box)
    formula = last(rastrigin, *box)
    assert known.state == formula.state == "closed"
    assert known.minimum.low <= 0 <= known.minimum.high
    assert known.evaluated > 5 * formula.evaluated


# --- one neuron


def best_of_many_starts(free, starts=60):
    """The least sum of squares that scipy finds inside the box."""
    random, (low, high) = np.random.default_rng(0), FIT[free]

    def errors(x):
        w, b, a = [*x, *[0.0, 1.0][free - 1 :]]
        return a * np.tanh(w * np.array(INPUTS) + b) - np.array(TARGETS)

    fits = [least_squares(errors, random.uniform(low, high), bounds=(low, high)) for _ in range(starts)]
    return min(2 * fit.cost for fit in fits), {round(2 * fit.cost, 3) for fit in fits}


@pytest.mark.parametrize("free", [1, 2])
def test_the_fit_of_a_neuron_is_enclosed_where_scipy_finds_it(free):
    found, ends_of_descents = best_of_many_starts(free)
    frame = last(one_neuron, *FIT[free], tolerance=1e-3)
    assert frame.state == "closed"
    assert frame.minimum.low <= found and frame.minimum.high <= found + 1e-3
    assert len(ends_of_descents) > 1, "a function with one valley would need no proof"


def test_with_three_parameters_a_hundred_thousand_boxes_are_not_enough():
    frame = last(one_neuron, *FIT[3], tolerance=1e-3, limit=100_000)
    assert frame.state == "limit" and "limit was reached" in str(frame)
    assert 99_998 <= frame.evaluated <= 100_000
    found, _ = best_of_many_starts(3)
    assert frame.minimum.low < found - 1e-3 and found <= frame.minimum.high


def test_the_boxes_of_a_fit_multiply_with_its_parameters():
    one, two = (last(one_neuron, *FIT[free], tolerance=1e-3).evaluated for free in (1, 2))
    assert 50 < two / one < 500


@pytest.mark.parametrize("function", [rastrigin, griewank, one_neuron])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_one_definition_serves_floats_arrays_and_intervals(function, dimension):
    points = np.random.default_rng(3).uniform(-3, 3, (dimension, 20))
    values, intervals = function(points), function(Interval(points))
    assert intervals.contains(values).all()
    assert (intervals.high - intervals.low).max() < 1e-12
    for point, value in zip(points.T, values, strict=True):
        assert function([float(coordinate) for coordinate in point]) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("function", [rastrigin, griewank])
def test_one_definition_serves_arb(function):
    points = np.random.default_rng(4).uniform(-5, 5, (2, 50))
    intervals = function(Interval(points))
    for point, low, high in zip(points.T, intervals.low, intervals.high, strict=True):
        assert arb(low) < in_arb(function, point) < arb(high)


# --- where it ends, and bad input


def test_a_limit_is_kept_and_spent_where_the_bounds_are_lowest():
    frame = last(rastrigin, [LOW] * 3, [HIGH] * 3, 1e-4, 1000)
    assert frame.state == "limit" and 999 <= frame.evaluated <= 1000
    assert frame.minimum.low <= 0 <= frame.minimum.high
    *_, before, after = minimise(rastrigin, [LOW] * 3, [HIGH] * 3, 1e-4, 1000)
    there = set(map(tuple, np.hstack([after.kept.low.T, after.kept.high.T])))
    waited = np.array([tuple(box) in there for box in np.hstack([before.kept.low.T, before.kept.high.T])])
    assert waited.any() and before.bounds[waited].min() >= before.bounds[~waited].max()
    assert last(rastrigin, [LOW], [HIGH], limit=1).evaluated == 1
    assert last(rastrigin, [LOW], [HIGH], limit=math.inf).state == "closed"


def test_boxes_that_cannot_be_cut_end_the_search():
    frame = last(lambda x: 1 * x[0], [1.0], [1 + 4 * 2**-52], tolerance=1e-300)
    assert frame.state == "resolution" and "float64" in str(frame)
    assert frame.minimum.contains(1.0)


def test_a_side_of_no_width_and_a_vast_one_are_fine():
    frame = last(lambda x: (x[0] - 1) ** 2 + x[1] ** 2, [3.0, -1.0], [3.0, 2.0], 1e-3)
    assert frame.state == "closed" and frame.minimum.contains(4.0)
    frame = last(lambda x: np.tanh(x[0]), [-1e308], [1e308], 1e-3)
    assert frame.state == "closed" and frame.minimum.contains(-1.0)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((rastrigin, [1.0], [0.0]), "above"),
        ((rastrigin, [np.nan], [0.0]), "NaN"),
        ((rastrigin, [], []), "box"),
        ((rastrigin, 0.0, 1.0), "box"),
        ((rastrigin, [0.0], [np.inf]), "finite"),
        ((rastrigin, [0.0], [1.0], 0.0), "tolerance"),
        ((rastrigin, [0.0], [1.0], -1.0), "tolerance"),
        ((rastrigin, [0.0], [1.0], math.nan), "tolerance"),
        ((rastrigin, [0.0], [1.0], 1e-3, 0), "limit"),
        ((rastrigin, [0.0], [1.0], 1e-3, math.nan), "limit"),
        ((lambda x: 3.0, [0.0], [1.0]), "interval"),
        ((lambda x: x, [0.0, 0.0], [1.0, 1.0]), "interval"),
        ((lambda x: np.log(x[0]), [1.0], [2.0]), "log"),
        ((one_neuron, [0.0] * 4, [1.0] * 4), "parameters"),
    ],
)
def test_bad_input_gets_a_sentence(arguments, word):
    with pytest.raises((ValueError, TypeError), match=word) as error:
        list(minimise(*arguments))
    assert one_sentence(error.value)


def test_bad_constants_get_a_sentence():
    for constant in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="Lipschitz") as error:
            lipschitz_bound(rastrigin, constant)
        assert one_sentence(error.value)
