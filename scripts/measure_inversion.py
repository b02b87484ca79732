"""Measure how well 20 pictures come back from seven layers, and store it for lesson 09.

    .venv/bin/python scripts/measure_inversion.py [pictures] [steps]

Writes cnnlab/assets/inversion_errors.csv: one row for each canvas, layer and picture. Takes about ten minutes
on two cores; fewer pictures or steps are for trying it out, and then nothing is written.
"""

import csv
import sys
from pathlib import Path

import torch

from cnnlab import networks, pictures
from cnnlab.optvis import code, cooling, inversion, mean_distance, normalised_error, pixels

FILE = Path(__file__).parents[1] / "cnnlab" / "assets" / "inversion_errors.csv"
SIZE, STEPS = 128, 200
NAMES = [
    "red_panda", "panda", "macaw", "toucan", "cheetah", "goldfish", "butterfly", "owl", "kingfisher",
    "chameleon", "taj_mahal", "eiffel_tower", "colosseum", "windmill", "balloon", "sports_car", "coffee",
    "sunflower", "soccer_ball", "astronaut",
]  # fmt: skip
# The weight of the total variation rises with depth as in Mahendran and Vedaldi: 1, 10, 100.
LAYERS = {
    "features.1": 1, "features.3": 1, "features.5": 10, "features.8": 10, "features.10": 100,
    "features.12": 100, "": 100,
}  # fmt: skip
CANVASES = {
    "pixels": lambda layer, count: (pixels(SIZE, batch=count), LAYERS[layer], 0.6, 0.02),
    "fourier": lambda layer, count: (SIZE, 3, 0.01, 0.04),
}


def measure(count: int, steps: int) -> list[dict]:
    """The rows of the table."""
    network = networks.load()
    photographs = torch.cat([pictures.fit(pictures.read(name), SIZE) for name in NAMES[:count]])
    rows = []
    for kind, settings in CANVASES.items():
        for layer in LAYERS:
            wanted = code(network, photographs, layer)
            canvas, smooth, wall, step_size = settings(layer, count)
            climb = inversion(network, layer, wanted, canvas, smooth=smooth, wall=wall, step_size=step_size)
            *_, last = cooling(climb, steps)
            found = code(network, last.picture, layer)
            errors = normalised_error(found, wanted, mean_distance(wanted)).tolist()
            print(f"{kind:8} {layer or 'logits':12} {sum(errors) / count:.1%}", flush=True)
            for name, error in zip(NAMES, errors, strict=False):
                rows.append(
                    dict(canvas=kind, layer=layer, size=SIZE, steps=steps, step_size=step_size, smooth=smooth,
                         wall=wall, picture=name, error=f"{error:.4f}")
                )  # fmt: skip
    return rows


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    count, steps = given + [len(NAMES), STEPS][len(given) :]
    rows = measure(count, steps)
    if (count, steps) == (len(NAMES), STEPS):
        with open(FILE, "w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0], lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
