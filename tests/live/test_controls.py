"""What each control hands to the function, and what it refuses."""

import datetime
import io

import pytest
import torch
from helpers import GREY, knob, press
from PIL import Image

from cnnlab import networks
from cnnlab.live import (
    ClickablePicture,
    Point,
    Rectangle,
    Stroke,
    choice,
    drawing,
    file,
    label,
    layer,
    live,
    picture,
    point,
    rectangle,
    seed,
    several,
    slider,
    square,
    text,
    toggle,
)


@pytest.fixture
def made():
    """Makes a panel of controls and notes the values that its function received."""
    panels = []

    def make(**controls):
        def note(**values):
            panel_values.append(values)
            return GREY

        panel_values: list[dict] = []
        panel = live(note, alt="grey", **controls)
        panel.values = panel_values
        panels.append(panel)
        return panel

    yield make
    for panel in panels:
        panel.close()


def sizes(words):
    """Whole numbers between commas."""
    for part in words.split(","):
        if not part.strip().isdecimal():
            raise ValueError(f"{part.strip()!r} is no whole number: write sizes as 8, 8.")
    return tuple(map(int, words.split(",")))


@pytest.mark.parametrize(
    "control, kind, first, typed, read",
    [
        (slider(3, 0, 10), int, 3, 7, 7),
        (slider(3, 0, 10.0), float, 3.0, 7.5, 7.5),
        (slider(0.5, 0, 1, step=0.25), float, 0.5, 0.75, 0.75),
        (slider(1.0, 0.01, 100, log=True), float, 1.0, 10.0, 10.0),
        (slider(10, 1, 1000, log=True), int, 10, 31.6, 32),
        (slider(0.1, 0.0, 1.0), float, 0.1, 0.1 + 0.2, 0.3),
        (slider(1 / 3, 0.01, 1.0, log=True), float, 1 / 3, 0.123456, 0.123),
        (slider(0.5, 0.5, 0.9996, log=True), float, 0.5, 0.9996, 0.9996),
        (choice(["a", "b"]), str, "a", "b", "b"),
        (choice(["a", "b"], "b"), str, "b", "a", "a"),
        (toggle(True), bool, True, False, False),
        (seed(4), int, 4, 9, 9),
    ],
)
def test_values(made, control, kind, first, typed, read):
    panel = made(x=control)
    knob(panel, "x").field.value = typed
    assert [values["x"] for values in panel.values] == [first, read]
    assert all(type(values["x"]) is kind for values in panel.values)


