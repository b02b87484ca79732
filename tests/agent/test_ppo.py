"""Learning to act: the clip, the batch, and the tiny game."""

import numpy as np
import pytest
import torch

from cnnlab.agent import CatchGame, CatchPolicy, PPOSettings, scores, train
from cnnlab.agent.ppo import loss, rollout
from cnnlab.agent.rollouts import Runner


def test_a_rollout_notes_what_the_policy_thought() -> None:
    policy, settings = CatchPolicy(), PPOSettings(num_steps=5)
    observations, actions, log_probs, old_values, advantages = rollout(Runner(CatchGame(3)), policy, settings)
    assert observations.shape == (15, 3, 10, 10) and advantages.shape == (15,)
    logits, values = policy(observations)
    assert torch.allclose(values, old_values, atol=1e-6)
    assert torch.allclose(logits.log_softmax(1).gather(1, actions[:, None])[:, 0], log_probs, atol=1e-6)


def test_the_gradient_stops_where_the_ratio_has_moved_far_enough() -> None:
    """Good actions whose probability has risen by more than the clip pull no further."""
    policy, draw = CatchPolicy(), torch.Generator().manual_seed(1)
    observations = torch.rand(8, 3, 10, 10, generator=draw)
    actions = torch.zeros(8, dtype=torch.int64)
    now = policy(observations)[0].log_softmax(1)[:, 0].detach()
    advantages = torch.tensor([1.0, -1.0] * 4)
    settings = PPOSettings(entropy_coef=0.0, value_coef=0.0)

    def pull(log_probs: torch.Tensor) -> float:
        policy.zero_grad()
        loss(policy, (observations, actions, log_probs, torch.zeros(8), advantages), settings)[0].backward()
        return max(float(p.grad.abs().max()) for p in policy.act.parameters())

    moved = (
        now - advantages.sign() * 0.5
    )  # good ones have risen, bad ones fallen: each is beyond the clip of 0.1
    assert pull(now) > 0 and pull(moved) == 0 and pull(now + advantages.sign() * 0.5) > 0


@pytest.mark.slow
def test_it_learns_to_catch_apples() -> None:
    policy, settings = CatchPolicy(), PPOSettings(total_timesteps=130_000, num_steps=32, learning_rate=1e-3)
    before = np.mean(scores(policy, CatchGame(32)))
    entropies = [update.entropy for update in train(CatchGame(64), policy, settings)]
    assert np.mean(scores(policy, CatchGame(32))) > 3 * before
    assert entropies[-1] < entropies[0]


def test_the_same_seed_learns_the_same() -> None:
    def after() -> torch.Tensor:
        policy = CatchPolicy()
        for _ in train(CatchGame(4), policy, PPOSettings(total_timesteps=256, num_steps=16)):
            pass
        return policy.act.weight.detach()

    assert torch.equal(after(), after())
