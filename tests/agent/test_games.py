"""Space Invaders as the player observes it and as people do; the tiny game: what falls, what is caught."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from cnnlab.agent import Atari, CatchGame, count_invaders
from cnnlab.agent.games import LONGEST, SIDE


def test_without_the_extra_one_sentence_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ale_py.vector_env", None)
    with pytest.raises(ImportError, match=r'pip install "cnnlab\[atari\]"'):
        Atari(1)


@pytest.mark.usefixtures("atari")
def test_screens_and_what_the_player_sees_stay_in_step() -> None:
    games = Atari(2, screens=True)
    seen, about = games.reset(seed=3)
    draw = np.random.default_rng(0)
    for _ in range(300):
        seen, _, _, _, about = games.step(draw.integers(Atari.actions, size=2))
    assert seen.shape == (2, 4, 84, 84) and seen.dtype == np.uint8 and list(about["lives"]) <= [3, 3]
    for place in range(2):
        assert games.screens.shape == (2, 210, 160, 3)
        grey = Image.fromarray(games.screens[place]).convert("L").resize((84, 84), Image.Resampling.BOX)
        assert np.corrcoef(np.asarray(grey).ravel(), seen[place, 3].ravel())[0, 1] > 0.95


@pytest.mark.usefixtures("atari")
def test_a_new_game_has_thirty_six_invaders() -> None:
    games = Atari(1, screens=True)
    games.reset(seed=0)
    for _ in range(40):  # they come into the picture one after the other
        games.step(np.array([0]))
    screen = torch.tensor(games.screens[0])
    assert count_invaders(screen) == 36
    screen[25:150] = 0
    assert count_invaders(screen) == 0


@pytest.fixture
def game() -> CatchGame:
    games = CatchGame(2)
    games.reset(seed=0)
    return games


def stay(games: CatchGame) -> tuple:
    return games.step(np.array([1, 1]))


def test_what_is_seen_has_one_basket_a_game(game: CatchGame) -> None:
    seen, *_ = stay(game)
    assert seen.shape == (2, 3, SIDE, SIDE) and seen.dtype == np.uint8
    assert (seen[:, 0].sum((1, 2)) == 255).all() and seen[0, 0, -1, SIDE // 2] == 255


def test_what_falls_moves_down_one_square_and_the_basket_one_aside(game: CatchGame) -> None:
    game.falling[0, 0, 3, 7] = True
    seen, *_ = game.step(np.array([0, 2]))
    assert seen[0, 1, 4, 7] and not seen[0, 1, 3, 7]
    assert seen[0, 0, -1, SIDE // 2 - 1] and seen[1, 0, -1, SIDE // 2 + 1]


def test_an_apple_in_the_basket_is_worth_one_and_a_stone_ends_the_game(game: CatchGame) -> None:
    game.falling[0, 0, SIDE - 2, SIDE // 2] = True
    game.falling[1, 1, SIDE - 2, SIDE // 2] = True
    seen, rewards, over, cut, _ = stay(game)
    assert rewards.tolist() == [1, 0] and over.tolist() == [False, True] and not cut.any()
    assert not seen[1, 1:].any()  # begun anew in the same step


def test_a_game_is_cut_at_its_longest(game: CatchGame) -> None:
    game.age[:] = LONGEST - 1
    *_, over, cut, _ = stay(game)
    assert not over.any() and cut.all()
