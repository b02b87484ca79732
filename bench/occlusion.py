"""How long an occlusion map takes, beside captum: the time of `captum.attr.Occlusion` over that of ours.

Run as `python bench/occlusion.py` (about six minutes; `--quick` leaves out VGG16 at stride 8). A picture of
224 x 224, a grey square of 32, strides of 16 and 8, the embedded SqueezeNet and VGG16 with random weights,
on as many threads as torch chooses. Both answers must agree to 1e-3 before any time is taken. In each round
all take turns in one process; the medians over the rounds are compared.

captum is measured twice, each time with the best of 1, 4, 16 and 64 perturbations_per_eval:

- "as a user would call it": handed a plain torchvision network, weights and pictures in torch's default
  memory layout, behind a layer that normalises;
- "channels last": handed our network, whose weights lie in the memory layout that convolutions like best.

So a part of the first ratio is memory layout, and the second ratio is what computing only what the square
can change gives by itself. Our time is that of the whole call, plan included, and our call computes the
logits of all classes where captum keeps one. The last line holds the smaller of SqueezeNet's two ratios
against captum as a user would call it. Bars: that one 2, channels last 1.5, VGG16 3. Exit status 1 where one
is missed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import torch
from captum.attr import Occlusion
from torch import Tensor, nn
from torchvision.transforms.v2 import Normalize

from cnnlab import networks, pictures
from cnnlab.attribution import occlusion
from cnnlab.networks import Network

WINDOW = 32
EVALS = (1, 4, 16, 64)
BARS = {"squeezenet": 2.0, "squeezenet, channels last": 1.5, "vgg16": 3.0}


def plain(network: Network) -> nn.Module:
    """A copy of the network in torch's default memory layout, as a user of torchvision would have it."""
    normalise = Normalize(network.mean.flatten().tolist(), network.std.flatten().tolist())
    copied = networks.load(network.name, weights=None) if network.name != "squeezenet" else networks.load()
    return nn.Sequential(normalise, copied.module.to(memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]


def captum_map(module: nn.Module, picture: Tensor, target: int, stride: int, evals: int) -> Tensor:
    """captum's map (H, W): how far the logit of `target` falls when a pixel is covered, on average."""
    channels = picture.shape[1]
    attributions = Occlusion(module).attribute(
        picture,
        sliding_window_shapes=(channels, WINDOW, WINDOW),
        strides=(channels, stride, stride),
        baselines=0.5,
        target=target,
        perturbations_per_eval=evals,
    )
    return attributions[0, 0]


def our_map(network: Network, picture: Tensor, target: int, stride: int) -> Tensor:
    """The same map (H, W) of ours."""
    result = occlusion(network, picture, WINDOW, stride, "grey")
    return result.spread(result.clean[target] - result.logits[..., target])


def seconds(call: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def best_evals(module: nn.Module, picture: Tensor, target: int) -> int:
    """The fastest perturbations_per_eval for a network, found on 81 windows."""
    return min(EVALS, key=lambda evals: seconds(lambda: captum_map(module, picture, target, 24, evals)))


def rivals(network: Network, picture: Tensor, target: int) -> dict[str, Callable[[int], Tensor]]:
    """The ways to make a map, by name, as functions of the stride. The first is ours."""
    ways: dict[str, Callable[[int], Tensor]] = {"ours": lambda s: our_map(network, picture, target, s)}
    modules = {network.name: plain(network)}
    if network.name == "squeezenet":
        modules["squeezenet, channels last"] = network
    for name, module in modules.items():
        evals = best_evals(module, picture, target)
        print(f"{name}: captum is fastest with perturbations_per_eval={evals}", flush=True)
        ways[name] = lambda s, m=module, e=evals: captum_map(m, picture, target, s, e)
    return ways


def compare(network: Network, picture: Tensor, rounds: dict[int, int]) -> dict[str, list[float]]:
    """Ratios by name, one for each stride; `rounds` says how often each stride is measured."""
    target = int(network(picture).argmax())
    ways = rivals(network, picture, target)
    check_agreement({name: way(32) for name, way in ways.items()})
    ratios: dict[str, list[float]] = {name: [] for name in ways if name != "ours"}
    for stride, count in rounds.items():
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(count):
            for name, way in ways.items():
                times[name].append(seconds(lambda way=way, stride=stride: way(stride)))
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        for name in ratios:
            ratios[name].append(medians[name] / medians["ours"])
            print(
                f"{name}, stride {stride}: captum {medians[name]:.2f} s, ours {medians['ours']:.2f} s, "
                f"ratio {ratios[name][-1]:.2f}",
                flush=True,
            )
    return ratios


def check_agreement(maps: dict[str, Tensor]) -> None:
    """All maps must be the same to 1e-3 of the largest value, or there is nothing to compare."""
    ours = maps["ours"]
    for name, theirs in maps.items():
        off = float((ours - theirs).abs().max() / ours.abs().max())
        if not off < 1e-3:
            sys.exit(f"{name}: captum's map and ours differ by {off:.1e} of the largest value")


def main() -> None:
    parser = argparse.ArgumentParser(description="An occlusion map's time, beside captum's.")
    parser.add_argument("--quick", action="store_true", help="leave out VGG16 at stride 8")
    quick = parser.parse_args().quick
    picture = pictures.fit(pictures.read("panda"), 224)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    ratios = compare(networks.load(), picture, {16: 5, 8: 5})
    ratios |= compare(networks.load("vgg16", weights=None), picture, {16: 2} if quick else {16: 2, 8: 1})
    smallest = {name: min(each) for name, each in ratios.items()}
    for name, bar in BARS.items():
        verdict = "met" if smallest[name] >= bar else "MISSED"
        print(f"{name}: ratio {smallest[name]:.2f}, bar {bar}: {verdict}")
    print(f"ratio: {smallest['squeezenet']:.2f}")
    sys.exit(any(smallest[name] < bar for name, bar in BARS.items()))


if __name__ == "__main__":
    main()
