"""How long maps of attribution take, beside captum: the time of its methods over that of ours.

Run as `python bench/attribution.py` (about a minute). Sixteen pictures of 224 x 224 and the logit of a
flamingo in the embedded SqueezeNet, on as many threads as torch chooses, under each of the three rules:
captum's Saliency (with signs), Deconvolution and GuidedBackprop. In each round all take turns in one process;
the medians over the rounds are compared.

captum is measured twice:

- "our network": handed the same module, in the memory layout that convolutions like best. What is compared is
  the way back alone; bar 0.95 for each rule. The maps must agree to 1e-5 of the largest value.
- "as a user would call it": handed a plain torchvision network behind a layer that normalises, weights in
  torch's default memory layout. There sums are rounded in another order, and a ReLU or a max pooling that is
  undecided within rounding may go the other way: a few pixels differ, and so the maps' distance must be
  within 1 % of their length.

No time is taken where maps differ. The last line holds the least of the three ratios to the latter, whose bar
is 1.3. Exit status 1 where a bar is missed.
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable

import torch
from captum.attr import Deconvolution, GuidedBackprop, Saliency
from torch import Tensor, nn
from torchvision.transforms.v2 import Normalize

from cnnlab import networks
from cnnlab.attribution import RULES, attribution
from cnnlab.optvis import logit

SIZE, BATCH, LABEL = 224, 16, "flamingo"
SAME, USER = "our network", "as a user would call it"
BARS = {SAME: 0.95, USER: 1.3}
OURS = networks.load()
TARGET = OURS.class_index(LABEL)
PICTURES = torch.rand(BATCH, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))


def plain() -> nn.Module:
    """SqueezeNet as a user of torchvision would have it, with the embedded weights."""
    network = networks.load()
    normalise = Normalize(network.mean.flatten().tolist(), network.std.flatten().tolist())
    module = network.module.to(memory_format=torch.contiguous_format).requires_grad_(True)  # type: ignore[call-overload]
    return nn.Sequential(normalise, module).eval()


def theirs(module: nn.Module, rule: str) -> Tensor:
    """captum's map (N, 3, H, W)."""
    pictures = PICTURES.clone().requires_grad_()
    if rule == "gradient":
        return Saliency(module).attribute(pictures, target=TARGET, abs=False)
    method = {"deconvnet": Deconvolution, "guided": GuidedBackprop}[rule]
    return method(module).attribute(pictures, target=TARGET)


def ours(rule: str) -> Tensor:
    """Our map (N, 3, H, W)."""
    return attribution(OURS, PICTURES, logit(LABEL), rule)


PLAIN = plain()
WAYS: dict[str, Callable[[str], Tensor]] = {
    "ours": ours,
    SAME: lambda rule: theirs(OURS, rule),
    USER: lambda rule: theirs(PLAIN, rule),
}


def check_maps() -> None:
    """All must draw the same maps, or there is nothing to compare."""
    for rule in RULES:
        found, same, user = (draw(rule) for draw in WAYS.values())
        apart = float((same - found).abs().max() / found.abs().max())
        distance = float((user - found).norm() / found.norm())
        print(f"{rule}: {SAME}: {apart:.0e} of the largest value apart; {USER}: {distance:.2%}", flush=True)
        if not (apart <= 1e-5 and distance <= 0.01):
            sys.exit("the maps differ, so there is nothing to compare")


def measure(rounds: int) -> dict[tuple[str, str], float]:
    """Median seconds by rule and way; all take turns."""
    times: dict[tuple[str, str], list[float]] = {(rule, name): [] for rule in RULES for name in WAYS}
    for _ in range(rounds):
        for rule, name in times:
            start = time.perf_counter()
            WAYS[name](rule)
            times[rule, name].append(time.perf_counter() - start)
    return {key: statistics.median(taken) for key, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="The time of maps of attribution, beside captum's.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    warnings.filterwarnings("ignore", "Setting backward hooks")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    check_maps()
    medians = measure(rounds)
    least = {}
    for name, bar in BARS.items():
        ratios = {rule: medians[rule, name] / medians[rule, "ours"] for rule in RULES}
        for rule, ratio in ratios.items():
            taken = f"{medians[rule, name]:.2f} s, ours {medians[rule, 'ours']:.2f} s"
            print(f"{rule}: captum, {name}: {taken}, ratio {ratio:.2f}")
        least[name] = min(ratios.values())
        print(f"bar {bar} each: {'met' if least[name] >= bar else 'MISSED'}")
    print(f"ratio: {least[USER]:.2f}")
    sys.exit(any(least[name] < bar for name, bar in BARS.items()))


if __name__ == "__main__":
    main()
