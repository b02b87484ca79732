"""Where the widgets of a panel stand, and how large its letters are."""

from helpers import GREY, panel_of

from cnnlab.live import large_type, toggle


def test_six_controls_in_sight_and_the_others_folded():
    controls = {f"c{i}": toggle(False) for i in range(8)}
    with panel_of(lambda **_: GREY, **controls) as panel:
        right = panel.view.body.children[1]
        in_sight = [row for row in right.children if "cnnlab-control" in row._dom_classes]
        more, folded = right.children[6:8]
        assert (len(in_sight), len(folded.children), more.description) == (6, 2, "More")
        assert folded.layout.display == "none"
        more.value = True
        assert folded.layout.display != "none"
        more.value = False
        assert folded.layout.display == "none"


def test_the_switch_for_large_letters_is_for_all_panels_now_and_later():
    with (
        panel_of(lambda on: GREY, on=toggle(False)) as first,
        panel_of(lambda on: GREY, on=toggle(False)) as second,
    ):
        try:
            large_type()
            with panel_of(lambda on: GREY, on=toggle(False)) as third:
                assert all("cnnlab-large" in panel._dom_classes for panel in (first, second, third))
            buttons = first.view.body.children[1].children[1].children
            (button,) = (each for each in buttons if each.description == "Aa")
            button.click()
            assert not any("cnnlab-large" in panel._dom_classes for panel in (first, second))
            button.click()
            assert all("cnnlab-large" in panel._dom_classes for panel in (first, second))
        finally:
            large_type(False)
