"""How good a painter is that learned for three minutes, beside optimising each picture.

Run as `python bench/stylist.py` (four minutes; `--minutes 1` for a first look). A network begins with random
weights and learns from the bundled photographs, as in lesson 13, at 128 x 128 pixels. Then its pictures of
photographs that it never saw are compared with optimised ones: 50 steps of Adam from noise, for the same
perceptual loss, once as in the paper (Johnson et al. 2016, figure 5), once with the picture moved about
meanwhile. Losses are measured where the optimisation had the judge's grid ("aligned") and elsewhere
("moved"). The last line holds the moved loss after 50 steps, as in the paper, over the network's: above 1 the
network is better, which is the bar; exit status 1 where it is missed.
"""

import argparse
import sys
import time

import torch

from cnnlab import networks, pictures
from cnnlab.datasets import styles
from cnnlab.style.fast import (
    PerceptualLoss,
    StyleTraining,
    TransformerNet,
    compare_with_optimisation,
    held_out,
)

SIZE, STEPS, PHOTOGRAPHS = 128, (10, 20, 50, 100), 8


def learn(training: StyleTraining, minutes: float) -> None:
    """Train for so long, and say how far it is twice a minute."""
    end = time.monotonic() + 60 * minutes
    said = 0.0
    for step in training:
        left = end - time.monotonic()
        if left < 0:
            return
        if time.monotonic() - said > 30:
            said = time.monotonic()
            print(f"{step.number} steps, {left:.0f} s left: loss {step.loss:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="A painter of three minutes, beside optimising.")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--style", default="glass", choices=styles.names("painted"))
    options = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {options.style}")
    goal = PerceptualLoss(networks.load(), pictures.resize(styles.read(options.style), 192))
    training = StyleTraining(TransformerNet(), goal, size=SIZE)
    learn(training, options.minutes)
    print(f"{training.number} steps in {options.minutes:g} minutes")
    names, ratio = held_out()[:PHOTOGRAPHS], {}
    for way, jitter in {"as in the paper": False, "moved about": True}.items():
        *_, found = compare_with_optimisation(
            training.transformer, goal, training, names, SIZE, STEPS, jitter
        )
        for where, table in {"aligned": found.aligned, "moved": found.moved}.items():
            losses = ", ".join(f"{name} {loss:.2f}" for name, loss in table.items())
            print(f"optimised {way}, {where}: {losses}", flush=True)
        ratio[way] = found.moved[50] / found.moved["network"]
        print(f"optimised {way}: ratio {ratio[way]:.2f}")
    print(f"bar 1: {'met' if ratio['as in the paper'] > 1 else 'MISSED'}")
    print(f"ratio: {ratio['as in the paper']:.2f}")
    sys.exit(ratio["as in the paper"] <= 1)


if __name__ == "__main__":
    main()
