"""The arithmetic of one number on one sheet: patches times weights, added up. After CNN Explainer (Wang et
al. 2020)."""

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor

from ...live import Hint
from ...pictures.sheets import FAINT, INK, LETTERS, clipped, length, thumbnail, written
from . import grids
from .arithmetic import SOFTMAX, LayerArrays, Term
from .layout import LEFT, MAPS, ORANGE, SMALL, TOP, WIDTH, ClickableSheet

HEIGHT, TALL = 1000, 620  # of the sheet, and of all terms, in pixels
START, END = LEFT + MAPS + 48, WIDTH - 8  # where the arithmetic begins and ends
STAGES = 4  # what is seen; times weights; the products; all of it
SIDE, SYMBOL, NAME = 190, 34, 106  # of a tile, and room for × or = and for what a term is called
READABLE = 16  # pixels: smaller letters are left out


class ArithmeticSheet(ClickableSheet):
    """How one number comes about, beside the map in which it stands; `stage` says how much is shown.

    A click on the map chooses a number: its place is ("number", box, grid).
    """

    def __init__(self, look: LayerArrays, unit: tuple[int, ...], stage: int) -> None:
        super().__init__(HEIGHT, look)
        self.number, self.stage = look.explain(*unit), stage
        grid = grids.Grid(look.activations[:, None], (MAPS, MAPS))
        box = self.grid(LEFT, TOP + 14, "click a number", grid)
        self.places.append((box, ("number", box, grid)))
        spot = [round(edge + start) for edge, start in zip(grid.box(*unit), 2 * box[:2], strict=True)]
        self.frame(spot, "white", 5)
        self.frame(spot, INK, 3)
        self.text(LEFT, TOP + MAPS + 64, "the picture")
        self.paste(thumbnail(look.picture, MAPS - 60, MAPS - 60), LEFT, TOP + MAPS + 86)
        layer, (channel, y, x) = look.layer, unit
        where = f"number {channel}" if grid.shape == (1, 1) else f"map {channel}, row {y}, column {x}"
        where = f"{layer}, {where}" if layer != SOFTMAX else f"the probability of {self.labels[channel]}"
        value = f" = {written(self.number.value)}" if stage == STAGES else ""
        self.text(START, TOP + 14, clipped(f"{where}{value}", WIDTH - START, 28), INK, 28)
        ways = {"sum": self._sum, "softmax": self._softmax, "function": self._function}
        ways.get(self.number.way, self._window)()

    def put(self, stage: int, x: float, y: float, words: str, *style: Any) -> None:
        """Words from a stage on, at a height below `TOP`."""
        if self.stage >= stage:
            self.text(x, TOP + y, words, *style)

    def _sum(self) -> None:
        """What is seen times weights, for the strongest terms; the rest in one line; the bias; the sum."""
        number = self.number
        single = number.terms[0].seen.numel() == 1
        wide, tall, gap = (112, 38, 8) if single else (SIDE, SIDE, 16)
        right = START + NAME + 2 * wide + 2 * SYMBOL + 130 if single else END
        many, y = TALL // (tall + gap), 56
        for term in number.terms[:many]:
            self._term(term, TOP + y, wide, tall)
            self.put(3, right, y + tall / 2, fixed(term.value, sign="+"), INK, LETTERS, "rm")
            y += tall + gap
        rest = number.terms[many:]
        what = f"and {len(rest):,} weaker {'input' if single else 'map'}{'s' * (len(rest) > 1)}"
        lines = ((1, what, sum(term.value for term in rest)), (STAGES, "bias", number.bias))
        for stage, words, value in lines if rest else lines[1:]:
            self.put(stage, START, y + 16, words, FAINT)
            self.put(STAGES, right, y + 16, fixed(value, sign="+"), INK, LETTERS, "rm")
            y += 38
        self.put(STAGES, right, y + 28, f"= {fixed(number.value)}", ORANGE, 32, "rm")
        if self.stage == STAGES:
            self.pen.line((right - 400, TOP + y + 2, right, TOP + y + 2), INK, 3)

    def _term(self, term: Term, y: int, wide: int, tall: int) -> None:
        """One term: its tiles. Numbers that are too small to be written are there for the pointer."""
        assert term.weights is not None
        middle, products = y + tall / 2, term.seen * term.weights
        self.text(START, middle, clipped(term.name, NAME, SMALL), FAINT, SMALL)
        pairs = zip(term.seen.flatten().tolist(), term.weights.flatten().tolist(), strict=True)
        parts = ((fixed(a), f" × {fixed(b)}", f" = {fixed(a * b)}") for a, b in pairs)
        hints = ["".join(part[: self.stage]) for part in parts]
        shown = (("", term.seen), ("×", term.weights), ("=", products))[: self.stage]
        for k, (symbol, numbers) in enumerate(shown):
            x = START + NAME + k * (wide + SYMBOL)
            self.text(x - SYMBOL / 2, middle, symbol, INK, 28, "mm")
            if k < 2 or products.numel() > 1:
                self._tile(numbers, (x, y, wide, tall), hints)
                self.text(x + wide + 8, middle, "Σ" if k == 2 else "", FAINT)

    def _tile(self, numbers: Tensor, box: tuple[int, ...], hints: Sequence[str] = (), mark: int = -1) -> None:
        """Numbers (h, w) as colours, one of them framed. They are written where they can be read, or else are
        hints."""
        (x, y, wide, tall), (rows, columns) = box, numbers.shape
        across, down = wide / columns, tall / rows
        shares = (numbers / grids.scale(numbers)).clamp(-1, 1).cpu().numpy()
        image = Image.fromarray(grids.colours(shares))
        self.paste(image.resize((wide, tall), Image.Resampling.NEAREST), x, y)
        words, size = _fitted(numbers.flatten().tolist(), across, down)
        for k, share in enumerate(shares.flat):
            left, top = x + k % columns * across, y + k // columns * down
            middle = left + across / 2, top + down / 2
            self.pen.rectangle((left, top, left + across, top + down), None, "#CCCCCC")
            if size:
                self.text(*middle, words[k], "white" if abs(share) > 0.55 else INK, size, "mm")
            elif hints:
                self.hints.append(Hint(*middle, *middle, hints[k]))
            if k == mark:
                self.frame([*map(round, (left + 4, top + 4, left + across - 3, top + down - 3))], INK)

    def _window(self) -> None:
        """What pooling sees, and the largest or the mean of it."""
        (term,), largest = self.number.terms, self.number.way == "largest"
        rows, columns = term.seen.shape
        side = min(460 / max(rows, columns), 110)
        wide, tall = round(side * columns), round(side * rows)
        mark = int(term.seen.argmax()) if largest and self.stage > 1 else -1
        mean = f"their sum {fixed(float(term.seen.sum()))}, over {term.seen.numel()}"
        self.put(1, START, 74, f"it sees these {rows} × {columns} numbers of {term.name}", FAINT)
        self._tile(term.seen, (START, TOP + 100, wide, tall), mark=mark)
        self.put(2, START, tall + 140, "the largest of them" if largest else mean)
        self.put(STAGES, START, tall + 184, f"= {fixed(self.number.value)}", ORANGE, 32)

    def _function(self) -> None:
        """A function of one number, with the number put in."""
        (term,) = self.number.terms
        self.put(1, START, 74, f"it sees one number of {term.name}, at the same place:", FAINT)
        self.put(1, START, 124, f"x = {fixed(term.value)}", INK, 32)
        self.put(2, START, 190, clipped(self.number.formula, WIDTH - START, 28), INK, 28)
        self.put(STAGES, START, 250, f"= {fixed(self.number.value)}", ORANGE, 32)

    def _softmax(self) -> None:
        """Logits, e to each of them, and its share of the sum."""
        terms, value, left, right = self.number.terms, self.number.value, START + 400, START + 640
        largest, y = terms[0].value, 120
        powers = [math.exp(term.value - largest) for term in terms]
        total, sign = sum(powers), "−" if largest >= 0 else "+"
        heads = "logit z", f"e^(z {sign} {abs(largest):.2f})", "its share of the sum"
        self._row(74, "", heads, FAINT, SMALL + 2)
        for k, (term, power) in enumerate(zip(terms, powers, strict=True)):
            if k == 8 and len(terms) > 10:
                self._row(y, f"{len(terms) - k} more", ("", f"{sum(powers[k:]):.4f}"), FAINT)
                y += 50
                break
            chosen = int(term.name) == self.number.unit[0]
            cells = fixed(term.value, 3, "z"), f"{power:.4f}", f"{power / total:.4f}"
            self._row(y, self.labels[int(term.name)], cells, ORANGE if chosen else INK)
            y += 50
        self.put(3, right, y + 6, f"sum {total:.4f}", INK, LETTERS, "rm")
        if self.stage >= 3:
            self.pen.line((left, TOP + y - 22, right, TOP + y - 22), INK, 3)
        self.put(STAGES, END, y + 60, f"{value * total:.4f} / {total:.4f} = {value:.4f}", ORANGE, 32, "rm")

    def _row(self, y: int, label: str, cells: tuple[str, ...], fill: str, size: int = LETTERS) -> None:
        """A label and its numbers, one more with each stage."""
        self.put(1, START, y, clipped(label, 260), fill)
        for stage, cell, x in zip((1, 2, 3), cells, (START + 400, START + 640, END), strict=False):
            self.put(stage, x, y, cell, fill, size, "rm")


def fixed(value: float, digits: int = 5, sign: str = "") -> str:
    """A number with so many digits, at most three of them after the point, so that a sum can be checked.

    sign: Python's, "+" for one in any case, "z" for none before a 0.
    """
    places = max(0, min(3, digits - len(f"{int(abs(value))}")))
    return f"{value:{sign}.{places}f}".replace("-", "−")


def _fitted(values: list[float], across: float, down: float) -> tuple[list[str], int]:
    """Numbers in words that fit into cells, and the size of their letters, 0 where they could not be read."""
    whole = [fixed(value, 3, "z") for value in values]
    for words in (whole, [word.replace("0.", ".") for word in whole]):
        size = min(LETTERS, int(0.92 * LETTERS * across / max(map(length, words))), int(down / 1.3))
        if size >= READABLE:
            return words, size
    return whole, 0
