"""Policies: how actions are drawn, and what the shipped player is."""

import torch

from cnnlab.agent import load
from cnnlab.agent.policy import choose


def test_actions_are_drawn_from_their_probabilities() -> None:
    logits, draw = torch.tensor([[0.0, 1.0, 0.5]]).expand(4000, 3), torch.Generator().manual_seed(0)
    drawn = choose(logits, draw).bincount(minlength=3) / 4000
    assert torch.allclose(drawn, logits[0].softmax(0), atol=0.03)


def test_the_shipped_player_reads_both_from_its_code() -> None:
    player = load()
    observations = torch.randint(256, (2, 4, 84, 84), generator=torch.Generator().manual_seed(0)).byte()
    logits, values = player(observations)
    codes = player.code(observations.float() / 255)
    assert codes.shape == (2, 256) and codes.min() >= 0
    assert torch.allclose(codes @ player.act.weight.T + player.act.bias, logits, atol=1e-5)
    assert torch.allclose(codes @ player.value.weight[0] + player.value.bias, values, atol=1e-5)
    assert player.about["score"]["mean"] > player.about["random"]["mean"]
