"""Many trainings, side by side: the same units of work on the cores of this machine, or on many machines.

units = [((64, width, 10), range(k, k + 50)) for width in (2, 50, 500) for k in range(0, 1000, 50)]
for result in sweep(units, digits()):                       # on all cores, as they come
    result.sizes, result.seeds, result.test_loss

with dask.distributed.Client("scheduler:8786"):             # on a cluster of Dask
    for result in sweep(units, digits(), backend="dask"): ...
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import torch
from joblib import Parallel, delayed, parallel_config
from torch import Tensor

from ..datasets.data import Split
from .ensemble import Summary, summary, train

Unit = tuple[Sequence[int], Sequence[int]]  # sizes and seeds: what `ensemble.train` gets first


class Result(NamedTuple):
    """What became of one unit of K networks; the losses and errors are those of `ensemble.Frame`."""

    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    train_loss: Tensor  # (K,)
    test_loss: Tensor  # (K,)
    test_error: Tensor  # (K,)

    def summary(self) -> Summary:
        """Of the networks whose losses are numbers."""
        return summary(self.train_loss, self.test_loss)


def sweep(
    units: Iterable[Unit], split: Split, backend: str | None = None, jobs: int = -1, **settings: Any
) -> Iterator[Result]:
    """Train every unit, `jobs` at a time (-1: as many as there are cores), and yield results as they come.

    units: (sizes, seeds) of networks that are trained in one go. Where Dask loses a worker, its unit is begun
        anew elsewhere; so some seconds of work each, rather than minutes.
    split: goes along with each unit.
    backend: of joblib: "loky" (processes), "threading", "sequential", or "dask", which needs the extra
        `sweep` and a `dask.distributed.Client`. None: what `joblib.parallel_config` says, or else "loky".
    settings: of `ensemble.train`: epochs, batch, step_size, chunk.

    Each worker uses one thread of torch. The work begins with the call; ValueError says at once which unit or
    setting makes no sense.
    """
    work = [(tuple(sizes), tuple(seeds)) for sizes, seeds in units]
    if not work:
        raise ValueError("There are no units, so there is nothing to train: give (sizes, seeds) for each.")
    for sizes, seeds in work:
        train(sizes, seeds, split, **settings)  # only checks, as nobody asks for a frame yet
    tasks = [delayed(_train)(sizes, seeds, split, settings) for sizes, seeds in work]
    with parallel_config(backend) if backend else nullcontext():
        return Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks)


def _train(sizes: tuple[int, ...], seeds: tuple[int, ...], split: Split, settings: dict[str, Any]) -> Result:
    """One unit. `split` stays a tuple: a bare array would be put on one worker only, and be lost with it."""
    with _one_thread():
        *_, last = train(sizes, seeds, split, **{**settings, "every": sys.maxsize})
    return Result(sizes, seeds, last.train_loss, last.test_loss, last.test_error)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
