"""Pictures with labels, wherever they lie: digits, MNIST, CIFAR-10, folders, zip files, styles."""

from . import styles
from .folders import archive, folder
from .labelled import Labelled, PictureSet, Split, averaged
from .picture_sets import PICTURE_SETS, crops, digits, picture_set, torchvision_pictures
from .sources import entries

__all__ = [
    "PICTURE_SETS", "Labelled", "PictureSet", "Split", "archive", "averaged", "crops", "digits", "entries",
    "folder", "picture_set", "styles", "torchvision_pictures",
]  # fmt: skip
