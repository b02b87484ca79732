"""Make the photographs that ship with the course, their table and CREDITS.md from the packages they come in.

    python scripts/make_photographs.py            # needs Debian 12's apt-get and dpkg-deb, and pip
    python scripts/make_photographs.py FOLDER     # takes packages that lie in FOLDER instead

`photographs.csv`, beside this script, says which files are taken and what is seen on them; a row whose file
is "beside: NAME x NAME x" is a collage of two others, each cut around x (0 left to 1 right). Author, licence
and source come from the packages' own statements, file by file. The same packages and the same Pillow give
the same bytes.
"""

import csv
import hashlib
import io
import struct
import sys
import tempfile
from dataclasses import astuple, fields
from pathlib import Path

from photograph_sources import Original, originals_of
from PIL import Image, ImageCms, ImageOps

from cnnlab.pictures.photographs import FOLDER, LICENCES, Credit

Row = dict[str, str]  # a line of photographs.csv
HERE = Path(__file__).parent
LONG_SIDE = 640  # pixels
QUALITY = {320: 91, LONG_SIDE: 86}  # JPEG quality by long side: artefacts show more in small pictures


def upright(content: bytes) -> Image.Image:
    """The picture in upright sRGB without metadata; transparent parts become white."""
    with Image.open(io.BytesIO(content)) as file:
        profile = file.info.get("icc_profile")
        image = ImageOps.exif_transpose(file).convert("RGBA" if file.has_transparency_data else "RGB")
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if profile and "sRGB" not in _description(profile):
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        image = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB")) or image
    image.info.clear()
    return image


def _description(profile: bytes) -> str:
    return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))


