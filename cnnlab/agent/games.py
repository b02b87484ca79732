"""Atari games side by side, as a player sees them and as people do."""

from __future__ import annotations

from typing import Any

import numpy as np

GAME = "space_invaders"
MISSING = 'The Atari games are not installed: run  pip install "cnnlab[atari]"  and restart the kernel.'


class Atari:
    """`count` games of Space Invaders, with the vector interface of gymnasium and resets in the same step.

    The pictures are prepared as in Mnih et al. 2015 (doi:10.1038/nature14236): an action every four frames,
    the brighter of the last two, 84 x 84 greys, four of them at once: (count, 4, 84, 84) uint8. A game begins
    after up to 30 idle frames, drawn from the seed; a lost life is reported as an end. If asked for,
    `screens` holds the pictures (count, 210, 160, 3) uint8 that a television would show. ImportError, with
    the command that helps, where the extra `atari` is missing.
    """

    actions = 6

    def __init__(self, count: int, *, screens: bool = False, threads: int = 1) -> None:
        try:
            from ale_py.vector_env import AtariVectorEnv
        except ImportError as error:
            raise ImportError(MISSING) from error
        common: dict[str, Any] = {
            "num_threads": threads,
            "autoreset_mode": "SameStep",
            "life_loss_info": True,
            "reward_clipping": False,
        }
        self.games = AtariVectorEnv(GAME, count, **common)
        # The same games in colours: without chance in them, seed and actions keep them in step.
        television: dict[str, Any] = {"grayscale": False, "stack_num": 1, "img_height": 210, "img_width": 160}
        self.mirror = AtariVectorEnv(GAME, count, **common, **television) if screens else None
        self.screens: np.ndarray | None = None

    def reset(self, seed: int | None = None) -> tuple[np.ndarray, dict]:
        """New games everywhere: what is seen, and about it."""
        if self.mirror is not None:
            self.screens = self.mirror.reset(seed=seed)[0][:, 0]
        return self.games.reset(seed=seed)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict]:
        """One action in each game: what is seen, rewards, lives or games lost, games cut short, about it."""
        if self.mirror is not None:
            self.screens = self.mirror.step(actions)[0][:, 0]
        return self.games.step(actions)
