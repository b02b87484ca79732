"""One layer of a network on one sheet, after ConvNetJS (Karpathy 2014): what flows forward, what flows back,
its weights and their gradients; above it the whole network, below it some pictures and what they are taken
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from ...arguments.names import unknown
from ...networks import Network
from ...pictures.sheets import FAINT, INK, Box, clipped, fitting, length, thumbnail, written
from . import mosaics
from .learning import Exam, Step
from .looking import SOFTMAX, Look, layer_names, pictured
from .page import BLUE, ORANGE, SMALL, STRONGER, Page, curve

WIDTH, HEIGHT = 1280, 1074
STRIP, THUMB = 10, 96  # layers in sight, and the side of their small mosaics
LEFT, MAPS = 8, 336  # the margin; the side of a large mosaic
TOP, RIGHT = 176, 2 * MAPS + 64  # where the layer's own part begins, and the column at its right
LOW = TOP + 2 * (MAPS + 44) + 4  # where the test pictures begin
TESTS, SMALL_SIDE = 14, 79  # test pictures in sight, and their side
POINTS = 300  # of a curve
STRONG = 236  # the side of a map that is shown large
NAMED = 16  # single numbers that are written out, at most


class Progress:
    """How a network has learned, in curves short enough to draw: `losses` (step, mean of the mini-batches'
    losses of late) and `exams` (step, Exam)."""

    def __init__(self, step: int, exam: Exam) -> None:
        """Before learning goes on from `step`."""
        self.losses: list[tuple[int, float]] = []
        self.exams = [(step, exam)]
        self.last, self.loss, self.every, self.taken = step, 0.0, 1, 0

    def add(self, step: Step) -> None:
        """Note one step."""
        self.taken += 1
        share = max(0.03, 1 / self.taken)  # a running mean over the last 30 or so
        self.last, self.loss = step.number, self.loss + share * (step.loss - self.loss)
        if self.taken % self.every == 0:
            self.losses.append((step.number, self.loss))
        if len(self.losses) > POINTS:
            self.losses, self.every = self.losses[1::2], 2 * self.every
        if step.exam:
            self.exams.append((step.number, step.exam))
        if len(self.exams) > POINTS:
            self.exams = self.exams[::2] + self.exams[-1:]


@dataclass(frozen=True)
class Row:
    """Pictures to choose among: how they look, small (`side` pixels), the guessed and the true labels, and
    which is chosen."""

    images: list[Image.Image]
    guesses: list[int]
    labels: list[int]
    chosen: int


def around(network: Network, layer: str) -> list[str]:
    """The layers that stand beside `layer` in the strip above the sheet: all, where there are few."""
    names = layer_names(network)
    if layer not in names:
        raise unknown("layer", layer, names, "network.layers lists all of them.")
    first = min(max(names.index(layer) - STRIP // 2, 0), max(len(names) - STRIP, 0))
    return names[first : first + STRIP]


def sheet(
    network: Network,
    picture: Tensor,
    look: Look,
    words: str,
    progress: Progress | None = None,
    row: Row | None = None,
) -> Page:
    """The sheet for one look at `picture` (1, C, H, W); `words` say which picture it is.

    Its page's places are ("layer", name) and ("picture", number).
    """
    page = Page(WIDTH, HEIGHT if row else LOW - 10)
    strip(page, network, look.maps, look.layer)
    _maps(page, look, network)
    _picture(page, network, picture, look, words)
    if progress:
        _curves(page, progress)
    elif look.activations.shape[1:] != (1, 1):
        _strongest(page, look)
    _numbers(page, look, progress)
    if row:
        _row(page, network, row)
    return page


def strip(page: Page, network: Network, maps: dict[str, Tensor], chosen: str) -> None:
    """The layers side by side, small; a click chooses one, and the pointer tells how many parameters it
    has."""
    names, shown = layer_names(network), list(maps)
    margin = 28 if len(shown) < len(names) else 0
    step = (WIDTH - 2 * margin) / max(len(shown), 8)
    for k, name in enumerate(shown):
        middle = round(margin + (k + 0.5) * step)
        tiles = mosaics.mosaic(maps[name], (THUMB, THUMB)).image
        page.paste(tiles, middle - tiles.width / 2, 8 + (THUMB - tiles.height) / 2)
        box = Box(round(margin + k * step), 0, round(margin + (k + 1) * step), TOP - 14)
        if name == chosen:
            page.pen.rectangle((box.left + 1, 0, box.right - 2, TOP - 16), None, ORANGE, 4)
        page.text(middle, THUMB + 26, _narrow(name, step - 8), INK, SMALL - 1, "mm")
        words = _shape(maps[name]).replace(" ", "")
        page.text(middle, THUMB + 52, words, FAINT, fitting(words, step - 12, SMALL - 2), "mm")
        page.places.append((box, ("layer", name)))
    if shown and shown[-1] != names[-1]:
        page.text(WIDTH, THUMB / 2, "…", FAINT, anchor="rm")
    if shown and shown[0] != names[0]:
        page.text(0, THUMB / 2, "…", FAINT)


def _maps(page: Page, look: Look, network: Network) -> None:
    """The four mosaics."""
    names = network.labels if len(look.logits) == len(look.activations) else []
    low, right = TOP + MAPS + 44, LEFT + MAPS + 20
    _mosaic(page, LEFT, TOP, "activations", look.activations[:, None], names)
    _mosaic(page, right, TOP, f"gradient of {look.of}", look.gradients[:, None], names)
    if look.weights is None or look.weight_gradients is None:
        page.text(
            LEFT, low + 16, "no weights: " + KINDS.get(look.kind, "this layer learns nothing"), FAINT, SMALL
        )
        return
    _mosaic(page, LEFT, low, "weights", pictured(look.weights, look.inputs))
    _mosaic(page, right, low, f"gradient of {look.of}", pictured(look.weight_gradients, look.inputs))


KINDS = {
    "ReLU": "it sets what is below 0 to 0",
    "MaxPool2d": "it keeps the largest of each window",
    "AvgPool2d": "it takes the mean of each window",
    SOFTMAX: "e to each logit, over the sum of all of them",
}


def _mosaic(page: Page, left: int, top: int, title: str, tiles: Tensor, names: Sequence[str] = ()) -> None:
    """Tiles (R, C, h, w) with their title and scale: a list where C = 1, colours where C = 3, else a
    matrix."""
    right, box = left + MAPS, (MAPS, MAPS)
    if tiles.shape[1] == 3 and tiles.shape[2] > 1:
        image, limit, most = mosaics.coloured(tiles, box)
        page.heading(left, right, top + 14, title, (limit, most), coloured=True)
        page.paste(image, left, top + 34)
        return
    made = mosaics.mosaic(tiles[:, 0], box) if tiles.shape[1] == 1 else mosaics.matrix(tiles, box)
    count = tiles.shape[0] * tiles.shape[1]
    if made.count < count:  # in words below it
        made = mosaics.matrix(tiles, (MAPS, MAPS - 26))
        what = "numbers" if tiles.shape[2:] == (1, 1) else "kernels"
        words = f"the first {made.count:,} of {count:,} {what}"
        low = top + 34 + made.image.height + 15
        page.text(left, low, words, FAINT, fitting(words, MAPS, SMALL - 2))
    page.heading(left, right, top + 14, title, (made.limit, made.most))
    page.paste(made.image, left, top + 34)
    if made.count <= NAMED and tiles.shape[1:] == (1, 1, 1):
        _values(page, made, left, top + 34, tiles.flatten().tolist(), names)


def _values(
    page: Page, tiling: mosaics.Tiling, left: int, top: int, values: list[float], names: Sequence[str]
) -> None:
    """Few single numbers stand on their tiles, under the classes' names where they are classes."""
    width, height = tiling.cell
    for k, value in enumerate(values):
        x, y = tiling.corner(k)
        fill = "white" if abs(value) > 0.6 * tiling.limit else INK
        middle = left + x + width / 2, top + y + height / 2
        if names:
            page.text(middle[0], middle[1] - 16, clipped(names[k], width - 4, SMALL), fill, SMALL, "mm")
        page.text(middle[0], middle[1] + (12 if names else 0), written(value), fill, SMALL, "mm")


