"""Space Invaders as the player sees it and as people do."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from cnnlab.agent import Atari, Orchard, Picker, Player, collect, scores
from cnnlab.agent.records import returns


def test_without_the_extra_one_sentence_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ale_py.vector_env", None)
    with pytest.raises(ImportError, match=r'pip install "cnnlab\[atari\]"'):
        Atari(1)


def test_screens_and_what_the_player_sees_stay_in_step() -> None:
    games = Atari(2, screens=True)
    seen, about = games.reset(seed=3)
    draw = np.random.default_rng(0)
    for _ in range(300):
        seen, _, _, _, about = games.step(draw.integers(Atari.actions, size=2))
    assert seen.shape == (2, 4, 84, 84) and seen.dtype == np.uint8 and list(about["lives"]) <= [3, 3]
    for place in range(2):
        assert games.screens is not None and games.screens.shape == (2, 210, 160, 3)
        grey = Image.fromarray(games.screens[place]).convert("L").resize((84, 84), Image.Resampling.BOX)
        assert np.corrcoef(np.asarray(grey).ravel(), seen[place, 3].ravel())[0, 1] > 0.95


def test_the_same_seed_collects_the_same_states() -> None:
    one, other = (collect(Player(), Atari(2, screens=True), 12, every=5, seed=1) for _ in range(2))
    assert np.array_equal(one.seen, other.seen) and np.array_equal(one.screens, other.screens)
    assert one.seen.shape == (12, 4, 84, 84) and one.screens.shape == (12, 210, 160, 3)
    assert one.codes.shape == (12, 256) and one.lives.tolist() == [0] * 6 + [1] * 6
    assert one.moments.tolist() == 2 * [0, 5, 10, 15, 20, 25]


def test_records_hold_what_the_policy_thinks_of_what_it_saw() -> None:
    policy = Picker()
    records = collect(policy, Orchard(3), 30, every=4)
    logits, values = policy(torch.from_numpy(records.seen))
    assert np.allclose(values.detach(), records.values, atol=1e-6)
    assert np.allclose(logits.softmax(1).detach(), records.chances, atol=1e-6)
    assert records.screens.shape == (30, 0, 0, 3)


def test_a_random_player_scores_about_what_is_published() -> None:
    """148 in Mnih et al. 2015, extended data table 2; a game's standard deviation is about 100."""
    mean = np.mean(scores(None, Atari(8)))
    assert 148 - 100 < mean < 148 + 100


def test_what_happened_is_discounted_and_ends_with_the_life() -> None:
    rewards, ended = np.ones((4, 1)), np.array([[False], [True], [False], [False]])
    assert np.allclose(returns(rewards, ended, 0.5)[:, 0], [1.5, 1.0, 1.5, 1.0])


def test_records_tell_what_happened_after_them() -> None:
    records = collect(Picker(), Orchard(50), 200, every=3, seed=4)
    assert records.happened.shape == (200,) and records.happened.min() >= 0 and records.happened.max() > 0.5
