"""Scores belong to whole games, not to lives."""

import numpy as np
import torch

from cnnlab.agent.policy import choose
from cnnlab.agent.tally import Tally, scores


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
    tally = Tally(Script(), seed=0)
    ended = [bool(tally.step(np.array([0]))[1][0]) for _ in range(6)]
    assert ended == list(Script.ends)
    assert tally.scores == [[25.0]] and tally.sums[0] == 5


def test_every_place_plays_as_many_games() -> None:
    assert scores(None, Script(), rounds=3) == [25.0, 30.0, 30.0]


def test_without_a_policy_actions_are_drawn_evenly_whatever_epsilon_says(monkeypatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(Script, "step", _watched(Script.step, taken))
    scores(None, Script(), rounds=40, epsilon=0.0)
    assert 0.3 < np.mean(taken) < 0.7


def _watched(step, taken: list[int]):
    def watched(self, actions: np.ndarray) -> tuple:
        taken.append(int(actions[0]))
        return step(self, actions)

    return watched


def test_actions_are_drawn_from_the_chances_or_are_the_likeliest() -> None:
    logits, draw = torch.tensor([[0.0, 1.0, 0.5]]).expand(4000, 3), torch.Generator().manual_seed(0)
    drawn = choose(logits, draw).bincount(minlength=3) / 4000
    assert torch.allclose(drawn, logits[0].softmax(0), atol=0.03)
    assert (choose(logits, draw, 0.0) == 1).all()
    careful = choose(logits, draw, 0.3).bincount(minlength=3) / 4000
    assert torch.allclose(careful, torch.tensor([0.1, 0.8, 0.1]), atol=0.03)
