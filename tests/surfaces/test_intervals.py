"""Intervals contain what they must, checked against arb, whose balls are proved (python-flint)."""

import math
from decimal import Decimal

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small import one_sentence

from cnnlab.surfaces.intervals import TINY, ULPS, Interval, down, up

FUNCTIONS = ["cos", "sin", "exp", "tanh"]
SPECIAL = [0.0, -0.0, 5e-324, -5e-324, 2.3e-308, 1.0, -1.0, 1 + 2**-52, 1.7e307, np.finfo(float).max]
ctx.prec = 400  # bits that arb works with: enough for what cancels here
pytestmark = pytest.mark.filterwarnings("error")

ends = st.floats(allow_nan=False, allow_infinity=False)
small_ends = st.floats(-20, 20)
some = st.one_of(small_ends, ends, st.sampled_from(SPECIAL))


def between(low, high, share):
    """A float in [low, high]."""
    return min(max(low * (1 - share) + high * share, low), high)


def arb_of(name, value):
    return getattr(arb(float(value)), name)()


def certainly_outside(interval, ball):
    """Whether arb proves that the number in the ball is not in the interval."""
    return ball < arb(float(interval.low)) or ball > arb(float(interval.high))


# --- rounding


@given(st.one_of(st.floats(allow_nan=False), st.sampled_from(SPECIAL)))
def test_up_and_down_are_the_next_floats(value):
    with np.errstate(over="ignore"):
        assert up(value) == np.nextafter(value, np.inf)
        assert down(value) == np.nextafter(value, -np.inf)


def test_up_and_down_of_many_numbers():
    bits = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, 100_000, dtype=np.int64)
    values = bits.view(np.float64)
    values = values[~np.isnan(values)]
    assert (up(values) == np.nextafter(values, np.inf)).all()
    assert (down(values) == np.nextafter(values, -np.inf)).all()


@given(some, some)
def test_sums_products_and_quotients_of_two_numbers_contain_the_exact_result(a, b):
    x, y = Interval(a), Interval(b)
    exact = {"add": arb(a) + arb(b), "subtract": arb(a) - arb(b), "multiply": arb(a) * arb(b)}
    if b:
        exact["divide"] = arb(a) / arb(b)
    for name, ball in exact.items():
        result = getattr(np, name)(x, y)
        assert not certainly_outside(result, ball), name
        assert up(up(result.low)) >= result.high, f"{name} is wider than the two neighbours of its rounding"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpy_keeps_the_limit_that_its_functions_are_trusted_with(name):
    random = np.random.default_rng(1)
    values = np.concatenate(
        [random.uniform(-20, 20, 4000), random.normal(0, 1e-3, 500), random.normal(0, 1e3, 500)]
    )
    values = values[abs(values) < 700]  # exp stays finite
    for value, result in zip(values, getattr(np, name)(values), strict=True):
        exact = arb_of(name, value)
        limit = arb(ULPS) if name in ("cos", "sin") else abs(exact) * arb(ULPS) + arb(TINY)
        assert abs(arb(result) - exact) <= limit, f"np.{name}({value!r})"


# --- functions of one interval


@pytest.mark.parametrize("name", FUNCTIONS)
@given(some, some, st.floats(0, 1))
def test_functions_contain_the_value_at_every_point(name, a, b, share):
    low, high = min(a, b), max(a, b)
    result = getattr(np, name)(Interval(low, high))
    for value in (low, high, between(low, high, share)):
        ball = arb_of(name, value)
        assume(ball.is_finite())
        assert not certainly_outside(result, ball)


def peaks(low, high, shift):
    """The numbers 2 pi (k + shift) in [low, high], in arb: where cos or sin is 1 or -1."""
    turn = 2 * arb.pi()
    first, last = math.floor(low / (2 * math.pi)) - 2, math.ceil(high / (2 * math.pi)) + 2
    return [k for k in range(first, last) if arb(low) <= turn * (k + arb(shift)) <= arb(high)]


@given(small_ends, small_ends)
def test_cos_and_sin_are_no_wider_than_they_must_be(a, b):
    low, high = min(a, b), max(a, b)
    for name, top in (("cos", 0.0), ("sin", 0.25)):
        values = [float(arb_of(name, end).mid()) for end in (low, high)]
        least = -1 if peaks(low, high, top + 0.5) else min(values)
        most = 1 if peaks(low, high, top) else max(values)
        result = getattr(np, name)(Interval(low, high))
        assert least - 2 * ULPS <= result.low <= least + ULPS
        assert most - ULPS <= result.high <= most + 2 * ULPS


