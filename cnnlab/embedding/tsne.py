"""t-SNE: step by step in plain torch, as a map that moves while you steer it, and all at once by openTSNE.

settings = TSNESettings(codes)                            # (N, D), one row a point; a few thousand at most
for step in tsne_steps(settings):                         # without end
    settings.perplexity = slider.value                    # everything is read anew at each step
    step.points, step.kl                                  # (N, 2), and how badly the map fits

points = tsne(codes)                                      # (N, D) to (N, 2), thousands of points in seconds

van der Maaten and Hinton 2008, "Visualizing data using t-SNE", JMLR 9; van der Maaten 2014, "Accelerating
t-SNE using tree-based algorithms", JMLR 15; Policar, Strazar and Zupan 2024, "openTSNE: a modular Python
library for t-SNE", JSS 109.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from .affinities import affinities, check, check_perplexity, from_distances, squared_distances

LATER = 20  # steps after which the momentum goes from 0.5 to 0.8
FAR = 2000.0  # maps of thousands of points are some hundred wide; from here no map comes back
# As in the paper of 2008. openTSNE's own 12, for 250 iterations, packs a thousand codes into a knot that does
# not come undone: the divergence of their map ends 5 to 12 percent higher.
SCHEDULE = {"early_exaggeration": 4, "early_exaggeration_iter": 100, "n_iter": 500}


@dataclass
class TSNESettings:
    """How to make a map; every field may be changed meanwhile, but not the number of points.

    codes: (N, D), what the map should be of.
    perplexity: how many neighbours count for a point, from 1 to N - 1.
    exaggeration: what the attraction is multiplied by in the first `early` steps, and in as many after a
        change of codes, so that old clumps come undone; then it is 1. 4 and 50 are the paper's; larger sets
        need more (12 and 250 are scikit-learn's).
    learning_rate: a step's length over the gradient's; None takes a quarter of N / exaggeration (Belkina et
        al. 2019, whose gradient lacks its factor 4), at least 12.5.
    seed: draws where the points start.
    """

    codes: Tensor
    perplexity: float = 30.0
    exaggeration: float = 4.0
    early: int = 50
    learning_rate: float | None = None
    seed: int = 0


class TSNEStep(NamedTuple):
    """The map after `number` steps: `points` (N, 2), and `kl`, its Kullback-Leibler divergence in nats.

    exaggerated: whether the next step's attraction is multiplied, as the codes are new.
    """

    number: int
    points: Tensor
    kl: float
    exaggerated: bool


def tsne_steps(settings: TSNESettings) -> Iterator[TSNEStep]:
    """The map at the start and after each step, without end.

    Each step is one of gradient descent with momentum and gains on the exact gradient. ValueError says
    which setting is not possible, or that the map flew apart; a new start helps then.
    """
    points = start(settings.codes, settings.seed)
    speed, gains = torch.zeros_like(points), torch.ones_like(points)
    codes, perplexity, changed, number = None, None, 0, 0
    while True:
        if settings.codes is not codes:
            codes, perplexity, changed = settings.codes, None, number
            if len(codes) != len(points):
                raise ValueError(f"The map has {len(points)} points and the codes {len(codes)}: start anew.")
            squared = squared_distances(codes)
        if settings.perplexity != perplexity:
            perplexity = settings.perplexity
            p = from_distances(squared, perplexity).to(points.device)
            own = torch.special.entr(p).sum()  # the part of the divergence that does not change
        exaggerated = number - changed < settings.early
        exaggeration = settings.exaggeration if exaggerated else 1.0
        kernel, total, kl = similarities(points, p, own)
        yield TSNEStep(number, points, kl, exaggerated)
        pull = (exaggeration * p - kernel / total) * kernel
        slope = 4 * (pull.sum(1, keepdim=True) * points - pull @ points)  # (N, 2)
        gains = torch.where(slope * speed > 0, gains * 0.8, gains + 0.2).clamp(min=0.01)
        rate = settings.learning_rate or max(len(points) / exaggeration, 50.0) / 4
        speed = (0.5 if number < LATER else 0.8) * speed - rate * gains * slope
        points = points + speed
        points = points - points.mean(0)
        number += 1
        if not points.abs().max() < FAR:
            raise ValueError("The map flew apart: take a smaller learning rate, and start anew.")


def start(codes: Tensor, seed: int) -> Tensor:
    """(N, 2): a small random cloud, drawn with `seed`."""
    drawn = torch.randn(len(codes), 2, generator=torch.Generator().manual_seed(seed))
    return (1e-4 * drawn).to(codes.device)


def similarities(points: Tensor, p: Tensor, own: Tensor) -> tuple[Tensor, Tensor, float]:
    """Student's kernel (N, N) between `points` with its sum, and the divergence from `p` of entropy `own`."""
    lengths = points.square().sum(1)
    apart = (lengths[:, None] + lengths - 2 * points @ points.T).clamp(min=0)  # (N, N)
    kernel = (1 + apart).reciprocal().fill_diagonal_(0)
    total = kernel.sum()
    kl = (p * apart.log1p()).sum() + total.log() - own
    return kernel, total, kl.item()


def divergence(p: Tensor, points: Tensor) -> float:
    """The Kullback-Leibler divergence of a map `points` (N, 2) from affinities `p` (N, N), in nats, >= 0."""
    return similarities(points.double(), p.double(), torch.special.entr(p.double()).sum())[2]


def tsne(codes: Tensor, perplexity: float = 30.0, *, start: str = "pca", seed: int = 0) -> Tensor:
    """(N, 2) float32: a map of `codes` (N, D), for up to some ten thousand points, by openTSNE.

    start: "pca" begins with the two main axes of the codes, which keeps something of their large order
        (Kobak and Linderman 2021); "random" with a cloud drawn with `seed`.

    ValueError for a perplexity below 1 or above N - 1, and for codes that are not finite, fewer than two or
    all the same.
    """
    check(codes)
    check_perplexity(perplexity, len(codes))
    if start not in ("pca", "random"):
        raise ValueError(f"start is {start!r}: take 'pca' or 'random'.")
    if (codes == codes[0]).all():
        raise ValueError(f"All {len(codes)} codes are the same, so there is nothing to map.")
    from openTSNE import TSNE, initialization

    rows = codes.detach().cpu().double().numpy()
    two_or_more = np.pad(rows, ((0, 0), (0, 1))) if rows.shape[1] == 1 else rows
    method = TSNE(
        initialization=initialization.pca(two_or_more, random_state=seed) if start == "pca" else "random",
        negative_gradient_method="bh",  # up to about 10,000 points; interpolation pays beyond
        random_state=seed,
        n_jobs=os.cpu_count() or 1,
        **SCHEDULE,
    )
    return torch.from_numpy(np.array(method.fit(affinities=_neighbourhoods(codes, rows, perplexity)))).float()


def _neighbourhoods(codes: Tensor, rows: np.ndarray, perplexity: float) -> Any:
    """openTSNE's affinities, which know 3 * perplexity neighbours a point; ours where there are no more."""
    from openTSNE.affinity import PerplexityBasedNN, PrecomputedAffinities

    if 3 * perplexity > len(rows) - 1:
        return PrecomputedAffinities(csr_matrix(affinities(codes, perplexity).cpu().double().numpy()))
    return PerplexityBasedNN(rows, perplexity, method="exact", n_jobs=os.cpu_count() or 1)
