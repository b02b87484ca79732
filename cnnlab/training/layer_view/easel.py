"""A page to draw a digit on, beside what a network sees of it and what it takes it for."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw
from torch import Tensor

from ...live import Stroke
from ...pictures.sheets import FAINT, INK, PALE, Box, clipped, thumbnail
from .page import BLUE, Page

WIDTH, HEIGHT = 1280, 660
AREA = (8, 44, 600, 600)  # left, top, width, height: where drawing is taken
SEEN = 232  # the side of what the network sees
PEN = 34  # pixels


def easel(strokes: Sequence[Stroke], seen: Tensor, shares: Tensor, labels: Sequence[str], words: str) -> Page:
    """The strokes (in pixels of this page), what the network sees (1, 1, H, W), and probabilities (K,)."""
    page = Page(WIDTH, HEIGHT)
    left, top, width, height = AREA
    page.text(left, 20, words)
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    for stroke in strokes:
        _ink(draw, [(x - left, y - top) for x, y in stroke.points])
    box = page.paste(sheet, left, top)
    page.frame(Box(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2), PALE, 2)
    x = left + width + 40
    page.text(x, 20, "the network sees")
    page.paste(thumbnail(seen, SEEN, SEEN), x, top)
    page.text(x, top + SEEN + 22, f"{seen.shape[2]} × {seen.shape[3]} pixels", FAINT)
    _bars(page, x + SEEN + 44, top, shares, labels)
    return page


def _ink(draw: ImageDraw.ImageDraw, points: list[tuple[int, int]]) -> None:
    """One stroke with round ends."""
    if len(points) > 1:
        draw.line(points, INK, PEN, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - PEN / 2, y - PEN / 2, x + PEN / 2, y + PEN / 2), INK)


def _bars(page: Page, left: int, top: int, shares: Tensor, labels: Sequence[str]) -> None:
    """The probabilities, the largest in blue."""
    step, best = 60, int(shares.argmax())
    page.text(left, 20, "and takes it for")
    for k, (label, share) in enumerate(zip(labels, shares.tolist(), strict=True)):
        y, colour = top + step * (k + 0.5), BLUE if k == best else PALE
        page.text(left, y, clipped(label, 60, 32), INK if k == best else FAINT, 32)
        page.bar(left + 44, y, share, WIDTH - left - 150, 38, colour)
        page.text(WIDTH - 4, y, f"{share:.0%}", INK if k == best else FAINT, 28, "rm")
