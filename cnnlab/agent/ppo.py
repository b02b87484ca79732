"""Proximal policy optimisation: learn to act from many games played side by side.

Schulman, Wolski, Dhariwal, Radford and Klimov 2017 (arXiv:1707.06347), with generalised advantage estimation
(Schulman et al. 2016, arXiv:1506.02438). A policy maps observations (N, ...) to the logits of its actions
(N, A) and its estimate of the reward to come (N,).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn.functional import mse_loss

from .policy import Policy
from .tally import Tally


@dataclass(frozen=True)
class Settings:
    """How `train` learns; the values are those that are usual for Atari games.

    length: actions in each game between two updates. epochs: how often an update sees them, in `parts` parts.
    discount, smoothing: gamma and lambda of the advantages. clip: how far the odds of an action may move.
    entropy, value: weights of these parts of the loss. step_size: Adam's, falling to a tenth over `steps`.
    """

    steps: int = 10_000_000  # actions in all games together
    length: int = 128
    epochs: int = 3
    parts: int = 4
    discount: float = 0.99
    smoothing: float = 0.95
    clip: float = 0.1
    entropy: float = 0.01
    value: float = 0.5
    step_size: float = 2.5e-4
    norm: float = 0.5  # of the gradient, at most


class Update(NamedTuple):
    """What happened between two updates."""

    steps: int  # actions so far
    scores: list[float]  # of the games that ended
    entropy: float  # of the policy, in nats: it falls as the policy makes up its mind
    explained: float  # share of the variance of the returns that the values explain, at most 1


class Rollout(NamedTuple):
    """`length` actions T in each of N games."""

    seen: Tensor  # (T, N, ...)
    actions: Tensor  # (T, N)
    odds: Tensor  # (T, N): log probability of the action when it was taken
    values: Tensor  # (T + 1, N): the last row is what is left to hope for
    rewards: Tensor  # (T, N)
    ended: Tensor  # (T, N): 1 where a life ended with this action


@torch.no_grad()
def roll(tally: Tally, policy: Policy, length: int, generator: torch.Generator) -> Rollout:
    """Go on for `length` actions, drawn from the policy. It learns from the rewards' signs."""
    rows = []
    for _ in range(length):
        seen = torch.from_numpy(np.array(tally.seen))
        logits, values = policy(seen)
        odds = logits.log_softmax(1)
        actions = torch.multinomial(odds.exp(), 1, generator=generator)
        rewards, ended = map(torch.from_numpy, tally.step(actions[:, 0].numpy()))
        taken = odds.gather(1, actions)[:, 0]
        rows.append((seen, actions[:, 0], taken, values, rewards.sign().float(), ended.float()))
    last = policy(torch.from_numpy(np.array(tally.seen)))[1]
    seen, actions, taken, values, rewards, ended = map(torch.stack, zip(*rows, strict=True))
    return Rollout(seen, actions, taken, torch.cat([values, last[None]]), rewards, ended)


def advantages(rollout: Rollout, discount: float, smoothing: float) -> Tensor:
    """(T, N): how much better each action was than the values foretold (lambda is `smoothing`)."""
    going = discount * (1 - rollout.ended)
    surprise = rollout.rewards + going * rollout.values[1:] - rollout.values[:-1]
    made, later = torch.empty_like(surprise), torch.zeros_like(surprise[0])
    for t in reversed(range(len(surprise))):
        made[t] = later = surprise[t] + smoothing * going[t] * later
    return made


def loss(policy: Policy, batch: tuple[Tensor, ...], settings: Any) -> tuple[Tensor, float]:
    """The clipped objective on a batch of (seen, actions, odds, advantages, returns), and the entropy."""
    seen, actions, before, gains, returns = batch
    logits, values = policy(seen)
    chances = Categorical(logits=logits)
    ratio = (chances.log_prob(actions) - before).exp()
    gains = (gains - gains.mean()) / (gains.std() + 1e-8)
    bold, careful = ratio * gains, ratio.clamp(1 - settings.clip, 1 + settings.clip) * gains
    entropy = chances.entropy().mean()
    fit = mse_loss(values, returns)
    lost = settings.value * fit / 2 - torch.minimum(bold, careful).mean() - settings.entropy * entropy
    return lost, entropy.item()


def train(
    games: Any,
    policy: Policy,
    settings: Any,
    seed: int = 0,
    done: int = 0,
    optimiser: torch.optim.Optimizer | None = None,
) -> Iterator[Update]:
    """Improve `policy` in place, and say after each update how it goes.

    settings: has the attributes of `Settings`, which are read anew for each update.
    done: actions that an earlier run took; `optimiser` is that run's, to go on with.
    """
    if optimiser is None:
        optimiser = torch.optim.Adam(policy.parameters(), settings.step_size, eps=1e-5)
    tally, generator = Tally(games, seed + done), torch.Generator().manual_seed(seed + done)
    while done < settings.steps:
        for group in optimiser.param_groups:
            group["lr"] = settings.step_size * max(0.1, 1 - done / settings.steps)
        rollout = roll(tally, policy, settings.length, generator)
        gains = advantages(rollout, settings.discount, settings.smoothing)
        returns = gains + rollout.values[:-1]
        whole = [part.flatten(0, 1) for part in (rollout.seen, rollout.actions, rollout.odds, gains, returns)]
        entropies = []
        for _ in range(settings.epochs):
            for chosen in torch.randperm(len(whole[0]), generator=generator).chunk(settings.parts):
                lost, entropy = loss(policy, tuple(part[chosen] for part in whole), settings)
                optimiser.zero_grad()
                lost.backward()
                nn.utils.clip_grad_norm_(policy.parameters(), settings.norm)
                optimiser.step()
                entropies.append(entropy)
        done += rollout.actions.numel()
        scores = [score for place in tally.scores for score in place]
        for place in tally.scores:
            place.clear()
        explained = 1 - float((returns - rollout.values[:-1]).var() / returns.var().clamp_min(1e-8))
        yield Update(done, scores, float(np.mean(entropies)), explained)
