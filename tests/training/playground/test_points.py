"""The data sets, as their definitions say; splits; own points, drawn and from files."""

from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.training.playground.points import (
    NUMBERS,
    SETS,
    Points,
    drawn_points,
    join,
    make_points,
    read_csv,
    split,
)  # fmt: skip

AREA = (100, 50, 240, 240)


def stroke(pen, *points):
    return SimpleNamespace(pen=pen, points=points)


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_its_count_and_its_share_and_lies_on_the_plane(name):
    points = make_points(name, count=301, share=0.3, seed=4)
    assert points.inputs.shape == (301, 2) and points.targets.shape == (301,)
    assert points.train.sum() == 90
    assert np.abs(points.inputs).max() <= 6 and np.abs(points.targets).max() <= 1.2
    assert points.regression == (name in NUMBERS)
    assert name in NUMBERS or abs(points.targets.mean()) < 0.3  # two classes, about as many of each


@pytest.mark.parametrize("name", SETS)
def test_the_same_seed_draws_the_same_and_another_draws_others(name):
    one, same, other = (make_points(name, seed=seed, noise=0.2) for seed in (1, 1, 2))
    assert np.array_equal(one.inputs, same.inputs) and np.array_equal(one.targets, same.targets)
    assert not np.array_equal(one.inputs, other.inputs)


def test_sets_without_noise_are_what_their_formulas_say():
    x, y = make_points("circle").inputs.T
    assert np.array_equal(np.hypot(x, y) < 2.5, make_points("circle").targets > 0)
    assert not ((np.hypot(x, y) > 2.5) & (np.hypot(x, y) < 3.5)).any()
    xor = make_points("exclusive or")
    assert np.array_equal(xor.inputs.prod(1) > 0, xor.targets > 0) and np.abs(xor.inputs).min() >= 0.3
    plane = make_points("plane")
    assert np.allclose(plane.targets, plane.inputs.sum(1) / 10)
    sine = make_points("sine")
    assert np.array_equal(sine.inputs[:, 1] > 3 * np.sin(sine.inputs[:, 0]), sine.targets > 0)


def test_the_spiral_winds_and_its_arms_are_opposite():
    points = make_points("spiral", count=200)
    blue = points.inputs[points.targets > 0]
    blue = blue[np.argsort(np.hypot(*blue.T))]
    radius = np.hypot(*blue.T)
    angle = 1.75 * 2 * np.pi * radius / 5
    assert np.allclose(blue, radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1))
    orange = points.inputs[points.targets < 0]
    assert np.allclose(orange[np.argsort(np.hypot(*orange.T))], -blue)


def test_hills_are_cones_of_height_one_and_radius_two():
    points = make_points("hills", count=2000)
    peaks = np.array([(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)])
    for x, y, sign in peaks:
        near = np.hypot(points.inputs[:, 0] - x, points.inputs[:, 1] - y)
        inside = near < 2
        assert np.allclose(points.targets[inside], sign * (1 - near[inside] / 2))


def test_noise_spreads_clouds_and_flips_labels():
    """The clouds' variance goes from 0.5 to 4."""
    for noise, variance in ((0, 0.5), (0.5, 4.0)):
        points = make_points("Gaussians", count=4000, noise=noise)
        offsets = points.inputs - 2 * points.targets[:, None]
        assert offsets.var() == pytest.approx(variance, rel=0.1)
    noisy = make_points("circle", count=2000, noise=0.5)
    wrong = (np.hypot(*noisy.inputs.T) < 2.5) != (noisy.targets > 0)
    assert 0.2 < wrong.mean() < 0.5


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="no data set 'moons'"):
        make_points("moons")
    with pytest.raises(ValueError, match="noise from 0 to"):
        make_points("circle", noise=0.9)


def test_a_click_is_one_point_and_a_drag_is_many_evenly_apart():
    points = drawn_points([stroke(0, (220, 170)), stroke(1, (100, 290), (220, 290), (220, 50))], AREA)
    assert np.allclose(points.inputs[0], (0, 0)) and points.targets[0] == 1
    assert set(points.targets[1:]) == {-1.0}
    steps = np.diff(points.inputs[1:], axis=0)
    lengths = np.hypot(*steps.T)
    assert (
        np.isclose(lengths, 0.35).sum() >= len(lengths) - 1 and lengths.max() <= 0.351
    )  # one step cuts the corner
    assert len(points.targets) == 1 + 1 + int(18 / 0.35)
    assert len(drawn_points([], AREA).targets) == 0


