"""Pictures in a notebook, each with words for those who do not see it."""

import base64
from typing import Any

from IPython.display import display
from PIL import Image
from torch import Tensor

from .checking import PictureError
from .encoding import compress, to_image


class Shown:
    """A picture that a notebook displays and stores: PNG, and words (`alt`) that say what is on it."""

    def __init__(self, image: Image.Image, alt: str, width: int | None = None):
        if not isinstance(alt, str) or not alt.strip():
            raise PictureError('say in words what the picture shows: alt="A panda; its face glows red".')
        self.image, self.alt, self.width = image, " ".join(alt.split()), width or image.width

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        png = base64.b64encode(compress(self.image, "png")).decode()
        return {"text/plain": self.alt, "image/png": png}, {
            "image/png": {"alt": self.alt, "width": self.width}
        }


def show(
    picture: Tensor | Shown, alt: str | None = None, caption: str | None = None, width: int | None = None
) -> None:
    """Display one picture (1, C, H, W) with words that say what it shows."""
    shown = picture if isinstance(picture, Shown) else Shown(to_image(picture), alt or caption or "", width)
    display(shown)
