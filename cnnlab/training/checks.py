"""Checks for lesson 03, live training. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from ..course.exercises import attempt, number, verdict


def parameters(answer: Callable[[int, int, int], int]) -> None:
    """Exercise 1: `answer(maps_in, maps_out, size)` is how many numbers a convolution with biases learns."""
    for maps_in, maps_out, size in [(1, 16, 3), (16, 20, 3), (3, 64, 11)]:
        expected = sum(p.numel() for p in torch.nn.Conv2d(maps_in, maps_out, size).parameters())
        found, problem = attempt(answer, maps_in, maps_out, size)
        if not problem and found != expected:
            problem = f"{maps_in} in, {maps_out} out, {size} x {size}: {expected}, and it says {found}."
        if problem:
            break
    verdict(problem)


def dead_maps(answer: Callable[[Tensor], Tensor | float]) -> None:
    """Exercise 2: `answer(activations)` is the share of maps that are never above 0."""
    activations = torch.rand(6, 8, 5, 5, generator=torch.Generator().manual_seed(0))
    activations[:, [1, 4]] = 0
    activations[1:, 2] = 0  # this one is alive in one picture
    share, problem = number(answer, activations)
    if not problem and not abs(share - 0.25) <= 1e-6:
        hint = " A map that is on in a single picture is alive." if abs(share - 0.375) < 1e-6 else ""
        problem = f"2 of 8 maps are dead here, a share of 0.25, and it says {share:.3f}.{hint}"
    verdict(problem)


def momentum_step(answer: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """Exercise 3: `answer(w, v, g, rate, momentum, decay)` is the step that torch.optim.SGD takes."""
    draw = torch.Generator().manual_seed(0)
    w, g1, g2 = (torch.randn(4, generator=draw) for _ in range(3))
    weights = w.clone().requires_grad_()
    optimiser = torch.optim.SGD([weights], 0.1, momentum=0.9, weight_decay=0.01)
    v, problem = torch.zeros(4), ""
    for count, g in enumerate((g1, g2), 1):
        weights.grad, kept = g.clone(), w.clone()
        optimiser.step()
        found, problem = attempt(answer, w, v, g, 0.1, 0.9, 0.01)
        if not problem and not (isinstance(found, tuple) and len(found) == 2):
            problem = "it should return two tensors, the new w and the new v."
        elif not problem and not torch.equal(kept, w):
            problem = "the old weights have changed: make new tensors."
        elif not problem and not torch.allclose(found[0], weights.detach(), atol=1e-6):  # type: ignore[index]
            hint = ": does the step use the new velocity?" if count == 1 else ": is the velocity kept?"
            problem = f"after step {count} it is not where torch.optim.SGD is{hint}"
        if problem:
            break
        w, v = found  # type: ignore[misc]
    verdict(problem)


def one_number(answer: Callable[..., Tensor | float]) -> None:
    """Exercise 4: `answer(picture, weight, bias, channel, y, x)` is one number of a convolution."""
    draw = torch.Generator().manual_seed(0)
    for size, (channel, y, x) in [(3, (1, 2, 3)), (3, (0, 0, 0)), (5, (3, 6, 1))]:
        picture = torch.rand(2, 7, 8, generator=draw)
        weight, bias = torch.randn(4, 2, size, size, generator=draw), torch.randn(4, generator=draw)
        expected = conv2d(picture[None], weight, bias, padding=size // 2)[0, channel, y, x].item()
        found, problem = number(answer, picture, weight, bias, channel, y, x)
        if not problem and not abs(found - expected) <= 1e-4:
            where = "at the picture's corner" if (y, x) == (0, 0) else f"with windows of {size} x {size}"
            problem = f"{where} it should be {expected:.3f}, and it says {found:.3f}."
        if problem:
            break
    verdict(problem)