def test_strokes_outside_end_at_the_edge():
    points = drawn_points([stroke(0, (0, 0)), stroke(1, (1000, 1000))], AREA)
    assert points.inputs.tolist() == [[-6, 6], [6, -6]]


def test_one_more_point_leaves_the_lots_of_the_others():
    few, more = (drawn_points([stroke(i % 2, (110 + i, 60)) for i in range(n)], AREA) for n in (20, 21))
    assert np.array_equal(split(few, 0.5, 3).train, split(more, 0.5, 3).train[:20])
    assert 0 < split(few, 0.5, 3).train.sum() < 20


def test_points_that_cannot_be_learned_from_say_why():
    assert "no points yet" in drawn_points([], AREA).trouble
    assert "All training points are blue" in drawn_points([stroke(0, (150, 90))], AREA).trouble
    assert drawn_points([stroke(0, (150, 90)), stroke(1, (160, 90))], AREA).trouble == ""
    two = drawn_points([stroke(0, (150, 90)), stroke(1, (160, 90))], AREA)
    assert "None of the points" in Points(two.inputs, two.targets, ~two.train).trouble


def test_joined_points_are_both():
    base, more = make_points("plane", count=10), drawn_points([stroke(0, (150, 90))], AREA)
    both = join(base, more)
    assert len(both.targets) == 11 and both.regression and both.targets[-1] == 1
    assert join(drawn_points([], AREA), more) is more and join(base, drawn_points([], AREA)) is base


def test_a_file_with_headings_words_and_another_scale():
    points = read_csv("x1,x2,label\n0,10,cat\n50,20,dog\n100,30,cat\n".encode("utf-8-sig"))
    assert np.allclose(points.inputs, [[-5, -5], [0, 0], [5, 5]])
    assert points.targets.tolist() == [-1, 1, -1] and not points.regression
    assert points.words == (
        "Orange is cat, blue is dog. Scaled: x1 from 0 to 100 and x2 from 10 to 30 are drawn from -5 to 5."
    )


def test_a_file_that_fills_the_plane_is_taken_as_it_is():
    points = read_csv(b"-5,-4,0\n5,4,1\n\n1,2,1\n")
    assert points.inputs.tolist() == [[-5, -4], [5, 4], [1, 2]] and points.targets.tolist() == [-1, 1, 1]
    assert points.words == "Orange is 0, blue is 1."


def test_numbers_to_fit_are_scaled_and_decimal_commas_are_read():
    points = read_csv(b"x;y;z\n-5,5;-4;0\n5;4,5;5\n1;2;10\n")
    assert points.regression and points.targets.tolist() == [-1, 0, 1]
    assert points.inputs[0].tolist() == [-5.5, -4]
    assert "0 to 10, are fitted as -1 to 1" in points.words
    assert read_csv(b"-5\t-4\t0.1\n5\t4\t0.2\n1\t2\t0.3\n").targets.tolist() == [0.1, 0.2, 0.3]


def test_a_column_that_does_not_vary_is_put_in_the_middle():
    points = read_csv(b"7,1,a\n7,2,b\n")
    assert points.inputs.tolist() == [[0, -5], [0, 5]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "there are no points in it"),
        (b"x1,x2,label\n", "there are no points in it"),
        (b"1,2,a\n1,x,b\n", "line 2 has 'x' where a number should be"),
        (b"1,2,a\n3,4\n", "line 2 has 2 columns; three are wanted"),
        (b"hello\n", "line 1 has 1 column; three"),
        (b"1,2,a\n3,nan,b\n", "line 2 holds nan"),
        (b"1,2,a\n3,inf,b\n", "line 2 holds inf"),
        (b"1,2,a\n3,4,a\n", "all points have the label 'a'"),
        (b"1,2,a\n3,4,b\n5,6,c\n", "3 different labels; two classes"),
        (b"1,2,1\n3,4,2\n5,6,c\n", "line 3 has 'c' where a number should be"),
        (b"1,2,1\n3,4,nan\n", "line 2 holds nan"),
        (b"1,2,1\n3,4,\n", "line 2 has no label"),
        (b"\xff\xfe\x00\x01", "not a text file"),
        (b"\x89PNG\r\n\x00", "not a text file"),
        (b"1,2,a\n" * 3000 + b"1,2,b\n" * 3000, "6000 points, and 5000 can be shown"),
        (b'"1,2,a\n3,4,b\n', "three are wanted"),
    ],
)
def test_a_bad_file_is_answered_with_one_sentence(content, sentence):
    with pytest.raises(ValueError) as caught:
        read_csv(content)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)
