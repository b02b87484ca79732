"""Slices of a network's loss: the loss surface over two random directions, or over the plane of a path.

loss = loss_on(module, inputs, labels)                        # of any parameters of the module
plane = Plane(parameters_of(module), *directions(module, seed=0))
for surface in loss_surfaces(loss, plane, extent=1.0, steps=65):   # coarse at first, then finer and finer
    surface.losses                                            # (n, n)

Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018 (arXiv:1712.09913).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

Parameters = dict[str, Tensor]
"""All parameters of a module by their names, as `named_parameters` gives them: a point of parameter space."""
Loss = Callable[[Parameters], Tensor | float]
"""How bad a network with these parameters is: one number."""
Extent = tuple[float, float, float, float]
"""Left, right, bottom and top of a part of a plane, in the order of matplotlib."""

NORMALISATIONS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
COARSEST = 4  # a surface begins with at least so many steps from side to side


def parameters_of(module: nn.Module) -> Parameters:
    """A copy of a module's parameters as they are now: collect some while it learns, and they are a path."""
    return {name: parameter.detach().clone() for name, parameter in module.named_parameters()}


def loss_on(module: nn.Module, inputs: Tensor, labels: Tensor) -> Loss:
    """The cross-entropy on `inputs` (N, ...) and `labels` (N,) as a function of a module's parameters.

    It works on a copy of `module` in evaluation mode, whose buffers (the running statistics of batch
    normalisation) stay as they are now. Gradients flow from the loss to the parameters.
    """
    copy = deepcopy(module).eval()
    return lambda parameters: cross_entropy(functional_call(copy, parameters, (inputs,)), labels)


def directions(module: nn.Module, seed: int = 0) -> tuple[Parameters, Parameters]:
    """Two random directions, filter-normalised: each filter's direction is as long as the filter itself.

    A filter is all that leads to one neuron or channel: weight[i]. So a step of 1 changes small weights a
    little and large ones much, and networks that compute the same with weights of other sizes get the same
    picture (section 4 of the paper). As there, biases and the parameters of normalisations do not move.
    """
    random = torch.Generator().manual_seed(seed)
    if not any(parameter.ndim > 1 for parameter in module.parameters()):
        raise ValueError("This module has no weights to move: give one with linear or convolutional layers.")
    return _direction(module, random), _direction(module, random)


def _direction(module: nn.Module, random: torch.Generator) -> Parameters:
    direction = {name: torch.zeros_like(value) for name, value in parameters_of(module).items()}
    for prefix, layer in module.named_modules():
        for name, weight in layer.named_parameters(prefix, recurse=False):
            if name in direction and weight.ndim > 1 and not isinstance(layer, NORMALISATIONS):
                drawn = torch.randn(weight.shape, generator=random).to(weight).flatten(1)
                length = weight.detach().flatten(1).norm(dim=1, keepdim=True)
                direction[name] = (drawn * length / drawn.norm(dim=1, keepdim=True)).reshape(weight.shape)
    return direction


@dataclass(frozen=True)
class Plane:
    """The points `centre` + x * `along` + y * `across`: a flat cut through parameter space."""

    centre: Parameters
    along: Parameters
    across: Parameters

    def __post_init__(self) -> None:
        check_alike(self.centre, self.along)
        check_alike(self.centre, self.across)

    def at(self, x: float | Tensor, y: float | Tensor) -> Parameters:
        """The parameters at (x, y). Gradients flow to x and y where they are tensors of one number."""
        return {
            name: value + x * self.along[name] + y * self.across[name] for name, value in self.centre.items()
        }

    def heights(self, loss: Loss, points: Tensor) -> Tensor:
        """(N,): the loss at `points` (N, 2) of the plane. Gradients flow where the loss is a tensor."""
        return torch.stack([torch.as_tensor(loss(self.at(x, y))).reshape(()) for x, y in points])

    def coordinates(self, path: Sequence[Parameters]) -> Tensor:
        """(T, 2), float64: x and y of the place of the plane that is nearest to each of T parameters."""
        axes = _flat([self.along, self.across])  # (2, D)
        away = _flat([self.centre, *path])[1:] - _flat([self.centre])  # (T, D)
        return torch.linalg.solve(axes @ axes.T, axes @ away.T).T

    @torch.no_grad()
    def gap(self, loss: Loss, path: Sequence[Parameters]) -> tuple[Tensor, Tensor]:
        """(T,) and (T,): the loss at each of T parameters, and at the place of the plane nearest to it.

        Where the two differ, a path drawn on the plane lies over heights that it never met.
        """
        met = torch.tensor([float(loss(parameters)) for parameters in path])
        return met, torch.tensor([float(loss(self.at(x, y))) for x, y in self.coordinates(path).tolist()])


@dataclass(frozen=True)
class PathPlane(Plane):
    """The plane that a path keeps closest to: `path` (T, 2) is the path's shadow on it.

    `explained` (2,) is the share of the path's variance along each of its axes, 1 together for a path that
    lies in the plane. The axes are of length 1, so that distances on the plane are distances of parameters.
    """

    path: Tensor
    explained: Tensor


