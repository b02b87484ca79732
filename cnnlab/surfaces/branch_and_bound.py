"""The global minimum of a function that is not convex, enclosed with a proof: bisect, discard the hopeless.

for frame in minimise(rastrigin, [-4.7, -4.7], [5.53, 5.53], tolerance=1e-4):
    ...                               # frame.kept, frame.discarded, frame.minimum: what is known so far
print(frame)  # Closed: the global minimum lies in [-0.000001, 0.000066] (boxes evaluated: 291, left: 1).

An interval evaluation of the function on a box bounds it from below on the whole box; an evaluation at one
point bounds the global minimum from above. A box whose lower bound exceeds that upper bound cannot hold a
global minimiser. Both bounds are intervals' ends (`intervals` says what they assume), never plain floats.
Hansen and Walster, "Global Optimization Using Interval Analysis", 2nd edition, 2004.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .intervals import Floats, Interval, up

Function = Callable[[Any], Any]  # of d coordinates, first axis, each a float, an array or an Interval

CHUNK = 4096  # boxes evaluated at once: their intermediate results stay in the processor's cache
PROMISING = 1024  # boxes of each round whose middle is tried for a better upper bound


@dataclass(frozen=True, eq=False)
class BisectionFrame:
    """What is known after `number` rounds of bisection in d dimensions.

    kept: (d, K) boxes that may hold a global minimiser; `bounds` (K,) are the function's lower bounds there.
    discarded: (d, M) boxes of which this round showed that they hold none.
    minimum: encloses the function's global minimum on the box where the search began.
    best: (d,) the point at which the function is at most minimum.high.
    evaluated: the number of boxes that the function was evaluated on so far.
    state: "open" until the last frame. Then "closed" where `minimum` is no wider than the tolerance, "limit"
        where more boxes would have been needed, "resolution" where boxes are too small to be bisected.
    """

    number: int
    kept: Interval
    bounds: Floats
    discarded: Interval
    minimum: Interval
    best: Floats
    evaluated: int
    state: str

    def __str__(self) -> str:
        ends = {
            "open": "So far",
            "closed": "Closed",
            "limit": "Not closed, the limit was reached",
            "resolution": "Not closed, the boxes are as small as float64 allows",
        }
        boxes = f"boxes evaluated: {self.evaluated}, left: {len(self.bounds)}"
        return f"{ends[self.state]}: the global minimum lies in {self.minimum:.6f} ({boxes})."


def minimise(
    function: Function, low: ArrayLike, high: ArrayLike, tolerance: float = 1e-4, limit: float = 1_000_000
) -> Iterator[BisectionFrame]:
    """Enclose the global minimum of `function` on the box from `low` to `high`, both (d,), by bisection.

    function: of an Interval (d, K), K boxes, to an Interval (K,) that encloses its values on each. A formula
        in `+ - * / **` and NumPy's cos, sin, exp and tanh of x[0], x[1] ... is one; so is `lipschitz_bound`.
    tolerance: ends when upper and lower bound of the minimum are no farther apart.
    limit: ends before more boxes than this are evaluated, and the last frame says so. Each round also tries
        the middles of its most promising boxes for the upper bound; these points are not counted.

    Yields a `BisectionFrame` for the whole box and after each round, in which every box whose bound is not
    within the tolerance yet is cut in two across its widest side, measured in widths of the first box.
    ValueError for a box, a tolerance or a limit that make no sense.
    """
    box = _start(low, high, tolerance, limit)
    scale = np.where(box.high > box.low, box.high / 2 - box.low / 2, 1)
    bounds = _evaluate(function, box).low
    best, upper = _better(function, box, bounds, box.low[:, 0], math.inf)
    frame = BisectionFrame(0, box, bounds, box[:, :0], Interval.of(bounds.min(), upper), best, 1, "open")
    while True:
        chosen = (up(frame.minimum.high - frame.bounds) > tolerance).nonzero()[0]
        room = int(min((limit - frame.evaluated) / 2, len(chosen)))
        state = "limit" if room < len(chosen) and not room else "open" if len(chosen) else "closed"
        if room < len(chosen):  # the last boxes go where bounds are lowest
            chosen = chosen[np.argsort(frame.bounds[chosen], kind="stable")[:room]]
        halves, cut = _halves(frame.kept[:, chosen], scale)
        if state == "open" and not cut.any():
            state = "resolution"
        yield replace(frame, state=state)
        if state != "open":
            return
        frame = _round(function, frame, halves, chosen[cut])


def _round(function: Function, frame: BisectionFrame, halves: Interval, cut: NDArray) -> BisectionFrame:
    """What is known when the boxes with the numbers `cut` are replaced by their halves."""
    inherited = np.tile(frame.bounds[cut], 2)  # what bounds a box bounds its halves, too
    bounds = np.maximum(_evaluate(function, halves).low, inherited)
    best, upper = _better(function, halves, bounds, frame.best, frame.minimum.high)
    others = np.delete(np.arange(len(frame.bounds)), cut)
    boxes = Interval.joined(frame.kept[:, others], halves)
    bounds = np.concatenate([frame.bounds[others], bounds])
    kept, hopeless = bounds <= upper, bounds > upper
    minimum = Interval.of(bounds[kept].min(), upper)
    evaluated = frame.evaluated + halves.shape[1]
    return BisectionFrame(
        frame.number + 1, boxes[:, kept], bounds[kept], boxes[:, hopeless], minimum, best, evaluated, "open"
    )


def _start(low: ArrayLike, high: ArrayLike, tolerance: float, limit: float) -> Interval:
    """The first box (d, 1), if all is well."""
    box = Interval(low, high)
    if len(box.shape) != 1 or not len(box) or not np.isfinite([box.low, box.high]).all():
        raise ValueError("The box needs two ends (d,) of one finite number or more: one for each coordinate.")
    if not (tolerance > 0 and math.isfinite(tolerance)):
        raise ValueError(f"The tolerance is {tolerance}, and it must be a number above 0.")
    if not limit >= 1:
        raise ValueError(f"The limit is {limit} boxes, and it must be 1 or more.")
    return box[:, None]


def _evaluate(function: Function, boxes: Interval) -> Interval:
    """(K,): enclosures of the function's values on boxes (d, K)."""
    pieces = [boxes[:, i : i + CHUNK] for i in range(0, boxes.shape[1], CHUNK)]
    values = [function(piece) for piece in pieces]
    for piece, value in zip(pieces, values, strict=True):
        if not isinstance(value, Interval) or value.shape != piece.shape[1:]:
            formula = "x[0] ** 2 + np.cos(x[1])"
            raise TypeError(f"The function must return one interval for each box: give one like {formula}.")
    return Interval.joined(*values)


