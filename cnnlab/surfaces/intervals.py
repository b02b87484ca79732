"""Arithmetic with intervals: every result contains all that the numbers could have given, rounding included.

x = Interval([-1, 0.5], [2, 0.5])     # two intervals: [-1, 2] and the point 0.5
x * x - np.cos(x)                     # the same formula works with floats and with arrays of them
f"{x[0] ** 2:.4f}"                    # '[0.0000, 4.0001]', rounded outward again: nothing gets lost in print

Moore, Kearfott and Cloud, "Introduction to Interval Analysis", SIAM 2009. What is assumed:

- Sums, products and quotients are rounded to the nearest float64, as IEEE 754 asks, and subnormal numbers
  are not flushed to zero (torch.set_flush_denormal would do that). The next float outward is then a bound.
- NumPy's exp and tanh are wrong by at most 4 units in the last place, and its cos and sin by at most 4 units
  in the last place of 1: NumPy's own limit for its functions. Results are widened by as much. That is a
  promise, not a proof; the tests compare with `arb`, which has proofs.
- A number in a formula is the float64 that it is: 0.1 is not a tenth, and np.pi is a little less than π.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import reduce, wraps
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ULPS = 4 * 2.0**-52  # what NumPy's elementary functions may be wrong by, relative to the result
TINY = 1e-322  # and among the subnormal numbers, where the last place does not shrink any more
MAX = float(np.finfo(np.float64).max)
INF = np.float64(np.inf).view(np.int64)
EXACT = 2**53  # every integer up to this one is a float64


def up(values: ArrayLike) -> Floats:
    """The next larger float64 of each value: an upper bound of what was rounded to it."""
    return _next(np.asarray(values, np.float64) + 0.0)


def down(values: ArrayLike) -> Floats:
    """The next smaller float64 of each value: a lower bound of what was rounded to it."""
    return -_next(0.0 - np.asarray(values, np.float64))


def _next(values: Floats) -> Floats:
    """np.nextafter(values, np.inf) in a fifth of its time, where no value is -0.0.

    Read as an integer, a positive float64 is followed by the next larger one, and a negative one preceded.
    """
    bits = values.view(np.int64)
    return np.minimum(bits + (bits >> 63 | 1), INF).view(np.float64)


class Interval(NDArrayOperatorsMixin):
    """Intervals [low, high] of real numbers, one for each place of two float64 arrays of one shape.

    `high` is `low` where it is not given: points. An end may be infinite, which stands for no bound there.
    Operators are +, -, *, / and ** with an integer; functions are NumPy's cos, sin, exp, tanh and square.
    A variable that occurs twice counts as two, so x * x is wider than x ** 2. Where a divisor contains 0,
    the quotient is [-inf, inf].

    ValueError where low > high, for NaN and for what is no float64; TypeError for what intervals cannot do.
    """

    def __init__(self, low: ArrayLike, high: ArrayLike | None = None) -> None:
        self.low = self.high = _numbers(low)
        if high is not None:
            self.low, self.high = np.broadcast_arrays(self.low, _numbers(high))
        if np.isnan(self.low).any() or np.isnan(self.high).any():
            raise ValueError("An end of an interval is NaN: give numbers.")
        if not (self.low <= self.high).all():
            raise ValueError("The low end of an interval lies above its high end: give the smaller first.")
        if (self.low == np.inf).any() or (self.high == -np.inf).any():
            raise ValueError("An interval needs a number in it: begin below inf and end above -inf.")

    @classmethod
    def of(cls, low: Floats, high: Floats) -> Interval:
        """Of two arrays that are known to be ends of intervals: nothing is checked."""
        interval = cls.__new__(cls)
        interval.low, interval.high = low, high
        return interval

    @classmethod
    def joined(cls, *parts: Interval) -> Interval:
        """Side by side: (..., K) and (..., M) make (..., K + M)."""
        low, high = (np.concatenate([getattr(part, end) for part in parts], -1) for end in ("low", "high"))
        return cls.of(low, high)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.low.shape

    @property
    def middle(self) -> Floats:
        """A number in each interval, next to its middle; both ends must be finite."""
        return np.clip(0.5 * self.low + 0.5 * self.high, self.low, self.high)

    def contains(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Whether each value lies in its interval."""
        return np.less_equal(self.low, values) & np.less_equal(values, self.high)

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, index: Any) -> Interval:
        low = self.low[index]
        return Interval.of(low, low if self.high is self.low else self.high[index])

    def __iter__(self) -> Iterator[Interval]:
        return (self[i] for i in range(len(self)))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Interval:
        here = options.pop("out", inputs)[0]  # x += y asks for it in x
        if ufunc not in RULES or method != "__call__" or options or here is not inputs[0]:
            names = ", ".join(sorted(rule.__name__ for rule in RULES))
            raise TypeError(f"np.{ufunc.__name__} does not take intervals; what does: {names}.")
        return RULES[ufunc](*inputs)

    def __float__(self) -> float:
        raise TypeError("An interval is not one number: use NumPy's functions (np.cos), not those of math.")

    def __repr__(self) -> str:
        return f"Interval({self.low.tolist()!r}, {self.high.tolist()!r})"

    def __format__(self, spec: str) -> str:
        """One interval as [low, high] with `spec` such as ".4f" (".6f" if empty), rounded outward."""
        digits = spec.removeprefix(".").removesuffix("f") if spec else "6"
        if not digits.isdigit() or self.shape:
            raise ValueError(f"{spec!r} cannot format this: give '.4f' or the like, and a single interval.")
        low, high = float(self.low), float(self.high)
        return f"[{_decimal(low, int(digits), ROUND_FLOOR)}, {_decimal(high, int(digits), ROUND_CEILING)}]"


