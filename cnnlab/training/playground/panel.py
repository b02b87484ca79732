"""The playground as a live panel."""

from typing import Any

from ... import live
from . import architecture, edits, stops
from .architecture import ACTIVATIONS
from .network import FEATURES
from .own import read_csv
from .plan import AREA
from .playing import PACES, WORDS, Settings, play
from .points import NAMES
from .presets import PRESETS

DECAYS = ("0", "0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
SHOWN = 490  # CSS pixels: the controls stand beside it even on a small screen
ALT = (
    "A small neural network from left to right: its features, its hidden units as heat maps in orange and "
    "blue, lines for its weights, and at the right the output over the plane with the points it learns from. "
    "Above it, the losses in training and in the test."
)


def panel(**settings: Any) -> live.Panel:
    """The playground with all its controls, starting from `settings` (those of `Settings`).

    Raises `TypeError` for a name that `Settings` does not have, `ValueError` for a value that does not fit.
    """
    first = Settings(**settings)
    controls: dict[str, Any] = {**_main(first), **_more(first)}
    usual = {
        name: getattr(Settings(), name) for name in settings if name != "file"
    }  # what presets go back to
    presets = {
        name: live.Preset(_state({**usual, **start.settings}), start.question)
        for name, start in PRESETS.items()
    }
    return live.live(play, alt=ALT, width=SHOWN, presets=presets, shareable=True, **controls)


def _main(first: Settings) -> dict[str, live.Control]:
    """In sight, beside the presets."""
    return {
        "strokes": live.drawing(
            ("blue", "orange"), area=AREA, ink=False, label="Draw",
            help="Draw points of your own in the large square, even while it learns",
        ),
        "data": live.choice(NAMES, first.data, restart=True, help='"yours" are only points you draw or load'),
        "features": live.several(list(FEATURES), first.features, restart=True, help="What it sees"),
        "layers": live.text(
            first.layers, parse=architecture.parse,
            help='Units of each hidden layer, such as "8, 8" or "8 tanh, 4 relu"; nothing for none',
        ),
        "activation": live.choice(ACTIVATIONS, first.activation, restart=True, help="Where none is named"),
        "rate": live.slider(first.rate, 1e-5, 10.0, log=True, label="Step size"),
    }  # fmt: skip


def _more(first: Settings) -> dict[str, live.Control]:
    """Folded under More."""
    slider, choice, toggle = live.slider, live.choice, live.toggle
    return {
        "pace": choice(PACES, first.pace, label="A frame is"),
        "stop": live.text(first.stop, parse=stops.parse, restart=False, label="Stop at", help=stops.HOW),
        "batch": slider(first.batch, 1, 100, label="Batch"),
        "l1": choice(DECAYS, f"{first.l1:g}", label="L1"),
        "l2": choice(DECAYS, f"{first.l2:g}", label="L2"),
        "dropout": slider(first.dropout, 0, 80, unit="%"),
        "noise": slider(first.noise, 0, 50, unit="%", restart=True),
        "train_share": slider(first.train_share, 10, 90, unit="%", label="Train share", restart=True),
        "count": slider(first.count, 20, 2000, step=10, label="Points", restart=True),
        "seed": live.seed(first.seed),
        "start": slider(first.start, 0.0, 5.0, step=0.1, label="First weights", restart=True,
                        help="A factor on the weights at the start; at 0 all units are alike"),
        "large": live.text(first.large, restart=False, label="Shown large", help="A unit by name: y, a3, x1"),
        "edit": live.text(first.edit, parse=edits.parse, restart=False, label="Set a weight",
                          help='"x1 > a3 = 1.5", or "a3 = 0.5" for a bias'),
        "words": choice(WORDS, first.words, label="In words"),
        "tested": toggle(first.tested, label="Test points"),
        "two": toggle(first.two, label="Two colours"),
        "file": live.file(read_csv, label="Your file", help="CSV: x1, x2, label; then choose the data yours"),
    }  # fmt: skip


def _state(settings: dict[str, Any]) -> str:
    """Settings as a panel's `state`."""
    return "; ".join(f"{name}={_written(value)}" for name, value in settings.items())


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
