"""Small pictures with labels, as rows of numbers: handwritten digits of 8 x 8, and MNIST made small.

scikit-learn and torchvision are imported where they are used: workers of a `sweep` start sooner without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

FILES = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
UNREADABLE = (RuntimeError, ValueError, AssertionError, LookupError, OSError)  # what torchvision may raise


class Split(NamedTuple):
    """What to learn from, and what to be tested on: N and M examples of d numbers, labels from 0 up."""

    inputs: Tensor  # (N, d) float32
    labels: Tensor  # (N,) int64
    test_inputs: Tensor  # (M, d) float32
    test_labels: Tensor  # (M,) int64

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Split:
        """The same on another device; with a dtype such as torch.float64 the inputs are in that precision."""
        inputs, test_inputs = (
            part.to(device=device, dtype=dtype) for part in (self.inputs, self.test_inputs)
        )
        return Split(inputs, self.labels.to(device), test_inputs, self.test_labels.to(device))

    def centred(self) -> Split:
        """The same without the mean of `inputs`: then fewer ReLUs of a narrow network are always off."""
        mean = self.inputs.mean(0)
        return self._replace(inputs=self.inputs - mean, test_inputs=self.test_inputs - mean)


def digits(train: int = 1000, seed: int = 0) -> Split:
    """The 1797 digits of 8 x 8 that ship with scikit-learn, d = 64, in [0, 1]: `train` of them to learn from.

    `seed` says which; the others are for testing. They are the test set of Alpaydin and Kaynak's "Optical
    recognition of handwritten digits" (UCI, 1998). ValueError unless both parts hold an example.
    """
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    inputs, labels = torch.from_numpy(pictures).float() / 16, torch.from_numpy(labels).long()
    if not 0 < train < len(labels):
        raise ValueError(
            f"{train} digits to learn from: take 1 to {len(labels) - 1}, the others are for testing."
        )
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    chosen, others = order[:train], order[train:]
    return Split(inputs[chosen], labels[chosen], inputs[others], labels[others])


def mnist(
    size: int = 10,
    train: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    download: bool = False,
) -> Split:
    """MNIST (LeCun et al. 1998), every picture averaged down to `size` x `size`, d = size ** 2, in [0, 1].

    `train` of the 60000 training pictures, chosen by `seed`, or all in their own order; the test pictures are
    all 10000. The files are in `folder`/MNIST/raw, as torchvision stores them (None: datasets/ in torch's own
    cache), or are fetched there with `download`. FileNotFoundError where they are not, ConnectionError where
    they cannot be fetched, ValueError where they cannot be read or where `size` or `train` makes no sense.
    """
    folder = Path(torch.hub.get_dir()) / "datasets" if folder is None else Path(folder)
    learn, test = (_mnist(folder, part, download) for part in (True, False))
    if not 1 <= size <= learn.data.shape[-1]:
        raise ValueError(f"size {size} is not possible: MNIST has pictures of 28 x 28, take 1 to 28.")
    inputs, test_inputs = (averaged(part.data / 255, size).flatten(1) for part in (learn, test))
    labels, test_labels = learn.targets.long(), test.targets.long()
    if train is None:
        return Split(inputs, labels, test_inputs, test_labels)
    if not 0 < train <= len(labels):
        raise ValueError(f"{train} pictures to learn from: take 1 to {len(labels)}.")
    chosen = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))[:train]
    return Split(inputs[chosen], labels[chosen], test_inputs, test_labels)


def _mnist(folder: Path, train: bool, download: bool) -> MNIST:
    from torchvision.datasets import MNIST

    there = all((folder / "MNIST" / "raw" / name).is_file() for name in FILES)
    if not (there or download):
        raise FileNotFoundError(
            f'MNIST is not in {folder}: give download=True, as in picture_sets.load("MNIST", download=True), '
            "where there is a network (it fetches 12 MB), or name the folder that holds MNIST/raw."
        )
    try:
        return MNIST(folder, train=train, download=not there)
    except UNREADABLE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if there:
            raise ValueError(
                f"MNIST in {folder} cannot be read ({reason}): delete its folder, and fetch it again with "
                "download=True."
            ) from error
        raise ConnectionError(
            f"MNIST could not be fetched ({reason}): try again where there is a network, or take digits()."
        ) from error


def averaged(pictures: Tensor, size: int) -> Tensor:
    """(N, size, size): means over equal areas of square pictures (N, n, n).

    A pixel that lies in two areas counts in each with its share.
    """
    n = pictures.shape[-1]
    edges = torch.arange(size + 1, dtype=torch.float64) * n / size  # where areas begin and end, in pixels
    pixel = torch.arange(n, dtype=torch.float64)
    low, high = edges[:-1, None].maximum(pixel), edges[1:, None].minimum(pixel + 1)  # (size, n)
    shares = ((high - low).clamp_min(0) * size / n).to(pictures.dtype)  # (size, n): every row sums to 1
    return shares @ pictures @ shares.T
