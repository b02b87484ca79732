"""Adversarial pictures: how little it takes, why, and what helps.

found = Attack(network, panda, goal="gibbon", eps=1 / 255).run(20)    # a Found: pictures, labels, success
fast_gradient_sign(network, panda, eps=0.007)                         # one step, Goodfellow et al. 2015
for step in Attack(network, panda, norm=L2, eps=0.5):                 # step by step; change what you like
    step.pictures, step.score

`norms` say how far a picture may be moved, `attacks` has the one loop; on it stand `smallest` (how little is
enough, and how often) and `universal` (one change for all pictures). `linear` measures why it works and
whether it carries over, `defences` what helps.
"""

from .attacks import Attack, cross_entropy, fast_gradient_sign, fooling, margin, taken_for_something
from .defences import Defended, adversarial, digit_network, jpeg, learn, noisy, png, straight_through, turned
from .linear import alignment, along, gain, loss_gradient, mistakes, sign_step, straightness, transfer
from .norms import L2, LINF, NORMS
from .smallest import reached, smallest, wilson
from .universal import Universal, added

__all__ = [
    "L2", "LINF", "NORMS", "Attack", "Defended", "Universal", "added", "adversarial", "alignment",
    "along", "cross_entropy", "digit_network", "fast_gradient_sign", "fooling", "gain", "jpeg", "learn",
    "loss_gradient", "margin", "mistakes", "noisy", "png", "reached", "sign_step", "smallest",
    "straight_through", "straightness", "taken_for_something", "transfer", "turned", "wilson",
]  # fmt: skip
