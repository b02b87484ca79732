"""How many invaders are on a screen of Space Invaders, by their colour."""

import numpy as np
from scipy.ndimage import binary_dilation, label

YELLOW = (134, 134, 29)
TOP, BOTTOM = 25, 195  # below the points, above the ground


def aliens(screen: np.ndarray) -> int:
    """The number of invaders, from 0 to 36, on a screen (210, 160, 3) uint8.

    Their feelers and legs are drawn apart: what is at most four pixels apart is one.
    """
    theirs = (screen[TOP:BOTTOM] == YELLOW).all(-1)
    return int(label(binary_dilation(theirs, iterations=2))[1])
