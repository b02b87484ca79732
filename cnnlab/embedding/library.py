"""t-SNE by openTSNE, whose Barnes-Hut trees make maps of thousands of points in seconds.

points = tsne(codes)                                      # (N, D) to (N, 2)

Policar, Strazar and Zupan 2024, "openTSNE: a modular Python library for t-SNE", JSS 109; van der Maaten 2014,
"Accelerating t-SNE using tree-based algorithms", JMLR 15.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from .affinities import affinities, check, check_perplexity

Watch = Callable[[int, float, Tensor], None]
# As in the paper of 2008. openTSNE's own 12, for 250 iterations, packs a thousand codes into a knot that does
# not come undone: the divergence of their map ends 5 to 12 percent higher.
EXAGGERATION, EARLY, LATE = 4, 100, 500


def tsne(
    codes: Tensor,
    perplexity: float = 30.0,
    *,
    start: str = "pca",
    seed: int = 0,
    watch: Watch | None = None,
    every: int = 25,
) -> Tensor:
    """(N, 2) float32: a map of `codes` (N, D), for up to some ten thousand points.

    start: "pca" begins with the two main axes of the codes, which keeps something of their large order
        (Kobak and Linderman 2021); "random" with a cloud drawn with `seed`.
    watch(iteration, kl, points) is called every so many iterations, of 600, with the map as it is then.

    ValueError for a perplexity below 1 or above N - 1, and for codes that are not finite, fewer than two or
    all the same.
    """
    check(codes)
    check_perplexity(perplexity, len(codes))
    if start not in ("pca", "random"):
        raise ValueError(f"start is {start!r}: take 'pca' or 'random'.")
    if (codes == codes[0]).all():
        raise ValueError(f"All {len(codes)} codes are the same, so there is nothing to map.")
    from openTSNE import TSNE

    rows = codes.detach().cpu().double().numpy()
    method = TSNE(
        initialization=_axes(rows, seed) if start == "pca" else "random",
        negative_gradient_method="bh",  # up to about 10,000 points; interpolation pays beyond
        early_exaggeration=EXAGGERATION,
        early_exaggeration_iter=EARLY,
        n_iter=LATE,
        random_state=seed,
        n_jobs=os.cpu_count() or 1,
        callbacks=[_Watcher(watch, every)] if watch else None,
        callbacks_every_iters=every,
    )
    return _tensor(method.fit(affinities=_neighbourhoods(codes, rows, perplexity)))


def _neighbourhoods(codes: Tensor, rows: np.ndarray, perplexity: float) -> Any:
    """openTSNE's affinities, which know 3 * perplexity neighbours a point; ours where there are no more."""
    from openTSNE.affinity import PerplexityBasedNN, PrecomputedAffinities

    if 3 * perplexity > len(rows) - 1:
        return PrecomputedAffinities(csr_matrix(affinities(codes, perplexity).cpu().double().numpy()))
    return PerplexityBasedNN(rows, perplexity, method="exact", n_jobs=os.cpu_count() or 1)


def _axes(rows: np.ndarray, seed: int) -> np.ndarray:
    """(N, 2): a small map of the two main axes."""
    from openTSNE.initialization import pca

    flat = rows.shape[1] == 1
    return pca(np.pad(rows, ((0, 0), (0, 1))) if flat else rows, random_state=seed)


class _Watcher:
    """Hands openTSNE's progress on, counted over both of its phases."""

    def __init__(self, watch: Watch, every: int) -> None:
        self.watch, self.every, self.seen = watch, every, 0

    def __call__(self, iteration: int, error: float, embedding: np.ndarray) -> None:
        self.seen += self.every
        self.watch(self.seen, float(error), _tensor(embedding))


def _tensor(embedding: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(embedding, dtype=np.float32))  # a copy: openTSNE goes on with its own
