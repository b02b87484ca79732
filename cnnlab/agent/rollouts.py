"""Rollouts: let a policy play games side by side, and keep what it observed, estimated and did."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .policy import Policy, choose

LATER = 100  # actions that are watched after the last state kept; 0.99 ** 100 is 0.37


class Moments(NamedTuple):
    """One time step of N games side by side; T such steps, (T, N, ...); or N states that were collected."""

    observations: Tensor  # (N, ...)
    screens: Tensor  # (N, H, W, 3) uint8: what people see; (N, 0, 0, 3) where there is no television
    codes: Tensor  # (N, d): the last hidden layer
    values: Tensor  # (N,): the rewards to come, discounted, as the policy estimates them
    log_probs: Tensor  # (N, actions): log-probabilities of the actions
    actions: Tensor  # (N,): what it does now
    rewards: Tensor  # (N,): what that brings
    dones: Tensor  # (N,): whether a life or game ends with it
    lives: Tensor  # (N,): a number for each life of each game
    timesteps: Tensor  # (N,): actions since the beginning of that life
    returns: Tensor = torch.zeros(
        0
    )  # (N,), from `collect`: the discounted signs of the rewards that then came


class Runner:
    """Plays `games`, `Atari` or `CatchGame`; what is drawn comes from `seed`.

    `observations` are those of now; `episode_stats` lists for each place the scores, sums of rewards, of the
    games that ended there. A lost life counts as an end for who learns, but not as the end of a game.
    """

    def __init__(self, games: Any, seed: int = 0) -> None:
        self.games, self.generator = games, torch.Generator().manual_seed(seed)
        observations, about = games.reset(seed=seed)
        self.observations, self.lives = torch.tensor(observations), np.array(about["lives"])
        self.scores = np.zeros(len(self.lives))  # of the games under way
        self.episode_stats: list[list[float]] = [[] for _ in self.lives]

    def step(self, actions: Tensor) -> tuple[Tensor, Tensor]:
        """Rewards (N,), and whether a life or a game ended (N,)."""
        observations, rewards, over, cut, about = self.games.step(actions.numpy())
        dones, lives = over | cut, np.array(about["lives"])
        self.scores += rewards
        for place in np.flatnonzero(dones & (lives >= self.lives)):  # a new game has as many lives, or more
            self.episode_stats[place].append(float(self.scores[place]))
            self.scores[place] = 0
        self.observations, self.lives = torch.tensor(observations), lives
        return torch.tensor(rewards), torch.tensor(dones)

    @torch.no_grad()
    def play(self, policy: Policy) -> Iterator[Moments]:
        """Go on and on; actions are drawn from their probabilities."""
        timesteps = torch.zeros(len(self.lives), dtype=torch.long)
        lives = 10**9 * torch.arange(len(self.lives))
        while True:
            observations, screens = self.observations, torch.tensor(self.games.screens)
            codes = policy.code(observations)
            logits, values = policy.read(codes)
            log_probs, actions = logits.log_softmax(1), choose(logits, self.generator)
            known = observations, screens, codes, values, log_probs, actions
            rewards, dones = self.step(actions)
            yield Moments(*known, rewards, dones, lives, timesteps)
            lives, timesteps = lives + dones, torch.where(dones, 0, timesteps + 1)


def gae(rewards: Tensor, values: Tensor, dones: Tensor, gamma: float, gae_lambda: float) -> Tensor:
    """(T, N): how much better each action was than the values foretold: generalised advantage estimation.

    `rewards` and `dones` are (T, N), `values` (T + 1, N). Schulman et al. 2016 (arXiv:1506.02438), equation
    16. Without values, with a lambda of 1, these are the returns: discounted sums until the life is done.
    """
    going = gamma * (1 - dones.to(rewards))
    td_error = rewards + going * values[1:] - values[:-1]
    made, later = torch.empty_like(td_error), torch.zeros_like(td_error[0])
    for t in reversed(range(len(td_error))):
        made[t] = later = td_error[t] + gae_lambda * going[t] * later
    return made


@torch.no_grad()
def scores(policy: Policy | None, games: Any, rounds: int = 1, seed: int = 0) -> list[float]:
    """The scores of whole games, `rounds` at every place, so that short games do not count more often.

    Actions are drawn from the policy's probabilities; without a policy, evenly from `games.actions`.
    """
    runner = Runner(games, seed)
    while min(map(len, runner.episode_stats)) < rounds:
        logits = policy(runner.observations)[0] if policy else torch.zeros(len(runner.lives), games.actions)
        runner.step(choose(logits, runner.generator))
    return [score for place in runner.episode_stats for score in place[:rounds]]


def collect(policy: Policy, games: Any, count: int, every: int = 10, seed: int = 0) -> Moments:
    """About `count` states: each `every`-th moment of all games, one life after the other, counted from 0.

    Their returns go on until the life ends, or what is watched, 100 actions after the last state.
    """
    runner, rewards, dones = Runner(games, seed), [], []
    kept: list[Moments] = []
    each = -(-count // len(runner.lives))  # states of each game
    length = (each - 1) * every + 1 + LATER
    for t, moment in enumerate(islice(runner.play(policy), length)):
        if t % every == 0 and len(kept) < each:
            kept.append(moment)
        rewards.append(moment.rewards.sign().double())
        dones.append(moment.dones)
    returns = gae(torch.stack(rewards), torch.zeros(length + 1, 1), torch.stack(dones), 0.99, 1.0)
    states = Moments(*map(_by_game, zip(*kept, strict=True)))
    lives = states.lives.unique(return_inverse=True)[1]
    return states._replace(lives=lives, returns=_by_game(returns[: every * each : every]))


def _by_game(rows: Iterable[Tensor]) -> Tensor:
    """T rows of (N, ...) as (N * T, ...): all of the first game, then all of the second, ..."""
    return torch.stack(list(rows), 1).flatten(0, 1)