def reduced(image: Image.Image) -> Image.Image:
    """The picture with a long side of at most 640 pixels."""
    factor = LONG_SIDE / max(image.size)
    return image if factor >= 1 else _scaled(image, factor)


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = (round(image.width * factor), round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


def jpeg(image: Image.Image) -> bytes:
    """A JPEG file of the picture, without metadata."""
    quality = next(value for side, value in QUALITY.items() if max(image.size) <= side)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def bare_jpeg(content: bytes) -> bytes | None:
    """A baseline sRGB JPEG file as it is, less its metadata; None when it is not that or is too large."""
    with Image.open(io.BytesIO(content)) as image:
        profile = image.info.get("icc_profile")
        plain = image.format == "JPEG" and image.mode == "RGB" and "progression" not in image.info
        turned = image.getexif().get(274, 1) != 1
        if (
            not plain
            or turned
            or max(image.size) > LONG_SIDE
            or (profile and "sRGB" not in _description(profile))
        ):
            return None
    parts, at = [content[:2]], 2
    while content[at + 1] != 0xDA:  # until the scan starts: two bytes of marker, two of length
        size = 2 + struct.unpack_from(">H", content, at + 2)[0]
        if content[at + 1] not in (*range(0xE1, 0xEE), 0xEF, 0xFE):  # all APPn but JFIF and Adobe; COM
            parts.append(content[at : at + size])
        at += size
    return b"".join([*parts, content[at:]])


def beside(left: Image.Image, left_centre: float, right: Image.Image, right_centre: float) -> Image.Image:
    """Two pictures in one frame of 480x480, cut around their centres, one fading into the other."""
    width, height, fade = 264, 480, 48
    halves = []
    for image, centre in ((left, left_centre), (right, right_centre)):
        scale = max(height / image.height, width / image.width)
        image = image.resize(
            (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
        )
        start = min(max(round(centre * image.width - width / 2), 0), image.width - width)
        top = (image.height - height) // 2
        halves.append(image.crop((start, top, start + width, top + height)))
    frame = Image.new("RGB", (2 * width - fade, height))
    frame.paste(halves[0], (0, 0))
    mask = Image.new("L", (width, height), 255)
    mask.paste(Image.linear_gradient("L").rotate(90).resize((fade, height)), (0, 0))
    frame.paste(halves[1], (width - fade, 0), mask)
    return frame


def photograph(row: Row, original: Original) -> tuple[Credit, bytes]:
    """The credit and the JPEG file of one chosen photograph."""
    if original.licence not in LICENCES:
        raise SystemExit(f"{row['file']} is under {original.licence}, which this set does not take.")
    content = bare_jpeg(original.content)
    change = "metadata removed"
    if content is None:
        image = upright(original.content)
        small = reduced(image)
        change = "saved as JPEG" if small is image else f"reduced to {LONG_SIDE} pixels"
        content = jpeg(small)
    changes = "; ".join(filter(None, (original.changes, change)))
    return _credit(row, original, changes, content), content


def collage(row: Row, files: dict[str, str], originals: dict[str, Original]) -> tuple[Credit, bytes]:
    """The credit and the JPEG file of two photographs side by side, under the stricter of their licences."""
    left, left_centre, right, right_centre = row["file"].removeprefix("beside: ").split()
    parts = [originals[files[left]], originals[files[right]]]
    image = beside(
        upright(parts[0].content), float(left_centre), upright(parts[1].content), float(right_centre)
    )
    whole = Original(
        b"",
        author="; ".join(dict.fromkeys(part.author for part in parts)),
        licence=max((part.licence for part in parts), key=list(LICENCES).index),
        source=" ".join(part.source for part in parts),
        changes="",
    )
    content = jpeg(image)
    return _credit(row, whole, f"collage of {left} and {right}, cut and blended", content), content


def _credit(row: Row, original: Original, changes: str, content: bytes) -> Credit:
    digest = hashlib.sha256(content).hexdigest()
    about = {"author": original.author, "licence": original.licence, "source": original.source}
    return Credit(**row, **about, changes=changes, sha256=digest)


def credits_page(credits: list[Credit]) -> str:
    """CREDITS.md: all photographs by kind, with the attribution that their licences ask for."""
    page = f"# Credits of the {len(credits)} photographs\n\n"
    page += (
        "Made by `scripts/make_photographs.py` from `cnnlab/assets/photographs/credits.csv`; thanks to all\n"
    )
    page += "who gave their pictures to everyone. In a notebook, `pictures.credit(name)` tells the same.\n"
    for kind in sorted({credit.kind for credit in credits}):
        page += f"\n## {kind.capitalize()}\n\n"
        page += "".join(_line(credit) for credit in credits if credit.kind == kind)
    return page


def _line(credit: Credit) -> str:
    links = [
        f"[source]({link.replace('(', '%28').replace(')', '%29')})" if "://" in link else f"`{link}`"
        for link in credit.source.split()
    ]
    licence = f"[{credit.licence}]({credit.licence_url})"
    return (
        f"- **{credit.name}**: {credit.title}. By {credit.author}; {licence}; {', '.join(links)}. "
        f"Changes: {credit.changes}.\n"
    )


def choices() -> list[Row]:
    """The lines of photographs.csv by name."""
    with open(HERE / "photographs.csv", encoding="utf-8", newline="") as table:
        return sorted(csv.DictReader(table), key=lambda row: row["name"])


def main() -> None:
    """Write the JPEG files, credits.csv and CREDITS.md."""
    rows = choices()
    files = {row["name"]: row["file"] for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        originals = originals_of(Path(sys.argv[1] if len(sys.argv) > 1 else folder))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.jpg"):
        old.unlink()
    credits = []
    for row in rows:
        if row["file"].startswith("beside: "):
            credit, content = collage(row, files, originals)
        else:
            credit, content = photograph(row, originals[row["file"]])
        (FOLDER / f"{credit.name}.jpg").write_bytes(content)
        credits.append(credit)
    with open(FOLDER / "credits.csv", "w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow([field.name for field in fields(Credit)])
        writer.writerows(astuple(credit) for credit in credits)
    (HERE.parent / "CREDITS.md").write_text(credits_page(credits), encoding="utf-8")
    size = sum(file.stat().st_size for file in FOLDER.glob("*.jpg"))
    print(f"{len(credits)} photographs, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
