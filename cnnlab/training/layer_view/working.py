"""The arithmetic of one number, drawn: patches times weights, added up. After CNN Explainer (Wang et al.
2020)."""

from __future__ import annotations

import math

from PIL import Image
from torch import Tensor

from ...live import Hint
from ...networks import Network
from ...pictures.sheets import FAINT, INK, LETTERS, Box, clipped, length, thumbnail, written
from . import mosaics
from .arithmetic import Term, Worked
from .looking import SOFTMAX
from .page import ORANGE, SMALL, Page
from .sheet import LEFT, MAPS, TOP, WIDTH, strip

HEIGHT = 1000
START = LEFT + MAPS + 48  # where the arithmetic begins
STAGES = 4  # what is seen; times weights; the products; all of it
TALL = 620  # pixels for the terms
SIDE, SYMBOL = 190, 34  # of a tile, and room for × or =
NAME = 106  # room for what a term is called
READABLE = 16  # pixels: smaller letters are left out


def working(
    network: Network, picture: Tensor, maps: dict[str, Tensor], worked: Worked, stage: int = STAGES
) -> Page:
    """How one number comes about, beside the map in which it stands; `stage` says how much is shown.

    picture: (1, C, H, W). maps: what the layers in the strip put out, `worked.layer` among them. The page's
    places are ("layer", name) and ("maps", box, tiling, (h, w)).
    """
    page = Page(WIDTH, HEIGHT)
    strip(page, network, maps, worked.layer)
    _maps(page, network, picture, maps[worked.layer], worked)
    channel, y, x = worked.unit
    single = maps[worked.layer].shape[1:] == (1, 1)
    where = f"{worked.layer}, {'number' if single else 'map'} {channel}" + (
        "" if single else f", row {y}, column {x}"
    )
    if worked.layer == SOFTMAX:
        where = f"the probability of {network.labels[channel]}"
    value = f" = {written(worked.value)}" if stage == STAGES else ""
    page.text(START, TOP + 14, clipped(f"{where}{value}", WIDTH - START, 28), INK, 28)
    draw = {"sum": _sum, "softmax": _softmax, "function": _function}.get(worked.way, _window)
    draw(page, network, worked, stage)
    return page


def _maps(page: Page, network: Network, picture: Tensor, maps: Tensor, worked: Worked) -> None:
    """All maps of the layer, the number marked, and the picture below."""
    tiling = mosaics.mosaic(maps, (MAPS, MAPS))
    page.heading(LEFT, LEFT + MAPS, TOP + 14, "click a number", (tiling.limit, tiling.most))
    box = page.paste(tiling.image, LEFT, TOP + 34)
    page.places.append((box, ("maps", box, tiling, tuple(maps.shape[1:]))))
    channel, y, x = worked.unit
    left, top = tiling.corner(channel)
    across, down = (
        (size - mosaics.GAP) / count for size, count in zip(tiling.cell, maps.shape[:0:-1], strict=True)
    )
    spot = Box(
        *(round(edge) for edge in (
            box.left + left + x * across, box.top + top + y * down,
            box.left + left + (x + 1) * across, box.top + top + (y + 1) * down,
        ))
    )  # fmt: skip
    page.frame(spot, "white", 5)
    page.frame(spot, INK, 3)
    low = TOP + MAPS + 64
    page.text(LEFT, low, "the picture")
    page.paste(thumbnail(picture, MAPS - 60, MAPS - 60), LEFT, low + 22)


def _sum(page: Page, network: Network, worked: Worked, stage: int) -> None:
    """What is seen times weights, for the strongest terms; the rest in one line; the bias; the sum."""
    single = worked.terms[0].seen.numel() == 1
    wide, tall, gap = (112, 38, 8) if single else (SIDE, SIDE, 16)
    right = START + NAME + 2 * wide + 2 * SYMBOL + 130 if single else WIDTH - 8
    many = TALL // (tall + gap)
    y = TOP + 56.0
    for term in worked.terms[:many]:
        _row(page, term, y, wide, tall, stage, right)
        y += tall + gap
    rest = worked.terms[many:]
    what = ("input" if single else "map") + "s" * (len(rest) > 1)
    lines = [(f"and {len(rest):,} weaker {what}", sum(term.value for term in rest))] if rest else []
    lines += [("bias", worked.bias)] if stage == STAGES else []
    for words, value in lines:
        page.text(START, y + 16, words, FAINT)
        if stage == STAGES:
            page.text(right, y + 16, _signed(value), INK, LETTERS, "rm")
        y += 38
    if stage < STAGES:
        return
    page.pen.line((right - 400, y + 2, right, y + 2), INK, 3)
    page.text(right, y + 28, f"= {_long(worked.value)}", ORANGE, 32, "rm")


