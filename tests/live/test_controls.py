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
    choice,
    label,
    layer,
    live,
    picture,
    point,
    rectangle,
    seed,
    slider,
    square,
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


@pytest.mark.parametrize(
    "control, kind, first, typed, read",
    [
        (slider(3, 0, 10), int, 3, 7, 7),
        (slider(3, 0, 10.0), float, 3.0, 7.5, 7.5),
        (slider(0.5, 0, 1, step=0.25), float, 0.5, 0.75, 0.75),
        (slider(1.0, 0.01, 100, log=True), float, 1.0, 10.0, 10.0),
        (slider(10, 1, 1000, log=True), int, 10, 31.6, 32),
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
