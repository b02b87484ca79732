"""A tiny game, and a network small enough to learn it while one waits: catch apples, dodge stones."""

from __future__ import annotations

import numpy as np
from torch import nn

from .policy import Policy

SIDE = 10  # of the field, in squares
APPLES, STONES = 0.3, 0.2  # chances that one appears, a step
LONGEST = 500  # steps of a game
MOVES = ["left", "stay", "right"]


class Orchard:
    """`count` games side by side, with the vector interface of gymnasium and resets in the same step.

    A basket at the bottom moves a square a step; what falls does, too. An apple in the basket is worth 1, a
    stone ends the game. What is seen: (count, 3, 10, 10) uint8, 255 where there is the basket, an apple, a
    stone.
    """

    actions = len(MOVES)

    def __init__(self, count: int) -> None:
        self.count = count

    def reset(self, seed: int = 0) -> tuple[np.ndarray, dict]:
        """Empty fields, the basket in the middle."""
        self.random = np.random.default_rng(seed)
        self.falling = np.zeros((self.count, 2, SIDE, SIDE), bool)  # apples and stones
        self.basket = np.full(self.count, SIDE // 2)
        self.age = np.zeros(self.count, int)
        return self._see(), self._about()

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
        return self._see(), caught.astype(float), hit, cut, self._about()

    def _see(self) -> np.ndarray:
        basket = np.zeros((self.count, 1, SIDE, SIDE), bool)
        basket[np.arange(self.count), 0, SIDE - 1, self.basket] = True
        return np.concatenate([basket, self.falling], 1).astype(np.uint8) * 255

    def _about(self) -> dict:
        return {"lives": np.ones(self.count, int)}


class Picker(Policy):
    """A convolution and a code of 64 numbers, for what `Orchard` shows: see `Policy`."""

    def __init__(self, seed: int = 0) -> None:
        encode = nn.Sequential(
            nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * (SIDE - 2) ** 2, 64), nn.ReLU()
        )
        super().__init__(encode, 64, len(MOVES), seed)