@pytest.mark.parametrize(
    "wrong, words",
    [
        (lambda: slider(11, 0, 10), "between low and high"),
        (lambda: slider(0, 0, 10, log=True), "above 0"),
        (lambda: slider(1, 1, 10, log=True, step=2), "leave out step"),
        (lambda: choice(["a", "b"], "c"), "'c' is not among the options 'a', 'b'"),
        (lambda: several(["a", "b"], ["a", "c"]), r"\['a', 'c'\] are not all among the options 'a', 'b'"),
        (lambda: several(["a", "b"], "ab"), "give a list"),
        (lambda: several(["a, b", "c"], ["c"]), "comma"),
        (lambda: text("8, x", parse=sizes), "'x' is no whole number"),
        (lambda: point(1, 1, hover=True, restart=True), "leave out restart"),
        (lambda: drawing([]), "0 pens; give from 1 to 7"),
        (lambda: drawing(list("abcdefgh")), "8 pens"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong()


def test_label_unit_help_and_value_are_there_for_the_reader(made):
    panel = made(step_size=slider(3, 0, 10, unit="px", help="How far."), other=slider(1, 0, 2, label="Sheep"))
    field = knob(panel, "step_size").field
    assert (field.description, field.tooltip, field.readout) == ("Step size (px)", "How far.", True)
    assert knob(panel, "other").field.description == "Sheep"


def test_a_control_serves_many_panels(made):
    control = slider(3, 0, 10)
    one, other = made(x=control), made(x=control)
    knob(one, "x").field.value = 5
    assert (one.values[-1], other.values[-1]) == ({"x": 5}, {"x": 3})


def test_seed_draws_anew(made):
    panel = made(seed=seed(4))
    press(panel, "Draw anew")
    assert panel.values[-1] == {"seed": 5}


def test_class_picker_finds_and_refuses(made, squeezenet):
    panel = made(target=label(squeezenet, "tench"))
    field = knob(panel, "target").field
    assert len(field.options) == 1000 and panel.values[-1] == {"target": 0}
    field.value = "Goldfish"
    assert panel.values[-1] == {"target": 1}
    field.value = "goldfihs"
    assert "goldfish" in panel.view.message.value and panel.settings.target == 1
    assert len(panel.values) == 2
    field.value = "tench"
    assert panel.view.message.value == "" and panel.values[-1] == {"target": 0}


def test_class_picker_tells_twins_apart(made):
    """torchvision's names for ImageNet hold two cranes."""
    birds = networks.wrap(torch.nn.Flatten(), [0.5], [0.5], ["crane", "heron", "crane"])
    panel = made(target=label(birds, 2))
    assert knob(panel, "target").field.options == ("crane (0)", "heron", "crane (2)")
    assert panel.values[-1] == {"target": 2}
    knob(panel, "target").field.value = "crane (0)"
    assert panel.values[-1] == {"target": 0}


def test_layer_picker_lists_layers_in_forward_order(made, squeezenet):
    names = [row.name for row in squeezenet.layers]
    panel = made(at=layer(squeezenet, names[3]))
    assert knob(panel, "at").field.options == tuple(names) and panel.values[-1] == {"at": names[3]}


def test_words_are_typed_parsed_and_refused(made):
    panel = made(layers=text("8, 8", parse=sizes))
    field = knob(panel, "layers").field
    assert not field.continuous_update
    field.value = "4,2, 1"
    assert panel.values[-1] == {"layers": (4, 2, 1)}
    field.value = "4, two"
    assert "&#x27;two&#x27; is no whole number" in panel.view.message.value
    assert len(panel.values) == 2 and panel.settings.layers == (4, 2, 1) and field.value == "4, two"
    field.value = "4,2, 1"
    assert panel.view.message.value == ""


def test_several_lines_have_a_button_to_leave_them_by(made):
    panel = made(layers=text("conv\nrelu", lines=4))
    field = knob(panel, "layers").field
    assert (field.rows, panel.values[-1]) == (4, {"layers": "conv\nrelu"})
    assert [child.description for child in knob(panel, "layers").row.children] == ["Layers", "Apply"]
    press(panel, "Apply")
    assert len(panel.values) == 1  # nothing changed


def test_several_come_in_the_order_of_the_options(made):
    panel = made(features=several(["x1", "x2", "sin x1"], ["x2", "x1"]))
    boxes = knob(panel, "features").field.boxes
    assert [box.description for box in boxes] == ["x1", "x2", "sin x1"]
    boxes[2].value = True
    boxes[0].value = False
    boxes[1].value = boxes[2].value = False
    assert [values["features"] for values in panel.values] == [
        ("x1", "x2"), ("x1", "x2", "sin x1"), ("x2", "sin x1"), ("sin x1",), (),
    ]  # fmt: skip
    press(panel, "Defaults")
    assert panel.values[-1]["features"] == ("x1", "x2")
    assert [box.value for box in boxes] == [True, True, False]


def upload(panel, name, content):
    (button,) = (
        widget for widget in knob(panel, "shown").row.children if "FileUpload" in type(widget).__name__
    )
    now = datetime.datetime.now(datetime.UTC)
    file = {"name": name, "type": "image/png", "size": len(content), "content": memoryview(content)}
    button.value = ({**file, "last_modified": now},)


def test_picture_picker_with_uploads(made):
    red = torch.zeros(1, 3, 30, 30)
    red[:, 0] = 1
    panel = made(shown=picture("red", size=20, more={"red": red}))
    assert panel.values[-1]["shown"].shape == (1, 3, 20, 20)
    upload(panel, "broken.png", b"not a picture")
    assert "broken.png" in panel.view.message.value and len(panel.values) == 1
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), (0, 0, 255)).save(buffer, "PNG")
    upload(panel, "mine.png", buffer.getvalue())
    assert panel.view.message.value == ""
    assert panel.values[-1]["shown"][0, :, 10, 10].tolist() == [0, 0, 1]
    assert knob(panel, "shown").field.value == "mine.png (upload 1)"
    knob(panel, "shown").field.value = "red"
    assert panel.values[-1]["shown"][0, :, 10, 10].tolist() == [1, 0, 0]
    Image.new("RGB", (50, 40), (0, 255, 0)).save(buffer := io.BytesIO(), "PNG")
    upload(panel, "mine.png", buffer.getvalue())  # another file of the same name
    assert panel.values[-1]["shown"][0, :, 10, 10].tolist() == [0, 1, 0]


def test_a_file_is_decoded_or_refused_by_name(made):
    def table(content):
        return [float(line) for line in content.decode().split()]

    panel = made(shown=file(table, value=[]))
    assert panel.values == [{"shown": []}]
    upload(panel, "mine.csv", b"1 2.5")
    assert panel.values[-1] == {"shown": [1.0, 2.5]} and panel.view.message.value == ""
    upload(panel, "words.csv", b"1 two")
    assert "words.csv: could not convert string to float: &#x27;two&#x27;" in panel.view.message.value
    upload(panel, "latin.csv", b"\xe9")
    assert "latin.csv: " in panel.view.message.value
    assert panel.settings.shown == [1.0, 2.5] and len(panel.values) == 2
    upload(panel, "other.csv", b"3")
    assert panel.values[-1] == {"shown": [3.0]}
    press(panel, "Defaults")
    assert panel.values[-1] == {"shown": []}


def test_bundled_pictures_are_at_hand(made):
    from cnnlab import pictures

    name = pictures.names()[0]
    panel = made(shown=picture(name))
    assert panel.values[-1]["shown"].shape[:2] == (1, 3)
    with pytest.raises(ValueError, match="unicorn"):
        made(shown=picture("unicorn"))


def test_a_point_follows_the_mark(made):
    panel = made(at=point(5, 6))
    knob(panel, "at").field.position = [10, 20]
    assert [values["at"] for values in panel.values] == [Point(5, 6), Point(10, 20)]
    assert panel.view.picture is knob(panel, "at").field
    assert "x 10, y 20" in knob(panel, "at").row.children[0].value


def test_a_point_follows_the_pointer_and_falls_back_to_the_click(made):
    panel = made(at=point(5, 6, hover=True))
    field = knob(panel, "at").field
    assert field.hover and not knob(made(at=point(5, 6)), "at").field.hover
    field.hovered = [7, 8]
    field.hovered = [9, 8]
    assert "x 9, y 8" in knob(panel, "at").row.children[0].value
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
    row, field = knob(panel, "ink").row, knob(panel, "ink").field
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
    assert knob(one, "ink").field.colours == ["#000000"] and len(knob(one, "ink").row.children) == 3
    assert len(knob(two, "ink").row.children) == 4 and not knob(two, "ink").field.ink


def test_a_square_stays_inside_and_takes_its_size_from_another_control(made):
    panel = made(where=square(30, 20, "window"), window=slider(8, 1, 100))
    assert panel.values[-1]["where"] == Rectangle(26, 16, 8, 8)
    knob(panel, "where").field.position = [59, 0]
    assert panel.values[-1]["where"] == Rectangle(52, 0, 8, 8)  # the picture is 60 x 40
    knob(panel, "window").field.value = 20
    assert panel.values[-1] == {"where": Rectangle(40, 0, 20, 20), "window": 20}
    assert len(panel.values) == 3  # one call for both
    knob(panel, "window").field.value = 100
    assert panel.values[-1]["where"] == Rectangle(0, 0, 60, 40)


def test_a_rectangle(made):
    panel = made(where=rectangle(1, 2, 3, 4))
    knob(panel, "where").field.rectangle = [5, 6, 7, 8]
    knob(panel, "where").field.rectangle = []  # given up
    assert [values["where"] for values in panel.values] == [(1, 2, 3, 4), (5, 6, 7, 8), (1, 2, 3, 4)]


def test_one_picture_has_one_mark(made):
    with pytest.raises(ValueError, match="at most one"):
        made(here=point(1, 1), there=point(2, 2))


def test_a_square_of_no_control_is_refused_in_words(made):
    with pytest.raises(ValueError, match="'windwo'"):
        made(where=square(1, 1, "windwo"), window=slider(8, 1, 100))


def test_a_clickable_picture_alone():
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40)).save(buffer, "PNG")
    shown = ClickablePicture(value=buffer.getvalue(), alt="black", mode="point")
    assert (shown.width, shown.height) == (50, 40)
    data, metadata = shown._repr_mimebundle_()
    assert (data["text/plain"], metadata["image/png"]["alt"]) == ("black", "black")
    shown.close()
