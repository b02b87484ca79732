"""Neural style: a picture that shows what one picture shows and is painted as another is.

`fast` does the same in one pass, by a network that was trained for it.
"""

from .colours import coloured
from .losses import gram, grams, match_style
from .panel import play_transfer, weight_grid
from .settings import PUBLISHED, TransferSettings
from .transfer import transfer

__all__ = [
    "PUBLISHED", "TransferSettings", "coloured", "gram", "grams", "match_style", "play_transfer", "transfer",
    "weight_grid",
]  # fmt: skip
