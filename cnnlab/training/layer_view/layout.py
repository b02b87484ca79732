"""One layer of a network on one sheet, after ConvNetJS (Karpathy 2014): what flows forward, what flows back,
its weights and their gradients; above it the whole network, below it some pictures and what they are taken
for.
"""

from collections.abc import Sequence

from PIL import Image
from torch import Tensor, nn

from ...live import Hint
from ...pictures import COLOURS, sheets
from ...pictures.sheets import FAINT, INK, LETTERS, PALE, Box, Sheet, clipped, fitting, length, written
from .arithmetic import SOFTMAX, LayerArrays, Softmax, layer_names, parameter_count
from .grids import PALETTE, Grid
from .learner import Learner

BLUE, ORANGE = COLOURS[:2]
SMALL = 20  # pixels of small letters: 10 on the page
WIDTH, HEIGHT = 1280, 1074
THUMB = 96  # the side of a layer's small grid
LEFT, MAPS = 8, 336  # the margin; the side of a large grid
TOP, RIGHT = 176, 2 * MAPS + 64  # where the layer's own part begins, and the column at its right
HALF = (WIDTH - RIGHT - 30) // 2  # of that column
LOW = TOP + 2 * (MAPS + 44) + 4  # where the test pictures begin
TESTS, SMALL_SIDE = 14, 79  # test pictures in sight, and their side
STRONG = 236  # the side of a map that is shown large
NAMED = 16  # single numbers that are written out, at most
STRONGER = "stronger numbers keep the last colour"
NO_WEIGHTS = {
    nn.ReLU: "it sets what is below 0 to 0",
    nn.MaxPool2d: "it keeps the largest of each window",
    nn.AvgPool2d: "it takes the mean of each window",
    Softmax: "e to each logit, over the sum of all of them",
}


class ClickableSheet(Sheet):
    """A sheet about one layer, with the strip of all layers above it.

    `places`: boxes, and what a click there means. `hints`: words for the pointer.
    """

    def __init__(self, height: int, look: LayerArrays) -> None:
        super().__init__(WIDTH, height)
        self.look, self.labels = look, look.network.labels
        self.places: list[tuple[Box, tuple]] = []
        self.hints: list[Hint] = []
        self._strip()

    def grid(self, left: int, y: int, title: str, grid: Grid, side: int = MAPS, size: int = LETTERS) -> Box:
        """A grid under its title and the scale of its colours, which stand at height y, `side` pixels wide.

        Where numbers are stronger than the strongest colours, the scale has pointed ends.
        """
        right, words = left + side, f"±{written(grid.limit)}"
        self.text(right, y, words, FAINT, SMALL, "rm")
        shades = Image.fromarray((sheets.colour_table("gray") if grid.rgb else PALETTE)[None])
        scale = self.paste(shades.resize((46, 14)), right - length(words, SMALL) - 54, y - 7)
        if grid.most > 1.002 * grid.limit:
            for x, inward in ((scale.left, 9), (scale.right - 1, -9)):
                for edge, down in ((scale.top, 6), (scale.bottom - 1, -6)):
                    self.pen.polygon([(x, edge), (x + inward, edge), (x, edge + down)], "white")
            words = f"{STRONGER}, here up to ±{written(grid.most)}"
            self.hints.append(Hint(scale.left, y, right, y, words))
        self.text(left, y, title, INK, fitting(title, scale.left - 10 - left, size))
        return self.paste(grid.image, left, y + size - 4)

    def _strip(self) -> None:
        """Layers and what they put out, side by side, small. A click chooses one: its place is ("layer",
        name)."""
        names, maps = layer_names(self.look.network), self.look.maps
        margin = 28 if len(maps) < len(names) else 0
        step = (WIDTH - 2 * margin) / max(len(maps), 8)
        for k, (name, values) in enumerate(maps.items()):
            left, middle, right = (round(margin + (k + share) * step) for share in (0, 0.5, 1))
            image = Grid(values[:, None], (THUMB, THUMB)).image
            self.paste(image, middle - image.width / 2, 8 + (THUMB - image.height) / 2)
            if name == self.look.layer:
                self.pen.rectangle((left + 1, 0, right - 2, TOP - 16), None, ORANGE, 4)
            short = name.removeprefix("features.").removeprefix("module.")
            if length(short, SMALL - 1) > step - 8:
                short = short.rpartition(".")[2]
            self.text(middle, THUMB + 26, clipped(short, step - 8, SMALL - 1), INK, SMALL - 1, "mm")
            words = _shape(values).replace(" ", "")
            self.text(middle, THUMB + 52, words, FAINT, fitting(words, step - 12, SMALL - 2), "mm")
            self.places.append((Box(left, 0, right, TOP - 14), ("layer", name)))
        for name, x, anchor in ((names[0], 0, "lm"), (names[-1], WIDTH, "rm")):
            if name not in maps:
                self.text(x, THUMB / 2, "…", FAINT, anchor=anchor)


