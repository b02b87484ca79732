"""Checks for lesson 07, gradients. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable

import torch
from captum.attr import LayerGradCam
from torch import Generator, Tensor

from ..networks import Network
from ..objectives import Objective, logit, neuron
from ..pictures import fit, read
from . import attempt, verdict

FURTHEST = 0.02  # what a pixel of a doubled picture may move


def smooth_grad(answer: Callable[[Callable, Tensor, float, int, Generator], Tensor]) -> None:
    """Exercise 1: `answer(gradient_of, picture, noise, count, generator)` is the mean over noisy pictures."""
    asked: list[Tensor] = []

    def gradient_of(picture: Tensor) -> Tensor:
        asked.append(picture.clone())
        return picture**2 - 0.3  # of both signs

    picture = torch.full((1, 3, 20, 20), 0.5)
    found, problem = attempt(answer, gradient_of, picture.clone(), 0.2, 50, Generator().manual_seed(0))
    verdict(problem or _smooth_problem(found, picture, asked))


def _smooth_problem(found: object, picture: Tensor, asked: list[Tensor]) -> str:
    if len(asked) != 50:
        return f"for count=50 it asked for {len(asked)} gradients."
    if torch.equal(asked[0], asked[1]):
        return "all copies of the picture are the same: draw new noise for each."
    if (asked[0] - picture).std() < 0.1:
        return "each pixel needs noise of its own, of the picture's shape."
    spread = (torch.stack(asked) - picture).std().item()
    if not 0.18 < spread < 0.22:
        return f"with noise=0.2 the pixels should vary by 0.2, and they vary by {spread:.2f}."
    if not isinstance(found, Tensor) or found.shape != picture.shape:
        return f"it should return a tensor of shape {tuple(picture.shape)}."
    gradients = torch.stack(asked).square() - 0.3
    if torch.allclose(found, gradients.mean(0), atol=1e-5):
        return ""
    told = {"it is their sum": gradients.sum(0), "it is the mean of their sizes": gradients.abs().mean(0)}
    why = next((words for words, each in told.items() if torch.allclose(found, each, atol=1e-3)), "")
    return f"what it returns is not the mean of the gradients{': ' * bool(why)}{why}."


def doubled(answer: Callable[[Network, Tensor, Objective], Tensor], network: Network) -> None:
    """Exercise 2: `answer(network, picture, objective)` scores at least twice as high, and looks the same."""
    picture = fit(read("toucan"), network.size)
    target = int(network(picture).argmax())
    middle = fit(read("owl"), network.size)
    problem = ""
    for before, objective in ((picture, logit(target)), (middle, neuron("features.9", _on(network, middle)))):
        found, problem = attempt(answer, network, before.clone(), objective)
        problem = problem or _doubled_problem(found, before, objective, network)
        if problem:
            break
    verdict(problem)


def _on(network: Network, picture: Tensor) -> int:
    """The feature map of features.9 that is strongest at the picture's centre."""
    scores = [neuron("features.9", number).of(network, picture).item() for number in range(40)]
    return max(range(40), key=lambda number: scores[number])


def _doubled_problem(found: object, picture: Tensor, objective: Objective, network: Network) -> str:
    if not isinstance(found, Tensor) or found.shape != picture.shape:
        return f"it should return a picture of shape {tuple(picture.shape)}."
    if found.min() < 0 or found.max() > 1:
        return "some pixels leave [0, 1]."
    if (furthest := (found - picture).abs().max().item()) > FURTHEST + 1e-6:
        return f"a pixel moved by {furthest:.3f}; {FURTHEST} is allowed."
    before, after = objective.of(network, picture).item(), objective.of(network, found).item()
    return "" if after >= 2 * before else f"the score went from {before:.1f} to {after:.1f}; double it."


def grad_cam_map(answer: Callable[[Network, Tensor, str, str], Tensor], network: Network) -> None:
    """Exercise 3: `answer(network, picture, layer, label)` is Grad-CAM, as captum has it."""
    picture, layer, label = fit(read("owl"), network.size), "features.10", "great grey owl"
    found, problem = attempt(answer, network, picture, layer, label)
    if not problem:
        cam = LayerGradCam(network, network.layer(layer))
        expected = cam.attribute(picture, network.class_index(label), relu_attributions=True).detach()
        problem = _cam_problem(found, expected)
    verdict(problem)


def _cam_problem(found: object, expected: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape != expected.shape:
        return f"it should return a tensor of shape {tuple(expected.shape)}."
    if found.min() < 0:
        return "keep only what is positive."
    unit = expected / expected.norm()
    if not torch.allclose(found / found.norm().clamp(min=1e-12), unit, atol=1e-4):
        return (
            "the map is not captum's: weigh each feature map by the mean of its gradient, then add them up."
        )
    return (
        ""
        if torch.allclose(found, expected, rtol=1e-3, atol=1e-4 * expected.max().item())
        else ("the map is captum's times a constant: weights are mean gradients, and nothing is normalised.")
    )
