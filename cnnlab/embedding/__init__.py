"""Maps of codes: t-SNE of what a network says of many pictures, drawn, measured, and not to be misread.

shown = crops()                                           # 1000 crops of the bundled photographs
codes = codes_of(network, shown.pictures, ["features.12"])["features.12"]    # (1000, 512)
points = tsne(codes)                                      # (1000, 2)
Chart(points, 800).thumbnails(shown.pictures, 30)         # a picture of the map
kept(codes, points).mean()                                # how many of its neighbourhoods are true
for moment in play(Settings(codes)): ...                  # the same, step by step, to be steered
"""

from ..datasets.collections import Collection, crops, digits
from ..datasets.downloads import dataset
from ..datasets.reading import archive, folder
from .affinities import affinities
from .chart import Chart, labels_as_colours, sprites, tinted, values_as_colours
from .codes import codes_of, pixels
from .descent import Moment, Settings, divergence, play
from .grid import grid, seams
from .library import tsne
from .measures import kept, knn_accuracy, neighbours, rank_correlation, smoothness, trustworthiness
from .poster import poster

__all__ = [
    "Chart",
    "Collection",
    "Moment",
    "Settings",
    "affinities",
    "archive",
    "codes_of",
    "crops",
    "dataset",
    "digits",
    "divergence",
    "folder",
    "grid",
    "kept",
    "knn_accuracy",
    "labels_as_colours",
    "neighbours",
    "pixels",
    "play",
    "poster",
    "rank_correlation",
    "seams",
    "smoothness",
    "sprites",
    "tinted",
    "trustworthiness",
    "tsne",
    "values_as_colours",
]