def path_plane(path: Sequence[Parameters]) -> PathPlane:
    """The plane through the last of T parameters, T at least 3, along their first two principal components.

    Section 7 of the paper: a random plane shows nothing of a path, since it is at a right angle to nearly
    everything. The path begins left of its end and below it. Memory: T times all parameters, in float64.
    """
    if len(path) < 3:
        raise ValueError(f"A plane needs a path of at least 3 places, and this one has {len(path)}.")
    places = _flat(path)  # (T, D)
    if not places.isfinite().all():
        raise ValueError("The path holds numbers that are not finite: end it before the training diverged.")
    _, sizes, axes = torch.linalg.svd(places - places.mean(0), full_matrices=False)
    if len(axes) < 2 or not sizes[0] > 0:
        raise ValueError("The path stands still or has a single parameter: there is no plane to see it on.")
    coordinates = (places - places[-1]) @ axes[:2].T
    signs = torch.where(coordinates[0] > 0, -1.0, 1.0).to(places)
    along, across = (_shaped(axis, path[-1]) for axis in signs[:, None] * axes[:2])
    variance = sizes**2
    return PathPlane(path[-1], along, across, coordinates * signs, variance[:2] / variance.sum())


def around(points: Tensor, margin: float = 0.25) -> Extent:
    """The square with all `points` (N, 2) inside, and so much of their range free on each side."""
    low, high = points.amin(0), points.amax(0)
    half = max((high - low).max().item() * (0.5 + margin), 1e-9)
    x, y = ((low + high) / 2).tolist()
    return x - half, x + half, y - half, y + half


@dataclass(frozen=True)
class LossSurface:
    """The loss on a square grid of n x n places of a plane, part of it perhaps still a guess.

    `losses` (n, n), float64: losses[i, j] is the loss at `x`[j] and `y`[i]. Where `known` (n, n) is False it
    has not been computed yet and is the mean of its coarser neighbours, as a contour plot would draw it.
    """

    x: Tensor
    y: Tensor
    losses: Tensor
    known: Tensor


@torch.no_grad()
def loss_surfaces(
    loss: Loss, plane: Plane, extent: float | Extent = 1.0, steps: int = 33
) -> Iterator[LossSurface]:
    """The loss over a plane, from coarse to fine; the last surface has `steps` x `steps` places, all known.

    extent: how far the plane is shown: from -extent to extent on both axes, or (left, right, bottom, top).
    steps: best one more than a power of 2: 17, 33, 65. The number of steps between them is halved as long as
        it is even and more than 4: the first surface is as coarse as that, and whole. Then follows one after
        each row of the next finer grid. No place is computed twice.

    A loss that is not finite stands in the grid as it is.
    """
    columns, rows = _axes(extent, steps)
    strides = [1]
    while (steps - 1) % (2 * strides[0]) == 0 and (steps - 1) // (2 * strides[0]) >= COARSEST:
        strides.insert(0, 2 * strides[0])
    finest = torch.zeros(steps, steps, dtype=torch.float64)
    computed = torch.zeros(steps, steps, dtype=torch.bool)
    for stride in strides:
        x, y = columns[::stride], rows[::stride]
        losses, known = finest[::stride, ::stride], computed[::stride, ::stride]  # views: all is kept
        if stride < strides[0]:
            losses[1::2, ::2] = (losses[:-1:2, ::2] + losses[2::2, ::2]) / 2
            losses[:, 1::2] = (losses[:, :-1:2] + losses[:, 2::2]) / 2
        for i, row in enumerate(y):
            fresh = ~known[i]
            losses[i, fresh] = plane.heights(loss, torch.cartesian_prod(x[fresh], row[None])).to(losses)
            known[i] = True
            if stride < strides[0] or i == len(y) - 1:
                yield LossSurface(x, y, losses.clone(), known.clone())


def _axes(extent: float | Extent, steps: int) -> tuple[Tensor, ...]:
    """(steps,) and (steps,): where the columns and the rows of a grid lie."""
    if steps < 2:
        raise ValueError(f"A surface has at least 2 x 2 places, not {steps} x {steps}: 33 make a good one.")
    left, right, bottom, top = extent if isinstance(extent, tuple) else (-extent, extent, -extent, extent)
    if not (left < right and bottom < top and all(map(math.isfinite, (left, right, bottom, top)))):
        raise ValueError(f"Nothing lies between {left:g} and {right:g}, {bottom:g} and {top:g}: begin low.")
    return tuple(torch.linspace(*ends, steps, dtype=torch.float64) for ends in ((left, right), (bottom, top)))


def check_alike(one: Parameters, other: Parameters) -> None:
    """Raise ValueError unless both hold parameters of the same names and shapes."""
    shapes, others = ({name: tuple(value.shape) for name, value in each.items()} for each in (one, other))
    if shapes != others:
        name = next(name for name in [*shapes, *others] if shapes.get(name) != others.get(name))
        raise ValueError(
            f"These are the parameters of different networks: {name} is {shapes.get(name, 'missing')} in one "
            f"and {others.get(name, 'missing')} in the other."
        )


def _flat(path: Sequence[Parameters]) -> Tensor:
    """(T, D), float64: of each of T parameters of one network all numbers one after another."""
    for parameters in path:
        check_alike(path[0], parameters)
    rows = [torch.cat([value.detach().flatten() for value in each.values()]) for each in path]
    return torch.stack(rows).double()


def _shaped(numbers: Tensor, like: Parameters) -> Parameters:
    """Numbers (D,) as parameters of the shapes of `like`."""
    parts = numbers.split([value.numel() for value in like.values()])
    pairs = zip(like.items(), parts, strict=True)
    return {name: part.view_as(value).to(value) for (name, value), part in pairs}
