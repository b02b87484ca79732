"""The losses so far as two thin curves, and how the network does now in numbers."""

import math
from collections.abc import Sequence

from PIL import ImageDraw

from .colours import INK, PALE, TEST
from .lettering import letters
from .plan import AREA, CHART, NETWORK, SIDE
from .training import Judgement

Row = tuple[float, float, float | None]


def chart(pen: ImageDraw.ImageDraw, epoch: float, now: Judgement | None, history: Sequence[Row]) -> None:
    """Draw it at its place on the sheet."""
    left, top, width, height = CHART
    letters(
        pen,
        (NETWORK[0], 12),
        f"epoch {counted(epoch)}",
        30,
        bold=True,
    )
    if now is None:
        return
    _numbers(pen, 10, "train", now.train_loss, now.train_accuracy, INK)
    if now.test_loss is not None:
        _numbers(pen, 44, "test", now.test_loss, now.test_accuracy, TEST)
    high = ceiling(max((max(train, test or 0) for _, train, test in history), default=0))
    for level in (0, 0.5, 1):
        y = top + height * (1 - level)
        pen.line((left, y, left + width, y), fill=(222, 222, 222), width=2)
        letters(
            pen,
            (left - 8, y),
            f"{high * level:.3g}" if high * level < 1e4 else f"{high * level:.0e}",
            18,
            anchor="rm",
            colour=PALE,
        )
    last = max(1.0, history[-1][0] if history else 1.0)
    curves = ((TEST, [(at, test) for at, _, test in history if test is not None]),
              (INK, [(at, train) for at, train, _ in history]))  # fmt: skip
    for colour, curve in curves:
        path = [(left + width * at / last, top + height * (1 - loss / high)) for at, loss in curve]
        if len(path) > 1:
            pen.line(path, fill=colour, width=4, joint="curve")


def counted(epoch: float) -> str:
    """Epochs without a power of ten: 16,440, or 0.04 in the middle of one."""
    return f"{epoch:,.2f}".rstrip("0").rstrip(".")


def plain(loss: float) -> str:
    """A loss with four decimals, or short if it is huge."""
    return f"{loss:.4f}" if loss < 1000 else f"{loss:.1e}"


def ceiling(loss: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... thousandths: a scale that rarely changes."""
    if not loss > 0.001:
        return 0.001
    power = 10.0 ** math.floor(math.log10(loss) + 1e-9)
    return next(power * step for step in (1, 2, 5, 10) if loss <= power * step * (1 + 1e-9))


def _numbers(
    pen: ImageDraw.ImageDraw,
    top: int,
    which: str,
    loss: float,
    accuracy: float | None,
    colour: tuple[int, int, int],
) -> None:
    """One line: on which points, the loss, and the share that is right. Each has its place, so none jumps."""
    letters(pen, (AREA[0], top), which, 26, colour=colour)
    letters(pen, (AREA[0] + 244, top), f"loss {plain(loss)}", 26, colour=colour, anchor="ra")
    if accuracy is not None:
        letters(pen, (AREA[0] + SIDE, top), f"{100 * accuracy:.1f} % right", 26, colour=colour, anchor="ra")
