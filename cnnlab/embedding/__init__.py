"""Maps of codes: t-SNE of what a network says of many pictures, drawn, measured, and not to be misread.

shown = datasets.crops()                                  # 1000 crops of the bundled photographs
codes = codes_of(network, shown.pictures, ["features.12"])["features.12"]    # (1000, 512)
points = tsne(codes)                                      # (1000, 2)
Chart(points, 800).thumbnails(shown.pictures, 30)         # a picture of the map
kept(codes, points).mean()                                # how many of its neighbourhoods are true
for step in tsne_steps(TSNESettings(codes)): ...          # the same, step by step, to be steered
"""

from .affinities import affinities
from .chart import Chart, labels_as_colours, picture_grid, sprites, tinted, values_as_colours
from .codes import codes_of, pixels
from .grid import grid, seams
from .measures import kept, knn_accuracy, neighbours, rank_correlation, trustworthiness
from .tsne import TSNESettings, divergence, tsne, tsne_steps

__all__ = [
    "Chart", "TSNESettings", "affinities", "codes_of", "divergence", "grid", "kept", "knn_accuracy",
    "labels_as_colours", "neighbours", "picture_grid", "pixels", "rank_correlation", "seams", "sprites",
    "tinted", "trustworthiness", "tsne", "tsne_steps", "values_as_colours",
]  # fmt: skip
