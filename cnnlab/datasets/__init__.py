"""Pictures with labels, wherever they lie: digits, MNIST, CIFAR-10, folders, zip files, styles."""

from .collections import Collection, crops
from .data import Split, averaged, digits, mnist
from .downloads import dataset
from .masterpieces import MASTERPIECES, masterpiece
from .picture_sets import NAMES, PictureSet, load
from .reading import archive, folder
from .sources import entries
from .textures import TEXTURES, texture

__all__ = [
    "MASTERPIECES",
    "NAMES",
    "TEXTURES",
    "Collection",
    "PictureSet",
    "Split",
    "archive",
    "averaged",
    "crops",
    "dataset",
    "digits",
    "entries",
    "folder",
    "load",
    "masterpiece",
    "mnist",
    "texture",
]