@pytest.mark.parametrize(("name", "top"), [("cos", 0.0), ("sin", 0.25)])
def test_a_peak_between_two_neighbouring_floats_is_seen(name, top):
    for k in np.random.default_rng(5).integers(-(10**17), 10**17, 2000).tolist():
        for part, sign in ((top, 1), (top + 0.5, -1)):
            peak = 2 * arb.pi() * (k + arb(part))
            near = float(peak.mid())
            low, high = (near, up(near)) if arb(near) < peak else (down(near), near)
            assert getattr(np, name)(Interval(low, high)).contains(sign)


@given(st.floats(-700, 700), st.floats(-700, 700))
def test_exp_and_tanh_are_no_wider_than_they_must_be(a, b):
    low, high = min(a, b), max(a, b)
    for name in ("exp", "tanh"):
        result = getattr(np, name)(Interval(low, high))
        for end, value in ((result.low, low), (result.high, high)):
            exact = float(arb_of(name, value).mid())
            assert abs(end - exact) <= 3 * ULPS * abs(exact) + 3 * TINY


@given(some, some, st.floats(0, 1), st.integers(-6, 9))
def test_powers_contain_the_power_of_every_point(a, b, share, exponent):
    low, high = min(a, b), max(a, b)
    result = Interval(low, high) ** exponent
    for value in (low, high, between(low, high, share)):
        ball = arb(value) ** exponent
        if value or exponent >= 0:
            assert not certainly_outside(result, ball)


@given(small_ends, small_ends, st.integers(1, 8))
def test_powers_are_no_wider_than_they_must_be(a, b, exponent):
    low, high = min(a, b), max(a, b)
    powers = [low**exponent, high**exponent]
    least = 0.0 if exponent % 2 == 0 and low <= 0 <= high else min(powers)
    result = Interval(low, high) ** exponent
    assert abs(result.low - least) <= 16 * 2**-52 * abs(least) + TINY
    assert abs(result.high - max(powers)) <= 16 * 2**-52 * max(map(abs, powers)) + TINY


# --- whole expressions


def expressions():
    """Random formulas in two variables, as nested tuples."""
    leaf = st.one_of(st.sampled_from(["x", "y"]), st.floats(-5, 5), st.integers(-3, 3))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["+", "-", "*", "/"]), inner, inner),
            st.tuples(st.just("**"), inner, st.integers(0, 4)),
            st.tuples(st.sampled_from(FUNCTIONS), inner),
        ),
        max_leaves=8,
    )


def evaluate(tree, number, variables):
    """The value of a formula whose constants are made by `number`."""
    if not isinstance(tree, tuple):
        return variables[tree] if isinstance(tree, str) else number(float(tree))
    name, *arguments = tree
    first = evaluate(arguments[0], number, variables)
    if name == "**":
        return first ** arguments[1]
    if name in FUNCTIONS:
        return first.__getattribute__(name)() if isinstance(first, arb) else getattr(np, name)(first)
    second = evaluate(arguments[1], number, variables)
    operators = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
    }
    return operators[name](first, second)


@settings(max_examples=500, deadline=None)
@given(expressions(), *[st.floats(-5, 5)] * 4, st.floats(0, 1), st.floats(0, 1))
def test_expressions_contain_the_value_at_every_point(tree, a, b, c, d, share, other_share):
    boxes = {"x": Interval(min(a, b), max(a, b)), "y": Interval(min(c, d), max(c, d))}
    points = {
        "x": between(min(a, b), max(a, b), share),
        "y": between(min(c, d), max(c, d), other_share),
    }
    ball = evaluate(tree, arb, {name: arb(value) for name, value in points.items()})
    assume(ball.is_finite())
    whole = evaluate(tree, Interval, boxes)
    assert not certainly_outside(whole, ball)
    exact = evaluate(tree, Interval, {name: Interval(value) for name, value in points.items()})
    assert not certainly_outside(exact, ball)
    assert whole.low <= whole.high


def test_arrays_give_what_single_intervals_give():
    random = np.random.default_rng(2)
    low = random.normal(0, 3, (4, 5))
    x = Interval(low, low + random.uniform(0, 4, (4, 5)))

    def formula(x):
        return np.cos(2 * np.pi * x) - x**3 / (1.5 + x * x) + np.tanh(np.exp(-x))

    together = formula(x)
    for i in range(4):
        for j in range(5):
            alone = formula(Interval(x.low[i, j], x.high[i, j]))
            assert up(up(alone.low)) >= together.low[i, j] >= down(down(alone.low))
            assert up(up(alone.high)) >= together.high[i, j] >= down(down(alone.high))


