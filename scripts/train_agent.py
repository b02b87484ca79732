"""Train the Atari player of lesson 05. Run again after a stop: it goes on from the last checkpoint.

python scripts/train_agent.py FOLDER [--steps 5000000] [--seed 0] [--minutes 170]

Writes FOLDER/checkpoint.safetensors every ten minutes. One thread; 5 million actions are about three hours.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cnnlab import tensor_files
from cnnlab.agent import Atari, Player, Settings, train

EVERY = 600  # seconds between checkpoints
GAMES = 16


def pack(player: Player, optimiser: torch.optim.Adam) -> dict[str, Tensor]:
    """The player's weights and Adam's memory, by name."""
    packed = {f"player.{name}": tensor for name, tensor in player.state_dict().items()}
    for k, memory in optimiser.state_dict()["state"].items():
        packed |= {f"adam.{k}.{name}": tensor for name, tensor in memory.items()}
    return packed


def unpack(tensors: dict[str, Tensor], player: Player, optimiser: torch.optim.Adam) -> None:
    """The inverse of `pack`."""
    weights = {name.removeprefix("player."): t for name, t in tensors.items() if name.startswith("player.")}
    player.load_state_dict(weights)
    state = optimiser.state_dict()
    for name, tensor in tensors.items():
        if name.startswith("adam."):
            _, k, part = name.split(".")
            state["state"].setdefault(int(k), {})[part] = tensor
    optimiser.load_state_dict(state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=170)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    began = saved = time.monotonic()
    settings = Settings(steps=asked.steps)
    player = Player(seed=asked.seed).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(player.parameters(), settings.step_size, eps=1e-5)
    file, done, curve, scores = asked.folder / "checkpoint.safetensors", 0, [], []
    if file.exists():
        about, tensors = tensor_files.read(file)
        unpack(tensors, player, optimiser)
        done, curve = about["steps"], about["curve"]
        print(f"going on from {done} actions", flush=True)
    for update in train(Atari(GAMES), player, settings, asked.seed, done, optimiser):
        done, scores = update.steps, [*scores, *update.scores]
        over = time.monotonic() - began > 60 * asked.minutes or done >= asked.steps
        if time.monotonic() - saved > EVERY or over:
            saved = time.monotonic()
            curve.append([done, len(scores), round(float(np.mean(scores or [0])), 1)])
            tensor_files.write(
                file, {"steps": done, "curve": curve, "seed": asked.seed}, pack(player, optimiser)
            )
            print(
                f"{(saved - began) / 60:.0f} min, {done} actions, {len(scores)} games, mean {curve[-1][2]}, "
                f"entropy {update.entropy:.2f}, values explain {update.explained:.2f}", flush=True,
            )  # fmt: skip
            scores = []
        if over:
            return


if __name__ == "__main__":
    main()
