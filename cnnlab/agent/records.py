"""Watch a policy play, and write down what it saw, thought and did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .policy import Policy, choose

LATER = 100  # actions that are watched after the last state kept; 0.99 ** 100 is 0.37


class Moment(NamedTuple):
    """One moment of `count` games side by side: what is seen, and what the policy makes of it."""

    seen: np.ndarray  # (count, ...)
    screens: (
        np.ndarray
    )  # (count, H, W, 3) uint8: what people see; (count, 0, 0, 3) where there is no television
    codes: Tensor  # (count, d): the last hidden layer
    values: Tensor  # (count,): the rewards to come, discounted, as the policy estimates them
    chances: Tensor  # (count, actions)
    actions: np.ndarray  # (count,): what it does now
    rewards: np.ndarray  # (count,): what that brings
    ended: np.ndarray  # (count,): whether a life or game ends with it


class Records(NamedTuple):
    """N states out of several lives, one life after the other."""

    seen: np.ndarray  # (N, ...)
    screens: np.ndarray  # (N, H, W, 3)
    codes: Tensor  # (N, d)
    values: Tensor  # (N,)
    chances: Tensor  # (N, actions)
    lives: Tensor  # (N,): which life of which game, counted from 0
    moments: Tensor  # (N,): actions since the beginning of that life
    happened: Tensor  # (N,): the discounted signs of the rewards that then came, until life or records ended


@torch.no_grad()
def play(policy: Policy, games: Any, seed: int = 0) -> Iterator[Moment]:
    """Play on and on; actions are drawn by `policy.choose`. `games` is `Atari` or `Orchard`."""
    generator = torch.Generator().manual_seed(seed)
    seen, _ = games.reset(seed=seed)
    while True:
        now = torch.from_numpy(np.array(seen))
        codes = policy.code(now)
        logits, values = policy.read(codes)
        chances, actions = logits.softmax(1), choose(logits, generator).numpy()
        television = getattr(games, "screens", None)
        screens = np.zeros((len(now), 0, 0, 3), np.uint8) if television is None else np.array(television)
        seen, rewards, over, cut, _ = games.step(actions)
        yield Moment(now.numpy(), screens, codes, values, chances, actions, np.array(rewards), over | cut)


def collect(policy: Policy, games: Any, count: int, every: int = 10, seed: int = 0) -> Records:
    """About `count` states: each `every`-th moment of all games, until there are enough."""
    kept: list[Moment] = []
    ages: list[np.ndarray] = []  # of the lives under way, in actions
    rewards, ended = [], []  # of all moments
    age = np.zeros(1, int)
    later = 0
    for number, moment in enumerate(play(policy, games, seed)):
        if sum(map(len, ages)) >= count:
            later += 1
        elif number % every == 0:
            kept.append(moment)
            ages.append(np.broadcast_to(age, moment.ended.shape))
        if later > LATER:
            break
        age = np.where(moment.ended, 0, age + 1)
        rewards.append(np.sign(moment.rewards))
        ended.append(moment.ended)

    def gathered(name: str) -> Any:
        return _by_game([getattr(one, name) for one in kept])

    happened = returns(np.stack(rewards), np.stack(ended))[: every * len(kept) : every]
    moments = torch.from_numpy(_by_game(ages))
    younger = moments[1:] <= moments[:-1]  # than the state before: another life
    return Records(
        **{name: gathered(name) for name in ("seen", "screens", "codes", "values", "chances")},
        lives=torch.cat([torch.zeros(1, dtype=torch.long), younger.cumsum(0)]),
        moments=moments,
        happened=torch.from_numpy(_by_game(list(happened))),
    )


def returns(rewards: np.ndarray, ended: np.ndarray, discount: float = 0.99) -> np.ndarray:
    """(T, N): the discounted sum of the rewards (T, N) from each moment until its life has `ended` (T, N)."""
    made, total = np.zeros(rewards.shape), np.zeros(rewards.shape[1])
    for t in reversed(range(len(rewards))):
        made[t] = total = rewards[t] + discount * total * ~ended[t]
    return made


def _by_game(parts: list) -> Any:
    """T rows of (count, ...) as (count * T, ...): all of the first game, then all of the second, ..."""
    whole = np.stack(parts, 1) if isinstance(parts[0], np.ndarray) else torch.stack(parts, 1)
    return whole.reshape(whole.shape[0] * whole.shape[1], *whole.shape[2:])
