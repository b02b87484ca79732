"""Neural style: a picture that shows what one picture shows and is painted as another is."""

from .losses import gram, grams, painted_like

__all__ = ["gram", "grams", "painted_like"]
