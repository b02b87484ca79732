"""How long a style transfer takes, beside the way of PyTorch's tutorial: the tutorial's time over ours.

Run as `python bench/style.py` (some minutes; `--size 128 --rounds 1` for a first look). A photograph of
256 x 256 pixels, painted as a picture of as many is, on the embedded SqueezeNet, on as many threads as torch
chooses. Both make the same loss small: the content at one layer, the style at six, and nothing else, with max
pooling and no jitter. Before any time is taken, the two losses of one picture must agree to 1e-4.

The tutorial's way ("Neural transfer using PyTorch", pytorch.org/tutorials): plain modules of torchvision's in
an `nn.Sequential`, in torch's default memory layout, cut off after the last loss; modules between them that
keep their part of the loss; the picture itself climbs, from the photograph, by `LBFGS` with its defaults,
until 300 evaluations are made. Ours starts from the photograph, too, and stops where its loss is as low,
at most 600 moves later. Its time holds all it needs, from the pictures on; the tutorial's is without the
building of its modules. In each round both take turns in one process; the medians over the rounds are
compared. The last line holds the ratio, whose bar is 1.5; exit status 1 where it is missed.

Both stop at the last layer that is needed, and move by torch's L-BFGS. Ours needs some more evaluations, as
no number moves further than 0.1 at once and 10 moves are remembered, not 100. What makes each one cheaper:
fewer moves to remember, which on a picture is a large part of the work; a Gram matrix's gradient is symmetric
and takes one product where autograd makes two; and maps whose channels lie together in memory. How much of
it is that layout alone tells another ratio: the tutorial's way with its network and pictures laid out so.
Small pictures first, as the lesson has it, show a painting sooner, but come no nearer to this loss.
"""

import argparse
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import LBFGS
from torchvision.transforms.v2 import Normalize

from cnnlab import networks, pictures
from cnnlab.datasets import styles
from cnnlab.style import TransferSettings, transfer

EVALUATIONS, BAR = 300, 1.5
SCALE = 1000.0  # the tutorial's losses are of this size; far smaller ones would meet L-BFGS's tolerances
MOST = 600  # our moves, at most
SETTINGS = TransferSettings(smooth=0.0, average=False, jitter=0, rule="lbfgs", steps=MOST)
NETWORK = networks.load()


class ContentLoss(nn.Module):
    """The tutorial's: hands its input on, and keeps its mean squared distance from the target."""

    def __init__(self, target: Tensor, weight: float) -> None:
        super().__init__()
        self.target, self.weight = target.detach(), weight

    def forward(self, maps: Tensor) -> Tensor:
        self.loss = self.weight * F.mse_loss(maps, self.target)
        return maps


class StyleLoss(nn.Module):
    """The tutorial's: the same of Gram matrices."""

    def __init__(self, target: Tensor, weight: float) -> None:
        super().__init__()
        self.target, self.weight = gram_matrix(target).detach(), weight

    def forward(self, maps: Tensor) -> Tensor:
        self.loss = self.weight * F.mse_loss(gram_matrix(maps), self.target)
        return maps


