"""Checks for lesson 06, occlusion. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..networks import Network
from ..occlusion import cover, filled, occlusion
from ..pictures import fit, read, resize
from . import attempt, verdict


def worst_square(answer: Callable[[Tensor, list[int], list[int]], tuple[int, int]]) -> None:
    """Exercise 1: `answer(probabilities, tops, lefts)` gives (top, left) of the least probability."""
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
    """Exercise 2: `answer(network, picture, target)` gives the side of the smallest square, in steps of 8
    pixels with stride 8 and grey, that makes the network name another class than `target`.
    """
    picture = resize(read("panda"), (128, 128))
    target = int(network(picture).argmax())
    side, problem = attempt(answer, network, picture, target)
    if not problem:
        smallest = next(w for w in range(8, 129, 8) if _flips(network, picture, target, w))
        if side != smallest:
            problem = f"for the test picture it says {side}; a side of {smallest} is the smallest."
    verdict(problem)


def _flips(network: Network, picture: Tensor, target: int, side: int) -> bool:
    said = occlusion(network, picture, side, 8, "grey").most_probable()
    return bool((said != target).any())


def keyhole(answer: Callable[[Tensor, int, int, int], Tensor]) -> None:
    """Exercise 3: `answer(picture, top, left, window)` blurs all of the picture but one square."""
    picture = fit(read("macaw"), 96)
    shown, problem = attempt(answer, picture, 20, 30, 40)
    if not problem:
        problem = _keyhole_problem(shown, picture)
    verdict(problem)


def _keyhole_problem(shown: object, picture: Tensor) -> str:
    if not isinstance(shown, Tensor) or shown.shape != picture.shape:
        return f"it should return a picture of shape {tuple(picture.shape)}."
    expected = cover(filled(picture, "blur"), 0, 0, 0)
    expected[..., 20:60, 30:70] = picture[..., 20:60, 30:70]
    if not torch.equal(shown[..., 20:60, 30:70], expected[..., 20:60, 30:70]):
        return "inside the square the picture should be unchanged."
    if not torch.allclose(shown, expected, atol=1e-4):
        return 'outside the square it should be filled(picture, "blur").'
    return ""
