"""A network that learns a few labels in seconds: the first half of the embedded one, and 48 detectors.

network = learn(pictures, labels, ("fish", "building", "tool"))
network.layers                       # features.0 ... features.7 are SqueezeNet's and stay as they are
accuracy(network, pictures, labels)

A detector is a weighted sum of what SqueezeNet's `features.7` says of one place. The answer is a weighted sum
of each detector's strongest and mean answer. Only detectors and answer learn.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d, cross_entropy

from .. import networks
from ..networks import CAFFE_MEAN, Network, answers
from ..pictures import check

SIDE = 128  # pixels of the pictures that it is made for
FEATURES = 8  # of SqueezeNet's layers
DETECTORS = 48
EPOCHS, BATCH = 15, 32
BLOCK = 32  # pictures that the network looks at at once


class StrongestAndMean(nn.Module):
    """Each map's greatest value, and behind these each map's mean: (N, C, H, W) -> (N, 2 C)."""

    def forward(self, maps: Tensor) -> Tensor:
        return torch.cat([adaptive_max_pool2d(maps, 1).flatten(1), maps.mean((2, 3))], 1)


def learn(pictures: Tensor, labels: Tensor, names: Sequence[str], seed: int = 0) -> Network:
    """A network that has learned `labels` (N,), numbers of `names`, from `pictures` (N, 3, H, W) in [0, 1].

    `seed` draws its detectors' start and the order of the pictures. ValueError where pictures and labels do
    not go together.
    """
    check(pictures)
    if labels.shape != pictures.shape[:1]:
        raise ValueError(f"{len(pictures)} pictures and labels {tuple(labels.shape)}: give a label for each.")
    if not 0 <= int(labels.min()) <= int(labels.max()) < len(names):
        raise ValueError(
            f"labels go from {labels.min()} to {labels.max()}, and there are {len(names)} names."
        )
    trunk = networks.load()
    features = trunk.module.get_submodule("features")[:FEATURES]  # type: ignore[index]
    codes = _codes(trunk, features, pictures)
    scale = codes.std((0, 2, 3)).view(1, -1, 1, 1) + 1e-3
    head = _head(codes / scale, labels, len(names), seed)
    next(head["detectors"].parameters()).data /= scale  # from here on it takes the codes as they are
    module = nn.Sequential(OrderedDict(features=features, **head))
    return Network(module, CAFFE_MEAN, (1 / 255,) * 3, names, SIDE, "the network").requires_grad_(False)


@torch.no_grad()
def _codes(trunk: Network, features: nn.Module, pictures: Tensor) -> Tensor:
    """(N, C, h, w): what `features` says of each place of each picture."""
    return torch.cat([features(trunk.normalise(part)) for part in pictures.split(BLOCK)]).contiguous()


def _head(codes: Tensor, labels: Tensor, count: int, seed: int) -> dict[str, nn.Module]:
    """Detectors and answer for `count` labels, after EPOCHS of AdamW on cross-entropy."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = {
            "detectors": nn.Conv2d(codes.shape[1], DETECTORS, 1),
            "relu": nn.ReLU(),
            "pool": StrongestAndMean(),
            "answer": nn.Linear(2 * DETECTORS, count),
        }
    module = nn.Sequential(*head.values())
    optimizer = torch.optim.AdamW(module.parameters(), 3e-3, weight_decay=1e-2)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(EPOCHS):
        for some in torch.randperm(len(codes), generator=generator).split(BATCH):
            optimizer.zero_grad()
            cross_entropy(module(codes[some]), labels[some]).backward()
            optimizer.step()
    return head


def accuracy(network: Network, pictures: Tensor, labels: Tensor) -> float:
    """The share of `pictures` (N, C, H, W) that get their own label, 0 to 1."""
    return float((answers(network, pictures).cpu() == labels).float().mean())
