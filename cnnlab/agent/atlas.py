"""A map of game states to click: what the player saw there, thought, and looked at.

After figure 4 of Mnih et al. 2015 (doi:10.1038/nature14236). `Atlas.show` and `Atlas.follow` are functions
for `cnnlab.live.live`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from ..embedding import Chart, values_as_colours
from ..live import Frame, bars
from ..pictures.sheets import font
from .player import ACTIONS
from .policy import Policy
from .records import Records
from .theatre import SCALE, lit, look

SIDE = 210 * SCALE  # of the map: as high as the screen
GAP, WORDS = 14, 40
ORANGE, WHITE = (230, 159, 0), (255, 255, 255)
COLOURMAP = "viridis"


class Atlas:
    """`records` as `points` (N, 2), to be coloured by any of `colours`, names to numbers (N,)."""

    def __init__(
        self, policy: Policy, records: Records, points: Tensor, colours: Mapping[str, Tensor]
    ) -> None:
        self.policy, self.records, self.colours = policy, records, dict(colours)
        self.longest = self.records.lives.bincount().argsort(descending=True).tolist()
        self.chart = Chart(points, SIDE)
        self.maps = {name: self.chart.dots(values_as_colours(v, COLOURMAP), 4) for name, v in colours.items()}

    def show(self, place: tuple[int, int], colour: str, looks: str, path: bool) -> Frame:
        """The state nearest to a pixel of the map; with `path`, how that life went on the map."""
        return self.frame(self.chart.nearest(*place), colour, looks, path)

    def follow(self, settings: Any) -> Iterator[Frame]:
        """One life as a path through the map. settings: `life` (the longest is 0), `colour`, `looks`."""
        for k in (self.records.lives == self.longest[settings.life]).nonzero()[:, 0].tolist():
            yield self.frame(k, settings.colour, settings.looks, True)

    def frame(self, k: int, colour: str, looks: str, path: bool) -> Frame:
        """The map with state k marked, its screen, and the chances of its actions."""
        screen = lit(self.records.screens[k], look(self.policy, self.records.seen[k], looks))
        sheet = Image.new("RGB", (SIDE + GAP + screen.width, WORDS + SIDE), "white")
        sheet.paste(self._marked(k, colour, path), (0, WORDS))
        sheet.paste(screen, (SIDE + GAP, WORDS))
        draw, values = ImageDraw.Draw(sheet), self.colours[colour]
        legend = f"colour: {colour}, {values.min():.0f} (dark) to {values.max():.0f} (yellow)"
        here = f"{colour} {values[k]:.1f}" if values.is_floating_point() else f"{colour} {values[k]}"
        for x, words in ((6, legend), (SIDE + GAP + 6, here)):
            draw.text((x, WORDS / 2), words, "#222222", font(23), anchor="lm")
        value = self.records.values[k].item()
        caption = f"Life {self.records.lives[k]}, action {self.records.moments[k]}: value {value:.1f}."
        return Frame(sheet, caption, value, bars(zip(ACTIONS, self.records.chances[k].tolist(), strict=True)))

    def _marked(self, k: int, colour: str, path: bool) -> Image.Image:
        image = self.maps[colour].copy()
        draw = ImageDraw.Draw(image)
        if path:
            life = (self.records.lives == self.records.lives[k]).nonzero()[:, 0]
            for part, ink, thick in ((life[life >= k], WHITE, 1), (life[life <= k], ORANGE, 3)):
                draw.line([tuple(spot) for spot in self.chart.spots[part].tolist()], ink, thick)
        x, y = self.chart.spots[k].tolist()
        for radius, ink in ((14, (0, 0, 0)), (11, WHITE)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=4)
        return image


def poster(atlas: Atlas, chosen: Tensor, colour: str) -> Image.Image:
    """The map with the screens of some states at its sides, each tied to its point."""
    across = 150
    size = across, across * 210 // 160
    half = (len(chosen) + 1) // 2
    height = max(SIDE, half * (size[1] + GAP) - GAP)
    sheet = Image.new("RGB", (SIDE + 2 * (across + 4 * GAP), height), "white")
    left, top = across + 4 * GAP, (height - SIDE) // 2
    sheet.paste(atlas.maps[colour], (left, top))
    draw = ImageDraw.Draw(sheet)
    by_side = atlas.chart.spots[chosen, 0].argsort()
    for side, group in enumerate((by_side[:half], by_side[half:])):
        ordered = group[atlas.chart.spots[chosen[group], 1].argsort()]
        for row, place in enumerate(ordered.tolist()):
            k = int(chosen[place])
            x, y = side * (sheet.width - across), row * (size[1] + GAP)
            screen = Image.fromarray(atlas.records.screens[k]).resize(size, Image.Resampling.LANCZOS)
            sheet.paste(screen, (x, y))
            spot = (atlas.chart.spots[k] + torch.tensor([left, top])).tolist()
            edge = (x + across if side == 0 else x, y + size[1] // 2)
            draw.line((*edge, *spot), ORANGE, 3)
            draw.ellipse((spot[0] - 9, spot[1] - 9, spot[0] + 9, spot[1] + 9), outline=ORANGE, width=4)
            draw.rectangle((x, y + size[1] - 26, x + 46, y + size[1]), "black")
            draw.text(
                (x + 4, y + size[1] - 13), f"{atlas.records.values[k]:.1f}", "white", font(20), anchor="lm"
            )
    return sheet
