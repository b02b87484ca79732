"""Checks for lessons 06 and 07. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable
from typing import Any

import torch
from captum.attr import LayerGradCam
from torch import Generator, Tensor

from ..course.exercises import attempt, verdict
from ..networks import Network
from ..optvis.checks import shape_problem
from ..optvis.objectives import Objective, logit, neuron
from ..pictures import fit, read, resize
from .occlusion import cover, filled, occlusion

# --- lesson 06: occlusion -------------------------------------------------------------------------


def worst_square(answer: Callable[[Tensor, list[int], list[int]], tuple[int, int]]) -> None:
    """Lesson 06, exercise 1: `answer(probabilities, tops, lefts)` gives (top, left) of the least
    probability.
    """
    probabilities = torch.rand(5, 7, generator=torch.Generator().manual_seed(0))
    tops, lefts = list(range(0, 50, 10)), list(range(0, 70, 10))
    found, problem = attempt(answer, probabilities, tops, lefts)
    row, column = divmod(int(probabilities.argmin()), len(lefts))
    right = tops[row], lefts[column]
    if not problem and found != right:
        turned = " The top comes first." if found == right[::-1] else ""
        problem = f"it says {found}; on the test map the least value stands at {right}.{turned}"
    verdict(problem)


def smallest_square(answer: Callable[[Network, Tensor, int], int], network: Network) -> None:
    """Lesson 06, exercise 2: `answer(network, picture, target)` gives the side of the smallest square, in
    steps of 8 pixels with stride 8 and grey, that makes the network name another class than `target`.
    """
    picture = resize(read("panda"), (128, 128))
    target = int(network(picture).argmax())
    side, problem = attempt(answer, network, picture, target)
    if not problem and side != (smallest := _smallest(network, picture, target)):
        problem = f"for the test picture it says {side}; a side of {smallest} is the smallest."
    verdict(problem)


def _smallest(network: Network, picture: Tensor, target: int) -> int:
    maps = ((side, occlusion(network, picture, side, 8, "grey")) for side in range(8, 129, 8))
    return next(side for side, result in maps if (result.most_probable() != target).any())


def keyhole(answer: Callable[[Tensor, int, int, int], Tensor]) -> None:
    """Lesson 06, exercise 3: `answer(picture, top, left, window)` blurs all of the picture but one square."""
    picture = fit(read("macaw"), 96)
    shown, problem = attempt(answer, picture, 20, 30, 40)
    problem = problem or shape_problem(shown, picture.shape, "picture")
    verdict(problem or _keyhole_problem(shown, picture))


def _keyhole_problem(shown: Any, picture: Tensor) -> str:
    expected = cover(filled(picture, "blur"), 0, 0, 0)
    expected[..., 20:60, 30:70] = picture[..., 20:60, 30:70]
    if not torch.equal(shown[..., 20:60, 30:70], expected[..., 20:60, 30:70]):
        return "inside the square the picture should be unchanged."
    if not torch.allclose(shown, expected, atol=1e-4):
        return 'outside the square it should be filled(picture, "blur").'
    return ""


# --- lesson 07: gradients -------------------------------------------------------------------------


FURTHEST = 0.02  # what a pixel of a doubled picture may move


def smooth_grad(answer: Callable[[Callable, Tensor, float, int, Generator], Tensor]) -> None:
    """Lesson 07, exercise 1: `answer(gradient_of, picture, noise, count, generator)` is the mean over
    noisy pictures.
    """
    asked: list[Tensor] = []

    def gradient_of(picture: Tensor) -> Tensor:
        asked.append(picture.clone())
        return picture**2 - 0.3  # of both signs

    picture = torch.full((1, 3, 20, 20), 0.5)
    found, problem = attempt(answer, gradient_of, picture.clone(), 0.2, 50, Generator().manual_seed(0))
    problem = problem or shape_problem(found, picture.shape, "tensor")
    verdict(problem or _smooth_problem(found, picture, asked))


def _smooth_problem(found: Any, picture: Tensor, asked: list[Tensor]) -> str:
    if len(asked) != 50:
        return f"for count=50 it asked for {len(asked)} gradients."
    if torch.equal(asked[0], asked[1]):
        return "all copies of the picture are the same: draw new noise for each."
    if (asked[0] - picture).std() < 0.1:
        return "each pixel needs noise of its own, of the picture's shape."
    spread = (torch.stack(asked) - picture).std().item()
    if not 0.18 < spread < 0.22:
        return f"with noise=0.2 the pixels should vary by 0.2, and they vary by {spread:.2f}."
    gradients = torch.stack(asked).square() - 0.3
    if torch.allclose(found, gradients.mean(0), atol=1e-5):
        return ""
    told = {"it is their sum": gradients.sum(0), "it is the mean of their sizes": gradients.abs().mean(0)}
    why = next((words for words, each in told.items() if torch.allclose(found, each, atol=1e-3)), "")
    return f"what it returns is not the mean of the gradients{': ' * bool(why)}{why}."


def doubled(answer: Callable[[Network, Tensor, Objective], Tensor], network: Network) -> None:
    """Lesson 07, exercise 2: `answer(network, picture, objective)` scores at least twice as high, and
    looks the same.
    """
    toucan, owl = (fit(read(name), network.size) for name in ("toucan", "owl"))
    label, number = int(network(toucan).argmax()), _on(network, owl)
    for before, objective in ((toucan, logit(label)), (owl, neuron("features.9", number))):
        found, problem = attempt(answer, network, before.clone(), objective)
        problem = problem or shape_problem(found, before.shape, "picture")
        problem = problem or _doubled_problem(found, before, objective, network)
        if problem:
            break
    verdict(problem)


def _on(network: Network, picture: Tensor) -> int:
    """The feature map of features.9 that is strongest at the picture's centre."""
    return max(range(40), key=lambda number: neuron("features.9", number).of(network, picture).item())


def _doubled_problem(found: Any, picture: Tensor, objective: Objective, network: Network) -> str:
    if found.min() < 0 or found.max() > 1:
        return "some pixels leave [0, 1]."
    if (furthest := (found - picture).abs().max().item()) > FURTHEST + 1e-6:
        return f"a pixel moved by {furthest:.3f}; {FURTHEST} is allowed."
    before, after = objective.of(network, picture).item(), objective.of(network, found).item()
    return "" if after >= 2 * before else f"the score went from {before:.1f} to {after:.1f}; double it."


def grad_cam_map(answer: Callable[[Network, Tensor, str, str], Tensor], network: Network) -> None:
    """Lesson 07, exercise 3: `answer(network, picture, layer, label)` is Grad-CAM, as captum has it."""
    picture, layer, label = fit(read("owl"), network.size), "features.10", "great grey owl"
    found, problem = attempt(answer, network, picture, layer, label)
    cam = LayerGradCam(network, network.layer(layer))
    expected = cam.attribute(picture, network.class_index(label), relu_attributions=True).detach()
    verdict(problem or shape_problem(found, expected.shape, "tensor") or _cam_problem(found, expected))


def _cam_problem(found: Any, expected: Tensor) -> str:
    if found.min() < 0:
        return "keep only what is positive."
    if torch.allclose(found, expected, rtol=1e-3, atol=1e-4 * expected.max().item()):
        return ""
    if torch.allclose(found / found.norm().clamp(min=1e-12), expected / expected.norm(), atol=1e-4):
        return "the map is captum's times a constant: weights are mean gradients, and nothing is normalised."
    return "the map is not captum's: weigh each feature map by the mean of its gradient, then add them up."
