"""Display pictures and figures; several pictures side by side on one white sheet, with words under them."""

import math
from collections.abc import Mapping, Sequence

from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image, ImageDraw
from torch import Tensor

from .checking import PictureError
from .encoding import to_image
from .figures import render
from .sheets import INK, font
from .shown import Shown

SHEET = 1200  # pixels across at most: wider, and a page would shrink the captions
SMALLEST = 128  # what is smaller (a filter, a feature map) is enlarged, its pixels kept square
TEXT = 16  # pixels: the size of the letters
LINE = 24  # pixels from one line of a caption to the next


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


def tile(
    pictures: Tensor | Sequence[Tensor],
    captions: Sequence[str] | None = None,
    *,
    alt: str | None = None,
    columns: int | None = None,
    gap: int = 10,
) -> Shown:
    """Pictures on one sheet: a batch (N, C, H, W), or a sequence of (1, C, H, W) of any sizes.

    Each stands in the middle of a cell as large as the largest; `captions` stand under them. `alt` says in
    words what the sheet shows; without it, the captions have to do.
    """
    images = _images(pictures)
    words = _captions(captions, len(images))
    across = _columns(columns, len(images))
    if not (isinstance(gap, int) and gap >= 0):
        raise PictureError(f"gap is {gap!r}; give a whole number of pixels, 0 or more.")
    images = _scaled(images, (SHEET - (across - 1) * gap) // across)
    sheet = _sheet(images, words, across, gap)
    if alt is None and captions is not None:
        alt = f"{len(images)} pictures: {'; '.join(words)}." if len(images) > 1 else words[0]
    return Shown(sheet, alt)


def compare(pictures: Mapping[str, Tensor], *, alt: str | None = None, columns: int | None = None) -> Shown:
    """Pictures (1, C, H, W) side by side under their names: `compare({"before": a, "after": b})`."""
    if not isinstance(pictures, Mapping):
        raise PictureError('give names with the pictures: compare({"before": a, "after": b}).')
    return tile(list(pictures.values()), list(pictures), alt=alt, columns=columns or len(pictures))


def _images(pictures: Tensor | Sequence[Tensor]) -> list[Image.Image]:
    if isinstance(pictures, Tensor) and pictures.ndim == 4:
        pictures = pictures.split(1)
    each = list(pictures) if isinstance(pictures, Sequence) else [pictures]
    if not each:
        raise PictureError("there are no pictures to show: give at least one.")
    return [to_image(picture) for picture in each]


def _captions(captions: Sequence[str] | None, count: int) -> list[str]:
    words = [""] * count if captions is None else [str(caption) for caption in captions]
    if len(words) != count:
        raise PictureError(f"there are {count} pictures and {len(words)} captions: give one for each.")
    return words


def _columns(columns: int | None, count: int) -> int:
    if columns is None:
        return count if count <= 4 else min(8, math.ceil(math.sqrt(1.6 * count)))
    if not isinstance(columns, int) or columns < 1:
        raise PictureError(f"columns is {columns!r}; give a whole number above 0.")
    return min(columns, count)


def _scaled(images: list[Image.Image], widest: int) -> list[Image.Image]:
    """All images by one factor: down to fit `widest`, or up by a whole number to be seen at all."""
    width, height = _largest(images)
    if width > widest:
        factor = max(widest, 1) / width
        return [image.resize(_times(image, factor), Image.Resampling.LANCZOS) for image in images]
    enlarge = min(math.ceil(SMALLEST / max(width, height)), widest // width)
    return [image.resize(_times(image, enlarge), Image.Resampling.NEAREST) for image in images]


def _times(image: Image.Image, factor: float) -> tuple[int, int]:
    return max(1, round(image.width * factor)), max(1, round(image.height * factor))


def _largest(images: list[Image.Image]) -> tuple[int, int]:
    return max(image.width for image in images), max(image.height for image in images)


def _sheet(images: list[Image.Image], words: list[str], across: int, gap: int) -> Image.Image:
    width = _largest(images)[0]
    if any(words):  # room for a word under pictures that are narrow
        width = max(width, min(SMALLEST, (SHEET - (across - 1) * gap) // across))
    rows = [range(i, min(i + across, len(images))) for i in range(0, len(images), across)]
    lines = [_wrapped(caption, width) for caption in words]
    heights = [max(images[i].height for i in row) for row in rows]
    rooms = [LINE * max(len(lines[i]) for i in row) for row in rows]
    mode = "L" if all(image.mode == "L" for image in images) else "RGB"
    tall = sum(heights) + sum(rooms) + gap * (len(rows) - 1)
    sheet = Image.new(mode, (across * (width + gap) - gap, tall), "white")
    draw = ImageDraw.Draw(sheet)
    top = 0
    for row, height, room in zip(rows, heights, rooms, strict=True):
        for column, i in enumerate(row):
            left, image = column * (width + gap), images[i]
            sheet.paste(image, (left + (width - image.width) // 2, top + (height - image.height) // 2))
            for j, line in enumerate(lines[i]):
                middle = (left + width / 2, top + height + (j + 0.5) * LINE)
                draw.text(middle, line, INK, font(TEXT), anchor="mm")
        top += height + room + gap
    return sheet


def _wrapped(caption: str, width: int) -> list[str]:
    """The caption in lines no wider than `width` pixels; a word that is wider goes on in the next line."""
    lines: list[str] = []
    for word in caption.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if _fits(longer, width):
            lines[-1:] = [longer]
        else:
            lines += _broken(word, width)
    return lines


def _broken(word: str, width: int) -> list[str]:
    """A word in pieces no wider than `width` pixels, of at least one letter each."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and not _fits(pieces[-1] + letter, width):
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _fits(text: str, width: int) -> bool:
    return font(TEXT).getlength(text) <= width - 2  # a letter may lean over its end
