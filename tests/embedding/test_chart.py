"""Charts: spots, pictures on their spots, what lies where, colours; and grids of pictures."""

import pytest
import torch

from cnnlab.embedding import (
    Chart,
    labels_as_colours,
    picture_grid,
    seams,
    sprites,
    tinted,
    values_as_colours,
)
from cnnlab.embedding.chart import NIGHT
from cnnlab.pictures import PictureError

CROSS = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.0, 0.5]])  # left, right, and above the middle


def test_spots_have_one_scale_and_y_goes_up():
    spots = Chart(CROSS, 201, margin=0.0).spots
    assert spots.tolist() == [[0, 125], [200, 125], [100, 75]]


def test_margins_are_a_share_of_the_side():
    assert Chart(CROSS, 201, margin=0.1).spots[:, 0].tolist() == [20, 180, 100]


@pytest.mark.parametrize("points", [torch.zeros(4, 2), torch.tensor([[5.0, 7.0]])])
def test_points_that_coincide_stand_in_the_middle(points):
    assert (Chart(points, 101).spots == 50).all()


def test_points_that_are_no_numbers_get_a_sentence():
    with pytest.raises(ValueError, match="NaN"):
        Chart(torch.tensor([[torch.nan, 0.0], [1, 2]]))


def test_the_nearest_point_and_those_inside_a_loop():
    chart = Chart(CROSS, 201, margin=0.0)
    assert chart.nearest(3, 120) == 0 and chart.nearest(110, 10) == 2
    assert chart.inside([(50, 0), (210, 0), (210, 200), (50, 200)]).tolist() == [1, 2]
    assert chart.inside([(90, 60), (110, 60), (110, 90), (90, 90)]).tolist() == [2]
    assert chart.inside([(90, 60), (110, 60)]).tolist() == []
    assert chart.inside([]).tolist() == []


def test_dots_are_where_their_points_are():
    image = Chart(CROSS, 201).dots(torch.eye(3), radius=4)
    assert [image.getpixel(tuple(spot)) for spot in Chart(CROSS, 201).spots.tolist()] == [
        (255, 0, 0), (0, 255, 0), (0, 0, 255),
    ]  # fmt: skip
    assert image.getpixel((5, 5)) == NIGHT


def test_pictures_are_where_their_points_are_also_at_the_edge():
    pictures = torch.tensor([0.2, 0.4, 0.6]).view(3, 1, 1, 1).expand(3, 1, 8, 8).contiguous()
    chart = Chart(CROSS, 201, margin=0.0)
    image = chart.thumbnails(pictures, 14)
    assert image.size == (201, 201)
    assert [image.getpixel(tuple(spot))[0] for spot in chart.spots.tolist()] == [51, 102, 153]


def test_on_black_what_is_darker_does_not_cover():
    stamps = sprites(torch.tensor([0.8, 0.2]).view(2, 1, 1, 1).expand(2, 1, 6, 6).contiguous(), 6)
    chart = Chart(torch.zeros(2, 2), 51)
    assert chart.sprites(stamps).getpixel((25, 25))[0] == 51
    assert chart.sprites(stamps, lighten=True).getpixel((25, 25))[0] == 204


def test_as_many_pictures_as_points():
    with pytest.raises(PictureError, match="3 points and 2 pictures"):
        Chart(CROSS).thumbnails(torch.zeros(2, 3, 4, 4))


def test_lines_lead_from_one_point_to_others():
    chart = Chart(CROSS, 201, margin=0.1)
    plain = chart.dots(torch.zeros(3, 3))
    image = chart.lines(plain, 0, [1])
    assert image.getpixel((100, 121))[0] > 200 or image.getpixel((100, 120))[0] > 200
    assert plain.getpixel((100, 120)) == NIGHT  # the chart that was given stays as it was


def test_values_and_labels_as_colours():
    colours = values_as_colours(torch.tensor([0.0, 5.0, 10.0]))
    assert colours.shape == (3, 3) and colours.sum(1).diff().gt(0).all()  # cividis: more is brighter
    assert torch.equal(values_as_colours(torch.tensor([-9.0, 1.0]), limits=(0, 1)), colours[[0, 2]])
    assert torch.equal(labels_as_colours(torch.tensor([0, 10])), labels_as_colours(torch.tensor([0, 0])))
    assert len({tuple(colour) for colour in labels_as_colours(torch.arange(10)).tolist()}) == 10


def test_a_tinted_picture_has_its_colour_where_it_was_white():
    grey = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)
    shown = tinted(grey, torch.tensor([[1.0, 0.5, 0.0]]))
    assert shown[0, :, 0, 1].tolist() == [1.0, 0.5, 0.0]
    assert torch.allclose(shown[0, :, 0, 0] * 255, torch.tensor(NIGHT).float())


def colours(image, *spots):
    return [image.getpixel(spot) for spot in spots]


def flat(*levels):
    return torch.tensor(levels).view(-1, 1, 1, 1).expand(-1, 3, 8, 8).contiguous()


def test_a_grid_puts_each_picture_into_its_cell():
    image = picture_grid(torch.tensor([[1, -1], [0, 2]]), flat(0.0, 0.2, 1.0), tile=10)
    assert image.size == (20, 20)
    assert colours(image, (5, 5), (15, 5), (5, 15), (15, 15)) == [(51,) * 3, NIGHT, (0,) * 3, (255,) * 3]


def test_seams_are_darkest_where_codes_are_nearest():
    cells = torch.tensor([[0, 1, 2]])
    codes = torch.tensor([[0.0], [1.0], [9.0]])
    image = picture_grid(cells, flat(0.5, 0.5, 0.5), tile=20, seams=seams(codes, cells))
    assert image.size == (3 * 20 + 2 * 2, 20)
    near, far = colours(image, (20, 10), (42, 10))
    assert sum(near) < 30 < sum(far)


def test_a_grid_that_would_be_too_large_gets_a_sentence():
    with pytest.raises(PictureError, match="take 1 to 2048"):
        picture_grid(torch.tensor([[0, 1]]), flat(0.1, 0.2), tile=3000)
    assert picture_grid(torch.tensor([[0, 1]]), flat(0.1, 0.2), tile=2048).size == (4096, 2048)
