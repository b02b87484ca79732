"""What a live function may show."""

import io

import numpy as np
import pytest
import torch
from helpers import GREY, panel_of, shown
from matplotlib.figure import Figure
from PIL import Image

from cnnlab.live import live


@pytest.mark.parametrize(
    "picture, mode",
    [
        (GREY, "RGB"),
        (GREY[0], "RGB"),
        (GREY[:, :1], "L"),
        (Image.new("RGB", (60, 40)), "RGB"),
        (Image.new("RGBA", (60, 40)), "RGB"),
        (np.zeros((40, 60, 3), np.uint8), "RGB"),
    ],
)
def test_pictures_of_many_kinds(picture, mode):
    with panel_of(lambda: picture) as panel:
        image = Image.open(io.BytesIO(panel.view.picture.value))
        assert (image.size, image.mode) == ((60, 40), mode)


def test_a_figure_is_drawn_at_its_own_size():
    def figure():
        fig = Figure((3, 2), dpi=50)
        fig.subplots().plot([0, 1])
        return fig

    with panel_of(figure) as panel:
        assert shown(panel).shape == (100, 150, 3)
        assert shown(panel).std() > 10


@pytest.mark.parametrize("wrong", [None, 3, "panda", torch.zeros(5), np.zeros((4, 4))])
def test_what_is_not_a_picture_is_refused_in_words(wrong):
    with pytest.raises((TypeError, ValueError), match="picture"):
        live(lambda: wrong, alt="nothing")
