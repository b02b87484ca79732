"""The sheet of one layer: nothing lies on anything else, and scales say where numbers are stronger."""

import pytest
import torch

from cnnlab.pictures.sheets import length, written
from cnnlab.training.layer_view.arithmetic import LayerArrays
from cnnlab.training.layer_view.grids import Grid
from cnnlab.training.layer_view.layout import ClickableSheet
from cnnlab.training.layer_view.panels import show_layer


def _touch(network, picture, layer):
    """Rectangles of a sheet's headings, titles and scales, that lie on each other."""
    drawn, plain = [], {name: getattr(ClickableSheet, name) for name in ("text", "paste")}

    def text(sheet, x, y, words, fill="", size=24, anchor="lm"):
        wide = length(words, size)
        left = x - wide * {"l": 0, "m": 0.5, "r": 1}[anchor[0]]
        drawn.append((left, y - size / 2, left + wide, y + size / 2, words))
        plain["text"](sheet, x, y, words, "black", size, anchor)

    def paste(sheet, image, left, top):
        box = plain["paste"](sheet, image, left, top)
        drawn.append((*box, f"picture of {image.size}"))
        return box

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClickableSheet, "text", text)
        patch.setattr(ClickableSheet, "paste", paste)
        page = show_layer(network, picture, layer).picture
    inside = all(box[0] >= 0 and box[2] <= page.width + 1 for box in drawn)
    pairs = [
        (a[4], b[4]) for k, a in enumerate(drawn) for b in drawn[:k]
        if min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 2
    ]  # fmt: skip
    assert len(drawn) > 50
    return pairs if inside else [*pairs, "out of the page"]


@pytest.mark.parametrize(
    "layer", ["features.0", "features.6.expand3x3", "features.12.squeeze", "classifier.1", "softmax"]
)
def test_nothing_on_a_sheet_lies_on_anything_else(squeezenet, layer):
    picture = torch.rand(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    assert _touch(squeezenet, picture, layer) == []


def test_scales_have_pointed_ends_where_numbers_are_stronger(squeezenet):
    look = LayerArrays(squeezenet, torch.zeros(1, 3, 227, 227), "features.0")
    values = torch.full((1000, 1, 1, 1), 0.0003)
    values[7], values[500] = 0.76, 0.19
    for grid, pointed in (
        (Grid(values, (336, 336)), False),
        (Grid(values.view(1, 1, 25, 40), (400, 400)), True),
    ):
        sheet = ClickableSheet(500, look)
        sheet.grid(0, 14, "activations", grid)
        assert [hint.words for hint in sheet.hints] == [
            "stronger numbers keep the last colour, here up to ±0.76"
        ] * pointed


@pytest.mark.parametrize(
    "value, words",
    [(0.05, "0.05"), (-2.314, "−2.31"), (1190, "1,190"), (4e-6, "4e−6"), (-0.00015, "−1.5e−4"), (0.0, "0")],
)
def test_numbers_in_few_letters(value, words):
    assert written(value) == words
