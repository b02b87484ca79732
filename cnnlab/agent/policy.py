"""Policies: networks that read the logits of the actions, and a value, from one code of what they observe."""

from importlib.resources import as_file, files
from typing import Any

import torch
from torch import Generator, Tensor, nn

from ..networks import tensor_files
from .games import SIDE, CatchGame

ACTIONS = ["stay", "fire", "right", "left", "right and fire", "left and fire"]


class Policy(nn.Module):
    """`encode` makes a code (N, width) of observations; two linear layers, `act` and `value`, read it.

    Takes observations (N, C, H, W) as uint8, or as floats in [0, 1]; returns the logits of the actions
    (N, actions) and the values (N,): the estimated discounted sum of the rewards to come. All weights are
    drawn from `seed`, orthogonal, so that signals keep their size; those of the actions are small, so that at
    first all actions are about as likely.
    """

    def __init__(self, encode: nn.Module, width: int, actions: int, seed: int) -> None:
        super().__init__()
        self.encode, self.act, self.value = encode, nn.Linear(width, actions), nn.Linear(width, 1)
        generator = torch.Generator().manual_seed(seed)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                gain = 0.01 if layer is self.act else 1.0 if layer is self.value else 2**0.5
                nn.init.orthogonal_(layer.weight, gain, generator)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def code(self, observations: Tensor) -> Tensor:
        """(N, width): the last hidden layer."""
        return self.encode(observations if observations.is_floating_point() else observations.float() / 255)

    def read(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, actions) and values (N,) of codes."""
        return self.act(codes), self.value(codes)[:, 0]

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        return self.read(self.code(observations))


class Player(Policy):
    """The Atari player: three convolutions and a code of 256 numbers, for pictures (N, 4, 84, 84).

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


class CatchPolicy(Policy):
    """A convolution and a code of 64 numbers, for what `CatchGame` shows."""

    def __init__(self, seed: int = 0) -> None:
        encode = nn.Sequential(
            nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * (SIDE - 2) ** 2, 64), nn.ReLU()
        )
        super().__init__(encode, 64, CatchGame.actions, seed)


def load() -> Player:
    """The player that ships in the package; `about` holds its score and its learning curve."""
    player = Player()
    with as_file(files("cnnlab") / "assets" / "agent.safetensors") as file:
        player.about, tensors = tensor_files.read(file)
    player.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return player.eval()


def choose(logits: Tensor, generator: Generator) -> Tensor:
    """(N,): actions for logits (N, actions), drawn from their probabilities."""
    return torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