def _better(
    function: Function, boxes: Interval, bounds: Floats, best: Floats, upper: Floats | float
) -> tuple[Floats, Floats]:
    """The best point known and an upper bound there, after trying the middles of the most promising boxes."""
    promising = np.argsort(bounds, kind="stable")[:PROMISING]
    points = Interval(boxes[:, promising].middle)
    values = _evaluate(function, points).high
    i = values.argmin()
    return (points.low[:, i], values[i]) if values[i] < upper else (best, np.asarray(upper))


def _halves(boxes: Interval, scale: Floats) -> tuple[Interval, NDArray[np.bool_]]:
    """Both halves of the boxes (d, K) that can be cut, first all lower ones, and which boxes those are (K,).

    A box is cut across the side that is widest in units of `scale` (d, 1). Between two neighbouring floats
    there is no place for a cut.
    """
    middle = boxes.middle
    inside = (boxes.low < middle) & (middle < boxes.high)
    widths = np.where(inside, (boxes.high / 2 - boxes.low / 2) / scale, 0)
    divisible = widths.max(0, initial=0) > 0
    boxes, middle, side = boxes[:, divisible], middle[:, divisible], widths.argmax(0)[divisible]
    place = side, np.arange(len(side))
    low, high = boxes.low.copy(), boxes.high.copy()
    low[place] = high[place] = middle[place]
    return Interval.joined(Interval.of(boxes.low, high), Interval.of(low, boxes.high)), divisible


def lipschitz_bound(function: Function, constant: float) -> Function:
    """What `minimise` can use instead of an interval evaluation: value in the middle ± constant * radius.

    function: of an Interval (d, K); it is evaluated at points only.
    constant: nowhere on the box may the function be steeper (in Euclidean distance): that is yours to prove.
    """
    if not (constant >= 0 and math.isfinite(constant)):
        raise ValueError(f"The Lipschitz constant is {constant}, and it must be a number from 0 on.")

    def enclosure(boxes: Interval) -> Interval:
        middle = boxes.middle
        sides = np.maximum(up(boxes.high - middle), up(middle - boxes.low))
        radius = up(np.sqrt(sum((Interval(side) ** 2 for side in sides), Interval(0.0)).high))
        reach = up(constant * radius)
        return function(Interval(middle)) + Interval(-reach, reach)

    return enclosure


INPUTS = tuple(-2.75 + 0.5 * i for i in range(12))
TARGETS = (
    -0.5, -0.625, -0.5, -0.75, -0.75, -0.5, 0.375, 1.125, 0.75, 0.625, 0.5, 0.375,
)  # fmt: skip


def one_neuron(x: Any) -> Any:
    """The sum of squares Σ (a tanh(w t + b) - y)² over the points (t, y) of INPUTS and TARGETS.

    x = (w,), (w, b) or (w, b, a): what is missing is b = 0 and a = 1. With all three, x and -x are the same
    fit, so each minimum is there twice. The points make two valleys almost equally deep for w alone.
    """
    if not 1 <= len(x) <= 3:
        raise ValueError(f"A neuron has 1, 2 or 3 free parameters here, w, b and a, and not {len(x)}.")
    w, b, a = list(x) + [0.0, 1.0][len(x) - 1 :]
    errors = (a * np.tanh(w * t + b) - y for t, y in zip(INPUTS, TARGETS, strict=True))
    return sum((error**2 for error in errors), 0.0)
