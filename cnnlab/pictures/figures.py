"""Curves and bars in the house style: large letters, colours that colour-blind people tell apart."""

import io
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

# Okabe and Ito 2008, "Color universal design"; their yellow is left out, too faint on a projector
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LEAST = 12  # points: smaller letters cannot be read from the last row
TITLE = 16
DOTS = 144  # pixels an inch in the PNG,
PAGE = 96  # and on the page: sharp on fine screens, too
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 14,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",
    "font.size": 13,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.8,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
}


def figure(rows: int = 1, columns: int = 1, *, width: float = 8, height: float = 4.5) -> tuple[Figure, Any]:
    """A matplotlib figure of `width` x `height` inches and its axes (an array of them where there are more).

    Draw into the axes, then `pictures.show(fig, alt="...")`. It is not known to pyplot, so nothing has to be
    closed and nothing is drawn twice.
    """
    with matplotlib.rc_context(STYLE):
        fig = Figure((width, height), layout="constrained")
        FigureCanvasAgg(fig)
        return fig, fig.subplots(rows, columns)


def render(fig: Figure) -> tuple[Image.Image, int]:
    """The figure as an image, and its width on the page in pixels."""
    _make_legible(fig)
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        fig.savefig(buffer, format="png", dpi=DOTS, facecolor="white")
    image = Image.open(buffer).convert("RGB")
    return image, round(image.width * PAGE / DOTS)


def _make_legible(fig: Figure) -> None:
    """No small letters, whoever wrote them, and no grid across a picture."""
    for axes in fig.axes:
        axes.title.set_fontsize(max(axes.title.get_fontsize(), TITLE))
        if axes.images:
            axes.grid(False)
    for text in fig.findobj(Text):
        if isinstance(text, Text) and float(text.get_fontsize()) < LEAST:
            text.set_fontsize(LEAST)
