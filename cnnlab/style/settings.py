"""What can be turned while a picture is painted, and settings as others published them, turned into ours.

settings = PUBLISHED["CS231n, The Scream"].settings(network, content, style)

Others add up raw squared distances, so that a weight of 200000 means nothing without the size of the numbers
at that layer. Ours are in units of what is wanted. The two are the same loss, but for a factor that moves no
minimum, where each raw weight is multiplied by the squared length of what is wanted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import NamedTuple

from torch import Tensor

from ..networks import Network
from ..networks.probes import average_pooling
from ..optvis.inversion import code
from .losses import grams

# The embedded network's layers of four strides. The first tells most of the colours: with half of the weight,
# they come out clean.
LAYER_WEIGHTS = {"features.1": 0.5, **{f"features.{i}": 0.1 for i in (3, 4, 6, 7, 9)}}
RULES = {"adam": 0.03, "lbfgs": 1.0}  # the usual step: Adam's, where white is 1; L-BFGS's, the whole one
COLOURS = ("style", "matched", "luminance")
STD = 0.226  # what torchvision's networks divide pictures by: 0.229, 0.224 and 0.225, in the mean


@dataclass
class TransferSettings:
    """How to paint; every field may be changed while a transfer runs. The defaults suit the embedded network.

    content: weight of the content (alpha). With style weights that add up to 1 (beta), it is alpha / beta.
    content_layer: where the content is compared.
    layers: the weight of the style at each layer; see `match_style` for the unit. 0 leaves a layer out.
    blend: the share of each style picture, in proportion; None: the same for all.
    smooth: weight of the total variation (beta 2, see `regularisers`).
    scale: the size of strokes. 1 shows the network each style picture with as many pixels as the content,
        0.5 at half that side. From 0.1 to 4.
    colours: "style" takes the style's; "matched" first gives the style pictures the mean and the covariance
        of the content's colours; "luminance" paints light and dark alone, and keeps the content's colours.
    centred: compare covariances of the channels instead of Gram matrices.
    average: average instead of max pooling, as Gatys et al. preferred: the strokes become smooth.
    jitter: at each step the picture is shown at another place within a mirrored border of so many pixels, so
        that the network's grid leaves no traces. L-BFGS, which needs steady ground, sees it in the middle.
    rule, step_size: "adam" or "lbfgs", and how far a step goes: 1 is usual for that rule.
    steps: moves at each size. Adam's step falls to 0 over them, along half a cosine.
    """

    content: float = 0.1
    content_layer: str = "features.4"
    layers: Mapping[str, float] = field(default_factory=lambda: dict(LAYER_WEIGHTS))
    blend: Sequence[float] | None = None
    smooth: float = 0.3
    scale: float = 1.0
    colours: str = "style"
    centred: bool = False
    average: bool = True
    jitter: int = 16
    rule: str = "adam"
    step_size: float = 1.0
    steps: int = 120

    def frozen(self) -> TransferSettings:
        """A copy that stays as it is, of what the goals depend on: all but the steps."""
        blend = self.blend and tuple(self.blend)
        return replace(self, layers=dict(self.layers), blend=blend, step_size=1.0, steps=1)

    def step_length(self, number: int) -> float:
        """How far move `number` (from 0) goes, in the unit of the rule."""
        cooled = (1 + math.cos(math.pi * min(1.0, number / max(1, self.steps)))) / 2
        return self.step_size * RULES[self.rule] * (cooled if self.rule == "adam" else 1.0)

    def check(self, styles: int) -> None:
        """Raise ValueError, in one sentence, for what makes no sense with so many style pictures."""
        weights = {"content": self.content, **self.layers, "smooth": self.smooth}
        shares = {f"style {i}": share for i, share in enumerate(self.blend or [1.0] * styles, start=1)}
        for name, weight in {**weights, **shares}.items():
            if not 0 <= weight < math.inf:
                raise ValueError(f"the weight of {name} is {weight}: give a number, 0 or more.")
        if not any(weights.values()):
            raise ValueError("all weights are 0, so nothing is wanted: raise the content's or a layer's.")
        if len(shares) != styles:
            raise ValueError(f"{len(shares)} shares for {styles} style picture(s): give one for each.")
        if any(self.layers.values()) and not any(shares.values()):
            raise ValueError("all style pictures have a share of 0: raise one of them.")
        for name, value, choices in (("rule", self.rule, RULES), ("colours", self.colours, COLOURS)):
            if value not in choices:
                raise ValueError(f"{name} is one of {', '.join(choices)}, not {value!r}.")
        if not 0.1 <= self.scale <= 4:
            raise ValueError(f"the scale of the strokes is from 0.1 to 4, not {self.scale}.")
        if not 0 <= self.jitter <= 64:
            raise ValueError(f"jitter is from 0 to 64 pixels, not {self.jitter}.")
        if not 0 < self.step_size < math.inf:
            raise ValueError(f"the step size is {self.step_size}: give a number above 0.")


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

    def settings(self, network: Network, content: Tensor, style: Tensor) -> TransferSettings:
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
        return TransferSettings(
            content=alpha / beta,
            content_layer=self.content_layer,
            layers={layer: weight / beta for layer, weight in raw.items()},
            smooth=self.smooth * content.numel() / STD**2 / beta,
            average=self.average,
            jitter=0,
        )


TABLE = files("cnnlab") / "assets" / "published_styles.json"
PUBLISHED = {name: Published(**entry) for name, entry in json.loads(TABLE.read_text("utf-8")).items()}