class LayerSheet(ClickableSheet):
    """The sheet for one look at a picture; `words` say which it is. With the `learner` of the network there
    is room for test pictures."""

    def __init__(self, look: LayerArrays, words: str, learner: Learner | None = None) -> None:
        super().__init__(HEIGHT if learner else LOW - 10, look)
        self._arrays()
        self.text(RIGHT, TOP + 14, words)
        self.paste(sheets.thumbnail(look.picture, 196, 196), RIGHT, TOP + 34)
        self._likeliest()
        if learner:
            self._curves(learner)
        elif look.activations[0].numel() > 1:
            self._strongest()
        self._numbers(learner)

    def tests(self, images: list[Image.Image], guesses: list[int], answers: list[int], chosen: int) -> None:
        """Test pictures of `SMALL_SIDE` pixels, each over the class it is taken for; a click chooses one: its
        place is ("picture", number)."""
        step, low = WIDTH / TESTS, LOW + SMALL_SIDE
        for k, (image, guess, answer) in enumerate(zip(images, guesses, answers, strict=True)):
            left = round((k + 0.5) * step - SMALL_SIDE / 2)
            right, colour = left + SMALL_SIDE, BLUE if guess == answer else ORANGE
            self.paste(image, left, LOW)
            self.pen.rectangle((left, low + 2, right - 1, low + 7), colour)
            words = clipped(self.labels[guess] + " ✗" * (guess != answer), step, SMALL)
            self.text((left + right) / 2, low + 26, words, colour, SMALL, "mm")
            if k == chosen:
                self.frame(Box(left, LOW, right, low), INK)
            self.places.append((Box(left - 6, LOW - 6, right + 6, HEIGHT), ("picture", k)))

    def _arrays(self) -> None:
        """The four arrays of the layer."""
        look = self.look
        names = self.labels if len(look.logits) == len(look.activations) else []
        right, low, back = LEFT + MAPS + 20, TOP + MAPS + 44, f"gradient of {look.of}"
        self._array(LEFT, TOP, "activations", look.activations[:, None], names)
        self._array(right, TOP, back, look.gradients[:, None], names)
        if look.weights is None or look.weight_gradients is None:
            words = f"no weights: {NO_WEIGHTS.get(type(look.module), 'this layer learns nothing')}"
            self.text(LEFT, low + 16, words, FAINT, SMALL)
        else:
            self._array(LEFT, low, "weights", look.weights)
            self._array(right, low, back, look.weight_gradients)

    def _array(self, left: int, top: int, title: str, tiles: Tensor, names: Sequence[str] = ()) -> None:
        """Tiles (R, C, h, w); few single numbers stand on them, under the classes' names where they are
        classes."""
        grid = Grid(tiles, (MAPS, MAPS))
        count = len(tiles) if grid.rgb else tiles.shape[0] * tiles.shape[1]
        if grid.count < count:
            grid = Grid(tiles, (MAPS, MAPS - 26))
            what = "numbers" if tiles.shape[2:] == (1, 1) else "kernels"
            words = f"the first {grid.count:,} of {count:,} {what}"
            self.text(left, top + 49 + grid.image.height, words, FAINT, fitting(words, MAPS, SMALL - 2))
        self.grid(left, top + 14, title, grid)
        few = grid.count <= NAMED and tiles.shape[1:] == (1, 1, 1)
        for k, value in enumerate(tiles.flatten().tolist() if few else ()):
            corner, cell = grid.corner(k), grid.cell
            x, y = left + corner[0] + cell[0] / 2, top + 34 + corner[1] + cell[1] / 2
            fill = "white" if abs(value) > 0.6 * grid.limit else INK
            if names:
                self.text(x, y - 16, clipped(names[k], cell[0] - 4, SMALL), fill, SMALL, "mm")
            self.text(x, y + (12 if names else 0), written(value), fill, SMALL, "mm")

    def _likeliest(self) -> None:
        """The likeliest classes, beside the picture."""
        shares, left, room = self.look.logits.softmax(0), RIGHT + 216, WIDTH - RIGHT - 216
        many = len(shares) > 10
        chosen = shares.topk(6).indices.tolist() if many else range(len(shares))
        names = 210 if many else min(150, 14 * max(map(len, self.labels)) + 12)
        for k, index in enumerate(chosen):
            y, share = TOP + 34 + (k + 0.5) * 196 / len(chosen), float(shares[index])
            colour = BLUE if index == self.look.label else ORANGE
            self.text(left, y, clipped(self.labels[index], names - 6, SMALL), INK, SMALL)
            self.bar(left + names, y, share, room - names - 64, round(137.2 / len(chosen)), colour)
            self.text(WIDTH, y, f"{share:.0%}", INK if share >= 0.005 else FAINT, SMALL, "rm")

    def _numbers(self, learner: Learner | None) -> None:
        """What is said of the layer in numbers."""
        look, values, back = self.look, self.look.activations, self.look.gradients
        row = values[0].numel() == 1
        rows = {
            "layer": look.layer if look.layer == SOFTMAX else f"{look.layer}, {type(look.module).__name__}",
            "puts out": f"{len(values)} numbers" if row else f"{_shape(values)} = {values.numel():,}",
            "parameters": parameter_count(look.module),
            "activations": f"{written(float(values.min()))} to {written(float(values.max()))}",
            "gradients": f"{written(float(back.min()))} to {written(float(back.max()))}",
            "not above 0": f"{(values <= 0).float().mean():.0%} of the numbers",
        }
        notes = [f"pointed scale: {STRONGER}"] if self.hints else []
        if learner and look.layer != SOFTMAX:
            rows["dead"] = f"{learner.evaluation.dead_maps[look.layer]} of {len(values)}"
            if not row:
                rows["dead"] += f" maps, {learner.evaluation.dead_units[look.layer]:.0%} of the numbers"
            notes.insert(0, "dead: above 0 for no test picture")
        y, room = TOP + 266, WIDTH - RIGHT - 140
        for name, words in rows.items():
            self.text(RIGHT, y, name, FAINT, 22)
            size = fitting(words, room, 22)
            self.text(RIGHT + 140, y, clipped(words, room, size), INK, size)
            y += 30
        for k, words in enumerate(notes):
            self.text(RIGHT, y - 4 + 24 * k, words, FAINT, SMALL - 2)

    def _curves(self, learner: Learner) -> None:
        """The loss of the mini-batches, and the accuracy on test pictures."""
        top, bottom, (losses, accuracies) = TOP + 544, LOW - 50, learner.curves()
        loss = f"training loss {learner.loss:.3f}" if losses else "training loss"
        accuracy = f"test accuracy {learner.evaluation.accuracy:.1%}"
        highest = max(losses.values(), default=1.0) or 1.0
        for left, title, points, most, colour in (
            (RIGHT, loss, losses, highest, ORANGE), (RIGHT + HALF + 30, accuracy, accuracies, 1, BLUE)
        ):  # fmt: skip
            right = left + HALF
            self.text(left, top - 24, title, INK, 22)
            self.pen.line((left, top, left, bottom, right, bottom), PALE, 2)
            if len(points) > 1:
                path = ((step / learner.steps, value / most) for step, value in points.items())
                self.curve(Box(left, top, right, bottom), path, colour)
            self.text(left, bottom + 18, "0", FAINT, SMALL)
            self.text(right, bottom + 18, f"step {learner.steps:,}", FAINT, SMALL, "rm")

    def _strongest(self) -> None:
        """The map with the highest activation, counted from 0, large, and the gradient by it."""
        look = self.look
        k = int(look.activations.flatten(1).amax(1).argmax())
        parts = (RIGHT, f"map {k}", look.activations[k]), (RIGHT + HALF + 30, "gradient", look.gradients[k])
        for left, title, values in parts:
            self.grid(left, TOP + 510, title, Grid(values[None, None], (STRONG, STRONG)), STRONG, 22)


def _shape(maps: Tensor) -> str:
    """16 × 8 × 8, or 10."""
    return " × ".join(map(str, maps.shape if maps[0].numel() > 1 else maps.shape[:1]))