def _row(page: Page, term: Term, y: float, wide: int, tall: int, stage: int, right: float) -> None:
    """One term: its tiles, and what they add."""
    assert term.weights is not None
    middle, x = y + tall / 2, START + NAME
    page.text(START, middle, clipped(term.name, NAME, SMALL), FAINT, SMALL)
    tiles = [("", term.seen), ("×", term.weights), ("=", term.seen * term.weights)]
    for k, (symbol, numbers) in enumerate(tiles[:stage]):
        if symbol:
            page.text(x + SYMBOL / 2, middle, symbol, INK, 28, "mm")
            x += SYMBOL
        if k < 2 or numbers.numel() > 1:
            if not _tile(page, numbers, x, y, wide, tall):
                _hint(page, term, x, y, wide / numbers.shape[1], tall / numbers.shape[0], stage)
            x += wide
    if stage >= 3:
        if term.seen.numel() > 1:
            page.text(x + 8, middle, "Σ", FAINT, LETTERS)
        page.text(right, middle, _signed(term.value), INK, LETTERS, "rm")


def _hint(page: Page, term: Term, x: float, y: float, across: float, down: float, stage: int) -> None:
    """Numbers that are too small to be written are there for the pointer."""
    assert term.weights is not None
    columns = term.seen.shape[1]
    pairs = zip(term.seen.flatten().tolist(), term.weights.flatten().tolist(), strict=True)
    for k, (seen, weight) in enumerate(pairs):
        parts = [_long(seen), f" × {_long(weight)}", f" = {_long(seen * weight)}"]
        middle = x + (k % columns + 0.5) * across, y + (k // columns + 0.5) * down
        page.hints.append(Hint(*middle, *middle, "".join(parts[:stage])))


def _tile(page: Page, numbers: Tensor, x: float, y: float, wide: int, tall: int, mark: int = -1) -> bool:
    """Numbers (h, w) as colours, one of them framed; whether they are written out, as they can be read."""
    rows, columns = numbers.shape
    shares = (numbers / mosaics.scale(numbers)).clamp(-1, 1).cpu().numpy()
    image = Image.fromarray(mosaics.colours(shares))
    page.paste(image.resize((wide, tall), Image.Resampling.NEAREST), x, y)
    across, down = wide / columns, tall / rows
    words, size = _fitted(numbers.flatten().tolist(), across, down)
    for k in range(rows * columns):
        left, top = x + k % columns * across, y + k // columns * down
        page.pen.rectangle((left, top, left + across, top + down), None, "#CCCCCC")
        if size:
            fill = "white" if abs(shares.flat[k]) > 0.55 else INK
            page.text(left + across / 2, top + down / 2, words[k], fill, size, "mm")
        if k == mark:
            edges = left + 4, top + 4, left + across - 3, top + down - 3
            page.frame(Box(*map(round, edges)), INK)
    return size > 0


def _fitted(values: list[float], across: float, down: float) -> tuple[list[str], int]:
    """Numbers in words that fit into cells, and the size of their letters, 0 where they could not be read."""
    whole = [_short(value) for value in values]
    size = 0
    for words in (whole, [word.replace("0.", ".") for word in whole]):
        widest = max(length(word, LETTERS) for word in words) / LETTERS
        size = min(LETTERS, int(0.92 * across / widest), int(down / 1.3))
        if size >= READABLE:
            return words, size
    return whole, 0


def _short(value: float) -> str:
    """A number in at most five letters."""
    size = abs(value)
    words = f"{value:.2f}" if size < 9.995 else f"{value:.1f}" if size < 99.95 else f"{value:.0f}"
    return words.replace("-0.00", "0.00").replace("-", "−")


def _long(value: float) -> str:
    """A number with more digits, so that a sum can be checked."""
    size = abs(value)
    words = f"{value:.3f}" if size < 100 else f"{value:.2f}" if size < 1000 else f"{value:.1f}"
    return words.replace("-", "−")


def _signed(value: float) -> str:
    """What is added, with its sign."""
    return _long(value) if value < 0 else f"+{_long(value)}"


def _window(page: Page, network: Network, worked: Worked, stage: int) -> None:
    """What pooling sees, and the largest or the mean of it."""
    (term,) = worked.terms
    rows, columns = term.seen.shape
    side = min(460, 110 * max(rows, columns))
    wide, tall = round(side * columns / max(rows, columns)), round(side * rows / max(rows, columns))
    mark = int(term.seen.argmax()) if worked.way == "largest" and stage > 1 else -1
    page.text(START, TOP + 74, f"it sees these {rows} × {columns} numbers of {term.name}", FAINT)
    _tile(page, term.seen, START, TOP + 100, wide, tall, mark)
    if stage < 2:
        return
    mean = f"their sum {_long(float(term.seen.sum()))}, over {term.seen.numel()}"
    page.text(START, TOP + tall + 140, "the largest of them" if worked.way == "largest" else mean)
    if stage == STAGES:
        page.text(START, TOP + tall + 184, f"= {_long(worked.value)}", ORANGE, 32)


def _function(page: Page, network: Network, worked: Worked, stage: int) -> None:
    """A function of one number, with the number put in."""
    (term,) = worked.terms
    x = float(term.seen)
    page.text(START, TOP + 74, f"it sees one number of {term.name}, at the same place:", FAINT)
    page.text(START, TOP + 124, f"x = {_long(x)}", INK, 32)
    if stage > 1:
        words = clipped(worked.formula, WIDTH - START, 28)
        page.text(START, TOP + 190, words, INK, 28)
    if stage == STAGES:
        page.text(START, TOP + 250, f"= {_long(worked.value)}", ORANGE, 32)


def _softmax(page: Page, network: Network, worked: Worked, stage: int) -> None:
    """Logits, e to each of them, and its share of the sum."""
    shown = worked.terms if len(worked.terms) <= 10 else worked.terms[:8]
    rest = worked.terms[len(shown) :]
    largest = max(term.value for term in worked.terms)
    powers = {term.name: math.exp(term.value - largest) for term in worked.terms}
    total = sum(powers.values())
    columns = [START + 400, START + 640, WIDTH - 8]
    heads = ["logit z", f"e^(z − {largest:.2f})".replace("− −", "+ "), "its share of the sum"]
    for column, head in list(zip(columns, heads, strict=True))[: min(stage, 3)]:
        page.text(column, TOP + 74, head, FAINT, SMALL + 2, "rm")
    for k, term in enumerate(shown):
        y, power = TOP + 120 + 50 * k, powers[term.name]
        chosen = int(term.name) == worked.unit[0]
        colour = ORANGE if chosen else INK
        page.text(START, y, clipped(network.labels[int(term.name)], 260), colour)
        cells = [_short(term.value), f"{power:.4f}", f"{power / total:.4f}"]
        for column, words in list(zip(columns, cells, strict=True))[: min(stage, 3)]:
            page.text(column, y, words, colour, LETTERS, "rm")
    y = TOP + 120 + 50 * len(shown)
    if rest:
        page.text(START, y, f"{len(rest)} more", FAINT)
        if stage > 1:
            page.text(columns[1], y, f"{sum(powers[term.name] for term in rest):.4f}", FAINT, LETTERS, "rm")
        y += 50
    if stage >= 3:
        page.pen.line((columns[0], y - 22, columns[1], y - 22), INK, 3)
        page.text(columns[1], y + 6, f"sum {total:.4f}", INK, LETTERS, "rm")
    if stage == STAGES:
        share = f"{powers[str(worked.unit[0])]:.4f} / {total:.4f} = {worked.value:.4f}"
        page.text(columns[2], y + 60, share, ORANGE, 32, "rm")
