"""Set a weight or a bias by hand: "x1 > a3 = 1.5" is the weight from x1 to unit a3, "a3 = 0.5" its bias."""

import math
from typing import NamedTuple

from .network import Network


class Edit(NamedTuple):
    """source: what the link comes from, "" for a bias. unit: where it goes. value: what it is set to."""

    source: str
    unit: str
    value: float


def parse(text: str) -> Edit | None:
    """An edit from words; None where there are none. Raises `ValueError` with one sentence."""
    if not text.strip():
        return None
    names, _, number = text.partition("=")
    source, _, unit = names.rpartition(">")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not unit.strip() or not math.isfinite(value):
        raise ValueError(
            f'{text.strip()[:40]!r} sets nothing: write "x1 > a3 = 1.5", or "a3 = 0.5" for a bias.'
        )
    return Edit(source.strip(), unit.strip(), value)


def apply(edit: Edit, network: Network) -> None:
    """Set it, in place. Raises `ValueError` where the network has no such link."""
    names = network.names()
    for before, after, weights, biases in zip(
        names, names[1:], network.weights, network.biases, strict=False
    ):
        if edit.unit in after and not edit.source:
            biases[after.index(edit.unit)] = edit.value
            return
        if edit.unit in after and edit.source in before:
            weights[before.index(edit.source), after.index(edit.unit)] = edit.value
            return
    link = f"link {edit.source} > {edit.unit}" if edit.source else f"unit {edit.unit}"
    raise ValueError(f"there is no {link} in this network: hover over a line to see its name.")
