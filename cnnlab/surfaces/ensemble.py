"""Many small networks of ReLUs, trained at once: every product of matrices is a batch of them.

for frame in train_ensemble((64, 50, 10), range(200), digits().split(1000)):    # after each epoch
    frame.test_loss                                         # (200,), NaN where a network has not begun
frame.network(7)                                            # the eighth, as an nn.Sequential

Many such trainings side by side, on the cores of this machine, or on many machines:

units = [((64, width, 10), range(k, k + 50)) for width in (2, 50, 500) for k in range(0, 1000, 50)]
for frame in sweep(units, digits().split(1000)):           # the last frame of each, as they come
    frame.sizes, frame.seeds, frame.test_loss
with dask.distributed.Client("scheduler:8786"):             # on a cluster of Dask
    for frame in sweep(units, digits().split(1000), backend="dask"): ...

The experiment is that of Choromanska et al., "The loss surfaces of multilayer networks", AISTATS 2015
(arXiv:1412.0233): train many networks of one size, and see how far apart they end.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from joblib import Parallel, delayed, parallel_config
from torch import Tensor, nn

from ..datasets.labelled import Split

CACHE = 2**18  # numbers that a processor core has close by; working on more at once is slower
MEMORY = 2**26  # numbers to work on at once on an accelerator
Unit = tuple[Sequence[int], Sequence[int]]  # of work: sizes and seeds


class EnsembleLayer(NamedTuple):
    """One layer of K networks."""

    weights: Tensor  # (K, out, in)
    biases: Tensor  # (K, out, 1)


class LossSummary(NamedTuple):
    """How K networks of one size fared: their test losses, and how these go with their training losses."""

    mean: float
    spread: float  # the standard deviation
    least: float
    most: float
    correlation: float  # Pearson's, of training and test loss


@dataclass(frozen=True)
class EnsembleFrame:
    """One moment of a training: `networks` (positions in `seeds`) have just completed `epoch`.

    sizes, seeds: what is trained: numbers of units, and one seed for each of K networks.
    train_loss, test_loss: (K,) mean cross-entropy in nats of every network so far, on the CPU. NaN where one
        has not begun; NaN or infinite where a step size too large threw one out of the numbers.
    test_error: (K,) share of test examples whose label does not get the highest logit.
    layers: what was learned, in the last frame of `train_ensemble`; () before, and in a `sweep`.
    """

    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    epoch: int
    networks: range
    train_loss: Tensor
    test_loss: Tensor
    test_error: Tensor
    layers: tuple[EnsembleLayer, ...] = ()

    def network(self, position: int) -> nn.Sequential:
        """The network at a position in `seeds`: Linear, ReLU, Linear ... ValueError before the last frame."""
        if not self.layers:
            raise ValueError("Only the last frame of a training holds the networks: train until the end.")
        modules: list[nn.Module] = []
        for weights, biases in self.layers:
            _, after, before = weights.shape
            linear = nn.utils.skip_init(nn.Linear, before, after, dtype=weights.dtype, device=weights.device)
            linear.load_state_dict({"weight": weights[position], "bias": biases[position, :, 0]})
            modules += [linear, nn.ReLU()]
        return nn.Sequential(*modules[:-1])


def loss_summary(train_loss: Tensor, test_loss: Tensor) -> LossSummary:
    """Of the networks whose losses (K,) are numbers; all NaN where these are fewer than two."""
    finite = train_loss.isfinite() & test_loss.isfinite()
    both = torch.stack([train_loss[finite], test_loss[finite]]).double()  # (2, K)
    if both.shape[1] < 2:
        return LossSummary(*[math.nan] * 5)
    test, correlation = both[1], torch.corrcoef(both)[0, 1]
    return LossSummary(*map(float, (test.mean(), test.std(), test.min(), test.max(), correlation)))


def train_ensemble(
    sizes: Sequence[int], seeds: Sequence[int], split: Split, epochs: int = 20, batch: int = 25,
    step_size: float = 0.3, chunk: int | None = None, every: int = 1,
) -> Iterator[EnsembleFrame]:  # fmt: skip
    """Train a network for every seed by SGD, its step size falling linearly from `step_size` to 0.

    sizes: numbers of units, inputs first and labels last: (64, 50, 10). (64, 10) is logistic regression.
    seeds: one for each network. It decides where a network starts (see `he_start`) and then, drawn from the
        same generator, the order of its examples in each epoch (`torch.randperm(N, generator=random)`). So,
        up to rounding, a network's result depends neither on the others nor on `chunk`.
    split: the examples. Device and precision are those of `split.inputs`.
    epochs, batch: each epoch sees all examples, `batch` at a time; the last batch may be smaller.
    chunk: how many networks are trained at once, one chunk to its end after another. None: as many as fit
        into the cache of a processor, or into the memory of an accelerator.
    every: a frame (and a look at all examples) after so many epochs of a chunk, and after its last.

    ValueError says what makes no sense. A step size too large does not raise: it shows in the losses.
    """
    sizes, seeds = tuple(sizes), tuple(seeds)
    _check(sizes, seeds, split)
    chunk = _chunk(sizes, batch, split.inputs) if chunk is None else chunk
    for name, count in {"epochs": epochs, "batch": batch, "chunk": chunk, "every": every}.items():
        if count < 1:
            raise ValueError(f"{name} is {count}, and it must be at least 1.")
    if batch > len(split.labels):
        raise ValueError(f"A batch of {batch} is more than all {len(split.labels)} examples: take less.")
    if not (math.isfinite(step_size) and step_size > 0):
        raise ValueError(f"The step size is {step_size}, and it must be a number above 0.")
    return _frames(sizes, seeds, split, epochs, batch, step_size, chunk, every)


def he_start(sizes: Sequence[int], random: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Where a network starts: for each layer weights (out, in) and biases (out,), float32 on the CPU.

    As in He et al. 2015 (arXiv:1502.01852): normal with variance 2 / in, drawn layer by layer; biases are 0.
    """
    return [
        (math.sqrt(2 / before) * torch.randn(after, before, generator=random), torch.zeros(after))
        for before, after in pairwise(sizes)
    ]


