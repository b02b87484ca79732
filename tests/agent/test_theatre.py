"""The screen, what glows on it, and the frames of a performance."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnlab.agent import Player
from cnnlab.agent.theatre import LOOKS, SCALE, lit, look, perform

SEEN = np.random.default_rng(0).integers(0, 256, (4, 84, 84), dtype=np.uint8)


@pytest.mark.parametrize("how", LOOKS[1:])
def test_a_look_is_a_map_of_shares(how: str) -> None:
    map_ = look(Player(), SEEN, how)
    assert map_ is not None and map_.shape == (84, 84) and map_.min() >= 0 and map_.max() == 1


def test_what_a_map_marks_glows_and_the_rest_is_dim() -> None:
    screen = np.full((210, 160, 3), 100, np.uint8)
    map_ = torch.zeros(84, 84)
    map_[:20] = 1
    image = np.asarray(lit(screen, map_))
    assert image.shape == (210 * SCALE, 160 * SCALE, 3)
    assert image[30].mean() > 150 and image[-1].max() == 50
    assert (np.asarray(lit(screen, None)) == 100).all()


def test_a_performance_shows_a_value_and_what_may_be_done() -> None:
    settings = SimpleNamespace(seed=0, looks="nothing", pace=2)
    frames = perform(Player(), settings)
    first = next(frames)
    assert first.score is not None and "fire" in first.text and "Points so far: 0" in first.caption
    settings.looks = "gradient"
    assert (
        np.asarray(next(frames).picture)[: 210 * SCALE].mean()
        != np.asarray(first.picture)[: 210 * SCALE].mean()
    )
