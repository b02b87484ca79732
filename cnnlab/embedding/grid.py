"""A map without gaps: each point gets a cell of a grid, so that all together move as little as possible.

cells = grid(points, columns=40)                          # (rows, 40): which point is where, -1 for none
cells = grid(points, 48, 48)                              # cells to spare: islands keep their shape
across, down = seams(codes, cells)                        # how far apart neighbouring cells are in code

After Karpathy's cnnembed, cs.stanford.edu/people/karpathy/cnnembed.
"""

from __future__ import annotations

import math

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from .affinities import check

MOST = 4000  # points: the time grows with their number's third power


def unit(points: Tensor) -> Tensor:
    """`points` (N, 2) moved and stretched, each axis by itself, to fill the unit square."""
    low, high = points.amin(0), points.amax(0)
    return (points - low) / (high - low).clamp(min=1e-12)


def grid(points: Tensor, columns: int | None = None, rows: int | None = None) -> Tensor:
    """(rows, columns) int64: the point (0 to N - 1) of each cell, or -1 for a cell that stays empty.

    The sum of the squared ways from `points` (N, 2), stretched to a unit square, to the middles of their
    cells is the least possible. Without `columns` the grid is as square as can be, without `rows` as low as
    can be. Row 0 is the top, where the map's second coordinate is largest. ValueError for a grid with fewer
    cells than points, and for more than 4000 points.
    """
    check(points, least=1)
    count = len(points)
    if count > MOST:
        raise ValueError(f"A grid of {count} points would take minutes: draw at most {MOST} of them.")
    columns = math.ceil(math.sqrt(count)) if columns is None else columns
    rows = math.ceil(count / max(columns, 1)) if rows is None else rows
    if min(rows, columns) < 1 or rows * columns < count:
        raise ValueError(f"{count} points do not fit into {rows} rows of {columns}: take more.")
    middles = torch.cartesian_prod(  # rows from the top, then columns
        1 - (torch.arange(rows) + 0.5) / rows, (torch.arange(columns) + 0.5) / columns
    ).flip(1)
    ways = torch.cdist(unit(points.detach().cpu().float()), middles).double().square()
    chosen, places = linear_sum_assignment(ways.numpy())
    cells = torch.full((rows * columns,), -1)
    cells[torch.from_numpy(places)] = torch.from_numpy(chosen)
    return cells.view(rows, columns)


def seams(codes: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    """Distances in code between neighbours in a grid: (rows, columns - 1) and (rows - 1, columns).

    `codes` (N, D) and `cells` (rows, columns) as `grid` makes it; NaN beside an empty cell.
    """
    known = codes.float()[cells.clamp(min=0)]  # (rows, columns, D)
    known[cells < 0] = torch.nan
    return (known[:, 1:] - known[:, :-1]).norm(dim=2), (known[1:] - known[:-1]).norm(dim=2)
