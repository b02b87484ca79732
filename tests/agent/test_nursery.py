"""The small agent's panel: what it draws, and that its settings act while it learns."""

from itertools import islice
from types import SimpleNamespace

import numpy as np

from cnnlab.agent.nursery import DEFAULTS, SHOWN, Steered, field, grow


def test_the_field_shows_what_is_seen() -> None:
    seen = np.zeros((3, 10, 10), np.uint8)
    seen[0, 9, 4] = seen[1, 2, 3] = seen[2, 5, 6] = 255
    image = np.asarray(field(seen, 20))
    assert image.shape == (200, 200, 3)
    basket, apple, stone, night = (image[y, x] for y, x in ((195, 90), (50, 70), (110, 130), (10, 10)))
    assert len({tuple(colour) for colour in (basket, apple, stone, night)}) == 4


def test_what_a_panel_sets_is_asked_for_anew_and_the_rest_is_the_default() -> None:
    panel = SimpleNamespace(step_size=0.1)
    steered = Steered(panel)
    assert steered.step_size == 0.1 and steered.length == DEFAULTS.length
    panel.step_size = 0.2
    assert steered.step_size == 0.2


def test_a_frame_is_an_update_or_a_moment_of_play() -> None:
    settings = SimpleNamespace(seed=0, shown=False)
    captions = [frame.caption for frame in islice(grow(settings), 4)]
    assert captions[0] == "It knows nothing yet." and captions[3].startswith("6,144 moves")
    settings.shown = True
    captions = [frame.caption for frame in islice(grow(settings), 1 + SHOWN + 1)]
    assert captions[1] == captions[SHOWN] and captions[-1].startswith("4,096 moves")


def test_a_step_size_of_nothing_learns_nothing() -> None:
    def chances(step_size: float) -> list[str]:
        settings = SimpleNamespace(seed=0, shown=False, step_size=step_size)
        return [frame.caption for frame in islice(grow(settings), 12)]

    assert chances(0.0) == chances(0.0) != chances(3e-3)
