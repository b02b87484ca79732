"""How much slower a network learns while the layer view shows it: steps a second with over those without.

Run as `python bench/layer_view.py` (about two minutes). The network that a `LayerView` begins with, on
scikit-learn's digits and on 5000 digits of MNIST; batches of 20, evaluations as in the
panel, one thread for torch. "With" is what the panel's thread does: about ten pictures of a layer a second,
drawn and compressed to JPEG; "without" are the same steps alone. Both take turns, a second each, in one
process, on the same network; the medians over the rounds are compared, for each kind of layer. All times are
those that the thread had a processor, so that other work on the machine does not count.

The last line holds the least of the ratios, whose bar is 0.75 (slower by less than a quarter). Exit status 1
where it is missed. The time that the sheet of one layer of SqueezeNet takes is printed, too; bar 0.2 seconds.
"""

import argparse
import statistics
import sys
import time
from types import SimpleNamespace

import torch

from cnnlab import networks, pictures
from cnnlab.live import Point
from cnnlab.pictures.encoding import compress
from cnnlab.training.layer_view import SMALL_NETWORK, Architecture, LayerView, LearningSettings, show_layer

BAR, SQUEEZENET_BAR = 0.75, 0.2
LAYERS = ("conv1", "relu1", "conv2", "dense1")
TURN = 1.0  # seconds


def without(view: LayerView, settings: SimpleNamespace) -> float:
    """Steps a second, with nothing shown."""
    steps, first, began = view.learner.learn(settings), view.learner.steps, time.thread_time()
    while time.thread_time() - began < TURN:
        next(steps)
    return (view.learner.steps - first) / (time.thread_time() - began)


def shown(view: LayerView, settings: SimpleNamespace) -> tuple[float, float]:
    """Steps and pictures a second, as the panel's thread makes them."""
    settings.point = Point(settings.point.x, settings.point.y + 1)  # another click on the layer: it goes on
    frames, pictures_made = view.train(settings), 0
    first, began = view.learner.steps, time.thread_time()
    while time.thread_time() - began < TURN:
        compress(next(frames).picture, "jpeg")
        pictures_made += 1
    taken = time.thread_time() - began
    return (view.learner.steps - first) / taken, pictures_made / taken


def measure(data: str, layer: str, rounds: int) -> float:
    """The ratio for one layer of the network that learns `data`."""
    view, first = LayerView(data), LearningSettings()
    settings = SimpleNamespace(
        data=data,
        architecture=Architecture(SMALL_NETWORK),
        start=0,
        snapshot=None,
        point=Point(60, 20),
        **vars(first),
    )
    next(view.train(settings))
    view.watched.layer = layer
    view.watched.sheet = None  # clicks stay where they are
    alone, together = [], []
    for _ in range(rounds):
        alone.append(without(view, settings))
        view.watched.sheet = None
        together.append(shown(view, settings))
    steps, rate = (statistics.median(column) for column in zip(*together, strict=True))
    ratio = steps / statistics.median(alone)
    print(
        f"{data}, {layer}: {statistics.median(alone):.0f} steps/s alone, {steps:.0f} at {rate:.1f} "
        f"pictures/s, ratio {ratio:.2f}",
        flush=True,
    )
    return ratio


def squeezenet(rounds: int) -> float:
    """Seconds for the slowest of three layers' sheets, the median over rounds."""
    network, panda = networks.load(), pictures.read("panda")
    worst = 0.0
    for layer in ("features.0", "features.6.expand3x3", "classifier.1"):
        times = []
        for _ in range(rounds + 1):
            began = time.thread_time()
            show_layer(network, panda, layer)
            times.append(time.thread_time() - began)
        print(f"SqueezeNet, {layer}: {statistics.median(times[1:]):.3f} s", flush=True)
        worst = max(worst, statistics.median(times[1:]))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description="How much slower a network learns while it is shown.")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread")
    seconds = squeezenet(rounds)
    print(f"bar {SQUEEZENET_BAR} s: {'met' if seconds < SQUEEZENET_BAR else 'MISSED'}")
    least = min(measure(data, layer, rounds) for data in ("digits", "MNIST sample") for layer in LAYERS)
    print(f"bar {BAR} each: {'met' if least >= BAR else 'MISSED'}")
    print(f"ratio: {least:.2f}")
    sys.exit(least < BAR or seconds >= SQUEEZENET_BAR)


if __name__ == "__main__":
    main()
