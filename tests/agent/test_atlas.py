"""The map of states: which one is shown, its words, its path; and how invaders are counted."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnlab.agent import Atari, Player, collect
from cnnlab.agent.aliens import aliens
from cnnlab.agent.atlas import GAP, SCALE, SIDE, WORDS, Atlas, poster


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    records = collect(Player(), Atari(3, screens=True), 60, every=12, seed=2)
    angle = torch.arange(len(records.values)) / 8
    circle = torch.stack([angle.cos(), angle.sin()], 1)
    colours = {"value": records.values, "invaders": torch.tensor(list(map(aliens, records.screens)))}
    return Atlas(Player(), records, circle, colours)


def test_a_click_shows_the_nearest_state(atlas: Atlas) -> None:
    x, y = atlas.chart.spots[17].tolist()
    frame = atlas.show((x + 1, y), "value", "nothing", False)
    value = atlas.records.values[17].item()
    assert frame.score == value and f"value {value:.1f}" in frame.caption and "fire" in frame.text
    screen = np.asarray(frame.picture)[WORDS + 1 :: SCALE, SIDE + GAP + 1 :: SCALE]
    assert np.array_equal(screen, atlas.records.screens[17])


def test_a_life_is_followed_from_its_beginning_to_its_end(atlas: Atlas) -> None:
    settings = SimpleNamespace(life=0, colour="invaders", looks="gradient")
    captions = [frame.caption for frame in atlas.follow(settings)]
    longest = int(atlas.records.lives.bincount().max())
    assert len(captions) == longest and len(set(captions)) == longest
    assert all(caption.startswith(f"Life {atlas.longest[0]},") for caption in captions)


def test_the_path_is_drawn(atlas: Atlas) -> None:
    without, with_path = (
        np.asarray(atlas.show((9, 9), "value", "nothing", path).picture) for path in (False, True)
    )
    assert (without != with_path).any(-1)[:, :SIDE].sum() > 100


def test_the_poster_ties_screens_to_points(atlas: Atlas) -> None:
    sheet = poster(atlas, torch.tensor([0, 10, 20, 30]), "value")
    assert sheet.height >= SIDE and sheet.width > SIDE + 2 * 150


def test_a_new_game_has_thirty_six_invaders() -> None:
    games = Atari(1, screens=True)
    games.reset(seed=0)
    for _ in range(40):  # they come into the picture one after the other
        games.step(np.array([0]))
    assert games.screens is not None and aliens(games.screens[0]) == 36
    empty = games.screens[0].copy()
    empty[25:150] = 0
    assert aliens(empty) == 0
