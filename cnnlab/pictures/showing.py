"""One word to display a picture, several, or a figure."""

from collections.abc import Sequence

from IPython.display import display
from matplotlib.figure import Figure
from torch import Tensor

from .figures import render
from .shown import Shown
from .tiling import tile


def show(
    pictures: Tensor | Sequence[Tensor] | Figure | Shown,
    alt: str | None = None,
    caption: str | None = None,
    *,
    width: int | None = None,
) -> None:
    """Display a picture (1, C, H, W), several, a matplotlib figure, or what `tile` and `compare` made.

    `alt` says in words what there is to see, for those who do not see it; it is required, though a caption
    can stand in for it. `caption` is printed below; `width` is in pixels of the page.
    """
    words = alt or caption
    if isinstance(pictures, Shown):
        shown = Shown(
            pictures.image, alt or pictures.alt, caption or pictures.caption, width or pictures.width
        )
    elif isinstance(pictures, Figure):
        image, on_page = render(pictures)
        shown = Shown(image, words, caption, width or on_page)
    else:
        shown = Shown(tile(pictures, alt=words).image, words, caption, width)
    display(shown)
