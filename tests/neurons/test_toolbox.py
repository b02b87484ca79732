"""The toolbox: its tiles show what the network says, a climb rises, a clip plays on."""

from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from small import convolutional, noise

from cnnlab.networks.probes import activations
from cnnlab.neurons import toolbox
from cnnlab.neurons.toolbox import STEPS, Toolbox
from cnnlab.neurons.toolbox_sheet import LABEL, MOSAIC, TILE, point_of
from cnnlab.neurons.top_patches import top_patches
from cnnlab.pictures.sheets import Sheet

ORANGE, PALE_GREY = (230, 97, 0), (235, 235, 235)
PICTURES = {f"picture {i}": noise(1, 3, 32, 32, seed=i) for i in range(12)}


@pytest.fixture
def box():
    *_, index = top_patches(convolutional(), PICTURES, ["1", "4"])
    return Toolbox(index)


def settings(channel=0, layer="4", **changed):
    own = {
        "picture": PICTURES["picture 3"],
        "camera": False,
        "layer": layer,
        "channel": point_of(channel, {"1": 6, "4": 8}[layer]),
        "rule": "gradient",
    }
    return SimpleNamespace(**(own | changed))


def test_the_first_frame_of_a_new_channel_comes_without_gradient_and_the_next_with_it(box, monkeypatch):
    asked = []
    real = toolbox.attribution
    monkeypatch.setattr(toolbox, "attribution", lambda *a: asked.append(a[3]) or real(*a))
    frames = box.play(settings(2))
    next(frames)
    assert not asked
    next(frames)
    next(frames)
    assert asked == ["gradient"]  # once for a picture that stands still
    list(islice(box.play(settings(2, rule="guided")), 2))
    assert asked == ["gradient", "guided"]


def test_a_picture_climbs_stays_for_later_and_then_the_panel_rests(box):
    frames = list(box.play(settings(5)))
    scores = [frame.score for frame in frames if frame.score is not None]
    assert np.mean(scores[-10:]) > np.mean(scores[:10])
    assert box.climbs["4", 5][1].number == STEPS
    assert len(list(box.play(settings(5, rule="guided")))) == 1
    box.climb("1", 3, steps=7)
    assert box.climbs["1", 3][1].number == 6  # the first is the picture as it was
    assert box.climb("1", 3, steps=0).number == 6


def test_a_panel_that_is_reset_climbs_again(box):
    frames = len(list(box.play(settings(5))))
    assert frames > STEPS
    assert len(list(box.play(settings(5)))) == frames
    list(islice(box.play(settings(3)), 5))
    assert len(list(box.play(settings(5)))) == 1  # back from another channel


def test_only_so_many_climbs_are_kept(box, monkeypatch):
    monkeypatch.setattr(toolbox, "KEPT", 3)
    for channel in range(5):
        box.climb("4", channel, steps=1)
    assert [channel for _, channel in box.climbs] == [2, 3, 4]


def test_a_clip_plays_on_and_goes_on_with_another_channel(box):
    clip = torch.cat(list(PICTURES.values())[:3])
    frames = list(islice(box.play(settings(1, picture=clip)), 4))
    pasted = [np.asarray(frame.picture)[-TILE:, :TILE] for frame in frames]
    assert not (pasted[0] == pasted[1]).all() and box.moment == 4
    list(islice(box.play(settings(2, picture=clip)), 2))
    assert box.moment == 6
    panned = islice(box.play(settings(2, camera=True, picture=noise(1, 3, 64, 80))), STEPS + 5)
    assert sum(1 for _ in panned) == STEPS + 5


