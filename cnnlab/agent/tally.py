"""Keep the score of games that are played side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .policy import Policy, choose


class Tally:
    """Plays `games`, which have the vector interface of gymnasium with resets in the same step.

    `seen` is what they show now; `scores` lists for each place the sums of rewards of games that ended there.
    A lost life counts as an end for who learns, but not as the end of a game.
    """

    def __init__(self, games: Any, seed: int) -> None:
        self.games = games
        self.seen, about = games.reset(seed=seed)
        self.lives = np.array(about["lives"])
        self.sums = np.zeros(len(self.lives))
        self.scores: list[list[float]] = [[] for _ in self.lives]

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rewards (N,), and whether a life or a game ended (N,)."""
        self.seen, rewards, over, cut, about = self.games.step(actions)
        ended, lives = over | cut, np.array(about["lives"])
        self.sums += rewards
        for place in np.flatnonzero(
            ended & (lives >= self.lives)
        ):  # a lost life leaves fewer, a new game as many
            self.scores[place].append(float(self.sums[place]))
            self.sums[place] = 0
        self.lives = lives
        return rewards, ended


@torch.no_grad()
def scores(
    policy: Policy | None, games: Any, rounds: int = 1, seed: int = 0, epsilon: float | None = None
) -> list[float]:
    """The scores of whole games, `rounds` at every place, so that short games do not count more often.

    Actions are chosen by `policy.choose`; without a policy, evenly from `games.actions`.
    """
    tally, generator = Tally(games, seed), torch.Generator().manual_seed(seed)
    while min(map(len, tally.scores)) < rounds:
        seen = torch.from_numpy(np.array(tally.seen))
        logits = torch.zeros(len(seen), games.actions) if policy is None else policy(seen)[0]
        tally.step(choose(logits, generator, epsilon if policy else None).numpy())
    return [score for place in tally.scores for score in place[:rounds]]
