"""Settings as others published them, turned into ours.

settings = PUBLISHED["CS231n, The Scream"].settings(network, content, style)

Others add up raw squared distances, so that a weight of 200000 means nothing without the size of the numbers
at that layer. Ours are in units of what is wanted. The two are the same loss, but for a factor that moves no
minimum, where each raw weight is multiplied by the squared length of what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import NamedTuple

from torch import Tensor

from ..networks import Network
from ..networks.probes import average_pooling
from ..optvis.inversion import code
from .losses import grams
from .settings import Settings

STD = 0.226  # what torchvision's networks divide pictures by: 0.229, 0.224 and 0.225, in the mean
GATYS = (1, 6, 11, 20, 29)  # conv1_1, conv2_1 ... conv5_1 of torchvision's vgg19, after their ReLUs


class Published(NamedTuple):
    """Raw weights for the network of that name in `networks.load`, and where they stand.

    Made small: `content` * sum (F - P)^2 + for each layer its weight * sum ((G - A) / C)^2 + `smooth` * the
    sum of squared differences of neighbours, for maps F, P and Gram matrices G, A (averaged over all places)
    with C channels. `smooth` is for pictures divided by the network's standard deviation.
    """

    network: str
    content_layer: str
    content: float
    layers: Mapping[str, float]
    smooth: float
    average: bool
    source: str

    def settings(self, network: Network, content: Tensor, style: Tensor) -> Settings:
        """The same weights in our units, for `content` and `style` (1, 3, H, W) at the size of the painting.

        The style weights are made to add up to 1. Exact for the pictures given, but for the border in the
        total variation and the three deviations taken as one (2 percent of that term). On other networks than
        the one named it is a conversion: the embedded SqueezeNet was trained apart from torchvision's, on
        pictures of 0 to 255. Its activations are taken as so many times larger as what it is fed with.
        """
        times = STD / network.std.mean().item()
        with average_pooling(network) if self.average else nullcontext():
            wanted = grams(network, style, self.layers)
            shown = code(network, content, self.content_layer)
        raw = {
            layer: weight * wanted[layer].square().sum().item() / wanted[layer].shape[1] ** 2 / times**4
            for layer, weight in self.layers.items()
        }
        beta = sum(raw.values())
        alpha = self.content * shown.square().sum().item() / times**2
        return Settings(
            content=alpha / beta,
            content_layer=self.content_layer,
            layers={layer: weight / beta for layer, weight in raw.items()},
            smooth=self.smooth * content.numel() / STD**2 / beta,
            average=self.average,
            jitter=0,
        )


def _cs231n(content: float, weights: tuple[float, ...], smooth: float) -> Published:
    layers = {f"features.{i}": weight for i, weight in zip((1, 4, 6, 7), weights, strict=True)}
    source = "Stanford CS231n, assignment 3, StyleTransfer: SqueezeNet 1.1, Adam, 200 steps from the content"
    return Published("squeezenet1_1", "features.3", content, layers, smooth, False, source)


PUBLISHED = {
    "CS231n, Composition VII": _cs231n(5e-2, (20000, 500, 12, 1), 5e-2),
    "CS231n, The Scream": _cs231n(3e-2, (200000, 800, 12, 1), 2e-2),
    "CS231n, Starry Night": _cs231n(6e-2, (300000, 1000, 15, 3), 2e-2),
    # alpha / 2 and beta / 5 / 4, with alpha / beta = 1e-3; the paper's VGG had its filters rescaled to a mean
    # activation of 1, which torchvision's are not
    "Gatys et al.": Published(
        "vgg19", "features.22", 1e-3 / 2, {f"features.{i}": 1 / 20 for i in GATYS}, 0.0, True,
        "Gatys, Ecker and Bethge 2016, section 3: VGG-19, conv4_2, alpha / beta = 1e-3, L-BFGS from noise",
    ),
}  # fmt: skip
