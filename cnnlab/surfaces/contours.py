"""A surface over the plane as a picture with lines of equal height, and paths on it, fast enough to play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw
from torch import Tensor

SIDE = 480  # pixels of a map
FINE = 2  # drawn so much larger and then made small, for smooth lines
LEVELS = 24


@dataclass(frozen=True)
class ContourMap:
    """A picture of the square from `low` to `high` on both axes, y upward. `image` is `FINE` times larger."""

    image: Image.Image
    low: float
    high: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Which place of the plane lies under pixel (x, y) of what `with_paths` draws."""
        scale = (self.high - self.low) / SIDE
        return self.low + scale * (x + 0.5), self.high - scale * (y + 0.5)

    def with_paths(self, paths: Mapping[str, list[Tensor]], colours: Mapping[str, str]) -> Image.Image:
        """The map, (SIDE, SIDE), with a line for each path, a list of places (2,), and a dot at its end."""
        drawn = self.image.copy()
        pen = ImageDraw.Draw(drawn)
        lines = {name: self._pixels(torch.stack(path)) for name, path in paths.items()}
        edges = {name: "black" if colours[name] == "white" else "white" for name in paths}
        for inks, width in ((edges, 6), (colours, 3)):  # all outlines first, so that none hides a line
            for name, line in lines.items():
                pen.line(line, inks[name], width * FINE)
        for name, line in lines.items():
            pen.circle(line[-1], 7 * FINE, colours[name], edges[name], 2 * FINE)
        return drawn.reduce(FINE)

    def with_boxes(self, low: ArrayLike, high: ArrayLike, veil: float = 0.0) -> ContourMap:
        """A copy with boxes from `low` to `high` (N, 2), outlined, and veiled in white: 0 not, 1 wholly."""
        drawn = self.image.copy()
        pen = ImageDraw.Draw(drawn, "RGBA")  # so that white is laid over what is there
        corners = (self._pixels(torch.as_tensor(np.asarray(ends)).reshape(-1, 2)) for ends in (low, high))
        for (left, bottom), (right, top) in zip(*corners, strict=True):
            pen.rectangle((left, top, right, bottom), (255, 255, 255, round(255 * veil)), "#333333", FINE)
        return replace(self, image=drawn)

    def _pixels(self, places: Tensor) -> list[tuple[float, float]]:
        """Where places (N, 2) lie in `image`; what lies far away is drawn far away."""
        x, y = places.double().nan_to_num().clamp(-1e4, 1e4).unbind(1)
        scale = SIDE * FINE / (self.high - self.low)
        return list(zip((scale * (x - self.low)).tolist(), (scale * (self.high - y)).tolist(), strict=True))


def contours(heights: Tensor, low: float, high: float, levels: Sequence[float] | None = None) -> ContourMap:
    """`heights` (n, n) of finite numbers as a map: heights[i, j] belongs to y = i, x = j, from low to high.

    Dark is low. `levels` are the heights of the lines, in rising order; give the same to maps that are to be
    compared. Without them, an equal number of points lies between any two lines.
    """
    z = heights.detach().cpu().double().numpy()
    chosen = np.unique(np.quantile(z, np.linspace(0, 1, LEVELS))) if levels is None else np.asarray(levels)
    figure = Figure((SIDE / 100, SIDE / 100), dpi=100 * FINE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    along = np.linspace(low, high, len(z))
    if len(chosen) > 1:
        axes.contourf(along, along, z, chosen, cmap="cividis", extend="both")
        axes.contour(along, along, z, chosen, colors="white", linewidths=0.5, alpha=0.6)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return ContourMap(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]), low, high)
