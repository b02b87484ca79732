"""A panel's settings as a line of text, pasted or from presets."""

import asyncio
import contextlib

import pytest
import torch
from helpers import GREY, bound, press, until

from cnnlab.live import (
    Frame,
    Preset,
    choice,
    drawing,
    label,
    live,
    picture,
    point,
    seed,
    several,
    slider,
    square,
    text,
    toggle,
)


def layers(words):
    if "?" in words:
        raise ValueError("a question mark is no layer.")
    return words.split()


def controls():
    return {
        "rate": slider(0.03, 1e-5, 10.0, log=True),
        "noise": slider(0, 0, 50),
        "kept": slider(0.5, 0.1, 0.9),
        "data": choice(["circle", "spiral; wide", "50 % = half|"]),
        "dropout": toggle(False),
        "layers": text("8 8", parse=layers, lines=3),
        "features": several(["x1", "x2", "sin x1"], ["x1", "x2"]),
        "ink": drawing(("blue", "orange"), restart=True),
        "seed": seed(1),
    }


@contextlib.contextmanager
def made(function=None, **keywords):
    """A panel; `calls` holds what its function received, if it is the plain one here."""
    calls = []

    def note(**values):
        calls.append(values)
        return GREY

    panel = live(function or note, alt="grey", **keywords)
    panel.calls = calls
    try:
        yield panel
    finally:
        panel.close()


def move_all(panel):
    moves = {"rate": 0.5, "noise": 7, "kept": 0.1 + 0.2, "data": "50 % = half|", "dropout": True, "seed": 9,
             "layers": "4 \n %3B 2; ", "features": ("sin x1",),
             "ink": [[0, 5, 6, 1000, 3, 999, 700], [1, 2, 2]]}  # fmt: skip
    for name, value in moves.items():
        setattr(bound(panel, name).field, bound(panel, name).control.watch, value)


def test_only_what_differs_is_named_and_readable():
    with made(**controls()) as panel:
        assert panel.state == ""
        bound(panel, "rate").field.value = 0.30199517204020165  # as a browser's slider gives it
        bound(panel, "seed").field.value = 3
        bound(panel, "layers").field.value = "4 4"
        bound(panel, "dropout").field.value = True
        assert panel.state == "rate=0.302; dropout=on; layers=4 4; seed=3"
        press(panel, "Defaults")
        assert panel.state == ""


def test_a_state_restores_exactly_and_the_function_is_called_once():
    with made(**controls()) as one, made(**controls()) as other:
        move_all(one)
        wanted = dict(vars(one.settings))
        assert "\n" not in one.state and one.state.count(";") == len(controls()) - 1
        other.state = one.state
        assert len(other.calls) == 2 and other.calls[-1] == vars(other.settings)
        assert {**vars(other.settings), "rate": 0} == {**wanted, "rate": 0}
        assert other.settings.rate == pytest.approx(wanted["rate"], rel=0.075)  # the nearest step
        assert other.state.split("; ")[1:] == one.state.split("; ")[1:]
        again = other.state
        one.state = again
        assert one.state == again and vars(one.settings) == vars(other.settings)
        one.state = ""
        assert one.state == "" and vars(one.settings) == one.calls[0]


