"""What panels show: what the value depends on, what glows on the screen, and how the small agent learns."""

from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnlab.agent import LOOKS, Player, occlusion, play_view, training_view
from cnnlab.agent.views import DEFAULTS, FIELD, SCALE, SHOWN, SQUARE, Steered, draw, gradient, lit, saliency

GREYS = torch.randint(256, (4, 84, 84), generator=torch.Generator().manual_seed(0)).byte()
SEEN = torch.rand(4, 84, 84, generator=torch.Generator().manual_seed(0))


def test_the_gradient_is_what_a_small_change_does() -> None:
    player = Player().double()
    seen = SEEN.double()
    slope = gradient(player, seen)
    assert slope.shape == (4, 84, 84)
    for place in [(0, 40, 40), (3, 70, 12)]:
        more, less = seen.clone(), seen.clone()
        more[place] += 1e-5
        less[place] -= 1e-5
        change = (player(more[None])[1] - player(less[None])[1]) / 2e-5
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


@pytest.mark.parametrize("looks", LOOKS[1:])
def test_a_saliency_map_holds_shares(looks: str) -> None:
    map_ = saliency(Player(), GREYS, looks)
    assert map_ is not None and map_.shape == (84, 84) and map_.min() >= 0 and map_.max() == 1


def test_what_a_map_marks_glows_and_the_rest_is_dim() -> None:
    screen = torch.full((210, 160, 3), 100, dtype=torch.uint8)
    map_ = torch.zeros(84, 84)
    map_[:20] = 1
    image = np.asarray(lit(screen, map_))
    assert image.shape == (210 * SCALE, 160 * SCALE, 3)
    assert image[30].mean() > 150 and image[-1].max() == 50
    assert (np.asarray(lit(screen, None)) == 100).all()


@pytest.mark.usefixtures("atari")
def test_the_play_view_shows_a_value_and_what_may_be_done() -> None:
    settings = SimpleNamespace(seed=0, looks="nothing", pace=2)
    frames = play_view(Player(), settings)
    first = next(frames)
    assert first.score is not None and "fire" in first.text and "Points so far: 0" in first.caption
    settings.looks = "gradient"
    assert (
        np.asarray(next(frames).picture)[: 210 * SCALE].mean()
        != np.asarray(first.picture)[: 210 * SCALE].mean()
    )


def test_the_field_shows_what_is_observed() -> None:
    observation = torch.zeros(3, 10, 10, dtype=torch.uint8)
    observation[0, 9, 4] = observation[1, 2, 3] = observation[2, 5, 6] = 255
    image = np.asarray(draw(observation, [(0, 0.0)]))
    assert image.shape[0] == FIELD < image.shape[1]
    places = ((9.75, 4.5), (2.5, 3.5), (5.5, 6.5), (0.5, 0.5))
    basket, apple, stone, night = (image[int(y * SQUARE), int(x * SQUARE)] for y, x in places)
    assert len({tuple(colour) for colour in (basket, apple, stone, night)}) == 4


def test_what_a_panel_sets_is_asked_for_anew_and_the_rest_is_the_default() -> None:
    panel = SimpleNamespace(learning_rate=0.1)
    steered = Steered(panel)
    assert steered.learning_rate == 0.1 and steered.num_steps == DEFAULTS.num_steps
    panel.learning_rate = 0.2
    assert steered.learning_rate == 0.2


def test_a_frame_is_an_update_or_a_moment_of_play() -> None:
    settings = SimpleNamespace(seed=0, shown=False)
    captions = [frame.caption for frame in islice(training_view(settings), 4)]
    assert captions[0] == "It knows nothing yet." and captions[3].startswith("6,144 moves")
    settings.shown = True
    captions = [frame.caption for frame in islice(training_view(settings), 1 + SHOWN + 1)]
    assert captions[1] == captions[SHOWN] and captions[-1].startswith("4,096 moves")


@pytest.mark.slow
def test_a_learning_rate_of_nothing_learns_nothing() -> None:
    def captions(learning_rate: float) -> list[str]:
        settings = SimpleNamespace(seed=0, shown=False, learning_rate=learning_rate)
        return [frame.caption for frame in islice(training_view(settings), 12)]

    assert captions(0.0) == captions(0.0) != captions(3e-3)
