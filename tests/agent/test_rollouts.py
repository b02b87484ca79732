"""What a policy observed, estimated and did: scores belong to whole games, not to lives; states to lives."""

from itertools import islice

import numpy as np
import pytest
import torch

from cnnlab.agent import Atari, CatchGame, CatchPolicy, Player, collect, scores
from cnnlab.agent.rollouts import Runner, gae


class Script:
    """One game of three lives, whose rewards and ends are written down."""

    actions = 2
    lives = (3, 2, 2, 1, 3, 3)
    ends = (False, True, False, True, True, False)

    def reset(self, seed: int) -> tuple:
        self.now = 0
        return np.zeros((1, 1, 2, 2), np.uint8), {"lives": [3]}

    def step(self, actions: np.ndarray) -> tuple:
        k = self.now % len(self.ends)
        self.now += 1
        end = np.array([self.ends[k]])
        return (
            np.zeros((1, 1, 2, 2), np.uint8),
            np.array([5.0]),
            end,
            ~end & False,
            {"lives": [self.lives[k]]},
        )


def test_lost_lives_end_no_game() -> None:
    runner = Runner(Script())
    dones = [bool(runner.step(torch.tensor([0]))[1][0]) for _ in range(6)]
    assert dones == list(Script.ends)
    assert runner.episode_stats == [[25.0]] and runner.scores[0] == 5


def test_every_place_plays_as_many_games() -> None:
    assert scores(None, Script(), rounds=3) == [25.0, 30.0, 30.0]


def test_without_a_policy_actions_are_drawn_evenly(monkeypatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(Script, "step", _watched(Script.step, taken))
    scores(None, Script(), rounds=40)
    assert 0.3 < np.mean(taken) < 0.7


def _watched(step, taken: list[int]):
    def watched(self, actions: np.ndarray) -> tuple:
        taken.append(int(actions[0]))
        return step(self, actions)

    return watched


@pytest.mark.slow
@pytest.mark.usefixtures("atari")
def test_a_random_player_scores_about_what_is_published() -> None:
    """148 in Mnih et al. 2015, extended data table 2; a game's standard deviation is about 100."""
    mean = np.mean(scores(None, Atari(8)))
    assert 148 - 100 < mean < 148 + 100


def test_the_same_seed_gives_the_same_game() -> None:
    one, other = (scores(CatchPolicy(), CatchGame(3), rounds=2, seed=5) for _ in range(2))
    assert one == other and len(one) == 6


def test_moments_hold_what_the_policy_made_of_what_it_observed() -> None:
    policy = CatchPolicy()
    for t, moment in enumerate(islice(Runner(CatchGame(3)).play(policy), 5)):
        assert moment.observations.shape == (3, 3, 10, 10) and moment.timesteps.tolist() == [t] * 3
        logits, values = policy(moment.observations)
        assert torch.allclose(values, moment.values, atol=1e-6)
        assert torch.allclose(logits.log_softmax(1), moment.log_probs, atol=1e-6)


def made_up(length: int = 6, games: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rewards, values and dones."""
    draw = torch.Generator().manual_seed(0)
    values, rewards = torch.rand(length + 1, games, generator=draw), torch.rand(length, games, generator=draw)
    dones = torch.zeros(length, games)
    dones[3, 1] = 1
    return rewards, values, dones


def test_advantages_are_the_discounted_sum_of_td_errors() -> None:
    """Equation 16 of Schulman et al. 2016, written out as a double loop."""
    (rewards, values, dones), gamma, gae_lambda = made_up(), 0.9, 0.8
    advantages = gae(rewards, values, dones, gamma, gae_lambda)
    for game in range(2):
        for start in range(6):
            total, weight = 0.0, 1.0
            for t in range(start, 6):
                going = 1 - dones[t, game]
                td_error = rewards[t, game] + gamma * going * values[t + 1, game] - values[t, game]
                total += weight * td_error
                weight *= gamma * gae_lambda * going
            assert advantages[start, game] == pytest.approx(float(total), abs=1e-6)


def test_with_a_lambda_of_1_advantages_are_returns_minus_values() -> None:
    rewards, values, dones = made_up()
    total = values[-1]
    for t in reversed(range(6)):
        total = rewards[t] + 0.9 * (1 - dones[t]) * total
    assert torch.allclose(gae(rewards, values, dones, 0.9, 1.0)[0], total - values[0], atol=1e-6)


def test_without_values_they_are_returns_and_end_with_the_life() -> None:
    dones = torch.tensor([[False], [True], [False], [False]])
    returns = gae(torch.ones(4, 1), torch.zeros(5, 1), dones, 0.5, 1.0)
    assert returns[:, 0].tolist() == [1.5, 1.0, 1.5, 1.0]


@pytest.mark.usefixtures("atari")
def test_the_same_seed_collects_the_same_states() -> None:
    one, other = (collect(Player(), Atari(2, screens=True), 12, every=5, seed=1) for _ in range(2))
    assert torch.equal(one.observations, other.observations) and torch.equal(one.screens, other.screens)
    assert one.observations.shape == (12, 4, 84, 84) and one.screens.shape == (12, 210, 160, 3)
    assert one.codes.shape == (12, 256) and one.lives.tolist() == [0] * 6 + [1] * 6
    assert one.timesteps.tolist() == 2 * [0, 5, 10, 15, 20, 25]


def test_states_hold_what_the_policy_thinks_of_what_it_saw() -> None:
    policy = CatchPolicy()
    states = collect(policy, CatchGame(3), 30, every=4)
    logits, values = policy(states.observations)
    assert torch.allclose(values, states.values, atol=1e-6)
    assert torch.allclose(logits.log_softmax(1), states.log_probs, atol=1e-6)
    assert states.screens.shape == (30, 0, 0, 3)


def test_states_know_their_lives_and_how_old_these_are() -> None:
    """Against one game after the other, moment by moment."""
    states = collect(CatchPolicy(), CatchGame(4), 120, every=7, seed=2)
    moments = list(islice(Runner(CatchGame(4), 2).play(CatchPolicy()), 30 * 7))
    lives, timesteps, known = [], [], []
    for game in range(4):
        age = 0
        known.append(object())
        for t, moment in enumerate(moments):
            if t % 7 == 0:
                lives.append(known[-1])
                timesteps.append(age)
            age += 1
            if moment.dones[game]:
                age = 0
                known.append(object())
    kept = list(dict.fromkeys(lives))
    assert states.lives.tolist() == [kept.index(life) for life in lives]
    assert states.timesteps.tolist() == timesteps


def test_states_tell_what_happened_after_them() -> None:
    states = collect(CatchPolicy(), CatchGame(50), 200, every=3, seed=4)
    assert states.returns.shape == (200,) and states.returns.min() >= 0 and states.returns.max() > 0.5