# --- what they are for, in examples


def test_a_square_knows_that_both_factors_are_the_same_number():
    x = Interval(-1, 2)
    assert f"{x * x:.2f}" == "[-2.01, 4.01]"
    assert f"{x**2:.2f}" == "[0.00, 4.01]"
    assert f"{x - x:.0f}" == "[-4, 4]"


def test_numbers_arrays_and_intervals_mix_on_both_sides():
    x = Interval([1.0, 2.0], [1.5, 3.0])
    array = np.array([2.0, -1.0])
    for one, other in (
        (2 * x, x * 2),
        (np.float64(2) + x, x + 2.0),
        (array * x, x * array),
        (1 - x, -(x - 1)),
    ):
        assert one.shape == (2,)
        assert (one.low == other.low).all() and (one.high == other.high).all()
    assert (1 / x).contains([0.8, 0.4]).all()
    assert not (array * x).contains([5.0, 5.0]).any()


def test_division_by_what_contains_zero_says_nothing():
    quotient = 1 / Interval([-1, 1, 0], [1, 2, 0])
    assert quotient.low[0] == -np.inf and quotient.high[0] == np.inf
    assert quotient.low[2] == -np.inf and quotient.high[2] == np.inf
    assert 0.49 < quotient.low[1] < 0.5 and 1 < quotient.high[1] < 1.01


def test_infinite_ends_are_no_numbers():
    half = Interval(1, np.inf)
    assert (half * 0).contains(0) and (half * 0).high < 1e-300
    assert (Interval(-np.inf, np.inf) * 0).contains(0)
    assert (half - half).low == -np.inf
    assert 0 < np.exp(half).low < np.exp(half).high == np.inf
    wave = np.cos(half)
    assert (wave.low, wave.high) == (-1, 1)
    huge = Interval(1e308) * 10
    assert huge.low == np.finfo(float).max and huge.high == np.inf


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.integers(0, 12))
def test_printing_rounds_outward(a, b, digits):
    x = Interval(min(a, b), max(a, b))
    low, high = f"{x:.{digits}f}"[1:-1].split(", ")
    unit = Decimal(1).scaleb(-digits)
    assert Decimal(low) <= Decimal(float(x.low)) < Decimal(low) + unit
    assert Decimal(high) - unit < Decimal(float(x.high)) <= Decimal(high)


def test_printing_a_third_and_no_end():
    assert f"{1 / Interval(3)}" == "[0.333333, 0.333334]"
    assert f"{Interval(-np.inf, -1e-300):.3f}" == "[-inf, 0.000]"
    assert repr(Interval([1, 2], [3, 4])) == "Interval([1.0, 2.0], [3.0, 4.0])"


# --- bad input


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Interval(2, 1), "above"),
        (lambda: Interval([0, np.nan]), "NaN"),
        (lambda: Interval(0, np.nan), "NaN"),
        (lambda: Interval(np.inf), "inf"),
        (lambda: Interval("one"), "float64"),
        (lambda: Interval(2**53 + 1), "float64"),
        (lambda: Interval(1j), "float64"),
        (lambda: Interval(0, 1) ** 0.5, "exponent"),
        (lambda: np.log(Interval(1, 2)), "log"),
        (lambda: np.add.reduce(Interval([1, 2])), "add"),
        (lambda: math.cos(Interval(1, 2)), "np.cos"),
        (lambda: f"{Interval(1, 2):x}", "single"),
        (lambda: f"{Interval([1, 2]):.3f}", "single"),
    ],
)
def test_bad_input_gets_a_sentence(make, word):
    with pytest.raises((ValueError, TypeError), match=word) as error:
        make()
    assert one_sentence(error.value)


def test_changing_in_place_gives_a_new_interval():
    x = y = Interval([1, 2], [2, 4])
    x += 1
    x *= np.array([1.0, 2.0])
    assert x.contains([[2, 6], [3, 10]]).all() and (y.low == [1, 2]).all()
    with pytest.raises(TypeError, match="add"):
        np.add(y, 1, out=np.empty(2))


def test_intervals_can_be_joined():
    one, two = Interval([[1.0], [2.0]]), Interval([[0.0, 3.0], [4.0, 5.0]], [[0.5, 3.0], [4.5, 5.0]])
    joined = Interval.joined(one, two)
    assert joined.low.tolist() == [[1, 0, 3], [2, 4, 5]]
    assert joined.high.tolist() == [[1, 0.5, 3], [2, 4.5, 5]]
