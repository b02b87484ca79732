"""How fast the playground is: frames a second in a real JupyterLab, and an epoch beside the same in PyTorch.

Run as `python bench/playground.py` (a minute). A network 2-8-8-1 learns from 500 points in batches of 10. In
headless Chromium each frame is one epoch, and the frames that were painted in 20 seconds are counted; the
panel makes at most 30 a second. Bar: 25. Then, in this process and in turns, an epoch of ours and one of a
plain loop in PyTorch (nn.Sequential, torch.optim.SGD) on the same points from the same start; the times count
only if both learned the same to 1e-9. The last line is the loop's median time over ours. Exit status 1 where
the bar is missed.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnlab.training.playground.network import MLP, Hyperparameters, Layer, evaluate, initialise, train
from cnnlab.training.playground.points import make_points

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from lab import fresh_page, press, running_browser, running_lab

SECONDS, BAR, BATCH, RATE, ROUNDS = 20, 25, 10, 0.03, 30
POINTS = make_points("circle", count=1000)  # 500 to learn from, and 500 for the test
CELL = "from cnnlab.training import playground\nplayground.panel(layers='8, 8', count=1000)"
WATCH = """panel => {
    window.painted = 0;
    panel.querySelector('img').addEventListener('load', () => requestAnimationFrame(() => painted++));
}"""


def frames_a_second() -> float:
    """Painted frames a second while the playground plays."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder)) as lab,
        running_browser() as browser,
        fresh_page(browser) as page,
    ):
        notebook = lab.open(page, lab.write("bench.ipynb", CELL))
        notebook.run()
        panel = notebook.panel(0)
        panel.scroll_into_view_if_needed()
        panel.evaluate(WATCH)
        press(panel, "Play")
        page.wait_for_function("painted > 30")
        began, first = page.evaluate("[performance.now(), painted]")
        time.sleep(SECONDS)
        ended, last = page.evaluate("[performance.now(), painted]")
    return 1000 * (last - first) / (ended - began)


class Loop:
    """What one would write in PyTorch."""

    def __init__(self, network: MLP) -> None:
        self.module = nn.Sequential(
            nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1), nn.Tanh()
        ).double()
        for linear, weights, biases in zip(self.module[::2], network.weights, network.biases, strict=True):
            linear.load_state_dict({"weight": torch.tensor(weights.T), "bias": torch.tensor(biases)})
        self.optimizer = torch.optim.SGD(self.module.parameters(), lr=RATE)
        self.inputs = torch.from_numpy(POINTS.inputs[POINTS.train])
        self.targets = torch.from_numpy(POINTS.targets[POINTS.train])

    def epoch(self, random: np.random.Generator) -> None:
        for chosen in torch.from_numpy(random.permutation(len(self.targets))).split(BATCH):
            self.optimizer.zero_grad()
            (0.5 * (self.module(self.inputs[chosen])[:, 0] - self.targets[chosen]) ** 2).mean().backward()
            self.optimizer.step()


def epoch_times() -> tuple[float, float]:
    """Median milliseconds of an epoch: of the loop, and of ours."""
    network = initialise(("x1", "x2"), (Layer(8, "tanh"), Layer(8, "tanh")), regression=False, seed=0)
    loop, times = Loop(network), ([], [])
    random, twin = np.random.default_rng(0), np.random.default_rng(0)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        loop.epoch(twin)
        middle = time.perf_counter()
        for _ in train(network, POINTS, lambda: Hyperparameters(RATE, BATCH), random):
            pass
        times[0].append(1000 * (middle - began))
        times[1].append(1000 * (time.perf_counter() - middle))
    with torch.no_grad():
        theirs = loop.module(torch.from_numpy(POINTS.inputs))[:, 0].numpy()
    apart = np.abs(theirs - network.forward(network.look(POINTS.inputs))[-1][:, 0]).max()
    loss = evaluate(network, POINTS).train_loss
    print(f"after {ROUNDS} epochs: both agree to {apart:.0e}, loss {loss:.4f}")
    if not apart < 1e-9:
        sys.exit("they learned different things, so there is nothing to compare")
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    torch.set_num_threads(1)
    rate = frames_a_second()
    print(f"frames a second in Chromium, one epoch of 500 points each: {rate:.1f}, bar {BAR}: "
          f"{'met' if rate >= BAR else 'MISSED'}")  # fmt: skip
    loop, ours = epoch_times()
    print(f"an epoch: loop {loop:.1f} ms, ours {ours:.1f} ms")
    print(f"ratio: {loop / ours:.2f}")
    sys.exit(rate < BAR)


if __name__ == "__main__":
    main()
