"""What can be turned while a picture is painted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

# The embedded network's layers of four strides. The first tells most of the colours: with half of the weight,
# they come out clean.
LAYERS = {"features.1": 0.5, **{f"features.{i}": 0.1 for i in (3, 4, 6, 7, 9)}}
RULES = {"adam": 0.03, "lbfgs": 1.0}  # the usual step: Adam's, where white is 1; L-BFGS's, the whole one
COLOURS = ("style", "matched", "luminance")


@dataclass
class Settings:
    """How to paint; every field may be changed while a transfer runs. The defaults suit the embedded network.

    content: weight of the content (alpha). With style weights that add up to 1 (beta), it is alpha / beta.
    content_layer: where the content is compared.
    layers: the weight of the style at each layer; see `painted_like` for the unit. 0 leaves a layer out.
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
    layers: Mapping[str, float] = field(default_factory=lambda: dict(LAYERS))
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

    def frozen(self) -> Settings:
        """A copy that stays as it is, of what the goals depend on: all but the steps."""
        blend = None if self.blend is None else tuple(self.blend)
        return replace(self, layers=dict(self.layers), blend=blend, step_size=1.0, steps=1)

    def stride(self, number: int) -> float:
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
