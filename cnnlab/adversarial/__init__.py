"""Adversarial pictures: how little it takes, why, and what helps.

found = Attack(network, panda, goal="gibbon", eps=1 / 255).run(20)    # a Found: pictures, labels, success
fast_gradient_sign(network, panda, eps=0.007)                         # one step, Goodfellow et al. 2015
for step in Attack(network, panda, budget=L2, eps=0.5):               # step by step; change what you like
    step.pictures, step.score

`budgets` says how far a picture may be moved, `attacks` has the one loop; on it stand `smallest` (how little
is enough), `universal` (one change for all pictures) and `rubbish` (pictures of nothing). `linear` measures
why it works, `training`, `defences` what helps, `transfer` and `curves` how often.
"""

from .attacks import Attack, Found, cross_entropy, fast_gradient_sign, margin
from .budgets import BUDGETS, L2, MAX

__all__ = ["BUDGETS", "L2", "MAX", "Attack", "Found", "cross_entropy", "fast_gradient_sign", "margin"]
