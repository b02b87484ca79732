"""What is set in the panel's own picture."""

import random

import pytest
from helpers import bound, press

from cnnlab.live import Point, Rectangle, Stroke, drawing, point, slider, square
from cnnlab.live.picture_controls import pack, unpack


def test_a_point_follows_the_mark(made):
    panel = made(at=point(5, 6))
    bound(panel, "at").field.position = [10, 20]
    assert [values["at"] for values in panel.values] == [Point(5, 6), Point(10, 20)]
    assert panel.view.picture is bound(panel, "at").field
    assert "x 10, y 20" in bound(panel, "at").row.children[0].value


def test_a_point_follows_the_pointer_and_falls_back_to_the_click(made):
    panel = made(at=point(5, 6, hover=True))
    field = bound(panel, "at").field
    assert field.hover and not bound(made(at=point(5, 6)), "at").field.hover
    field.hovered = [7, 8]
    field.hovered = [9, 8]
    assert "x 9, y 8" in bound(panel, "at").row.children[0].value
    field.position = [9, 8]
    field.hovered = [20, 30]
    field.keyed = True  # the pointer rests and keys move the mark
    field.hovered = []
    field.keyed = False
    assert [tuple(values["at"]) for values in panel.values] == [
        (5, 6), (7, 8), (9, 8), (9, 8), (20, 30), (9, 8), (9, 8), (9, 8),
    ]  # fmt: skip
    assert panel.state == "at=9 8"  # where the pointer is belongs to no state


def test_a_drawing_is_strokes(made):
    panel = made(ink=drawing(("blue", "orange"), area=(10, 0, 20, 40)))
    row, field = bound(panel, "ink").row, bound(panel, "ink").field
    assert (field.mode, field.area, field.position, field.ink) == ("drawing", [10, 0, 20, 40], [20, 20], True)
    assert len(field.colours) == 2 and panel.view.picture is field
    field.strokes = [[0, 11, 2, 12, 3, 12, 4], [1, 15, 6]]
    first = Stroke(0, (Point(11, 2), Point(12, 3), Point(12, 4)))
    assert panel.values[-1] == {"ink": (first, Stroke(1, (Point(15, 6),)))}
    assert "2 strokes" in row.children[0].value
    press(panel, "Undo")
    assert panel.values[-1] == {"ink": (first,)} and "1 stroke<" not in row.children[0].value
    press(panel, "Clear")
    assert panel.values[-1] == {"ink": ()}
    press(panel, "Undo")  # of nothing
    assert len(panel.values) == 4


def test_one_pen_is_black_and_needs_no_choice(made):
    one, two = made(ink=drawing()), made(ink=drawing(("a", "b"), ink=False))
    assert bound(one, "ink").field.colours == ["#000000"] and len(bound(one, "ink").row.children) == 3
    assert len(bound(two, "ink").row.children) == 4 and not bound(two, "ink").field.ink


def test_a_square_stays_inside_and_takes_its_size_from_another_control(made):
    panel = made(where=square(30, 20, "window"), window=slider(8, 1, 100))
    assert panel.values[-1]["where"] == Rectangle(26, 16, 8, 8)
    bound(panel, "where").field.position = [59, 0]
    assert panel.values[-1]["where"] == Rectangle(52, 0, 8, 8)  # the picture is 60 x 40
    bound(panel, "window").field.value = 20
    assert panel.values[-1] == {"where": Rectangle(40, 0, 20, 20), "window": 20}
    assert len(panel.values) == 3  # one call for both
    bound(panel, "window").field.value = 100
    assert panel.values[-1]["where"] == Rectangle(0, 0, 60, 40)


def test_one_picture_has_one_mark(made):
    with pytest.raises(ValueError, match="at most one"):
        made(here=point(1, 1), there=point(2, 2))


def test_a_square_of_no_control_is_refused_in_words(made):
    with pytest.raises(ValueError, match="'windwo'"):
        made(where=square(1, 1, "windwo"), window=slider(8, 1, 100))


def test_strokes_pack_into_a_few_letters_and_back():
    draw = random.Random(0)
    strokes = [
        [draw.randrange(2), *(draw.randrange(4000) for _ in range(2 * draw.randint(1, 40)))]
        for _ in range(50)
    ]
    assert unpack(pack(strokes), 2) == strokes
    line = [0, *(place for x in range(200) for place in (300 + 2 * x, 400 + x % 7))]
    assert len(pack([line])) == 1 + 2 * 2 + 2 * 199 + 0 and unpack(pack([line]), 1) == [line]
    assert unpack(pack([]), 1) == []
    assert pack([[0, 16, 0]]) == "AgBA"  # 16 as the mappings of a source map write it
