"""Does a map show what the network has learned? Destroy its weights, and see whether the map changes.

Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018 (arXiv:1810.03292), section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import numpy as np
import torch
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity
from torch import Tensor, nn

from ..networks import Network


def randomised(network: Network, seed: int = 0) -> Iterator[tuple[str, Network]]:
    """Cascading randomisation: (layer, copy of the network in which it and all after it are drawn anew).

    The first copy has lost the last layer's weights, the last copy all of them; `network` stays as it is.
    Weights are drawn with `seed` as He et al. 2015 (arXiv:1502.01852) start a network of ReLUs, biases are 0,
    and normalisations forget what they have learned. Where a network ends in a ReLU, as SqueezeNet does, ask
    for `channel("classifier.1", number)` before it: a class that the new weights switch off has no gradient.
    """
    random = torch.Generator().manual_seed(seed)
    for name in reversed(network.layers.names):
        if any(True for _ in network.layer(name).parameters(recurse=False)):
            network = deepcopy(network)
            _draw(network.layer(name), random)
            yield name, network


@torch.no_grad()
def _draw(layer: nn.Module, random: torch.Generator) -> None:
    for name, parameter in layer.named_parameters(recurse=False):
        if parameter.ndim > 1:
            start = torch.empty(parameter.shape)
            parameter.copy_(nn.init.kaiming_normal_(start, nonlinearity="relu", generator=random))
        else:
            parameter.fill_(name == "weight")
    if isinstance(layer, nn.modules.batchnorm._NormBase):
        layer.reset_running_stats()


def ssim(maps: Tensor, others: Tensor) -> Tensor:
    """(N,): how alike the `strength` of N pairs of maps is in structure: 1 for the same, near 0 if unrelated.

    `maps` and `others` are (N, C, H, W), H and W at least 7. Wang et al. 2004, doi:10.1109/TIP.2003.819861.
    """
    _comparable(maps, others)
    pairs = zip(strength(maps)[:, 0].cpu().numpy(), strength(others)[:, 0].cpu().numpy(), strict=True)
    return torch.tensor([structural_similarity(one, other, data_range=1.0) for one, other in pairs])


def rank_correlation(maps: Tensor, others: Tensor) -> Tensor:
    """(N,): Spearman's rank correlation of all pixels of N pairs of maps, their colours summed: -1 to 1.

    `maps` and `others` are (N, C, H, W). With `maps.abs()` and `others.abs()` signs do not count. NaN for a
    map of one value only.
    """
    _comparable(maps, others)
    sums = (each.detach().sum(1).flatten(1).cpu().numpy() for each in (maps, others))  # (N, pixels)
    return torch.tensor([_spearman(one, other) for one, other in zip(*sums, strict=True)])


def _spearman(one: np.ndarray, other: np.ndarray) -> float:
    constant = min(np.ptp(one), np.ptp(other)) == 0  # such a map has no ranks
    return np.nan if constant else float(spearmanr(one, other).statistic)


def _comparable(maps: Tensor, others: Tensor) -> None:
    if maps.shape != others.shape or maps.ndim != 4 or min(maps.shape[2:]) < 7:
        raise ValueError(
            f"maps of {tuple(maps.shape)} and {tuple(others.shape)} cannot be compared: give two of the same "
            "shape (N, C, H, W), at least 7 pixels high and wide."
        )


def strength(maps: Tensor) -> Tensor:
    """(N, 1, H, W) in [0, 1]: the size of each pixel of maps (N, C, H, W), summed over colours.

    0 is the weakest pixel of a map, and the strongest hundredth is 1, so that a few do not hide the others
    (Smilkov et al. 2017, arXiv:1706.03825). A map that is the same everywhere is 0.
    """
    sizes = maps.detach().abs().sum(1, keepdim=True).flatten(1)  # (N, H * W)
    low, high = sizes.amin(1, keepdim=True), sizes.quantile(0.99, 1, keepdim=True)
    spread = torch.where(high > low, high - low, torch.inf)
    return ((sizes - low) / spread).clamp(0, 1).reshape(len(maps), 1, *maps.shape[2:])