def _picture(page: Page, network: Network, picture: Tensor, look: Look, words: str) -> None:
    """The picture that is looked at, and the likeliest classes."""
    side = 196
    page.text(RIGHT, TOP + 14, words)
    page.paste(thumbnail(picture, side, side), RIGHT, TOP + 34)
    shares = look.logits.softmax(0)
    many = len(shares) > 10
    chosen = shares.topk(6).indices.tolist() if many else range(len(shares))
    step = side / len(chosen)
    left, room = RIGHT + side + 20, WIDTH - RIGHT - side - 20
    names = 210 if many else min(150, max(round(14 * len(name)) for name in network.labels) + 12)
    for k, index in enumerate(chosen):
        y, share = TOP + 34 + (k + 0.5) * step, float(shares[index])
        colour = BLUE if index == look.label else ORANGE
        page.text(left, y, clipped(network.labels[index], names - 6, SMALL), INK, SMALL)
        page.bar(left + names, y, share, room - names - 64, round(step * 0.7), colour)
        page.text(WIDTH, y, f"{share:.0%}", INK if share >= 0.005 else FAINT, SMALL, "rm")


def _numbers(page: Page, look: Look, progress: Progress | None) -> None:
    """What is said of the layer in numbers."""
    values, back = look.activations, look.gradients
    rows = [
        ("layer", look.layer if look.layer == look.kind else f"{look.layer}, {look.kind}"),
        (
            "puts out",
            f"{_shape(values)} = {values.numel():,}" if values[0].numel() > 1 else f"{len(values)} numbers",
        ),
        ("parameters", look.arithmetic),
        ("activations", f"{written(float(values.min()))} to {written(float(values.max()))}"),
        ("gradients", f"{written(float(back.min()))} to {written(float(back.max()))}"),
        ("not above 0", f"{(values <= 0).float().mean():.0%} of the numbers"),
    ]
    notes = [f"pointed scale: {STRONGER}"] if page.hints else []
    if progress and look.layer in (exam := progress.exams[-1][1]).never_on:
        words = f"{exam.dead_maps[look.layer]} of {len(values)}"
        if values[0].numel() > 1:
            words = f"{words} maps, {exam.never_on[look.layer]:.0%} of the numbers"
        rows.append(("dead", words))
        notes.insert(0, "dead: above 0 for no test picture")
    room = WIDTH - RIGHT - 140
    for k, (name, words) in enumerate(rows):
        y = TOP + 266 + 30 * k
        page.text(RIGHT, y, name, FAINT, 22)
        size = fitting(words, room, 22)
        page.text(RIGHT + 140, y, clipped(words, room, size), INK, size)
    for k, words in enumerate(notes):
        page.text(RIGHT, TOP + 266 + 30 * len(rows) - 4 + 24 * k, words, FAINT, SMALL - 2)


