"""What acts: a network that reads its actions and its hopes from one code."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Policy(nn.Module):
    """`encode` makes a code (N, width) of what is seen; two linear layers read it.

    Takes what is seen (N, C, H, W) as uint8, or as floats in [0, 1]; returns the logits of the actions
    (N, actions) and the values (N,): the discounted sum of rewards that it expects. All weights are drawn
    from `seed`, orthogonal, so that signals keep their size; those of the actions are small, so that at
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

    def code(self, seen: Tensor) -> Tensor:
        """(N, width): the last hidden layer."""
        return self.encode(seen if seen.is_floating_point() else seen.float() / 255)

    def read(self, code: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, actions) and values (N,) of codes."""
        return self.act(code), self.value(code)[:, 0]

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        return self.read(self.code(seen))


def choose(logits: Tensor, generator: torch.Generator, epsilon: float | None = None) -> Tensor:
    """(N,): actions for logits (N, actions), drawn from their chances.

    With `epsilon`, the likeliest, but for this share of the moves, which are drawn evenly: so Mnih et al.
    2015 measured their player, with 0.05.
    """
    if epsilon is None:
        return torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
    even = torch.randint(logits.shape[1], (len(logits),), generator=generator)
    return torch.where(torch.rand(len(logits), generator=generator) < epsilon, even, logits.argmax(1))
