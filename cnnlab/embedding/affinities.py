"""How alike points are, as t-SNE sees it: Gaussian neighbourhoods of one size, the perplexity.

affinities(codes, perplexity=30)          # (N, N): the p of the paper, sum 1

After van der Maaten and Hinton 2008, "Visualizing data using t-SNE", JMLR 9.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SAME = 1e-12  # squared distances below this share of the mean squared length are rounding
ROUNDS = 60  # of the search for a row's width; ten are enough unless points coincide
ACCURACY = 1e-5  # of the entropy, in nats
MOST = 60.0  # the logarithm of the narrowest neighbourhood, where too many points coincide


def check(codes: Tensor, least: int = 2) -> None:
    """Raise ValueError unless `codes` is (N, D), finite numbers, N at least `least`."""
    if codes.ndim != 2 or codes.shape[1] == 0:
        raise ValueError(f"codes have shape {tuple(codes.shape)}: give one row of numbers a point, (N, D).")
    if len(codes) < least:
        raise ValueError(f"A map needs at least {least} points, and the number given is {len(codes)}.")
    if not codes.isfinite().all():
        bad = int((~codes.isfinite()).any(1).sum())
        raise ValueError(f"{bad} of {len(codes)} codes hold NaN or infinite values: leave these points out.")


def check_perplexity(perplexity: float, count: int) -> None:
    """Raise ValueError unless 1 <= `perplexity` <= `count` - 1, as a point has no more neighbours."""
    if not 1 <= perplexity <= count - 1:
        raise ValueError(
            f"Perplexity {perplexity:g} is not possible with {count} points: it is the number of neighbours "
            f"that count, so take 1 to {count - 1}."
        )


def squared_distances(codes: Tensor) -> Tensor:
    """(N, N) float64: the squared Euclidean distances of `codes` (N, D); 0 where points coincide.

    ValueError for codes that are not finite, or fewer than two.
    """
    check(codes)
    rows = codes.detach().double()
    scale = rows.square().sum(1).mean()
    rows = rows - rows.mean(0)
    lengths = rows.square().sum(1)
    squared = lengths[:, None] + lengths - 2 * rows @ rows.T
    squared[squared < SAME * scale] = 0
    return squared.fill_diagonal_(0)


def affinities(codes: Tensor, perplexity: float = 30.0) -> Tensor:
    """(N, N) float32, symmetric, sum 1, 0 on the diagonal: how alike the `codes` (N, D) are.

    Each point looks at the others through a Gaussian, just so wide that 2 ** entropy of what it sees, the
    number of neighbours that count, is `perplexity`. Where more points than that coincide, they share
    alike. ValueError for a perplexity below 1 or above N - 1, and for codes that are not finite.
    """
    return from_distances(squared_distances(codes), perplexity)


def from_distances(squared: Tensor, perplexity: float) -> Tensor:
    """`affinities` of points whose squared distances (N, N) are known."""
    count = len(squared)
    check_perplexity(perplexity, count)
    off_diagonal = squared.flatten()[1:].view(count - 1, count + 1)[:, :-1].reshape(count, count - 1)
    rows = (off_diagonal / off_diagonal.mean().clamp(min=1e-300)).float()  # now about 1
    rows = _conditional(rows - rows.amin(1, keepdim=True), math.log(perplexity))
    padded = torch.nn.functional.pad(rows.view(count - 1, count), (0, 1))
    whole = torch.cat([rows.new_zeros(1), padded.flatten()]).view(count, count)
    return (whole + whole.T) / (2 * count)


def _conditional(rows: Tensor, entropy: float) -> Tensor:
    """(N, N - 1): each row's Gaussian of its squared distances, with that entropy in nats.

    The precision is found by Newton's method in its logarithm; a bisection takes over where it leaves the
    interval in which the answer is known to lie.
    """
    t = -rows.mean(1, keepdim=True).clamp(min=1e-12).log()  # (N, 1), logarithms of precisions
    low, high = torch.full_like(t, -MOST), torch.full_like(t, MOST)
    for _ in range(ROUNDS):
        precision = t.exp()
        shares = torch.exp(-precision * rows)
        total = shares.sum(1, keepdim=True)
        mean = (shares * rows).sum(1, keepdim=True) / total
        excess = total.log() + precision * mean - entropy  # falls as the precision rises
        if excess.abs().max() < ACCURACY:
            break
        low, high = torch.where(excess > 0, t, low), torch.where(excess > 0, high, t)
        spread = (shares * rows.square()).sum(1, keepdim=True) / total - mean.square()
        newton = t + (excess / (precision.square() * spread).clamp(min=1e-9)).clamp(-3, 3)
        t = torch.where((newton > low) & (newton < high), newton, (low + high) / 2)
    return shares / total
