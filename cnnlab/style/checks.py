"""Checks for lessons 12 and 13. Each calls the learner's function on a case that it has not seen."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..course.exercises import attempt, number, verdict

LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def _tensor(like: Tensor, answer: Callable, *arguments: object) -> tuple[Tensor, str]:
    """What `answer` returns for these arguments, and what is wrong, if that is no tensor of a known shape."""
    found, problem = attempt(answer, *arguments)
    if isinstance(found, Tensor) and found.shape == like.shape:
        return found, problem
    return like, problem or f"it should return a tensor {tuple(like.shape)}."


# --- lesson 12: neural style ----------------------------------------------------------------------


def covariance(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 12, exercise 1: `answer(maps)` is, for maps (1, C, H, W), how every two of them vary
    together.
    """
    maps = torch.rand(1, 5, 6, 9, generator=torch.Generator().manual_seed(0))
    found, problem = attempt(answer, maps.clone())
    verdict(problem or _covariance_problem(found, maps))


def _covariance_problem(found: object, maps: Tensor) -> str:
    if not isinstance(found, Tensor) or found.shape not in ((1, 5, 5), (5, 5)):
        return "for maps (1, 5, 6, 9) it should return a tensor (1, 5, 5)."
    found, expected = found.view(5, 5), maps[0].flatten(1).cov(correction=0)
    if torch.allclose(found, expected, atol=1e-5):
        return ""
    if torch.allclose(found, torch.einsum("nihw,njhw->ij", maps, maps) / 54, atol=1e-5):
        return "that is the Gram matrix: no mean has been taken away."
    if torch.allclose(found, 54 * expected, atol=1e-3):
        return "it is the sum over places: divide by their number, 54, for the mean."
    if torch.allclose(found, expected * 54 / 53, atol=1e-5):
        return "divide by the number of places, 54: these are all there are, not a sample of them."
    return "its numbers are not the means over places of what map i and map j have above their own means."


def shuffled(answer: Callable[[Tensor, torch.Generator], Tensor]) -> None:
    """Lesson 12, exercise 2: `answer(maps, generator)` moves every column elsewhere, and keeps the Gram
    matrix.
    """
    maps = torch.randn(1, 6, 5, 7, generator=torch.Generator().manual_seed(1))
    found, problem = _tensor(maps, answer, maps.clone(), torch.Generator().manual_seed(2))
    verdict(problem or _shuffled_problem(found, maps))


def _shuffled_problem(found: Tensor, maps: Tensor) -> str:
    old, new = (each[0].flatten(1) for each in (maps, found))
    if not torch.equal(old.sort(1).values, new.sort(1).values):
        return "each map should keep its numbers, in other places."
    if not torch.allclose(old @ old.T, new @ new.T, atol=1e-4):
        return "the Gram matrix has changed: the maps were shuffled apart. Move whole columns."
    if (old == new).all(0).float().mean() > 0.5:
        return "more than half of the columns are where they were."
    return ""