def _frames(
    sizes: tuple[int, ...], seeds: tuple[int, ...], split: Split, epochs: int, batch: int, step_size: float,
    chunk: int, every: int,
) -> Iterator[EnsembleFrame]:  # fmt: skip
    scores = torch.full((3, len(seeds)), torch.nan, dtype=split.inputs.dtype)
    steps = math.ceil(len(split.labels) / batch)  # of an epoch
    learned: list[list[EnsembleLayer]] = []
    for first in range(0, len(seeds), chunk):
        networks = range(first, min(first + chunk, len(seeds)))
        randoms = [torch.Generator().manual_seed(seeds[position]) for position in networks]
        layers = _stacked([he_start(sizes, random) for random in randoms], split.inputs)
        learned.append(layers)
        for epoch in range(1, epochs + 1):
            for number, examples in enumerate(_batches(split, batch, randoms), (epoch - 1) * steps):
                sgd_step(layers, *examples, step_size * (1 - number / (epochs * steps)))
            if epoch % every and epoch < epochs:
                continue
            train_loss, _ = losses(layers, split.inputs, split.labels)
            tested = losses(layers, split.test_inputs, split.test_labels)
            scores[:, first : networks.stop] = torch.stack([train_loss, *tested]).cpu()
            complete = epoch == epochs and networks.stop == len(seeds)
            joined = tuple(map(_joined, zip(*learned, strict=True))) if complete else ()
            so_far = scores.clone()
            yield EnsembleFrame(sizes, seeds, epoch, networks, so_far[0], so_far[1], so_far[2], joined)