def _numbers(values: ArrayLike) -> Floats:
    """`values` as float64, if they are so exactly."""
    array = np.asarray(values)
    whole = array.dtype.kind in "iub" and ((array >= -EXACT) & (array <= EXACT)).all()
    if not (whole or (array.dtype.kind == "f" and array.dtype.itemsize <= 8)):
        raise ValueError(
            f"{values!r:.50} is not made of float64 numbers or integers up to 2 ** 53: give such."
        )
    return array.astype(np.float64, copy=False)


def _decimal(value: float, digits: int, rounding: str) -> str:
    if not np.isfinite(value):
        return str(value)
    unit = Decimal(1).scaleb(-digits)
    return f"{Decimal(value).quantize(unit, rounding, Context(prec=400 + digits)) + 0:f}"


RULES: dict[np.ufunc, Callable[..., Interval]] = {}


def _rule(function: Callable[..., Interval]) -> Callable[..., Interval]:
    """What NumPy's function of the same name does with intervals.

    Numbers are points; overflow and 0 * inf are what they are here, no reason for a warning.
    """

    @wraps(function)
    def rule(x: Any, *others: Any) -> Interval:
        arguments = (value if isinstance(value, Interval) else Interval(value) for value in (x, *others))
        with np.errstate(all="ignore"):
            return function(*arguments)

    RULES[getattr(np, function.__name__)] = rule
    return rule


def _hull(candidates: list[Floats]) -> Interval:
    """From the least to the greatest. NaN comes from 0 * inf, which is 0: an end may be inf, no number is."""
    low, high = reduce(np.fmin, candidates), reduce(np.fmax, candidates)
    if (nothing := np.isnan(low)).any():
        low, high = np.where(nothing, 0, low), np.where(nothing, 0, high)
    return Interval.of(down(low), up(high))


def _ends(x: Interval) -> tuple[Floats, ...]:
    """Both ends, or the one number that a point is."""
    return (x.low,) if x.low is x.high else (x.low, x.high)


@_rule
def negative(x: Interval) -> Interval:
    return Interval.of(-x.high, -x.low)


@_rule
def add(x: Interval, y: Interval) -> Interval:
    return Interval.of(down(x.low + y.low), up(x.high + y.high))