def keep_colours(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 12, exercise 3: `answer(painted, photograph)` has the brightness of one and the colours of
    the other.
    """
    random = torch.Generator().manual_seed(3)
    painted, photograph = (0.4 + 0.2 * torch.rand(1, 3, 6, 6, generator=random) for _ in range(2))
    found, problem = _tensor(painted, answer, painted.clone(), photograph.clone())
    verdict(problem or _colours_problem(found, painted, photograph))


def _colours_problem(found: Tensor, painted: Tensor, photograph: Tensor) -> str:
    brightness = (LUMA * (found - painted)).sum(1).abs().max().item()
    if brightness > 1e-3:
        return f"its brightness differs from the painted picture's by up to {brightness:.3f}."
    change = found - photograph
    colour = (change - change.mean(1, keepdim=True)).abs().max().item()
    if colour > 1e-3:
        return f"its colours differ from the photograph's: red, green and blue move apart by {colour:.3f}."
    return ""


def gram_gradient(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Lesson 12, exercise 4: `answer(maps, wanted)` is the gradient of ||G - wanted||^2 with respect to
    maps (C, M).
    """
    random = torch.Generator().manual_seed(4)
    maps = torch.randn(3, 5, generator=random, dtype=torch.float64)
    wanted = torch.randn(3, 3, generator=random, dtype=torch.float64)
    wanted = wanted @ wanted.T
    found, problem = _tensor(maps, answer, maps.clone(), wanted.clone())
    verdict(problem or _gradient_problem(found, maps.requires_grad_(), wanted))


def _gradient_problem(found: Tensor, maps: Tensor, wanted: Tensor) -> str:
    loss = (maps @ maps.T / maps.shape[1] - wanted).square().sum()
    [expected] = torch.autograd.grad(loss, maps)  # no formula of ours
    if torch.allclose(found.to(expected), expected, rtol=1e-4, atol=1e-6):
        return ""
    ratio = (found.to(expected) / expected).flatten()
    if ratio.std() < 1e-3 * ratio.abs().mean():
        return f"it points the right way, and is {ratio.mean():.2f} times as long as it should be."
    return "moving one number a little changes the loss by another amount than it says."


# --- lesson 13: fast neural style -----------------------------------------------------------------


def instance_norm(answer: Callable[[Tensor], Tensor]) -> None:
    """Lesson 13, exercise 1: `answer(maps)` gives each map of each picture mean 0 and standard deviation
    1.
    """
    maps = 3 * torch.rand(2, 4, 5, 6, generator=torch.Generator().manual_seed(0)) + 1
    maps[1, 2] = 0.5  # an even map has no deviation to divide by
    found, problem = _tensor(maps, answer, maps.clone())
    verdict(problem or _norm_problem(found, maps))


def _norm_problem(found: Tensor, maps: Tensor) -> str:
    if not found.isfinite().all():
        return "an even map gives nan: add `tiny` to the variance before the square root."
    if torch.allclose(found, F.instance_norm(maps), atol=1e-4):
        return ""
    if found.mean((2, 3)).abs().max() > 1e-3:
        return "the means are not 0 for each map of each picture: take them over height and width only."
    return "the standard deviations are not 1: the variance divides by the number of places."


def listeners(answer: Callable[[int, int, int], Sequence[int]]) -> None:
    """Lesson 13, exercise 2: `answer(inputs, kernel, step)` counts the inputs that each output listens to."""
    problem = ""
    for inputs, kernel, step in [(4, 3, 2), (5, 4, 2), (3, 2, 3)]:
        ones = torch.ones(1, 1, inputs), torch.ones(1, 1, kernel)
        expected = F.conv_transpose1d(*ones, stride=step)[0, 0].int().tolist()
        found, problem = attempt(answer, inputs, kernel, step)
        if not problem and attempt(list, found)[0] != expected:
            problem = (
                f"{inputs} inputs, kernel {kernel}, step {step}: {expected} is right, and it says {found}."
            )
        if problem:
            break
    verdict(problem)


def flicker(answer: Callable[[Tensor, Tensor], float]) -> None:
    """Lesson 13, exercise 3: `answer(frames, shots)` is the mean change of painted shots where the frames
    are still.
    """
    random = torch.Generator().manual_seed(1)
    frames = torch.rand(1, 3, 6, 8, generator=random).repeat(4, 1, 1, 1)
    frames[2, :, :3] = 1 - frames[2, :, :3]  # the upper half changes, and back again
    frames[1, 0, 5, 0] += 0.5  # and one colour of one pixel
    shots = torch.rand(4, 3, 6, 8, generator=random)
    quiet = ((frames[1:] - frames[:-1]).abs() <= 0.01).all(1)
    changes = [(shots[t + 1] - shots[t]).abs()[:, y, x] for t, y, x in quiet.nonzero().tolist()]
    problem = _flicker_problem(answer, frames, shots, torch.stack(changes).mean().item(), "where half moves")
    moving = torch.rand(3, 3, 4, 4, generator=random)
    verdict(problem or _flicker_problem(answer, moving, moving, 0.0, "where nothing is still"))


def _flicker_problem(answer: Callable, frames: Tensor, shots: Tensor, expected: float, case: str) -> str:
    found, problem = number(answer, frames, shots)
    if problem or abs(found - expected) <= 1e-4:
        return problem
    return f"{case} it should be {expected:.3f}, and it says {found:.3f}."
