"""Pictures in a notebook, each with words for those who do not see it.

The words are stored with the picture, as the output's plain text and as `alt` in its metadata, from where
`page` puts them into HTML. JupyterLab draws pictures without any alternative text, so the same words
follow in a line that only screen readers meet.
"""

import base64
import html
from typing import Any

from IPython.display import display
from PIL import Image

from .checking import PictureError
from .encoding import compress

FINE = 92  # JPEG quality
UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


class Shown:
    """A picture that a notebook displays and stores, with the words (`alt`) that say what it shows.

    `caption` stands under it for everybody; `width` is in pixels of the page.
    """

    def __init__(
        self, image: Image.Image, alt: str | None, caption: str | None = None, width: int | None = None
    ) -> None:
        words = " ".join(str(alt or "").split())
        if not words:
            raise PictureError('say in words what it shows, as in alt="A panda; its face glows red".')
        self.image, self.alt, self.caption, self.width = image, words, caption, width or image.width

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        """The words, and the picture as PNG (curves, filters) or JPEG (photographs), whichever is less."""
        png, jpeg = compress(self.image, "png"), compress(self.image, "jpeg", FINE)
        kind, picture = ("image/png", png) if len(png) <= len(jpeg) else ("image/jpeg", jpeg)
        data = {"text/plain": self.alt, kind: base64.b64encode(picture).decode()}
        return data, {kind: {"alt": self.alt, "width": self.width}}

    def _ipython_display_(self) -> None:
        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)
        lines = f'<p style="{UNSEEN}">{html.escape(self.alt)}</p>'
        if self.caption:
            lines += f"<p><em>{html.escape(self.caption)}</em></p>"
        display({"text/plain": self.caption or self.alt, "text/html": lines}, raw=True)
