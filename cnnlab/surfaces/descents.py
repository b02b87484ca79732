"""Walking downhill: test functions of the plane, and several optimisers that walk on one of them at once.

for walks in Walks(TEST_FUNCTIONS["Rosenbrock"].function, start=(-1.5, 2.0), step_size=0.001):
    walks.paths["Adam"][-1]                               # (2,), where Adam stands now

The optimisers are PyTorch's own. What they walk on is any function of points (N, 2) that gradients flow
through: one of `TEST_FUNCTIONS`, or a slice of a network's loss. The test functions' formulas take the
coordinates x[0], x[1] ... as floats, arrays, tensors or intervals, so `minimise` can prove what they reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor
from torch.optim import LBFGS, SGD, Adam, Optimizer

PointsFunction = Callable[[Tensor], Tensor]
"""Points (N, 2) to heights (N,)."""


class DescentSurface(NamedTuple):
    """A function of the plane, the square worth drawing (`low` to `high` on both axes), its lowest height."""

    function: PointsFunction
    low: float
    high: float
    lowest: float


def bowl(x: Any) -> Any:
    """Convex: x^2 / 2 + 2 y^2, turned a little. One minimum, 0 at (0, 0)."""
    return 0.5 * (0.9 * x[0] + 0.4 * x[1]) ** 2 + 2 * (0.9 * x[1] - 0.4 * x[0]) ** 2


def ravine(x: Any) -> Any:
    """Convex, but a hundred times steeper across than along: (x - y)^2 + (x + y)^2 / 100."""
    return (x[0] - x[1]) ** 2 + 0.01 * (x[0] + x[1]) ** 2


def rosenbrock(x: Any) -> Any:
    """A bent valley, not convex: (1 - x)^2 + 100 (y - x^2)^2; one minimum, 0 at (1, 1). Rosenbrock 1960."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def himmelblau(x: Any) -> Any:
    """Four minima, all of height 0: (x^2 + y - 11)^2 + (x + y^2 - 7)^2. Himmelblau 1972."""
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def saddle(x: Any) -> Any:
    """x^2 / 2 - y^2 / 2 + y^4 / 8: a saddle at (0, 0), minima of height -1/2 at y = +-sqrt(2)."""
    return x[0] ** 2 / 2 - x[1] ** 2 / 2 + x[1] ** 4 / 8


def rastrigin(x: Any) -> Any:
    """10 d + Σ x_i² - 10 cos(2π x_i), of d coordinates: 0 at the origin, and a valley near all whole numbers.

    On a box within [-6, 6] in every coordinate its Lipschitz constant is less than 75 √d.
    Rastrigin 1974; Mühlenbein, Schomisch and Born 1991, doi:10.1016/S0167-8191(05)80052-3.
    """
    cos = torch.cos if isinstance(x[0], Tensor) else np.cos
    return sum((x_i**2 - 10 * cos(2 * np.pi * x_i) for x_i in x), 10.0 * len(x))


def _surface(formula: Callable[[Any], Any], low: float, high: float, lowest: float) -> DescentSurface:
    return DescentSurface(lambda points: formula(points.unbind(-1)), low, high, lowest)


TEST_FUNCTIONS = {
    "bowl": _surface(bowl, -3.0, 3.0, 0.0),
    "ravine": _surface(ravine, -3.0, 3.0, 0.0),
    "Rosenbrock": _surface(rosenbrock, -2.0, 2.5, 0.0),
    "Himmelblau": _surface(himmelblau, -5.5, 5.5, 0.0),
    "saddle": _surface(saddle, -2.5, 2.5, -0.5),
    "Rastrigin": _surface(rastrigin, -3.5, 3.5, 0.0),
}

OPTIMISERS: dict[str, Callable[[list[Tensor]], Optimizer]] = {
    "gradient descent": lambda place: SGD(place),
    "momentum": lambda place: SGD(place, momentum=0.9),
    "Adam": lambda place: Adam(place),
    "L-BFGS": lambda place: LBFGS(place, max_iter=1, max_eval=25, line_search_fn="strong_wolfe"),
}
FAR = 1e4  # a walker beyond this does not come back


@dataclass
class Walks:
    """All `OPTIMISERS` on one `function`, from one `start` (x, y); iterate to let them walk.

    `step_size`, `momentum` in [0, 1) and `noise` are read anew at each step. `noise` is the standard
    deviation of what is added to each component of each gradient, as a small batch would; it is drawn with
    `seed`. L-BFGS (Liu and Nocedal 1989) chooses the length of its steps itself, by a line search. `paths`
    holds all places (2,) of each walker so far, `lost` the names of those that ran away or met NaN: they stay
    where they were last.
    """

    function: PointsFunction
    start: tuple[float, float]
    step_size: float = 0.01
    momentum: float = 0.9
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self.paths = {name: [torch.tensor(self.start)] for name in OPTIMISERS}
        self.lost: set[str] = set()

    def __iter__(self) -> Iterator[Walks]:
        """Yields itself: at the start, and after each step of all."""
        random = torch.Generator().manual_seed(self.seed)
        self.__post_init__()
        places = {name: path[0].clone().requires_grad_() for name, path in self.paths.items()}
        rules = {name: make([places[name]]) for name, make in OPTIMISERS.items()}
        yield self
        while True:
            for name in OPTIMISERS:
                if name not in self.lost:
                    self._step(name, rules[name], places[name], random)
            yield self

    def height(self, name: str) -> float:
        """How high a walker stands."""
        return float(self.function(self.paths[name][-1][None])[0])

    def _step(self, name: str, rule: Optimizer, place: Tensor, random: Generator) -> None:
        (group,) = rule.param_groups
        if name != "L-BFGS":
            group["lr"] = self.step_size
        if name == "momentum":
            group["momentum"] = self.momentum
        rule.step(lambda: self._slope(place, random))
        if place.isfinite().all() and place.abs().max() < FAR:
            self.paths[name].append(place.detach().clone())
        else:
            self.lost.add(name)

    def _slope(self, place: Tensor, random: Generator) -> float:
        """The height at a walker's place; its gradient, with noise, goes where PyTorch's optimisers look."""
        with torch.enable_grad():
            height = self.function(place[None])[0]
            (gradient,) = torch.autograd.grad(height, place)
        place.grad = gradient + self.noise * torch.randn(2, generator=random)
        return height.item()
