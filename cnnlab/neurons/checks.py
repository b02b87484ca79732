"""Checks for lesson 02, neurons and filters. Each calls the learner's function on new cases."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..course.exercises import attempt, verdict
from ..networks import Network
from ..networks.probes import activations
from .filters import colourfulness, grating

FIRST = "features.0"
STEP, NEAR = 15, 20  # degrees between the gratings of exercise 3, and how far an answer may be off
STRIPED = (31, 4, 40, 20)  # channels of the embedded network that like stripes


def how_grey(answer: Callable[[Tensor], Tensor]) -> None:
    """Exercise 1: `answer(filters)` is the share of each filter's energy that is equal in all colours."""
    filters = torch.randn(5, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    filters[0] = filters[0, :1]
    found, problem = attempt(answer, filters)
    verdict(problem or _how_grey_problem(found, 1 - colourfulness(filters)))


def _how_grey_problem(found: object, expected: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != (5,):
        return "for 5 filters it should return a tensor of 5 numbers."
    said, right = (", ".join(f"{number:.2f}" for number in numbers) for numbers in (found, expected))
    close = torch.allclose(found, expected, atol=1e-4)
    return "" if close else f"for the test filters it says {said}; {right} are right."


def field_side(answer: Callable[[list[tuple[int, int]]], int]) -> None:
    """Exercise 2: `answer(layers)` is the side of the receptive field after layers of (kernel, stride)."""
    cases = {
        ((3, 1),): 3,
        ((3, 2), (3, 2)): 7,
        ((3, 2), (3, 2), (1, 1), (3, 1)): 15,
        ((11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)): 195,  # AlexNet's last maps
    }
    for layers, side in cases.items():
        found, problem = attempt(answer, list(layers))
        if not problem and found != side:
            problem = f"for layers {list(layers)} it says {found}, and a neuron sees {side} pixels a side."
        if problem:
            break
    verdict(problem)


def preferred_orientation(answer: Callable[[Network, int], float], network: Network) -> None:
    """Exercise 3: `answer(network, channel)` finds the stripes that a channel likes best."""
    for channel in STRIPED:
        found, problem = attempt(answer, network, channel)
        problem = problem or _orientation_problem(found, channel, _liked(network, channel))
        if problem:
            break
    verdict(problem)


def _orientation_problem(found: object, channel: int, liked: int) -> str:
    degrees, odd = attempt(float, found)  # numbers as Python, NumPy and torch have them
    if odd or isinstance(found, str) or not isinstance(degrees, float) or not math.isfinite(degrees):
        return "it should return one number, the orientation in degrees."
    if abs((degrees - liked + 90) % 180 - 90) > NEAR:
        return f"for channel {channel} it says {degrees:.0f} degrees; it likes stripes at {liked} best."
    return ""


def _liked(network: Network, channel: int) -> int:
    def activation(orientation: int) -> float:
        with activations(network, FIRST) as seen:
            network(grating(orientation))
        return seen[FIRST][0, channel].max().item()

    return max(range(0, 180, STEP), key=activation)
