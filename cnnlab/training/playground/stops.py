"""When to stop: "test loss 0.05", "accuracy 95 %" or "epoch 100", in words."""

import re
from typing import NamedTuple

from .training import Judgement

HOW = 'write "loss 0.05", "train loss 0.05", "accuracy 95 %" or "epoch 100", or nothing'


class Stop(NamedTuple):
    """kind: "loss", "accuracy" or "epoch". which: "train" or "test" points. value: a loss, share or count."""

    kind: str
    which: str
    value: float

    def met(self, epoch: float, now: Judgement) -> bool:
        """Whether it is time. Without test points, those of training count."""
        if self.kind == "epoch":
            return epoch >= self.value
        test = self.which == "test" and now.test_loss is not None
        if self.kind == "loss":
            return (now.test_loss if test else now.train_loss) <= self.value  # type: ignore[operator]
        share = now.test_accuracy if test else now.train_accuracy
        return share is not None and share >= self.value


def parse(text: str) -> Stop | None:
    """A stop from words; None where there are none. Raises `ValueError` with one sentence."""
    if not text.strip():
        return None
    found = re.fullmatch(
        r"(?:(train|test)\s+)?(loss|accuracy|epoch)\s*[<>=]*\s*([\d.]+)\s*(%?)", text.strip().lower()
    )
    if not found or found[3].count(".") > 1 or found[3] == ".":
        raise ValueError(f"{text.strip()[:40]!r} is no place to stop: {HOW}.")
    which, kind, number, percent = found.groups()
    value = float(number)
    if kind == "accuracy":
        value = value / 100 if percent or value > 1 else value
        if not 0 < value <= 1:
            raise ValueError(f"an accuracy of {number} cannot be reached: give one up to 100 %.")
    return Stop(kind, which or "test", value)