def _curves(page: Page, progress: Progress) -> None:
    """The loss of the mini-batches, and the accuracy on test pictures."""
    top, bottom, half = TOP + 544, LOW - 50, (WIDTH - RIGHT - 30) // 2
    left = RIGHT + half + 30
    highest = max([loss for _, loss in progress.losses], default=1.0) or 1.0
    points = [(step, loss / highest) for step, loss in progress.losses]
    loss = f"training loss {progress.loss:.3f}" if progress.losses else "training loss"
    page.text(RIGHT, top - 24, loss, INK, 22)
    curve(page, Box(RIGHT, top, RIGHT + half, bottom), points, progress.last, ORANGE)
    shares = [(step, exam.accuracy) for step, exam in progress.exams]
    page.text(left, top - 24, f"test accuracy {shares[-1][1]:.1%}", INK, 22)
    curve(page, Box(left, top, left + half, bottom), shares, progress.last, BLUE)
    for x in (RIGHT, left):
        page.text(x, bottom + 18, "0", FAINT, SMALL)
        page.text(x + half, bottom + 18, f"step {progress.last:,}", FAINT, SMALL, "rm")


def _strongest(page: Page, look: Look) -> None:
    """The map with the highest activation, counted from 0, large, and the gradient by it."""
    top, half = TOP + 510, (WIDTH - RIGHT - 30) // 2
    chosen = int(look.activations.flatten(1).amax(1).argmax())
    for left, title, maps in (
        (RIGHT, f"map {chosen}", look.activations),
        (RIGHT + half + 30, "gradient", look.gradients),
    ):
        one = maps[chosen : chosen + 1]
        made = mosaics.mosaic(one, (STRONG, STRONG))
        page.heading(left, left + STRONG, top, title, (made.limit, made.most), size=22)
        page.paste(made.image, left, top + 18)


def _row(page: Page, network: Network, row: Row) -> None:
    """Test pictures, each over the class it is taken for; a click chooses one."""
    step = WIDTH / TESTS
    for k, (image, guess, label) in enumerate(zip(row.images, row.guesses, row.labels, strict=True)):
        left = round(k * step + (step - SMALL_SIDE) / 2)
        page.paste(image, left, LOW)
        colour, low = BLUE if guess == label else ORANGE, LOW + SMALL_SIDE
        page.pen.rectangle((left, low + 2, left + SMALL_SIDE - 1, low + 7), colour)
        name = network.labels[guess]
        words = clipped(name if guess == label else f"{name} ✗", step, SMALL)
        page.text(left + SMALL_SIDE / 2, low + 26, words, colour, SMALL, "mm")
        if k == row.chosen:
            page.frame(Box(left, LOW, left + SMALL_SIDE, low), INK)
        page.places.append((Box(left - 6, LOW - 6, left + SMALL_SIDE + 6, page.image.height), ("picture", k)))


def _shape(maps: Tensor) -> str:
    """16 × 8 × 8, or 10."""
    sizes = maps.shape if maps.shape[1:] != torch.Size([1, 1]) else maps.shape[:1]
    return " × ".join(map(str, sizes))


def _narrow(name: str, longest: float) -> str:
    """A layer's name in so many pixels: where it is too long, its last part."""
    words = _short(name)
    if length(words, SMALL - 1) > longest:
        words = words.rpartition(".")[2]
    return clipped(words, longest, SMALL - 1)


def _short(name: str) -> str:
    """A layer's name without what all names of its network begin with."""
    return name.removeprefix("features.").removeprefix("module.")
