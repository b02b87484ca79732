"""Proximal policy optimisation: learn to act from many games played side by side.

Schulman, Wolski, Dhariwal, Radford and Klimov 2017 (arXiv:1707.06347), with generalised advantage estimation
(Schulman et al. 2016, arXiv:1506.02438). A policy maps observations (N, ...) to the logits of its actions
(N, A) and its estimate of the discounted rewards to come (N,).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn.functional import mse_loss
from torch.optim import Adam

from .policy import Policy
from .rollouts import Moments, Runner, gae


@dataclass(frozen=True)
class PPOSettings:
    """How `train` learns; the values are those that are usual for Atari games.

    num_steps: T, actions in each game between two updates. epochs: how often an update sees them.
    gamma, gae_lambda: of the advantages. clip_coef: epsilon, how far the ratio of an action's probabilities
    may move from 1. entropy_coef, value_coef: weights of these parts of the loss. learning_rate: Adam's,
    falling to a tenth over `total_timesteps`.
    """

    total_timesteps: int = 10_000_000  # actions in all games together
    num_steps: int = 128
    epochs: int = 3
    minibatches: int = 4
    gamma: float = 0.99
    gae_lambda: float = 0.95
    clip_coef: float = 0.1
    entropy_coef: float = 0.01
    value_coef: float = 0.5
    learning_rate: float = 2.5e-4
    max_grad_norm: float = 0.5


class Update(NamedTuple):
    """What happened between two updates."""

    global_step: int  # actions so far
    scores: list[float]  # of the games that ended
    entropy: float  # of the policy, in nats: it falls as the policy makes up its mind
    explained_variance: float  # share of the variance of the returns that the values explain, at most 1


@torch.no_grad()
def rollout(runner: Runner, policy: Policy, settings: Any) -> tuple[Tensor, ...]:
    """`num_steps` T actions in each of N games, as T * N observations, actions, their log-probabilities and
    values, advantages. What is learned from are the rewards' signs."""
    steps = islice(runner.play(policy), settings.num_steps)
    moments = Moments(*map(torch.stack, zip(*steps, strict=True)))  # (T, N, ...)
    values = torch.cat([moments.values, policy(runner.observations)[1][None]])  # (T + 1, N)
    rewards = moments.rewards.sign().float()
    advantages = gae(rewards, values, moments.dones, settings.gamma, settings.gae_lambda)
    log_probs = moments.log_probs.gather(2, moments.actions[..., None])[..., 0]
    parts = moments.observations, moments.actions, log_probs, moments.values, advantages
    return tuple(part.flatten(0, 1) for part in parts)


def loss(policy: Policy, batch: tuple[Tensor, ...], settings: Any) -> tuple[Tensor, float]:
    """What is to be minimised, equation 9 of the paper negated, and the entropy of the policy.

    batch: B observations, actions (B,), their log-probabilities (B,) and the values (B,) when they were
    taken, and advantages (B,).
    """
    observations, actions, old_log_probs, old_values, advantages = batch
    returns = old_values + advantages
    logits, values = policy(observations)
    probs = Categorical(logits=logits)
    ratio = (probs.log_prob(actions) - old_log_probs).exp()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    unclipped = ratio * advantages
    clipped = ratio.clamp(1 - settings.clip_coef, 1 + settings.clip_coef) * advantages
    objective, entropy = torch.minimum(unclipped, clipped).mean(), probs.entropy().mean()
    value_loss = mse_loss(values, returns) / 2
    total = settings.value_coef * value_loss - objective - settings.entropy_coef * entropy
    return total, entropy.item()


def train(
    games: Any, policy: Policy, settings: Any, seed: int = 0, global_step: int = 0, adam: Adam | None = None
) -> Iterator[Update]:
    """Improve `policy` in place, and say after each update how it goes.

    settings: has the attributes of `PPOSettings`, which are read anew for each update.
    global_step: actions that an earlier run took; `adam` is that run's optimiser, to go on with.
    """
    adam = adam or Adam(policy.parameters(), settings.learning_rate, eps=1e-5)
    runner = Runner(games, seed + global_step)
    while global_step < settings.total_timesteps:
        for group in adam.param_groups:
            group["lr"] = settings.learning_rate * max(0.1, 1 - global_step / settings.total_timesteps)
        batch, entropies = rollout(runner, policy, settings), []
        for _ in range(settings.epochs):
            order = torch.randperm(len(batch[0]), generator=runner.generator)
            for chosen in order.chunk(settings.minibatches):
                total, entropy = loss(policy, tuple(part[chosen] for part in batch), settings)
                adam.zero_grad()
                total.backward()
                nn.utils.clip_grad_norm_(policy.parameters(), settings.max_grad_norm)
                adam.step()
                entropies.append(entropy)
        *_, values, advantages = batch
        global_step += len(values)
        scores = [score for place in runner.episode_stats for score in place]
        for place in runner.episode_stats:
            place.clear()
        explained = 1 - float(advantages.var() / (values + advantages).var().clamp_min(1e-8))
        yield Update(global_step, scores, float(np.mean(entropies)), explained)
