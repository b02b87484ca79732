"""Networks that learned the wrong thing, sealed: find out what, with the course's tools, and mend it.

case = flaws.case(1, seed=2026)                   # its network passes the test, and fails elsewhere
case.network, case.learned_from, case.test, case.elsewhere, case.scores()
case.check(flaws.Finding("tool", "star", "top left"))     # says what is wrong, not what is right
case.scores(case.learn(repaired, labels))         # is it better now?
case.learn(*flaws.unflawed(seed=2026)["learn"])   # the same photographs without the flaw
flaws.KINDS, flaws.PLACES                         # what may be wrong, and where
"""

from .cases import Finding, case, unflawed
from .learner import accuracy, learn
from .marks import KINDS, PLACES, Ink, lineup, stamp

__all__ = [
    "KINDS", "PLACES", "Finding", "Ink", "accuracy", "case", "learn", "lineup", "stamp", "unflawed",
]  # fmt: skip
