"""Grids: no better assignment exists, nothing is lost; seams by hand."""

from itertools import permutations

import pytest
import torch

from cnnlab.embedding.grid import grid, seams, unit


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def cost(points, cells):
    """The sum of squared ways from points to the middles of their cells."""
    rows, columns = cells.shape
    total = 0.0
    for row, column in (cells >= 0).nonzero().tolist():
        middle = torch.tensor([(column + 0.5) / columns, 1 - (row + 0.5) / rows])
        total += (unit(points)[cells[row, column]] - middle).square().sum().item()
    return total


def test_points_on_a_lattice_stay_where_they_are():
    xs, ys = torch.meshgrid(torch.arange(5.0), torch.arange(3.0), indexing="xy")
    points = torch.stack([xs.flatten(), ys.flatten()], 1)  # row 0 lies lowest
    assert torch.equal(grid(points, 5), torch.arange(15).view(3, 5).flip(0))


def test_no_other_assignment_is_better():
    points = noise(6, 2)
    best = cost(points, grid(points, 3))
    others = [cost(points, torch.tensor(order).view(2, 3)) for order in permutations(range(6))]
    assert best == pytest.approx(min(others), abs=1e-6)


@pytest.mark.parametrize("columns, rows", [(None, None), (7, None), (1, None), (20, 10), (100, None)])
def test_every_point_has_one_cell(columns, rows):
    cells = grid(noise(50, 2), columns, rows)
    assert cells[cells >= 0].sort().values.tolist() == list(range(50))
    assert cells.shape[1] == (columns or 8) and (rows is None or len(cells) == rows)


@pytest.mark.parametrize("points", [torch.zeros(9, 2), torch.tensor([[3.0, 4.0]])])
def test_points_that_coincide_get_a_cell_each(points):
    assert sorted(grid(points).flatten().tolist()) == list(range(len(points)))


def test_what_does_not_fit_gets_a_sentence():
    with pytest.raises(ValueError, match="50 points do not fit into 7 rows of 7"):
        grid(noise(50, 2), 7, 7)
    with pytest.raises(ValueError, match="do not fit"):
        grid(noise(5, 2), 0)
    with pytest.raises(ValueError, match="at most 4000"):
        grid(noise(4001, 2))


def test_seams_are_distances_in_code():
    codes = torch.tensor([[0.0, 0], [3, 4], [0, 1], [6, 8]])
    across, down = seams(codes, torch.tensor([[0, 1, -1], [2, 3, -1]]))
    assert across[:, 0].tolist() == pytest.approx([5, 85**0.5])
    assert down[0, :2].tolist() == pytest.approx([1, 5])
    assert across[:, 1].isnan().all() and down[0, 2].isnan()
