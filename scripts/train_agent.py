"""Train the Atari player of lesson 05. Run again after a stop: it goes on from the last checkpoint.

python scripts/train_agent.py FOLDER [--seed 0] [--minutes 160]
python scripts/train_agent.py FOLDER --ship

The first run goes on from the player that ships in the package, or begins anew with --seed. Adam's step falls
over the minutes of each run. Writes FOLDER/checkpoint.pt every ten minutes; one thread, some 1,300 actions a
second on a processor that reckons in bfloat16. --ship plays 100 games with the last checkpoint, and 200 at
random, and puts the player into the package.
"""

import argparse
import os
import time
from dataclasses import asdict
from pathlib import Path
from statistics import mean, stdev
from types import SimpleNamespace

import torch
from torch import Tensor

from cnnlab.agent import Atari, Player, PPOSettings, load, scores, train
from cnnlab.networks import tensor_files

CHECKPOINT = "checkpoint.pt"  # the states of the player and of Adam, the steps, the curve, the seed
EVERY = 600  # seconds between checkpoints
GAMES = 32
STEP, LAST = 2.5e-4, 0.05  # Adam's first step, and what is left of it at the end of a run
PACKAGE = Path(__file__).parents[1] / "cnnlab"


class FastPlayer(Player):
    """The same player; its convolutions reckon in bfloat16, with channels last: three times as fast."""

    def code(self, observations: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            pixels = observations.contiguous(memory_format=torch.channels_last).to(torch.bfloat16)
            return self.encode(pixels.mul_(1 / 255)).float()


def ship(folder: Path) -> None:
    """Measure the player of the last checkpoint, and write it with its story into the package."""
    about = torch.load(folder / CHECKPOINT, weights_only=True)
    weights = {name: tensor.half() for name, tensor in about.pop("player").items()}
    del about["adam"]
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
    parser.add_argument("--seed", type=int, help="begin anew, with weights drawn from this seed")
    parser.add_argument("--minutes", type=float, default=160)
    parser.add_argument("--ship", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.ship:
        return ship(asked.folder)
    began = saved = time.monotonic()
    settings = SimpleNamespace(
        **asdict(PPOSettings(total_timesteps=10**9, minibatches=8, learning_rate=STEP))
    )
    player = FastPlayer(asked.seed or 0).to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(player.parameters(), STEP, eps=1e-5)
    file, done, curve, reached = asked.folder / CHECKPOINT, 0, [], []
    if file.exists():
        held = torch.load(file, weights_only=True)
        player.load_state_dict(held["player"])
        adam.load_state_dict(held["adam"])
        done, curve = held["steps"], held["curve"]
    elif asked.seed is None:
        shipped = load()
        player.load_state_dict(shipped.state_dict())
        done, curve = shipped.about["steps"], shipped.about["curve"]
    print(f"going on from {done} actions", flush=True)
    for update in train(Atari(GAMES), player, settings, asked.seed or 0, done, adam):
        done, reached = update.global_step, [*reached, *update.scores]
        gone = (time.monotonic() - began) / (60 * asked.minutes)
        settings.learning_rate = STEP * max(LAST, 1 - gone)
        over = gone > 1
        if time.monotonic() - saved > EVERY or over:
            saved = time.monotonic()
            curve.append([done, len(reached), round(mean(reached), 1) if reached else 0.0])
            states = {"player": player.state_dict(), "adam": adam.state_dict()}
            asked.folder.mkdir(parents=True, exist_ok=True)
            torch.save({**states, "steps": done, "curve": curve}, f"{file}.partial")
            os.replace(f"{file}.partial", file)
            print(
                f"{(saved - began) / 60:.0f} min, {done} actions, {len(reached)} games, mean {curve[-1][2]}, "
                f"entropy {update.entropy:.2f}, values explain {update.explained_variance:.2f}", flush=True,
            )  # fmt: skip
            reached = []
        if over:
            return


if __name__ == "__main__":
    main()
