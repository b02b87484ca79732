"""Which part of a picture matters to a network: occlusion, gradients, and what destroys them.

occlusion(network, panda, window=32, stride=16).probability(388)       # cover a square, slide it: lesson 06
attribution(network, panda, logit("giant panda"), rule="guided")       # a gradient, or what ReLUs make of it
layer_gradients(network, panda, logit("giant panda"))                  # on its way back, layer by layer
for layer, destroyed in randomised(network): ...                       # is a map one of what was learned?
"""

from .gradients import attribution, layer_gradients
from .occlusion import FILLS, cover, filled, occlusion, occlusions
from .randomisation import randomised, rank_correlation, ssim, strength
from .relu_rules import RULES

__all__ = [
    "FILLS", "RULES", "attribution", "cover", "filled", "layer_gradients", "occlusion", "occlusions",
    "randomised", "rank_correlation", "ssim", "strength",
]  # fmt: skip
