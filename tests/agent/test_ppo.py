"""Learning to act: against sums written out, against brute force, and on the tiny game."""

import numpy as np
import pytest
import torch

from cnnlab.agent import Orchard, Picker, Settings, scores, train
from cnnlab.agent.ppo import Rollout, advantages, loss, roll
from cnnlab.agent.tally import Tally


def rollout(length: int = 6, games: int = 2) -> Rollout:
    draw = torch.Generator().manual_seed(0)
    values, rewards = torch.rand(length + 1, games, generator=draw), torch.rand(length, games, generator=draw)
    ended = torch.zeros(length, games)
    ended[3, 1] = 1
    nothing = torch.zeros(length, games)
    return Rollout(nothing, nothing, nothing, values, rewards, ended)


def test_advantages_are_the_discounted_sum_of_surprises() -> None:
    """Equation 16 of Schulman et al. 2016, written out as a double loop."""
    r, discount, smoothing = rollout(), 0.9, 0.8
    for game in range(2):
        for start in range(6):
            total, weight = 0.0, 1.0
            for t in range(start, 6):
                going = 1 - r.ended[t, game]
                total += weight * (
                    r.rewards[t, game] + discount * going * r.values[t + 1, game] - r.values[t, game]
                )
                weight *= discount * smoothing * going
            assert advantages(r, discount, smoothing)[start, game] == pytest.approx(float(total), abs=1e-6)


def test_without_smoothing_losses_advantages_are_returns_minus_values() -> None:
    r = rollout()
    total = r.values[-1]
    for t in reversed(range(6)):
        total = r.rewards[t] + 0.9 * (1 - r.ended[t]) * total
    assert torch.allclose(advantages(r, 0.9, 1.0)[0], total - r.values[0], atol=1e-6)


def test_a_roll_notes_what_the_policy_thought() -> None:
    policy, games = Picker(), Orchard(3)
    r = roll(Tally(games, 0), policy, 5, torch.Generator().manual_seed(0))
    assert r.seen.shape == (5, 3, 3, 10, 10) and r.values.shape == (6, 3)
    logits, values = policy(r.seen[2])
    assert torch.allclose(values, r.values[2], atol=1e-6)
    assert torch.allclose(logits.log_softmax(1).gather(1, r.actions[2][:, None])[:, 0], r.odds[2], atol=1e-6)


def test_the_gradient_stops_where_the_odds_have_moved_far_enough() -> None:
    """Good actions whose chance has risen by more than the clip pull no further."""
    policy, draw = Picker(), torch.Generator().manual_seed(1)
    seen = torch.rand(8, 3, 10, 10, generator=draw)
    actions = torch.zeros(8, dtype=torch.int64)
    now = policy(seen)[0].log_softmax(1)[:, 0].detach()
    gains = torch.tensor([1.0, -1.0] * 4)
    settings = Settings(entropy=0.0, value=0.0)

    def pull(before: torch.Tensor) -> float:
        policy.zero_grad()
        loss(policy, (seen, actions, before, gains, torch.zeros(8)), settings)[0].backward()
        return max(float(p.grad.abs().max()) for p in policy.act.parameters())

    moved = now - gains.sign() * 0.5  # good ones have risen, bad ones fallen: each is beyond the clip of 0.1
    assert pull(now) > 0 and pull(moved) == 0 and pull(now + gains.sign() * 0.5) > 0


def test_it_learns_to_catch_apples() -> None:
    policy, settings = Picker(), Settings(steps=130_000, length=32, step_size=1e-3)
    before = np.mean(scores(policy, Orchard(32)))
    entropies = [update.entropy for update in train(Orchard(64), policy, settings)]
    assert np.mean(scores(policy, Orchard(32))) > 3 * before
    assert entropies[-1] < entropies[0]


def test_the_same_seed_learns_the_same() -> None:
    def after() -> torch.Tensor:
        policy = Picker()
        for _ in train(Orchard(4), policy, Settings(steps=256, length=16)):
            pass
        return policy.act.weight.detach()

    assert torch.equal(after(), after())