def test_a_camera_s_next_picture_is_looked_at_while_the_climb_goes_on(box, monkeypatch):
    looks = []
    real = box._look
    monkeypatch.setattr(box, "_look", lambda picture, *a: looks.append(picture) or real(picture, *a))
    own = settings(5)
    frames = box.play(own)
    for number in range(STEPS):
        if number in (20, 40):
            own.picture = PICTURES[f"picture {number}"[:9]].clone()
        next(frames)
    assert len(looks) == 4  # the first twice, for its gradient comes later
    assert torch.equal(looks[2], PICTURES["picture 2"]) and torch.equal(looks[3], PICTURES["picture 4"])
    assert box.climbs["4", 5][1].number == STEPS - 2  # from 0, which comes twice
    list(frames)
    own.picture = PICTURES["picture 6"]
    assert len(list(box.play(own))) == 1 and box.climbs["4", 5][1].number == STEPS  # it stays as it was


def test_the_caption_tells_the_activation_that_the_network_has(box):
    frame = next(box.play(settings(5)))
    with activations(box.network, "4") as seen:
        box.network(PICTURES["picture 3"])
    highest = seen["4"][0, 5].max().item()
    best = box.index.top("4", 5)[0]
    assert f"{highest:.0f} in this picture" in frame.caption
    assert f"{best.activation:.0f}, in {best.picture}." in frame.caption


def test_a_silent_channel_is_told_and_shown_without_patches():
    network = convolutional()
    with torch.no_grad():
        network.layer("0").bias[2] = -1e6
    *_, index = top_patches(network, PICTURES, ["1"])
    box = Toolbox(index)
    frame = next(box.play(settings(2, "1")))
    assert "silent: none of 12 pictures wakes it" in frame.caption
    patches = np.asarray(frame.picture)[LABEL : LABEL + TILE, -TILE:]
    assert (patches == patches[0, 0]).all()
    picture = np.asarray(frame.picture)[-TILE:, :TILE]
    assert not (picture == ORANGE).all(2).any()  # no box where there is nothing to see


def words_on(monkeypatch):
    """The words that are drawn from now on."""
    drawn: list[str] = []
    real = Sheet.text

    def text(self, x, y, words, *more, **how):
        drawn.append(words)
        real(self, x, y, words, *more, **how)

    monkeypatch.setattr(Sheet, "text", text)
    return drawn


def test_a_channel_that_is_off_in_the_picture_has_an_empty_gradient_and_may_climb(box, monkeypatch):
    drawn = words_on(monkeypatch)
    dark = torch.zeros(1, 3, 32, 32)
    with torch.no_grad(), activations(box.network, "1") as seen:
        box.network(dark)
        box.network.layer("0").bias[2] -= seen["1"][0, 2].max() + 0.01
    *_, last = box.play(settings(2, "1", picture=dark))
    assert "0 in this picture" in last.caption
    gradient = np.asarray(last.picture)[-TILE:, -TILE:]
    assert (gradient == PALE_GREY).all()
    assert drawn[-2] == "silent: no gradient" and drawn[-4] == f"climbed: step {STEPS}"
    next(box.play(settings(2, "1", picture=PICTURES["picture 8"])))
    assert "gradient in the box" in drawn


def test_a_picture_that_climbs_in_vain_says_so(monkeypatch):
    network = convolutional()
    with torch.no_grad():
        network.layer("0").bias[2] = -1e6
    *_, index = top_patches(network, PICTURES, ["1"])
    drawn = words_on(monkeypatch)
    *_, last = Toolbox(index).play(settings(2, "1"))
    assert "climbed: step 3" in drawn and drawn[-4] == "climbed, but silent"
    assert (np.asarray(last.picture)[-TILE:, -TILE:] == PALE_GREY).all()


def test_layers_without_maps_work_too():
    *_, index = top_patches(convolutional(), PICTURES, ["7"])
    box = Toolbox(index)
    own = settings()
    own.layer, own.channel = "7", point_of(3, 5)
    frames = list(islice(box.play(own), 3))
    assert len(frames) == 3 and frames[0].picture.size == (MOSAIC + 12 + TILE, 2 * LABEL + MOSAIC + 12 + TILE)
