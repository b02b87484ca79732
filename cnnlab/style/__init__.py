"""Neural style: a picture that shows what one picture shows and is painted as another is."""

from .losses import gram, grams, painted_like
from .settings import Settings
from .transfer import Frame, transfer

__all__ = ["Frame", "Settings", "gram", "grams", "painted_like", "transfer"]
