"""Checks for lesson 01, loss surfaces. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..course.exercises import attempt, number, verdict

Pair = tuple[float, float]


def violation(answer: Callable[[Callable[[Tensor], Tensor], Tensor, Tensor], Tensor | float]) -> None:
    """Exercise 1: `answer(loss, a, b)` is how far a function rises above its chord from a to b."""
    a, b = torch.tensor([-2.0, 1.0]), torch.tensor([2.0, 1.0])
    cases: dict[str, Callable[[Tensor], Tensor]] = {
        "a bowl, which is convex,": lambda p: p.square().sum(-1),
        "x^2 - x^4 / 4 + x, from -2 to 2,": lambda p: p[..., 0] ** 2 - p[..., 0] ** 4 / 4 + p[..., 0],
        "a plane": lambda p: p @ torch.tensor([1.0, 2.0]),
    }
    t = torch.linspace(0, 1, 101)[:, None]
    for name, loss in cases.items():
        heights = loss(a + t * (b - a))
        expected = (heights - torch.lerp(heights[0], heights[-1], t[:, 0])).max().clamp(min=0).item()
        rise, problem = number(answer, loss, a, b)
        if not problem and not abs(rise - expected) <= 1e-4:
            problem = f"{name} rises {expected:.2f} above its chord, and it says {rise:.2f}."
        if problem:
            break
    verdict(problem)


def times(answer: Callable[[Pair, Pair], Pair]) -> None:
    """Exercise 2: `answer(x, y)` is the smallest interval of all products of numbers from x and y."""
    cases = [((1, 2), (3, 4)), ((-1, 2), (3, 4)), ((-3, -2), (-5, 4)), ((-2, 3), (-7, 5)), ((0, 0), (-1, 1))]
    for x, y in cases:
        found, problem = attempt(answer, x, y)
        problem = problem or _product_problem(found, x, y)
        if problem:
            break
    verdict(problem)


def _product_problem(found: Any, x: Pair, y: Pair) -> str:
    ends, odd = attempt(tuple, found)
    if odd or not isinstance(ends, tuple) or len(ends) != 2:
        return "it should return two numbers, (low, high)."
    products = [a * b for a in x for b in y]
    expected = min(products), max(products)
    return "" if ends == expected else f"{x} times {y} is {expected}, and it says {found}."


def reordered(answer: Callable[[nn.Sequential, Sequence[int]], nn.Sequential]) -> None:
    """Exercise 3: `answer(network, order)` has its hidden neurons in another order, and computes the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
        inputs = torch.randn(20, 3)
    before, order = network(inputs).detach(), [2, 0, 3, 4, 1]
    found, problem = attempt(answer, network, order)
    if not problem and not torch.equal(network(inputs), before):
        problem = "the network itself has changed: work on a copy."
    verdict(problem or _order_problem(found, inputs, before, network.get_parameter("0.weight")[order]))


def _order_problem(found: Any, inputs: Tensor, outputs: Tensor, weight: Tensor) -> str:
    if not isinstance(found, nn.Sequential):
        return "it should return an nn.Sequential."
    new, problem = attempt(found, inputs)
    if problem:
        return f"when the new network is asked, {problem}"
    if not (isinstance(new, Tensor) and new.shape == outputs.shape and (new - outputs).abs().max() < 1e-5):
        return "the new network computes something else: both layers must know of the new order."
    if not torch.equal(found.get_parameter("0.weight"), weight):
        return "hidden neuron k should be the old network's neuron order[k]."
    return ""
