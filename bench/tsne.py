"""How long t-SNE takes, beside scikit-learn: its time over that of `cnnlab.embedding.tsne`, at equal quality.

Run as `python bench/tsne.py` (two to four minutes). Two sets of codes: the 1797 digits of scikit-learn, 64
numbers each, and 5000 codes of 1000 numbers as a network might make them, fifty clouds with a few long axes.
Perplexity 30, a start along the main axes, both with as many threads as the machine has cores. In each round
both take turns in one process; the medians are compared.

What a map is worth is its Kullback-Leibler divergence from the exact affinities, the same formula for both.
No time counts where ours is higher than scikit-learn's: it then says so and exits with status 1, as it does
where a ratio is below its bar, or the digits take longer than 5 s. The last line is the ratio for the digits.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import torch
from sklearn.manifold import TSNE
from torch import Tensor

from cnnlab.datasets import digits
from cnnlab.embedding import affinities, divergence, tsne

BARS = {"digits": 1.3, "5000 codes": 1.0}
LONGEST = 5.0  # seconds for the digits


def clouds(count: int = 5000, size: int = 1000, seed: int = 0) -> Tensor:
    """(count, size): points about fifty centres, spread along 30 axes of their own, with a little noise."""
    random = torch.Generator().manual_seed(seed)
    centres, axes = torch.randn(50, size, generator=random), torch.randn(50, 30, size, generator=random)
    chosen = torch.randint(50, (count,), generator=random)
    spread = torch.randn(count, 1, 30, generator=random) @ axes[chosen]
    return centres[chosen] + 0.15 * spread[:, 0] + 0.3 * torch.randn(count, size, generator=random)


def theirs(codes: Tensor) -> Tensor:
    """scikit-learn's map."""
    return torch.from_numpy(TSNE(random_state=0, n_jobs=-1).fit_transform(codes.numpy()))


WAYS: dict[str, Callable[[Tensor], Tensor]] = {"ours": tsne, "scikit-learn": theirs}


def measure(name: str, codes: Tensor, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Median seconds, and divergences, by way."""
    p = affinities(codes)
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    worth: dict[str, float] = {}
    for _ in range(rounds):
        for way, make in WAYS.items():
            start = time.perf_counter()
            points = make(codes)
            times[way].append(time.perf_counter() - start)
            worth[way] = divergence(p, points)
            print(f"{name}: {way} {times[way][-1]:.1f} s, divergence {worth[way]:.3f}", flush=True)
    return {way: statistics.median(taken) for way, taken in times.items()}, worth


def main() -> None:
    parser = argparse.ArgumentParser(description="The time of t-SNE, beside scikit-learn's.")
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    ratios, fine = {}, True
    for name, codes in {"digits": digits().pictures.flatten(1), "5000 codes": clouds()}.items():
        seconds, worth = measure(name, codes, rounds)
        ratios[name] = seconds["scikit-learn"] / seconds["ours"]
        fine &= worth["ours"] <= worth["scikit-learn"] and ratios[name] >= BARS[name]
        fine &= name != "digits" or seconds["ours"] <= LONGEST
        print(f"{name}: ratio {ratios[name]:.2f} (bar {BARS[name]}), divergence {worth['ours']:.3f} against "
              f"{worth['scikit-learn']:.3f}")  # fmt: skip
    print("bars met" if fine else "a bar is MISSED, or the divergence is higher")
    print(f"ratio: {ratios['digits']:.2f}")
    sys.exit(not fine)


if __name__ == "__main__":
    main()
