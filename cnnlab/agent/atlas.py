"""A map of game states to click: what the player saw there, expected, and looked at.

After figure 4 of Mnih et al. 2015 (doi:10.1038/nature14236). `Atlas.show` and `Atlas.follow` are functions
for `cnnlab.live.live`.
"""

from collections.abc import Iterator
from typing import Any

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from ..embedding.chart import Chart, values_as_colours
from ..live import Frame, bars
from ..pictures.sheets import Sheet, thumbnail, written
from .policy import ACTIONS, Policy
from .rollouts import Moments
from .views import SCALE, lit, saliency

SIDE = 210 * SCALE  # of the map: as high as the screen
GAP, WORDS = 14, 40
ORANGE, WHITE = (230, 159, 0), (255, 255, 255)
ACROSS, DOWN = 150, 197  # pixels of a screen beside the poster's map


class Atlas:
    """`states` as `points` (N, 2), to be coloured by any of `colours`, names to numbers (N,)."""

    def __init__(self, policy: Policy, states: Moments, points: Tensor, colours: dict[str, Tensor]) -> None:
        self.policy, self.states, self.colours = policy, states, colours
        self.longest = states.lives.bincount().argsort(descending=True).tolist()
        self.chart = Chart(points, SIDE)
        self.maps = {name: self.chart.dots(values_as_colours(v, "viridis"), 4) for name, v in colours.items()}

    def show(self, place: tuple[int, int], colour: str, looks: str, path: bool) -> Frame:
        """The state nearest to a pixel of the map; with `path`, how that life went on the map."""
        return self.frame(self.chart.nearest(*place), colour, looks, path)

    def follow(self, settings: Any) -> Iterator[Frame]:
        """One life as a path through the map. settings: `life` (the longest is 0), `colour`, `looks`."""
        for k in (self.states.lives == self.longest[settings.life]).nonzero()[:, 0].tolist():
            yield self.frame(k, settings.colour, settings.looks, True)

    def frame(self, k: int, colour: str, looks: str, path: bool) -> Frame:
        """The map with state k marked, its screen, and the probabilities of its actions."""
        states, values = self.states, self.colours[colour]
        screen = lit(states.screens[k], saliency(self.policy, states.observations[k], looks))
        sheet = Sheet(SIDE + GAP + screen.width, WORDS + SIDE)
        sheet.paste(self._marked(k, colour, path), 0, WORDS)
        box = sheet.paste(screen, SIDE + GAP, WORDS)
        legend = f"colour: {colour}, {values.min():.0f} (dark) to {values.max():.0f} (yellow)"
        sheet.text(6, WORDS / 2, legend, size=23)
        sheet.text(box.left + 6, WORDS / 2, f"{colour} {written(values[k].item())}", size=23)
        value = states.values[k].item()
        caption = f"Life {states.lives[k]}, action {states.timesteps[k]}: value {value:.1f}."
        rows = zip(ACTIONS, states.log_probs[k].exp().tolist(), strict=True)
        return Frame(sheet.image, caption, value, bars(rows))

    def poster(self, chosen: Tensor, colour: str) -> Image.Image:
        """The map with the screens of some states at its sides, each tied to its point."""
        half, left = (len(chosen) + 1) // 2, ACROSS + 4 * GAP
        sheet = Sheet(SIDE + 2 * left, max(SIDE, half * (DOWN + GAP) - GAP))
        top = (sheet.image.height - SIDE) // 2
        sheet.paste(self.maps[colour], left, top)
        spots = self.chart.spots + torch.tensor([left, top])
        by_side = chosen[spots[chosen, 0].argsort()]
        for side, group in enumerate((by_side[:half], by_side[half:])):
            for row, k in enumerate(group[spots[group, 1].argsort()].tolist()):
                screen = thumbnail(self.states.screens[k].permute(2, 0, 1)[None] / 255, ACROSS, DOWN)
                box = sheet.paste(screen, side * (sheet.image.width - ACROSS), row * (DOWN + GAP))
                x, y = spots[k].tolist()
                sheet.pen.line((box.left if side else box.right, box.top + DOWN // 2, x, y), ORANGE, 3)
                sheet.pen.ellipse((x - 9, y - 9, x + 9, y + 9), outline=ORANGE, width=4)
                sheet.pen.rectangle((box.left, box.bottom - 26, box.left + 46, box.bottom), "black")
                value = f"{self.states.values[k]:.1f}"
                sheet.text(box.left + 4, box.bottom - 13, value, "white", 20)
        return sheet.image

    def _marked(self, k: int, colour: str, path: bool) -> Image.Image:
        """The map with a ring around state k and, if asked for, the path of its life."""
        image = self.maps[colour].copy()
        draw = ImageDraw.Draw(image)
        if path:
            life = (self.states.lives == self.states.lives[k]).nonzero()[:, 0]
            for part, ink, thick in ((life[life >= k], WHITE, 1), (life[life <= k], ORANGE, 3)):
                draw.line([tuple(spot) for spot in self.chart.spots[part].tolist()], ink, thick)
        x, y = self.chart.spots[k].tolist()
        for radius, ink in ((14, (0, 0, 0)), (11, WHITE)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=4)
        return image
