"""What is put onto pictures is where it should be, and nowhere else."""

import pytest
import torch

from cnnlab import flaws
from cnnlab.flaws.marks import CORNERS, EVERYWHERE, Ink

GREY = torch.full((3, 3, 64, 64), 0.5)
HALVES = {"top": (slice(0, 32), "rows"), "bottom": (slice(32, 64), "rows")}


def changed(kind, place, **ink):
    """(N, 64, 64): where a grey picture is another one with the flaw."""
    return (flaws.stamp(GREY, kind, place, Ink(**ink)) - GREY).abs().amax(1) > 1e-6


@pytest.mark.parametrize("kind", [kind for kind, found in flaws.KINDS.items() if found.places == CORNERS])
@pytest.mark.parametrize("place", CORNERS)
def test_a_mark_lies_in_its_corner_and_is_small(kind, place):
    where = changed(kind, place)
    half = where[:, :32] if "top" in place else where[:, 32:]
    quarter = half[:, :, :40] if "left" in place else half[:, :, 24:]
    assert quarter.sum() == where.sum() > 0
    assert where.float().mean() < 0.05


@pytest.mark.parametrize("kind", ["grass", "pebbles", "bricks", "gravel"])
def test_a_surface_covers_the_bottom_or_a_margin_and_leaves_the_middle(kind):
    low, around = changed(kind, "bottom"), changed(kind, "around")
    assert low[:, 56:].float().mean() > 0.95 and not low[:, :32].any()
    assert around[:, :6].float().mean() > 0.95 and not around[:, 20:44, 20:44].any()


@pytest.mark.parametrize("kind", [kind for kind, found in flaws.KINDS.items() if found.places == EVERYWHERE])
def test_a_pattern_is_one_wave_of_the_strength_and_period_asked_for(kind):
    added = (flaws.stamp(GREY, kind, "everywhere", Ink(strength=0.1, period=4)) - GREY)[:, 0]
    spectrum = torch.fft.fft2(added).abs()
    x, y = flaws.KINDS[kind].drawn
    expected = {(round(64 * y / 4) % 64, round(64 * x / 4) % 64)}
    peak = divmod(int(spectrum[0].argmax()), 64)
    assert peak in expected | {((-row) % 64, (-column) % 64) for row, column in expected}
    assert 0.09 < added.abs().max() <= 0.1


def test_each_kind_says_where_it_can_be_and_a_wrong_one_gets_a_sentence():
    assert {place for kind in flaws.KINDS.values() for place in kind.places} == set(flaws.PLACES)
    with pytest.raises(ValueError, match="kind of flaw"):
        flaws.stamp(GREY, "stars", "top left")
    with pytest.raises(ValueError, match="cannot be at 'bottom'"):
        flaws.stamp(GREY, "star", "bottom")


def test_the_line_up_has_each_kind_once_and_no_two_alike():
    lineup = flaws.lineup(GREY[:1])
    assert list(lineup) == list(flaws.KINDS)
    assert all(picture.shape == (1, 3, 64, 64) for picture in lineup.values())
    assert len({picture.sum().item() for picture in lineup.values()}) == len(lineup)
