"""What a player looks at: against finite differences and against covering by hand."""

import pytest
import torch

from cnnlab.agent import Player, action, gradient, occlusion, value

SEEN = torch.rand(4, 84, 84, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("goal", [value, action(2)])
def test_the_gradient_is_what_a_small_change_does(goal) -> None:
    player = Player().double()
    seen = SEEN.double()
    slope = gradient(player, seen, goal)
    assert slope.shape == (4, 84, 84)
    for place in [(0, 40, 40), (3, 70, 12)]:
        more, less = seen.clone(), seen.clone()
        more[place] += 1e-5
        less[place] -= 1e-5
        change = (goal(*player(more[None])) - goal(*player(less[None]))) / 2e-5
        assert slope[place] == pytest.approx(change.item(), rel=1e-4, abs=1e-9)


@torch.no_grad()
def test_occlusion_is_what_covering_by_hand_does() -> None:
    player = Player()
    lost = occlusion(player, SEEN, size=20, stride=16)
    assert lost.shape == (5, 5)
    covered = SEEN.clone()
    covered[:, 32:52, 16:36] = 0
    expected = player(SEEN[None])[1] - player(covered[None])[1]
    assert lost[2, 1] == pytest.approx(expected.item(), abs=1e-5)


def test_a_square_that_does_not_fit_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match="a square of 90"):
        occlusion(Player(), SEEN, size=90)
