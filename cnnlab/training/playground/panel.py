"""The playground as a live panel: its settings, each with its control, and its presets."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any, get_type_hints

from ...live import Panel, Preset, choice, drawing, file, live, seed, several, slider, text, toggle
from .layout import AREA
from .network import ACTIVATIONS, FEATURES
from .playing import PACES, WORDS, play
from .points import OWN, SETS, Points, read_csv
from .typed import STOPS, parse_edit, parse_layers, parse_stop

PRESETS = tomllib.loads((files("cnnlab") / "assets" / "playground_presets.toml").read_text("utf-8"))
DECAYS = ("0", "0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
SHOWN = 490  # CSS pixels: the controls stand beside it even on a small screen
ALT = (
    "A small neural network from left to right: its features, its hidden units as heat maps in orange and "
    "blue, lines for its weights, and at the right the output over the plane with the points it learns from. "
    "Above it, the losses in training and in the test."
)


@dataclass
class PlaygroundSettings:
    """What can be set, with TensorFlow Playground's defaults where it has them, each with a function from its
    first value to its control. A panel shows the first six, beside the presets, and folds the others under
    More.

    strokes: what was drawn, in pixels of the sheet. data: a name in `points.SETS`; "yours" is only what you
    draw and `file`. features: some of `network.FEATURES`. layers: the hidden ones, such as "8, 8" or
    "8 tanh, 4 relu", or parsed. activation: of layers that name none. rate: the step size. pace: what a frame
    is, of `PACES`. stop: words, see `typed`. dropout, noise and train_share: in percent. start: a factor on
    the first weights. large: the unit whose map is the large one; nothing for y. edit: a weight to set, see
    `typed`. words: of `WORDS`. tested: show the test points. two: only two colours. file: points from
    `points.read_csv`.
    """

    # fmt: off
    strokes: Annotated[tuple, lambda _: drawing(
        ("blue", "orange"), area=AREA, ink=False, label="Draw",
        help="Draw points of your own in the large square, even while it learns")] = ()
    data: Annotated[str, lambda v: choice(
        (*SETS, OWN), v, restart=True, help='"yours" are only points you draw or load')] = "circle"
    features: Annotated[tuple[str, ...], lambda v: several(
        list(FEATURES), v, restart=True, help="What it sees")] = ("x1", "x2")
    layers: Annotated[Any, lambda v: text(
        v, parse=parse_layers,
        help='Units of each hidden layer, such as "8, 8" or "8 tanh, 4 relu"; nothing for none')] = "4, 2"
    activation: Annotated[str, lambda v: choice(
        list(ACTIVATIONS), v, restart=True, help="Where none is named")] = "tanh"
    rate: Annotated[float, lambda v: slider(v, 1e-5, 10.0, log=True, label="Step size")] = 0.03
    pace: Annotated[str, lambda v: choice(list(PACES), v, label="A frame is")] = "one epoch"
    stop: Annotated[Any, lambda v: text(v, parse=parse_stop, restart=False, label="Stop at", help=STOPS)] = ""
    batch: Annotated[int, lambda v: slider(v, 1, 100)] = 10
    l1: Annotated[Any, lambda v: choice(DECAYS, f"{v:g}")] = 0
    l2: Annotated[Any, lambda v: choice(DECAYS, f"{v:g}")] = 0
    dropout: Annotated[float, lambda v: slider(v, 0, 80, unit="%")] = 0
    noise: Annotated[float, lambda v: slider(v, 0, 50, unit="%", restart=True)] = 0
    train_share: Annotated[float, lambda v: slider(v, 10, 90, unit="%", restart=True)] = 50
    count: Annotated[int, lambda v: slider(v, 20, 2000, step=10, label="Points", restart=True)] = 500
    seed: Annotated[int, lambda v: seed(v)] = 0
    start: Annotated[float, lambda v: slider(
        v, 0.0, 5.0, step=0.1, label="First weights", restart=True,
        help="A factor on the weights at the start; at 0 all units are alike")] = 1.0
    large: Annotated[str, lambda v: text(
        v, restart=False, label="Shown large", help="A unit by name: y, a3, x1")] = "y"
    edit: Annotated[Any, lambda v: text(
        v, parse=parse_edit, restart=False, label="Set a weight",
        help='"x1 > a3 = 1.5", or "a3 = 0.5" for a bias')] = ""
    words: Annotated[str, lambda v: choice(list(WORDS), v, label="In words")] = "none"
    tested: Annotated[bool, lambda v: toggle(v, label="Test points")] = True
    two: Annotated[bool, lambda v: toggle(v, label="Two colours")] = False
    file: Annotated[Points | None, lambda _: file(
        read_csv, label="Your file", help="CSV: x1, x2, label; then choose the data yours")] = None
    # fmt: on


PlaygroundSettings.__init__.__annotations__ = get_type_hints(PlaygroundSettings)  # shown without controls


def panel(**settings: Any) -> Panel:
    """The playground with all its controls, starting from `settings` (those of `PlaygroundSettings`).

    Raises `TypeError` for a name that `PlaygroundSettings` does not have, `ValueError` for a value that does
    not fit.
    """
    first, usual = PlaygroundSettings(**settings), PlaygroundSettings()
    makers = get_type_hints(PlaygroundSettings, include_extras=True).items()
    controls: dict[str, Any] = {name: hint.__metadata__[0](getattr(first, name)) for name, hint in makers}
    back = {name: controls[name].write(getattr(usual, name)) for name in settings if name != "file"}
    presets = {}
    for name, preset in PRESETS.items():  # they name what differs from the usual settings
        state = "; ".join(f"{setting}={words}" for setting, words in {**back, **preset["state"]}.items())
        presets[name] = Preset(state, preset["question"])
    return live(play, alt=ALT, width=SHOWN, presets=presets, shareable=True, **controls)
