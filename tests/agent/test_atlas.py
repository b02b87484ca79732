"""The map of states: which one is shown, its words, its path, the poster."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnlab.agent import Atari, Atlas, Player, collect, count_invaders
from cnnlab.agent.atlas import GAP, SCALE, SIDE, WORDS


@pytest.fixture(scope="module")
def atlas(atari) -> Atlas:
    states = collect(Player(), Atari(3, screens=True), 60, every=12, seed=2)
    angle = torch.arange(len(states.values)) / 8
    circle = torch.stack([angle.cos(), angle.sin()], 1)
    colours = {"value": states.values, "invaders": torch.tensor(list(map(count_invaders, states.screens)))}
    return Atlas(Player(), states, circle, colours)


def test_a_click_shows_the_nearest_state(atlas: Atlas) -> None:
    x, y = atlas.chart.spots[17].tolist()
    frame = atlas.show((x + 1, y), "value", "nothing", False)
    value = atlas.states.values[17].item()
    assert frame.score == value and f"value {value:.1f}" in frame.caption and "fire" in frame.text
    screen = np.asarray(frame.picture)[WORDS + 1 :: SCALE, SIDE + GAP + 1 :: SCALE]
    assert np.array_equal(screen, atlas.states.screens[17])


def test_a_life_is_followed_from_its_beginning_to_its_end(atlas: Atlas) -> None:
    settings = SimpleNamespace(life=0, colour="invaders", looks="gradient")
    captions = [frame.caption for frame in atlas.follow(settings)]
    longest = int(atlas.states.lives.bincount().max())
    assert len(captions) == longest and len(set(captions)) == longest
    assert all(caption.startswith(f"Life {atlas.longest[0]},") for caption in captions)


def test_the_path_is_drawn(atlas: Atlas) -> None:
    without, with_path = (
        np.asarray(atlas.show((9, 9), "value", "nothing", path).picture) for path in (False, True)
    )
    assert (without != with_path).any(-1)[:, :SIDE].sum() > 100


def test_the_poster_ties_screens_to_points(atlas: Atlas) -> None:
    poster = atlas.poster(torch.tensor([0, 10, 20, 30]), "value")
    assert poster.height >= SIDE and poster.width > SIDE + 2 * 150
