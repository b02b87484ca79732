"""Near names: what a reader probably meant."""

import pytest

from cnnlab.arguments.names import nearest, unknown

KNOWN = ["giant panda", "lesser panda", "tabby", "tiger cat", "Persian cat", "Egyptian cat"]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("panda", "giant panda"),
        ("PERSIAN", "Persian cat"),
        (" taby ", "tabby"),
        ("egyptain cat", "Egyptian cat"),
    ],
)
def test_the_nearest_name_comes_first(asked, first):
    assert nearest(asked, KNOWN)[0] == first


def test_names_that_contain_what_was_asked_come_before_those_spelt_like_it():
    assert nearest("cat", [*KNOWN, "car"])[:3] == ["tiger cat", "Persian cat", "Egyptian cat"]
    assert len(nearest("a", KNOWN)) == 5
    assert nearest("a", KNOWN, count=2) == nearest("a", KNOWN)[:2]


@pytest.mark.parametrize("asked", ["", "   ", "zzzzzzzz"])
def test_nothing_is_near_to_nonsense(asked):
    assert nearest(asked, KNOWN) == []
    message = str(unknown("class", asked, KNOWN, "Look at the list."))
    assert message == f"class {asked!r} is not known. Look at the list."


def test_the_sentence_names_what_is_near():
    message = str(unknown("class", "panda", KNOWN, "Look at the list."))
    assert message.startswith("class 'panda' is not known; near it: giant panda, lesser panda")
    assert message.endswith(". Look at the list.")