@_rule
def subtract(x: Interval, y: Interval) -> Interval:
    return Interval.of(down(x.low - y.high), up(x.high - y.low))


@_rule
def multiply(x: Interval, y: Interval) -> Interval:
    return _hull([a * b for a in _ends(x) for b in _ends(y)])


@_rule
def divide(x: Interval, y: Interval) -> Interval:
    """x / y: all numbers where y contains 0."""
    quotients = _hull([a / b for a in _ends(x) for b in _ends(y)])
    zero = (y.low <= 0) & (y.high >= 0)
    return Interval.of(np.where(zero, -np.inf, quotients.low), np.where(zero, np.inf, quotients.high))


def power(x: Interval, exponent: int) -> Interval:
    """x ** exponent for an integer; tighter than a product, as x is known to be the same number each time."""
    if isinstance(exponent, bool) or not isinstance(exponent, int | np.integer):
        raise TypeError(f"{exponent!r:.50} is not an exponent for intervals: give an integer such as 2.")
    n = int(exponent)
    if n <= 0:
        return divide(1.0, power(x, -n)) if n else Interval(np.ones(x.shape))
    with np.errstate(all="ignore"):
        if n % 2 == 0:
            least, most = np.maximum(np.maximum(x.low, -x.high), 0), np.maximum(-x.low, x.high)  # of |x|
            return Interval.of(_raised(least, n, _down_to_zero), _raised(most, n, up))
        inner, outer = ([_raised(abs(end), n, r) for end in (x.low, x.high)] for r in (_down_to_zero, up))
        low = np.where(x.low >= 0, inner[0], -outer[0])
        return Interval.of(low, np.where(x.high >= 0, outer[1], -inner[1]))


def _raised(base: Floats, exponent: int, rounded: Callable[[Floats], Floats]) -> Floats:
    """base ** exponent for base >= 0 by products only, each `rounded`."""
    if exponent == 1:
        return base
    root = _raised(base, exponent // 2, rounded)
    square = rounded(root * root)
    return rounded(square * base) if exponent % 2 else square


def _down_to_zero(values: Floats) -> Floats:
    return np.maximum(down(values), 0)


@_rule
def exp(x: Interval) -> Interval:
    low, high = np.minimum(np.exp(x.low), MAX), np.exp(x.high)
    return Interval.of(_down_to_zero(low - (ULPS * low + TINY)), up(high + (ULPS * high + TINY)))


@_rule
def tanh(x: Interval) -> Interval:
    """tanh rises everywhere, so the ends give the ends."""
    low, high = np.tanh(x.low), np.tanh(x.high)
    low, high = down(low - (ULPS * abs(low) + TINY)), up(high + (ULPS * abs(high) + TINY))
    return Interval.of(np.maximum(low, -1), np.minimum(high, 1))


def _wave(function: Callable[[Floats], Floats], x: Interval, peak: float) -> Interval:
    """cos or sin, which is 1 at `peak`, told in turns of 2π, and -1 half a turn away."""
    ends = [function(end) for end in _ends(x)]
    low = np.maximum(down(reduce(np.fmin, ends) - ULPS), -1)
    high = np.minimum(up(reduce(np.fmax, ends) + ULPS), 1)
    if x.low is x.high and np.isfinite(x.low).all():
        return Interval.of(low, high)
    first, last = x.low / (2 * np.pi) - peak, x.high / (2 * np.pi) - peak
    first -= ULPS * (abs(first) + 1)  # more than np.pi and four roundings can be wrong by
    last += ULPS * (abs(last) + 1)
    low = np.where(np.floor(last - 0.5) >= np.ceil(first - 0.5), -1, low)
    return Interval.of(low, np.where(np.floor(last) >= np.ceil(first), 1, high))


@_rule
def cos(x: Interval) -> Interval:
    return _wave(np.cos, x, 0.0)


@_rule
def sin(x: Interval) -> Interval:
    return _wave(np.sin, x, 0.25)


RULES |= {np.power: power, np.square: lambda x: power(x, 2)}
