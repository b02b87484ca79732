"""Neural style: a picture that shows what one picture shows and is painted as another is."""

from .losses import gram, grams, painted_like
from .poster import poster
from .published import PUBLISHED
from .settings import Settings
from .transfer import Frame, transfer

__all__ = [
    "PUBLISHED",
    "Frame",
    "Settings",
    "gram",
    "grams",
    "painted_like",
    "poster",
    "transfer",
]
