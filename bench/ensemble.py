"""How long many small networks take to train, beside a plain loop: its time over that of `train_ensemble`.

Run as `python bench/ensemble.py` (about three minutes). 200 networks 64-h-10 for each of 8 widths h on 1000
digits, 20 epochs of batches of 25, and after each epoch the losses of all 1000 and of the 797 test digits, on
one thread of torch. The peer is what one would write without this package: one network after the other, an
nn.Sequential, torch.optim.SGD and the same step sizes.

Both train the same networks: the same starts, and for each network its own order of examples. Before any time
is taken, those that the loop trains must agree with ours to 1e-6 in float64. The loop trains only `SAMPLE`
networks a width, and its time is scaled up to 200, as every network takes the same number of the same steps;
ours trains all 200. In each round both take turns, width by width, in one process; the medians over the
rounds are compared.

Bars: 9 for each width up to 10, and 4 for all widths together, whose ratio is the last line. Exit status 1
where a bar is missed.
"""

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from cnnlab.datasets import Split, digits
from cnnlab.surfaces import he_start, train_ensemble

WIDTHS = (2, 5, 10, 25, 50, 100, 250, 500)
NETWORKS, SAMPLE = 200, 2
EPOCHS, BATCH, STEP_SIZE = 20, 25, 0.3
NARROW, BAR_NARROW, BAR_ALL = 10, 9, 4
DIGITS = digits().split(1000)


def plain(sizes: tuple[int, ...], seed: int, split: Split) -> list[float]:
    """Training loss, test loss and test error of one network after its last epoch."""
    random = torch.Generator().manual_seed(seed)
    modules = [
        module for before, after in pairwise(sizes) for module in (nn.Linear(before, after), nn.ReLU())
    ]
    network = nn.Sequential(*modules[:-1]).to(split.inputs.dtype)
    for linear, (weights, biases) in zip(network[::2], he_start(sizes, random), strict=True):
        linear.load_state_dict({"weight": weights, "bias": biases})
    optimizer = torch.optim.SGD(network.parameters(), lr=STEP_SIZE)
    count, number = len(split.labels), 0
    steps = EPOCHS * math.ceil(count / BATCH)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(count, generator=random).split(BATCH):
            optimizer.param_groups[0]["lr"] = STEP_SIZE * (1 - number / steps)
            optimizer.zero_grad()
            cross_entropy(network(split.inputs[chosen]), split.labels[chosen]).backward()
            optimizer.step()
            number += 1
        scores = evaluated(network, split)
    return scores


@torch.no_grad()
def evaluated(network: nn.Module, split: Split) -> list[float]:
    logits = network(split.test_inputs)
    losses = cross_entropy(network(split.inputs), split.labels), cross_entropy(logits, split.test_labels)
    return [*map(float, losses), (logits.argmax(1) != split.test_labels).double().mean().item()]


def ours(sizes: tuple[int, ...], seeds: range, split: Split) -> Tensor:
    """(3, K): the same of all networks."""
    *_, last = train_ensemble(sizes, seeds, split, EPOCHS, BATCH, STEP_SIZE)
    return torch.stack([last.train_loss, last.test_loss, last.test_error])


def check_results() -> None:
    """Both must come to the same, or there is nothing to compare."""
    split = DIGITS.to(dtype=torch.float64)
    distances = []
    for width in WIDTHS:
        sizes = (64, width, 10)
        expected = torch.tensor([plain(sizes, seed, split) for seed in range(SAMPLE)], dtype=torch.float64).T
        distances.append((ours(sizes, range(SAMPLE), split) - expected).abs().max())
    apart = float(torch.stack(distances).max())
    print(f"{SAMPLE} networks of each width: both agree to {apart:.0e} in float64", flush=True)
    if not apart <= 1e-6:
        sys.exit("the results differ, so there is nothing to compare")


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(rounds: int) -> dict[int, tuple[float, float]]:
    """Median seconds for all networks by width: of the loop, scaled up, and of ours."""
    loop: dict[int, list[float]] = {width: [] for width in WIDTHS}
    batched: dict[int, list[float]] = {width: [] for width in WIDTHS}
    for _ in range(rounds):
        for width in WIDTHS:
            sizes = (64, width, 10)
            sample = seconds(lambda sizes=sizes: [plain(sizes, seed, DIGITS) for seed in range(SAMPLE)])
            loop[width].append(sample * NETWORKS / SAMPLE)
            batched[width].append(seconds(lambda sizes=sizes: ours(sizes, range(NETWORKS), DIGITS)))
    return {width: (statistics.median(loop[width]), statistics.median(batched[width])) for width in WIDTHS}


def main() -> None:
    parser = argparse.ArgumentParser(description="The time of training many small networks, beside a loop.")
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread, {rounds} rounds")
    print(f"the loop trains {SAMPLE} of {NETWORKS} networks a width, and its time is scaled up")
    check_results()
    medians = measure(rounds)
    for width, (loop, batched) in medians.items():
        print(f"width {width}: loop {loop:.1f} s, ours {batched:.2f} s, ratio {loop / batched:.2f}")
    narrow = min(loop / batched for width, (loop, batched) in medians.items() if width <= NARROW)
    verdict = "met" if narrow >= BAR_NARROW else "MISSED"
    print(f"least ratio up to width {NARROW}: {narrow:.2f}, bar {BAR_NARROW}: {verdict}")
    loop, batched = map(sum, zip(*medians.values(), strict=True))
    ratio = loop / batched
    verdict = "met" if ratio >= BAR_ALL else "MISSED"
    print(f"all {len(WIDTHS)} widths: loop {loop:.0f} s, ours {batched:.1f} s, bar {BAR_ALL}: {verdict}")
    print(f"ratio: {ratio:.2f}")
    sys.exit(narrow < BAR_NARROW or ratio < BAR_ALL)


if __name__ == "__main__":
    main()