def test_places_pictures_and_classes_restore_too(squeezenet):
    red = torch.zeros(1, 3, 8, 8)
    shown = {"what": picture("red", more={"red": red, "blue": red + 0.5}), "target": label(squeezenet, 3)}
    for mark, moved in ((point(1, 2), [3, 4]), (square(1, 1, 5), [30, 20])):
        with made(at=mark, **shown) as panel:
            first = vars(panel.settings).copy()
            setattr(bound(panel, "at").field, mark.watch, moved)
            bound(panel, "what").field.value = "blue"
            bound(panel, "target").field.value = "goldfish"
            state, wanted = panel.state, vars(panel.settings).copy()
            assert state == f"at={' '.join(map(str, moved))}; what=blue; target=goldfish"
            panel.state = ""
            assert panel.settings.at == first["at"] and panel.settings.target == 3
            panel.state = state
            assert panel.settings.at == wanted["at"] and panel.settings.target == wanted["target"] == 1
            assert torch.equal(panel.settings.what, wanted["what"])


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ("nonsense", r"'nonsense' is no setting"),
        ("rat=0.1", r"no control here is called 'rat': there are rate, noise"),
        ("rate=0.1; rate=0.2", r"rate stands twice"),
        ("rate=11", r"rate=11: give a number from 1e-05 to 10"),
        ("rate=nan", r"give a number from"),
        ("rate=inf", r"give a number from"),
        ("rate=-inf", r"give a number from"),
        ("rate=0", r"give a number from"),
        ("noise=1.5", r"give a whole number from 0 to 50"),
        ("noise=" + "9" * 5000, r"give a whole number"),
        ("kept=0.95", r"give a number from 0.1 to 0.9|twice"),
        ("data=square", r"data=square: give one of circle, spiral; wide"),
        ("dropout=yes", r"give on or off"),
        ("layers=8 ?", r"layers=8 \?: a question mark is no layer"),
        ("features=x1, x3", r"give some of x1, x2, sin x1"),
        ("ink=!", r"'!' is not a letter"),
        ("ink=AA", r"no drawing"),
        ("ink=EAA", r"no drawing"),  # a third pen
        ("ink=AAD", r"leaves the picture"),
        ("ink=g", r"missing"),
        ("ink=ggggggggggA", r"not a letter"),
        ("ink=A.A", r"no drawing"),
        ("seed=-1", r"give a whole number from 0"),
        ("; " + "x" * 2_000_000, r"2,000,0\d\d characters"),
        (7, r"this is a int"),
        (None, r"this is a NoneType"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence_and_changes_nothing(wrong, sentence):
    with made(**controls()) as panel:
        move_all(panel)
        state, calls = panel.state, len(panel.calls)
        for bad in [wrong, f"kept=0.2; {wrong}"] if isinstance(wrong, str) else [wrong]:
            with pytest.raises(ValueError, match=sentence) as caught:
                panel.state = bad
            assert len(str(caught.value)) < 200 and "\n" not in str(caught.value)
        assert panel.state == state and len(panel.calls) == calls


def test_a_setting_that_only_the_function_s_reader_refuses_changes_nothing(tmp_path):
    """An uploaded picture's name is offered, but a control may still fail to read what it names."""
    broken = {"here": torch.zeros(1, 3, 8, 8)}
    with made(noise=slider(0, 0, 50), what=picture("here", more=broken)) as panel:
        field = bound(panel, "what").field
        field.options = [*field.options, "gone"]  # a name without a picture
        with pytest.raises(ValueError, match=r"^what: "):
            panel.state = "noise=7; what=gone"
        assert (panel.state, field.value, bound(panel, "noise").field.value) == ("", "here", 0)
        assert panel.view.message.value == "" and len(panel.calls) == 1


def test_what_was_refused_in_a_field_is_not_in_the_state():
    with made(**controls()) as panel:
        bound(panel, "layers").field.value = "8 4"
        bound(panel, "layers").field.value = "8 ?"
        assert panel.state == "layers=8 4"


def numbered(starts):
    def count(settings):
        starts.append((settings.noise, settings.rate))
        step = 0
        while True:
            yield Frame(GREY, caption=f"{step} {settings.noise} {settings.rate}")
            step += 1

    return count


def test_a_generator_starts_again_once_with_all_settings():
    starts = []
    some = {"noise": slider(0, 0, 50, restart=True), "rate": slider(1, 0, 9, restart=True)}

    async def scenario():
        with made(numbered(starts), **some) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 3)
            panel.state = "noise=5; rate=7"
            assert (panel.settings.noise, panel.settings.rate) == (5, 7)  # at once
            await until(lambda: "5 7" in panel.view.caption.value and panel.runner.step_count > 2)
            assert starts == [(0, 1), (5, 7)]
            press(panel, "Defaults")
            await until(lambda: "0 1" in panel.view.caption.value and panel.runner.step_count > 2)
            assert starts == [(0, 1), (5, 7), (0, 1)]

    asyncio.run(scenario())


def test_the_shared_line_shows_the_state_and_takes_another():
    with made(shareable=True, **controls()) as panel:
        line = panel.shared.field
        assert line.value == ""
        bound(panel, "noise").field.value = 7
        assert line.value == panel.state == "noise=7"
        line.value = "seed=4; noise=8"
        assert panel.settings.noise == 8 and line.value == panel.state == "noise=8; seed=4"
        calls = len(panel.calls)
        line.value = "seed=4; noise=800"
        assert "noise=800: give a whole number from 0 to 50." in panel.view.message.value
        assert line.value == "seed=4; noise=800"  # to be mended
        assert panel.state == "noise=8; seed=4" and len(panel.calls) == calls
        bound(panel, "noise").field.value = 9
        assert panel.view.message.value == "" and line.value == "noise=9; seed=4"


PRESETS = {"Under": Preset("noise=3", "Why <i>not</i>?"), "Over": Preset("kept=0.3; seed=5")}


def test_a_preset_sets_everything_and_asks_its_question():
    with made(presets=PRESETS, **controls()) as panel:
        dropdown, question = panel.preset.field, panel.preset.question
        assert dropdown.options == ("none", "Under", "Over") and question.value == ""
        bound(panel, "seed").field.value = 8
        dropdown.value = "Under"
        assert panel.state == "noise=3" and question.value == "Why &lt;i&gt;not&lt;/i&gt;?"
        bound(panel, "noise").field.value = 4
        assert question.value  # until the next choice
        press(panel, "Again")
        assert panel.state == "noise=3"
        dropdown.value = "Over"
        assert panel.state == "kept=0.3; seed=5" and question.value == ""
        press(panel, "Defaults")
        assert (panel.state, dropdown.value) == ("", "none")
        dropdown.value = "Under"
        panel.state = "seed=2"
        assert (panel.state, dropdown.value, question.value) == ("seed=2", "none", "")


def test_a_preset_that_cannot_be_read_is_refused_when_the_panel_is_made():
    with pytest.raises(ValueError, match="noise=99: give a whole number"):
        live(lambda **_: GREY, alt="grey", presets={"Bad": Preset("noise=99")}, **controls())


def test_the_preset_is_one_of_six_in_sight_and_the_line_is_folded():
    with made(presets=PRESETS, shareable=True, **controls()) as panel:
        rows = [row for row in panel.view.body.children[1].children if "cnnlab-control" in row._dom_classes]
        (more,) = (c for c in panel.view.body.children[1].children if "cnnlab-folded" in c._dom_classes)
        named = [row.children[0].description for row in rows]
        assert named == ["Ink", "Preset", "Rate", "Noise", "Kept", "Data", "Dropout"]
        folded = [row.children[0].description for row in more.children]
        assert folded == ["Layers", "Features", "Seed", "State"]


def test_a_control_may_be_called_share():
    panel = live(lambda share: GREY, alt="grey", share=slider(0.25, 0.0, 1.0))
    assert panel.settings.share == 0.25
    panel.close()
