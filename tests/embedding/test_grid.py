"""Grids: no better assignment exists, nothing is lost; seams by hand; posters in the right places."""

from itertools import permutations

import pytest
import torch

from cnnlab.embedding.chart import NIGHT
from cnnlab.embedding.grid import grid, seams, unit
from cnnlab.embedding.poster import poster
from cnnlab.pictures import PictureError


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


def colours(image, *spots):
    return [image.getpixel(spot) for spot in spots]


def flat(*levels):
    return torch.tensor(levels).view(-1, 1, 1, 1).expand(-1, 3, 8, 8).contiguous()


def test_a_poster_puts_each_picture_into_its_cell():
    image = poster(torch.tensor([[1, -1], [0, 2]]), flat(0.0, 0.2, 1.0), tile=10)
    assert image.size == (20, 20)
    assert colours(image, (5, 5), (15, 5), (5, 15), (15, 15)) == [(51,) * 3, NIGHT, (0,) * 3, (255,) * 3]


def test_seams_are_darkest_where_codes_are_nearest():
    cells = torch.tensor([[0, 1, 2]])
    codes = torch.tensor([[0.0], [1.0], [9.0]])
    image = poster(cells, flat(0.5, 0.5, 0.5), tile=20, seams=seams(codes, cells))
    assert image.size == (3 * 20 + 2 * 2, 20)
    near, far = colours(image, (20, 10), (42, 10))
    assert sum(near) < 30 < sum(far)


def test_a_poster_that_would_be_too_large_gets_a_sentence():
    with pytest.raises(PictureError, match="take 1 to 2048"):
        poster(torch.tensor([[0, 1]]), flat(0.1, 0.2), tile=3000)
    assert poster(torch.tensor([[0, 1]]), flat(0.1, 0.2), tile=2048).size == (4096, 2048)
