"""The sheet: what is drawn where, and that its colours mean what the network says."""

import numpy as np
import pytest

from cnnlab.training.playground import PlaygroundSettings
from cnnlab.training.playground.drawing import DEAD, SURFACE, ceiling, draw, levels, written_epoch
from cnnlab.training.playground.layout import AREA, HEIGHT, PORT, WIDTH, layout
from cnnlab.training.playground.network import FEATURES, MLP, Layer, evaluate, initialise
from cnnlab.training.playground.points import make_points

LEFT, TOP, SIDE, _ = AREA
NOTHING = make_points("circle", count=2, share=1)


def pixels(network, points=NOTHING, now=None, **settings):
    return np.asarray(draw(network, points, now, [], 0, PlaygroundSettings(**settings)))


def at(sheet, x, y):
    """The colour of a place of the plane."""
    return sheet[round(TOP + (6 - y) / 12 * SIDE), round(LEFT + (x + 6) / 12 * SIDE)]


def test_the_surface_has_the_colour_of_the_output():
    network = MLP(("x1",), (Layer(1, "tanh"),), np.array([0.5, 0.0]))
    sheet = pixels(network, tested=False)
    for x in (-5, -1, 1.2, 5):
        expected = SURFACE[levels(np.tanh(np.array(0.5 * x)))].astype(int)
        assert np.abs(at(sheet, x, -5.5).astype(int) - expected).max() <= 6
    assert at(sheet, 0, -5.5).sum() < at(sheet, 1, -5.5).sum()  # where the output is 0 there is a dark line
    two = pixels(network, two=True)
    assert (at(two, -5, -5.5) == SURFACE[32]).all() and (at(two, 0.5, -5.5) == SURFACE[224]).all()


def test_the_map_of_a_unit_can_be_the_large_one():
    network = initialise(("x1", "x2"), (Layer(2, "relu"),), regression=True, seed=0)
    network.parameters[:] = (1, 0, 0, 1, 0, 0, 1, 1, 0)  # a1 = relu(x1), a2 = relu(x2)
    plane = make_points("plane", count=2)
    assert (at(pixels(network, plane, large="a1"), 3, -5.5) == SURFACE[levels(np.array(0.75))]).all()
    assert (at(pixels(network, plane, large="x2"), 3, -3) == SURFACE[levels(np.array(-0.5))]).sum() >= 1


def test_a_wider_line_is_a_stronger_weight_and_its_colour_is_its_sign():
    network = MLP(("x1",), (Layer(1, "tanh"),), np.array([0.0, 0.0]))
    column = (PORT[0] + 140) // 2

    def line(weight):
        network.parameters[0] = weight
        strip = pixels(network)[:, column].astype(int)
        return strip[(strip != 255).any(1)]

    widths = [len(line(weight)) for weight in (0, 0.5, 1, 3, 100)]
    assert widths == sorted(widths) and widths[0] >= 1 and widths[-1] < 20
    middle = line(3)[len(line(3)) // 2]
    assert middle[2] > middle[0] and line(-3)[3][0] > line(-3)[3][2]  # blue, orange


def test_a_dead_unit_is_grey_and_crossed_out():
    network = initialise(("x1", "x2"), (Layer(2, "relu"),), regression=False, seed=0)
    network.biases[0][1] = -99
    points = make_points("circle")
    sheet = pixels(network, points, now=evaluate(network, points))
    alive, dead = layout(2, network.layers[:-1]).columns[1].astype(int)
    tile = layout(2, network.layers[:-1]).tile
    assert (sheet[dead[1] - tile // 4, dead[0]] == DEAD).all()
    assert (sheet[alive[1] - tile // 4, alive[0]] != DEAD).any()


def test_training_points_are_filled_and_test_points_hollow():
    network = MLP(("x1",), (Layer(1, "tanh"),), np.zeros(2))
    points = make_points("circle", count=2, share=0.5)
    sheet = pixels(network, points)
    centres = [at(sheet, *place) for place in points.inputs]
    (trained,), (tested,) = np.flatnonzero(points.train), np.flatnonzero(~points.train)
    assert (centres[tested] == 255).all() and (centres[trained] < 255).any()
    assert not (at(pixels(network, points, tested=False), *points.inputs[tested]) == 255).all()


@pytest.mark.parametrize("hidden", [(), (Layer(1, "relu"),), (Layer(16, "tanh"),) * 6])
@pytest.mark.parametrize("features", [("x1",), tuple(FEATURES)])
def test_every_network_fits_on_the_sheet(features, hidden):
    where = layout(len(features), hidden)
    for column in where.columns[:-1]:
        assert (column - where.tile / 2 > 0).all() and (column[:, 0] + where.tile / 2 < PORT[0]).all()
        assert (column[:, 1] + where.tile / 2 < HEIGHT).all() and (column[:, 1] - where.tile / 2 > 50).all()
        assert len(column) == 1 or np.diff(column[:, 1]).min() > where.tile + 3
    network = initialise(features, hidden, regression=False, seed=0)
    assert pixels(network).shape == (HEIGHT, WIDTH, 3)
    assert all(curves.shape[1:] == (15, 2) for curves in where.curves)


def test_the_scale_of_losses_rarely_changes():
    assert [ceiling(loss) for loss in (0, 0.0004, 0.3, 0.5, 0.51, 7, 10)] == [
        0.001,
        0.001,
        0.5,
        0.5,
        1,
        10,
        10,
    ]


def test_epochs_are_counted_without_powers_of_ten():
    assert [written_epoch(epoch) for epoch in (0, 0.04, 100, 16440, 16440.5)] == [
        "0", "0.04", "100", "16,440", "16,440.5",
    ]  # fmt: skip