def _batches(split: Split, batch: int, randoms: Sequence[torch.Generator]) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch, for K networks each in its own order: inputs (K, B, d) and labels (K, 1, B)."""
    examples = len(split.labels)
    orders = torch.stack([torch.randperm(examples, generator=random) for random in randoms])  # (K, N)
    for chosen in orders.to(split.inputs.device).split(batch, 1):  # (K, B)
        flat = chosen.flatten()
        inputs, labels = split.inputs.index_select(0, flat), split.labels.index_select(0, flat)
        yield inputs.view(*chosen.shape, -1), labels.view(len(randoms), 1, -1)


def sgd_step(layers: Sequence[EnsembleLayer], inputs: Tensor, labels: Tensor, step_size: float) -> None:
    """One step of K networks, in place, down the gradient of the mean cross-entropy of their own batches.

    inputs: (K, B, d). labels: (K, 1, B). The gradient is taken by hand. With units before examples,
    (K, out, B), softmax and ReLU run along rows that are whole in memory, which is several times faster.
    """
    below = inputs.transpose(1, 2)  # (K, d, B)
    seen = [below]  # by each layer
    for weights, biases in layers[:-1]:
        below = torch.bmm(weights, below).add_(biases).relu_()  # (K, out, B)
        seen.append(below)
    weights, biases = layers[-1]
    slope = torch.bmm(weights, below).add_(biases)  # logits, and then what the loss changes with them
    slope.sub_(slope.amax(1, keepdim=True)).exp_()
    slope.div_(slope.sum(1, keepdim=True))
    slope.scatter_add_(1, labels, torch.full_like(labels, -1, dtype=slope.dtype))
    slopes = [slope.mul_(step_size / inputs.shape[1])]
    for (weights, _), below in zip(layers[:0:-1], seen[:0:-1], strict=True):  # from the last layer down
        slopes.append(torch.bmm(weights.transpose(1, 2), slopes[-1]).mul_(below.sign()))
    for (weights, biases), below, slope in zip(layers, seen, reversed(slopes), strict=True):
        weights.baddbmm_(slope, below.transpose(1, 2), alpha=-1)
        biases.sub_(slope.sum(2, keepdim=True))


def losses(layers: Sequence[EnsembleLayer], inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """(K,) mean cross-entropies, and (K,) shares of errors, of K networks on the same examples (N, d).

    In blocks that fit into the cache. A label that shares the highest logit counts as found.
    """
    block = max(8, _room(inputs) // sum(biases.numel() for _, biases in layers))
    loss = error = inputs.new_zeros(len(layers[0].weights))
    for some, wanted in zip(inputs.split(block), labels.split(block), strict=True):
        logits = _logits(layers, some)  # (K, labels, n)
        best = logits.amax(1)  # (K, n)
        reached = logits.gather(1, wanted.expand(len(logits), 1, -1))[:, 0]
        error = error + (~(reached >= best)).sum(1)  # what is not a number is an error, too
        loss = loss + (logits.sub_(best[:, None]).exp_().sum(1).log_() + best - reached).sum(1)
    return loss / len(labels), error / len(labels)


def _logits(layers: Sequence[EnsembleLayer], inputs: Tensor) -> Tensor:
    """(K, labels, n): what K networks say of the same inputs (n, d)."""
    weights, biases = layers[0]
    below = (weights.flatten(0, 1) @ inputs.T).view(*biases.shape[:2], -1).add_(biases)  # one large product
    for weights, biases in layers[1:]:
        below = torch.bmm(weights, below.relu_()).add_(biases)
    return below


def _stacked(starts: list[list[tuple[Tensor, Tensor]]], like: Tensor) -> list[EnsembleLayer]:
    """Networks side by side, with the device and the precision of `like`."""
    layers = (zip(*layer, strict=True) for layer in zip(*starts, strict=True))
    stacks = ((torch.stack(weights), torch.stack(biases)) for weights, biases in layers)
    return [EnsembleLayer(weights.to(like), biases[:, :, None].to(like)) for weights, biases in stacks]


def _joined(chunks: tuple[EnsembleLayer, ...]) -> EnsembleLayer:
    """One layer of the networks of all chunks."""
    return EnsembleLayer(*map(torch.cat, zip(*chunks, strict=True)))


def _room(like: Tensor) -> int:
    """How many numbers to work on at once."""
    return CACHE if like.device.type == "cpu" else MEMORY


def _chunk(sizes: tuple[int, ...], batch: int, like: Tensor) -> int:
    """How many networks of these sizes to train at once."""
    parameters = sum((before + 1) * after for before, after in pairwise(sizes))
    return max(4, _room(like) // (parameters + batch * sum(sizes)))


def _check(sizes: tuple[int, ...], seeds: tuple[int, ...], split: Split) -> None:
    """ValueError with one sentence where networks of these sizes cannot be trained on the examples."""
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"Sizes of {sizes} make no network: give two or more, at least 1 each, (64, 10).")
    if not seeds:
        raise ValueError("There are no seeds, so there is nothing to train: give one for each network.")
    for inputs, labels, part in ((*split[:2], "training"), (*split[2:], "test")):
        if inputs.ndim != 2 or not len(inputs) or labels.shape != inputs.shape[:1]:
            raise ValueError(
                f"The {part} inputs of {tuple(inputs.shape)} and labels of {tuple(labels.shape)} do not go "
                "together: give inputs (N, d) and labels (N,), N at least 1."
            )
        if (width := inputs.shape[1]) != sizes[0]:
            raise ValueError(f"The {part} inputs are {width} numbers each: make the first size that.")
        if not inputs.isfinite().all():
            raise ValueError(f"The {part} inputs are not all finite numbers: leave out the others.")
        if labels.min() < 0 or labels.max() >= sizes[-1]:
            seen, last = f"{labels.min()} to {labels.max()}", sizes[-1] - 1
            raise ValueError(f"The {part} labels go from {seen}: by the sizes they must lie in 0 to {last}.")


def sweep(
    units: Iterable[Unit], split: Split, backend: str | None = None, jobs: int = -1, **settings: Any
) -> Iterator[EnsembleFrame]:
    """Train every unit, `jobs` at a time (-1: one for each core), and yield their last frames as they come.

    units: (sizes, seeds) of networks that are trained in one go. Where Dask loses a worker, its unit is begun
        anew elsewhere; so some seconds of work each, rather than minutes.
    split: goes along with each unit.
    backend: of joblib: "loky" (processes), "threading", "sequential", or "dask", which needs the extra
        `sweep` and a `dask.distributed.Client`. None: what `joblib.parallel_config` says, or else "loky".
    settings: of `train_ensemble`: epochs, batch, step_size, chunk.

    Each worker uses one thread of torch. The work begins with the call; ValueError says at once which unit or
    setting makes no sense.
    """
    work = [(tuple(sizes), tuple(seeds)) for sizes, seeds in units]
    if not work:
        raise ValueError("There are no units, so there is nothing to train: give (sizes, seeds) for each.")
    for unit in work:
        train_ensemble(*unit, split, **settings)  # only checks, as nobody asks for a frame yet
    tasks = [delayed(_last_frame)(unit, split, settings) for unit in work]
    with parallel_config(backend) if backend else nullcontext():
        return Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks)


def _last_frame(unit: Unit, split: Split, settings: dict[str, Any]) -> EnsembleFrame:
    """One unit. `split` stays a tuple: a bare array would be put on one worker only, and be lost with it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        *_, last = train_ensemble(*unit, split, **{**settings, "every": sys.maxsize})
    finally:
        torch.set_num_threads(threads)
    return replace(last, layers=())
