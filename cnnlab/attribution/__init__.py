"""Which part of a picture matters to a network: occlusion, gradients, and what destroys them."""

from .gradients import Passage, attribution, passages
from .occlusion import FILLS, Occlusion, cover, filled, occlusion, occlusions
from .randomisation import randomised, rank_correlation, ssim, strength
from .relu_rules import RULES

__all__ = [
    "FILLS",
    "RULES",
    "Occlusion",
    "Passage",
    "attribution",
    "cover",
    "filled",
    "occlusion",
    "occlusions",
    "passages",
    "randomised",
    "rank_correlation",
    "ssim",
    "strength",
]
