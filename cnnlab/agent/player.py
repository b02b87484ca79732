"""The Atari player: its network, and the weights that ship in the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

from torch import nn

from ..networks import tensor_files
from .policy import Policy

ACTIONS = ["stay", "fire", "right", "left", "right and fire", "left and fire"]


class Player(Policy):
    """Three convolutions and a code of 256 numbers, for pictures (N, 4, 84, 84): see `Policy`.

    It is the network of Mnih et al. 2015 with half the filters and half the code. `about` says how it was
    trained and what it scores, where that is known.
    """

    def __init__(self, seed: int = 0) -> None:
        encode = nn.Sequential(
            nn.Conv2d(4, 16, 8, 4), nn.ReLU(),
            nn.Conv2d(16, 32, 4, 2), nn.ReLU(),
            nn.Conv2d(32, 32, 3), nn.ReLU(),
            nn.Flatten(), nn.Linear(32 * 7 * 7, 256), nn.ReLU(),
        )  # fmt: skip
        super().__init__(encode, 256, len(ACTIONS), seed)
        self.about: dict[str, Any] = {}


def load() -> Player:
    """The player that ships in the package; `about` holds its score and its learning curve."""
    player = Player()
    with as_file(files("cnnlab") / "assets" / "agent.safetensors") as file:
        player.about, tensors = tensor_files.read(file)
    player.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return player.eval()
