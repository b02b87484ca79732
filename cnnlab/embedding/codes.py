"""What a network says of many pictures: one row of numbers a picture, from any of its layers.

codes_of(network, pictures, ["features.12"])              # {"features.12": (N, 512)}
pixels(pictures)                                          # (N, 3072): the pictures themselves, to compare
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..networks import Network
from ..networks.probes import Reader
from ..pictures import check, resize

BATCH = 32  # pictures that the network looks at at once


@torch.no_grad()
def codes_of(network: Network, pictures: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """{layer: (N, D)}: what the layers put out for `pictures` (N, C, H, W), on the CPU.

    Feature maps are averaged over their places, so D is the number of channels, and where a thing is in the
    picture hardly matters. The name "" stands for the logits. One pass serves all layers, and ends at
    the last. Grey pictures are shown to a colour network in three equal channels.
    """
    check(pictures)
    if pictures.shape[1] == 1 and network.mean.shape[1] == 3:
        pictures = pictures.expand(-1, 3, -1, -1)
    reader = Reader(network, layers)
    rows: dict[str, list[Tensor]] = {name: [] for name in layers}
    for part in pictures.split(BATCH):
        for name, output in reader(network.normalise(part)).items():
            if output.ndim > 2:  # at once: the maps of all would be gigabytes
                output = output.mean(tuple(range(2, output.ndim)))
            rows[name].append(output.cpu())
    return {name: torch.cat(parts) for name, parts in rows.items()}


def pixels(pictures: Tensor, side: int = 32) -> Tensor:
    """(N, C * side * side): the numbers of `pictures` (N, C, H, W), made smaller where they are larger."""
    check(pictures)
    return (resize(pictures, (side, side)) if min(pictures.shape[2:]) > side else pictures).flatten(1)
