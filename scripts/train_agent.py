"""Train the Atari player of lesson 05. Run again after a stop: it goes on from the last checkpoint.

python scripts/train_agent.py FOLDER [--steps 5000000] [--seed 0] [--minutes 170]
python scripts/train_agent.py FOLDER --ship

Writes FOLDER/checkpoint.safetensors every ten minutes. One thread; 5 million actions are about three hours.
--ship plays 100 games with the last checkpoint, and 200 at random, and puts the player into the package.
"""

import argparse
import time
from pathlib import Path
from statistics import mean, stdev

import torch

from cnnlab.agent import Atari, Player, Settings, scores, train
from cnnlab.networks import tensor_files
from cnnlab.style.fast import checkpoints

EVERY = 600  # seconds between checkpoints
GAMES = 16
PACKAGE = Path(__file__).parents[1] / "cnnlab"


def ship(folder: Path) -> None:
    """Measure the player of the last checkpoint, and write it with its story into the package."""
    about, tensors = tensor_files.read(folder / "checkpoint.safetensors")
    weights = {
        name.removeprefix("player."): t.half() for name, t in tensors.items() if name.startswith("player.")
    }
    player = Player()
    player.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    for name, policy, rounds in (("score", player, 10), ("random", None, 20)):
        reached = scores(policy, Atari(10), rounds, seed=1000)
        about[name] = {
            "games": len(reached),
            "mean": round(mean(reached), 1),
            "std": round(stdev(reached), 1),
        }
        print(name, about[name])
    tensor_files.write(PACKAGE / "assets" / "agent.safetensors", about, weights)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=170)
    parser.add_argument("--ship", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.ship:
        return ship(asked.folder)
    began = saved = time.monotonic()
    settings = Settings(steps=asked.steps)
    player = Player(seed=asked.seed).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(player.parameters(), settings.step_size, eps=1e-5)
    file, done, curve, reached = asked.folder / "checkpoint.safetensors", 0, [], []
    if file.exists():
        about, tensors = tensor_files.read(file)
        checkpoints.unpack(tensors, player=player, adam=optimiser)
        done, curve = about["steps"], about["curve"]
        print(f"going on from {done} actions", flush=True)
    for update in train(Atari(GAMES), player, settings, asked.seed, done, optimiser):
        done, reached = update.steps, [*reached, *update.scores]
        over = time.monotonic() - began > 60 * asked.minutes or done >= asked.steps
        if time.monotonic() - saved > EVERY or over:
            saved = time.monotonic()
            curve.append([done, len(reached), round(mean(reached), 1) if reached else 0.0])
            packed = checkpoints.pack(player=player, adam=optimiser)
            tensor_files.write(file, {"steps": done, "curve": curve, "seed": asked.seed}, packed)
            print(
                f"{(saved - began) / 60:.0f} min, {done} actions, {len(reached)} games, mean {curve[-1][2]}, "
                f"entropy {update.entropy:.2f}, values explain {update.explained:.2f}", flush=True,
            )  # fmt: skip
            reached = []
        if over:
            return


if __name__ == "__main__":
    main()
