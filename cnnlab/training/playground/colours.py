"""Orange below zero, blue above, white at it: 256 colours on a fixed scale, so that nothing flickers."""

import numpy as np
from numpy import ndarray
from PIL import Image

INK, PALE, PAPER = (51, 51, 51), (118, 118, 118), (255, 255, 255)
ORANGE, BLUE = (186, 74, 0), (0, 84, 148)  # of points: darker than the surface they lie on
DEAD = (226, 226, 226)
TEST = (160, 60, 120)  # the test's curve: neither orange nor blue


def _table(*stops: tuple[int, int, int]) -> ndarray:
    """256 colours (256, 3) that pass evenly through `stops`."""
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, range(len(stops)), channel) for channel in zip(*stops, strict=True)]
    return np.stack(channels, 1).round().astype(np.uint8)


SURFACE = _table((228, 132, 52), (243, 190, 136), (248, 246, 243), (146, 192, 222), (48, 134, 194))
LINES = _table((214, 96, 0), (232, 160, 96), (218, 216, 213), (116, 168, 206), (0, 106, 180))


def levels(values: ndarray) -> ndarray:
    """Numbers as rows of a table, uint8: -1 and below is the first, 1 and above the last."""
    return (values.clip(-1, 1) * 127.5 + 127.5).astype(np.uint8)


def coloured(rows: ndarray) -> Image.Image:
    """Rows of `SURFACE`, uint8 (H, W), as an RGB image."""
    image = Image.fromarray(rows)
    image.putpalette(SURFACE.tobytes())
    return image.convert("RGB")
