"""Checks for lesson 10, adversarial images. Each calls the learner's function on a case it has not seen."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..course.exercises import attempt, number, verdict
from ..networks import Network
from ..pictures import fit, read
from .attacks import Found
from .norms import NORMS

LEVELS = 3  # how far a message may move a value, of 255


def best_change(answer: Callable[[Tensor, float, str], Tensor]) -> None:
    """Exercise 1: `answer(weights, eps, norm)` raises a linear score most within eps."""
    weights = torch.randn(200, generator=torch.Generator().manual_seed(3))
    problems = (
        _change_problem(*attempt(answer, weights.clone(), 0.1, norm), weights, norm) for norm in NORMS
    )
    verdict(next(filter(None, problems), ""))


def _change_problem(found: object, problem: str, weights: Tensor, norm: str) -> str:
    if problem or not isinstance(found, Tensor) or found.shape != weights.shape:
        return problem or f"it should return a tensor of shape {tuple(weights.shape)}."
    if (size := NORMS[norm].size(found[None]).item()) > 0.1 * (1 + 1e-5):
        return f"with eps=0.1 the change's {norm} is {size:.3f}."
    gain = 0.1 * weights.norm(1 if norm == "max-norm" else 2).item()  # the dual norm
    raised = (weights @ found).item()
    if not abs(raised - gain) <= 1e-4 * gain:
        return f"within the {norm} it raises the score by {raised:.3f}; {gain:.3f} is possible."
    return ""


def border(answer: Callable[[Tensor, Tensor], Tensor | float]) -> None:
    """Exercise 2: `answer(weights, logits)` is the smallest eps at which another class draws level."""
    random = torch.Generator().manual_seed(5)
    cases = [(torch.randn(6, 40, generator=random), torch.randn(6, generator=random)) for _ in range(5)]
    problems = (_border_problem(*number(answer, *map(torch.clone, case)), *case) for case in cases)
    verdict(next(filter(None, problems), ""))


def _border_problem(eps: float, problem: str, weights: Tensor, logits: Tensor) -> str:
    if problem or math.isnan(eps):
        return problem or "it says nan: leave out the leading class itself, which gives 0 / 0."
    lead = logits.max() - logits  # (K,)
    reach = (weights[logits.argmax()] - weights).abs().sum(1)
    exact = (lead / reach)[lead > 0].min().item()
    if not abs(eps - exact) <= 1e-4 * exact:
        return f"it says {eps:.4f}, and a class draws level at {exact:.4f}."
    return ""


def message(answer: Callable[[Network, Tensor, str], Tensor], network: Network) -> None:
    """Exercise 3: `answer(network, picture, label)` is named label, and could be stored in a file."""
    picture = (fit(read("owl"), network.size) * 255).round() / 255
    found, problem = attempt(answer, network, picture.clone(), "teapot")
    problem = problem or _picture_problem(found, picture) or _levels_problem(found, picture)
    verdict(problem or _name_problem(found, "teapot", network, 0.99))


def within_mask(answer: Callable[[Network, Tensor, Tensor, str, int], Tensor], network: Network) -> None:
    """Exercise 4: `answer(network, picture, mask, label, steps)` changes what the mask allows, alone."""
    picture = fit(read("koala"), 160)
    mask = torch.zeros(1, 1, 160, 160)
    mask[..., 5:70, 85:150] = 1
    found, problem = attempt(answer, network, picture.clone(), mask, "pineapple", 40)
    problem = problem or _picture_problem(found, picture) or _mask_problem(found, picture, mask)
    verdict(problem or _name_problem(found, "pineapple", network, 0.5))


def _picture_problem(found: object, picture: Tensor) -> str:
    if isinstance(found, Found):
        return "it should return a picture, not all that the attack found: return its .pictures."
    if not isinstance(found, Tensor) or found.shape != picture.shape:
        return f"it should return a picture of shape {tuple(picture.shape)}."
    return "" if found.min() >= 0 and found.max() <= 1 else "some values leave [0, 1]."


def _levels_problem(found: Any, picture: Tensor) -> str:
    levels = found.detach() * 255
    if (levels - levels.round()).abs().max() > 0.01:
        return "some values are not whole levels: a file would round them."
    furthest = (levels - picture * 255).abs().max().item()
    return (
        f"a value moved by {furthest:.0f} levels; {LEVELS} are allowed." if furthest > LEVELS + 0.01 else ""
    )


def _mask_problem(found: Any, picture: Tensor, mask: Tensor) -> str:
    outside = ((found - picture).abs() * (1 - mask)).max()
    return "something outside the mask has changed." if outside > 1e-6 else ""


def _name_problem(found: Any, label: str, network: Network, least: float) -> str:
    shares = network(found.detach()).softmax(1)[0]
    share = shares[network.class_index(label)].item()
    if share < least:
        return f"the network says {network.labels[int(shares.argmax())]}, and gives {label} {share:.0%}."
    return ""
