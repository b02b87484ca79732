"""The tiny game: what falls, what is caught, when it ends."""

import numpy as np
import pytest

from cnnlab.agent import Orchard, Picker, scores
from cnnlab.agent.orchard import LONGEST, SIDE


@pytest.fixture
def orchard() -> Orchard:
    games = Orchard(2)
    games.reset(seed=0)
    return games


def stay(games: Orchard) -> tuple:
    return games.step(np.array([1, 1]))


def test_what_is_seen_has_one_basket_a_game(orchard: Orchard) -> None:
    seen, *_ = stay(orchard)
    assert seen.shape == (2, 3, SIDE, SIDE) and seen.dtype == np.uint8
    assert (seen[:, 0].sum((1, 2)) == 255).all() and seen[0, 0, -1, SIDE // 2] == 255


def test_what_falls_moves_down_one_square_and_the_basket_one_aside(orchard: Orchard) -> None:
    orchard.falling[0, 0, 3, 7] = True
    seen, *_ = orchard.step(np.array([0, 2]))
    assert seen[0, 1, 4, 7] and not seen[0, 1, 3, 7]
    assert seen[0, 0, -1, SIDE // 2 - 1] and seen[1, 0, -1, SIDE // 2 + 1]


def test_an_apple_in_the_basket_is_worth_one_and_a_stone_ends_the_game(orchard: Orchard) -> None:
    orchard.falling[0, 0, SIDE - 2, SIDE // 2] = True
    orchard.falling[1, 1, SIDE - 2, SIDE // 2] = True
    seen, rewards, over, cut, _ = stay(orchard)
    assert rewards.tolist() == [1, 0] and over.tolist() == [False, True] and not cut.any()
    assert not seen[1, 1:].any()  # begun anew in the same step


def test_a_game_is_cut_at_its_longest(orchard: Orchard) -> None:
    orchard.age[:] = LONGEST - 1
    *_, over, cut, _ = stay(orchard)
    assert not over.any() and cut.all()


def test_the_same_seed_gives_the_same_game() -> None:
    one, other = (scores(Picker(), Orchard(3), rounds=2, seed=5) for _ in range(2))
    assert one == other and len(one) == 6
