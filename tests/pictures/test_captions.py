"""Captions stay under their own picture and on the sheet, however narrow the columns are."""

import numpy as np
import pytest
import torch

from cnnlab import pictures

LONG = "Madagascar cat, ring-tailed lemur, Lemur catta"
WORD = "Pneumonoultramicroscopicsilicovolcanoconiosis"


def ink(shown) -> np.ndarray:
    """Where the sheet is dark: pictures in these tests are white, so only words are."""
    return np.asarray(shown.image.convert("L")) < 128


@pytest.mark.parametrize("columns", [2, 4, 8, 16])
@pytest.mark.parametrize("caption", [LONG, WORD, f"{LONG} {WORD}"])
@pytest.mark.parametrize("shape", [(1, 3, 227, 227), (1, 3, 64, 8)])
def test_nothing_is_written_between_columns_or_cut_at_the_edge(columns, caption, shape):
    gap = 10
    shown = pictures.tile([torch.ones(shape)] * columns, [caption] * columns, columns=columns, gap=gap)
    written = ink(shown)
    assert shown.image.width <= 1200
    cell = (shown.image.width + gap) // columns
    for column in range(1, columns):
        assert not written[:, column * cell - gap + 2 : column * cell - 2].any()
    first = written[:, : cell - gap]
    for column in range(columns):  # the same words in every column, whole
        same = written[:, column * cell : column * cell + cell - gap]
        assert abs(int(same.sum()) - int(first.sum())) <= 0.05 * first.sum()
    assert not written[:, -1].any() and not written[-1].any()


def test_every_letter_is_there():
    from cnnlab.pictures.showing import _wrapped

    for width in (20, 60, 128, 400):
        lines = _wrapped(f"{LONG} {WORD} end", width)
        assert "".join(lines).replace(" ", "") == f"{LONG}{WORD}end".replace(" ", "")


def test_short_captions_stay_on_one_line():
    white = torch.ones(1, 3, 200, 200)
    one, two = pictures.tile([white] * 2, ["a", "b"]), pictures.tile([white] * 2, ["a", LONG])
    assert one.image.height < two.image.height
