"""Games, played side by side: Space Invaders, as a player observes it and as people do, and a tiny one.

Both have the vector interface of gymnasium with resets in the same step.
"""

from functools import partial

import numpy as np
from scipy.ndimage import binary_dilation, label
from torch import Tensor

MISSING = 'The Atari games are not installed: run  pip install "cnnlab[atari]"  and restart the kernel.'
SIDE = 10  # of the tiny game's field, in squares
APPLES, STONES = 0.3, 0.2  # probabilities that one appears, a step
LONGEST = 500  # steps of a game


class Atari:
    """`count` games of Space Invaders.

    The observations are prepared as in Mnih et al. 2015 (doi:10.1038/nature14236): an action every four
    frames, the brighter of the last two, 84 x 84 greys, four of them at once: (count, 4, 84, 84) uint8. A
    game begins after up to 30 idle frames, drawn from the seed; a lost life is reported as an end. If asked
    for, `screens` holds the pictures (count, 210, 160, 3) uint8 that a television would show; they are
    (count, 0, 0, 3) otherwise. ImportError, with the command that helps, where the extra `atari` is missing.
    """

    actions = 6

    def __init__(self, count: int, screens: bool = False) -> None:
        try:
            from ale_py.vector_env import AtariVectorEnv
        except ImportError as error:
            raise ImportError(MISSING) from error
        make = partial(AtariVectorEnv, "space_invaders", count, num_threads=1, autoreset_mode="SameStep")
        make = partial(make, life_loss_info=True, reward_clipping=False)
        self.games = make()
        # The same games in colours: without chance in them, seed and actions keep them in step.
        self.mirror = make(grayscale=False, stack_num=1, img_height=210, img_width=160) if screens else None
        self.screens = np.zeros((count, 0, 0, 3), np.uint8)

    def reset(self, seed: int | None = None) -> tuple[np.ndarray, dict]:
        """New games everywhere: observations, and about them."""
        if self.mirror is not None:
            self.screens = self.mirror.reset(seed=seed)[0][:, 0]
        return self.games.reset(seed=seed)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict]:
        """One action in each game: observations, rewards, ends, games cut short, about them."""
        if self.mirror is not None:
            self.screens = self.mirror.step(actions)[0][:, 0]
        return self.games.step(actions)


def count_invaders(screen: Tensor) -> int:
    """The number of invaders, from 0 to 36, on a screen (210, 160, 3) uint8, by their colour.

    Their feelers and legs are drawn apart: what is at most four pixels apart is one.
    """
    theirs = (screen[25:195].numpy() == (134, 134, 29)).all(-1)  # below the points, above the ground
    return int(label(binary_dilation(theirs, iterations=2))[1])


class CatchGame:
    """`count` games of Orchard, small enough to be learned while one waits: catch apples, dodge stones.

    A basket at the bottom moves a square a step; what falls does, too. An apple in the basket is worth 1, a
    stone ends the game. Observations: (count, 3, 10, 10) uint8, 255 where there is the basket, an apple, a
    stone.
    """

    actions = 3

    def __init__(self, count: int) -> None:
        self.count = count
        self.screens = np.zeros((count, 0, 0, 3), np.uint8)  # as there is no television

    def reset(self, seed: int = 0) -> tuple[np.ndarray, dict]:
        """Empty fields, the basket in the middle."""
        self.random = np.random.default_rng(seed)
        self.falling = np.zeros((self.count, 2, SIDE, SIDE), bool)  # apples and stones
        self.basket = np.full(self.count, SIDE // 2)
        self.age = np.zeros(self.count, int)
        return self._observed()

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict]:
        """Actions (count,): 0 left, 1 stay, 2 right."""
        games = np.arange(self.count)
        self.basket = np.clip(self.basket + actions - 1, 0, SIDE - 1)
        self.falling = np.roll(self.falling, 1, axis=2)
        self.falling[:, :, 0] = False
        self.age += 1
        kind = self.random.choice(3, self.count, p=[APPLES, STONES, 1 - APPLES - STONES])
        column, new = self.random.integers(SIDE, size=self.count), kind < 2
        self.falling[games[new], kind[new], 0, column[new]] = True
        caught, hit = self.falling[games, :, SIDE - 1, self.basket].T
        cut = ~hit & (self.age >= LONGEST)
        over = hit | cut
        self.falling[over], self.basket[over], self.age[over] = False, SIDE // 2, 0
        observations, about = self._observed()
        return observations, caught.astype(float), hit, cut, about

    def _observed(self) -> tuple[np.ndarray, dict]:
        basket = np.zeros((self.count, 1, SIDE, SIDE), bool)
        basket[np.arange(self.count), 0, SIDE - 1, self.basket] = True
        observations = np.concatenate([basket, self.falling], 1).astype(np.uint8) * 255
        return observations, {"lives": np.ones(self.count, int)}