def gram_matrix(maps: Tensor) -> Tensor:
    """The tutorial's."""
    a, b, c, d = maps.size()
    features = maps.reshape(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


def tutorial(
    content: Tensor, style: Tensor, layout: torch.memory_format = torch.contiguous_format
) -> tuple[nn.Sequential, list[nn.Module]]:
    """The tutorial's model and its losses, each weighed so that all together are SCALE times our loss."""
    content, style = (picture.contiguous(memory_format=layout) for picture in (content, style))
    network = networks.load()
    normalise = Normalize(network.mean.flatten().tolist(), network.std.flatten().tolist())
    layers = network.module.to(memory_format=layout).features  # type: ignore[call-overload,union-attr]
    model, losses = nn.Sequential(normalise), []
    last = max(int(name.split(".")[1]) for name in [*SETTINGS.layers, SETTINGS.content_layer])
    for number, layer in enumerate(layers.children()):
        model.append(layer)
        name = f"features.{number}"
        if name == SETTINGS.content_layer:
            target = model(content)
            unit = target.numel() / target.square().sum().item()
            losses.append(ContentLoss(target, SCALE * SETTINGS.content * unit))
            model.append(losses[-1])
        if name in SETTINGS.layers:
            target = model(style)
            unit = 1 / gram_matrix(target).square().mean().item()
            losses.append(StyleLoss(target, SCALE * SETTINGS.layers[name] * unit))
            model.append(losses[-1])
        if number == last:
            break
    return model.eval().requires_grad_(False), losses


def theirs(model: nn.Sequential, losses: list[nn.Module], content: Tensor) -> tuple[Tensor, float]:
    """The tutorial's loop: the picture, and its loss over SCALE."""
    picture = content.clone().requires_grad_(True)
    optimizer, run = LBFGS([picture]), [0]
    while run[0] <= EVALUATIONS:

        def closure() -> Tensor:
            with torch.no_grad():
                picture.clamp_(0, 1)
            optimizer.zero_grad()
            model(picture)
            loss = sum((part.loss for part in losses), torch.zeros(()))
            loss.backward()
            run[0] += 1
            return loss

        optimizer.step(closure)
    with torch.no_grad():
        model(picture.clamp_(0, 1))
    return picture.detach(), sum(part.loss.item() for part in losses) / SCALE


def ours(content: Tensor, style: Tensor, goal: float) -> tuple[int, float]:
    """Our moves until the loss is as low as `goal`, and the loss then."""
    for frame in transfer(NETWORK, content, [style], SETTINGS, (content.shape[2],)):
        if -frame.score <= goal:
            break
    return frame.step, -frame.score


def check_losses(model: nn.Sequential, losses: list[nn.Module], content: Tensor, style: Tensor) -> None:
    """Both must say the same, of the photograph and of the style picture, or nothing can be compared."""
    for start in ("content", "style"):
        frame = next(transfer(NETWORK, content, [style], SETTINGS, (content.shape[2],), start))
        model(frame.picture)
        found = sum(part.loss.item() for part in losses) / SCALE
        print(f"loss of the {start}: theirs {found:.6f}, ours {-frame.score:.6f}", flush=True)
        if abs(found + frame.score) > 1e-4 * found:
            sys.exit("the losses differ, so there is nothing to compare")


def main() -> None:
    parser = argparse.ArgumentParser(description="The time of a style transfer, beside the tutorial's.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=256)
    options = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {options.size} x {options.size}")
    content = pictures.fit(pictures.read("opera_house"), options.size)
    style = pictures.fit(styles.read("oil"), options.size)
    peers = {
        "the tutorial's": tutorial(content, style),
        "the same, channels last": tutorial(content, style, torch.channels_last),
    }
    for model, losses in peers.values():
        check_losses(model, losses, content, style)
    times: dict[str, list[float]] = {name: [] for name in [*peers, "ours"]}
    for _ in range(options.rounds):
        for name, (model, losses) in peers.items():
            start = time.perf_counter()
            _, goal = theirs(model, losses, content)
            times[name].append(time.perf_counter() - start)
            print(f"{name}: {times[name][-1]:.1f} s to {goal:.5f}", flush=True)
        start = time.perf_counter()
        moves, reached = ours(content, style, goal)
        times["ours"].append(time.perf_counter() - start)
        print(f"ours: {times['ours'][-1]:.1f} s to {reached:.5f}, {moves} moves", flush=True)
        if reached > goal:
            sys.exit("ours never got as low as theirs")
    ratios = {name: statistics.median(times[name]) / statistics.median(times["ours"]) for name in peers}
    for name, ratio in ratios.items():
        print(f"{name}: ratio {ratio:.2f}")
    ratio = ratios["the tutorial's"]
    print(f"bar {BAR}: {'met' if ratio >= BAR else 'MISSED'}")
    print(f"ratio: {ratio:.2f}")
    sys.exit(ratio < BAR)


if __name__ == "__main__":
    main()
