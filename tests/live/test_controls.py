"""What each control hands to the function, and what it refuses."""

import pytest
import torch
from helpers import bound, press

from cnnlab import networks
from cnnlab.live import choice, drawing, label, layer, point, seed, several, slider, text, toggle


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
    bound(panel, "x").field.value = typed
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
    field = bound(panel, "step_size").field
    assert (field.description, field.tooltip, field.readout) == ("Step size (px)", "How far.", True)
    assert bound(panel, "other").field.description == "Sheep"


def test_a_control_serves_many_panels(made):
    control = slider(3, 0, 10)
    one, other = made(x=control), made(x=control)
    bound(one, "x").field.value = 5
    assert (one.values[-1], other.values[-1]) == ({"x": 5}, {"x": 3})


def test_seed_draws_anew(made):
    panel = made(seed=seed(4))
    press(panel, "Draw anew")
    assert panel.values[-1] == {"seed": 5}


def test_class_picker_finds_and_refuses(made, squeezenet):
    panel = made(target=label(squeezenet, "tench"))
    field = bound(panel, "target").field
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
    assert bound(panel, "target").field.options == ("crane (0)", "heron", "crane (2)")
    assert panel.values[-1] == {"target": 2}
    bound(panel, "target").field.value = "crane (0)"
    assert panel.values[-1] == {"target": 0}


def test_layer_picker_lists_layers_in_forward_order(made, squeezenet):
    names = [row.name for row in squeezenet.layers]
    panel = made(at=layer(squeezenet, names[3]))
    assert bound(panel, "at").field.options == tuple(names) and panel.values[-1] == {"at": names[3]}


def test_words_are_typed_parsed_and_refused(made):
    panel = made(layers=text("8, 8", parse=sizes))
    field = bound(panel, "layers").field
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
    field = bound(panel, "layers").field
    assert (field.rows, panel.values[-1]) == (4, {"layers": "conv\nrelu"})
    assert [child.description for child in bound(panel, "layers").row.children] == ["Layers", "Apply"]
    press(panel, "Apply")
    assert len(panel.values) == 1  # nothing changed


def test_several_come_in_the_order_of_the_options(made):
    panel = made(features=several(["x1", "x2", "sin x1"], ["x2", "x1"]))
    boxes = bound(panel, "features").field.boxes
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
