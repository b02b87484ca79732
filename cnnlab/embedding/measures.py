"""How far to trust a map: who is near whom on it, and who was near whom before.

kept(codes, points)               # (N,): the share of each point's neighbours that the map keeps
trustworthiness(codes, points)    # are neighbours on the map neighbours in code?
knn_accuracy(codes, labels)       # do neighbours share a label?
"""

from __future__ import annotations

import torch
from torch import Tensor

from .affinities import check, squared_distances


def neighbours(codes: Tensor, k: int = 10, apart: Tensor | None = None) -> Tensor:
    """(N, k): for each of the `codes` (N, D) the k nearest others, nearest first, by Euclidean distance.

    apart: (N,) numbers; points with the same number are no candidates for each other, such as two crops of
        one photograph.
    ValueError where a point has fewer than k candidates.
    """
    squared = squared_distances(codes).fill_diagonal_(torch.inf)
    if apart is not None:
        squared = squared.masked_fill(apart[:, None] == apart, torch.inf)
    candidates = int(squared.isfinite().sum(1).min())
    if not 1 <= k <= candidates:
        raise ValueError(f"k is {k}, and a point has {candidates} candidate(s): take 1 to {candidates}.")
    return squared.topk(k, largest=False).indices


def knn_accuracy(codes: Tensor, labels: Tensor, k: int = 1, apart: Tensor | None = None) -> float:
    """The share of `codes` (N, D) whose label (N,) most of their k nearest others have, in [0, 1].

    Leave one out: no point votes for itself. Of labels with equally many votes the smallest counts. `apart`
    as for `neighbours`.
    """
    votes = labels[neighbours(codes, k, apart)]  # (N, k)
    return (votes.mode(1).values == labels).float().mean().item()


def kept(codes: Tensor, points: Tensor, k: int = 10) -> Tensor:
    """(N,) in [0, 1]: which share of a point's k nearest in `codes` are among its k nearest in `points`."""
    check(points)
    near, shown = neighbours(codes, k), neighbours(points, k)
    return (near[:, :, None] == shown[:, None, :]).any(2).float().mean(1)


def trustworthiness(codes: Tensor, points: Tensor, k: int = 10) -> float:
    """In [0, 1], 1 is best: 1 less a penalty for neighbours on the map that are far in code, by rank.

    Venna and Kaski 2001, as scikit-learn computes it. ValueError unless k is less than half of N.
    """
    from sklearn.manifold import trustworthiness as measure

    check(codes)
    check(points)
    if not 1 <= k < len(codes) / 2:
        raise ValueError(f"k is {k}: with {len(codes)} points take 1 to {(len(codes) - 1) // 2}.")
    return float(measure(codes.cpu().numpy(), points.cpu().numpy(), n_neighbors=k))


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's correlation of two rows of numbers (N,), in [-1, 1]; ties share their mean rank."""
    from scipy.stats import spearmanr

    return float(spearmanr(a.cpu().numpy(), b.cpu().numpy()).statistic)
