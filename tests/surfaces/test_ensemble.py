"""Networks trained together end where a plain loop over nn.Sequential and SGD takes each of them.

And units of work come to the same wherever they run, and also where a worker dies.
"""

import math
import os
import signal
from itertools import islice, pairwise

import joblib
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from cnnlab.datasets import Split, digits
from cnnlab.surfaces import ensemble
from cnnlab.surfaces.ensemble import EnsembleLayer, he_start, loss_summary, sgd_step, sweep, train_ensemble

SIZES = [(64, 10), (64, 7, 10), (64, 9, 8, 7, 10)]
DIGITS = digits().split(1000).to(dtype=torch.float64)
FEW = Split(DIGITS.inputs[:203], DIGITS.labels[:203], DIGITS.test_inputs[:97], DIGITS.test_labels[:97])


def last(*arguments, **settings):
    *_, frame = train_ensemble(*arguments, **settings)
    return frame


def summary(frame):
    return loss_summary(frame.train_loss, frame.test_loss)


def alone(sizes, seed, split, epochs=3, batch=25, step_size=0.3):
    """One network, trained as one would without this package."""
    random = torch.Generator().manual_seed(seed)
    modules = [module for sizes in pairwise(sizes) for module in (nn.Linear(*sizes), nn.ReLU())]
    network = nn.Sequential(*modules[:-1]).to(split.inputs.dtype)
    for linear, (weights, biases) in zip(network[::2], he_start(sizes, random), strict=True):
        linear.load_state_dict({"weight": weights, "bias": biases})
    optimizer = torch.optim.SGD(network.parameters(), lr=step_size)
    steps = epochs * math.ceil(len(split.labels) / batch)
    fall = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda number: 1 - number / steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(split.labels), generator=random).split(batch):
            optimizer.zero_grad()
            cross_entropy(network(split.inputs[chosen]), split.labels[chosen]).backward()
            optimizer.step()
            fall.step()
    return network


def same_parameters(network, other):
    for one, two in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sizes", SIZES)
def test_equals_a_plain_loop(sizes):
    seeds = (5, 0, 2**40)
    frame = last(sizes, seeds, FEW, epochs=3)
    for position, seed in enumerate(seeds):
        network = alone(sizes, seed, FEW)
        same_parameters(frame.network(position), network)
        with torch.no_grad():
            learned, tested = network(FEW.inputs), network(FEW.test_inputs)
        wrong = (tested.argmax(1) != FEW.test_labels).double().mean()
        torch.testing.assert_close(frame.train_loss[position], cross_entropy(learned, FEW.labels))
        torch.testing.assert_close(frame.test_loss[position], cross_entropy(tested, FEW.test_labels))
        torch.testing.assert_close(frame.test_error[position], wrong)


@pytest.mark.parametrize("sizes", SIZES)
def test_a_step_follows_the_gradient_of_autograd(sizes):
    random = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(shape, generator=random, dtype=torch.float64)

    layers = [EnsembleLayer(draw(4, after, before), draw(4, after, 1)) for before, after in pairwise(sizes)]
    inputs, labels = draw(4, 6, 64), torch.randint(10, (4, 6), generator=random)
    moved = [EnsembleLayer(weights.clone(), biases.clone()) for weights, biases in layers]
    sgd_step(moved, inputs, labels[:, None], 0.25)
    values = inputs
    for number, (weights, biases) in enumerate(layers):
        weights.requires_grad_(), biases.requires_grad_()
        values = (values.relu() if number else values) @ weights.transpose(1, 2) + biases.transpose(1, 2)
    (
        cross_entropy(values.flatten(0, 1), labels.flatten()) * len(labels)
    ).backward()  # each network's own mean
    for before, after in zip(layers, moved, strict=True):
        for one, two in zip(before, after, strict=True):
            torch.testing.assert_close(two, (one - 0.25 * one.grad).detach(), rtol=1e-10, atol=1e-12)


def test_a_start_keeps_the_size_of_what_passes_through():
    """He et al. 2015: weights of variance 2 / in make up for ReLUs that drop half of the mean square."""
    (first, zeros), (second, _) = he_start((400, 1000, 3000), torch.Generator().manual_seed(0))
    assert first.shape == (1000, 400) and second.shape == (3000, 1000) and not zeros.any()
    inputs = torch.randn(500, 400, generator=torch.Generator().manual_seed(1))
    hidden = inputs @ first.T
    outputs = hidden.relu() @ second.T
    assert hidden.square().mean() / inputs.square().mean() == pytest.approx(2, rel=0.03)
    assert outputs.square().mean() / hidden.square().mean() == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("settings", [{"chunk": 1}, {"chunk": 3}, {"chunk": 100}, {"every": 2}])
def test_a_networks_result_depends_on_its_seed_alone(settings):
    seeds = [3, 1, 4, 15, 9, 2, 6]
    expected = last((64, 5, 10), seeds, FEW, epochs=3)
    frame = last((64, 5, 10), [*reversed(seeds), 77], FEW, epochs=3, **settings)
    for name in ("train_loss", "test_loss", "test_error"):
        torch.testing.assert_close(
            getattr(frame, name)[:-1].flip(0), getattr(expected, name), rtol=1e-9, atol=0
        )
    same_parameters(frame.network(6), expected.network(0))


def test_frames_fill_as_chunks_are_trained():
    frames = list(train_ensemble((64, 4, 10), range(5), FEW, epochs=2, chunk=2))
    assert [(frame.epoch, frame.networks) for frame in frames] == [
        (epoch, networks) for networks in (range(2), range(2, 4), range(4, 5)) for epoch in (1, 2)
    ]
    for frame in frames:
        assert frame.test_loss.isfinite().tolist() == [k < frame.networks.stop for k in range(5)]
    assert torch.equal(frames[1].test_loss[:2], frames[-1].test_loss[:2])
    assert (frames[1].train_loss < frames[0].train_loss)[:2].all()
    assert [bool(frame.layers) for frame in frames] == [False] * 5 + [True]
    with pytest.raises(ValueError, match="last frame"):
        frames[0].network(0)


def test_a_frame_after_every_so_many_epochs_and_after_the_last():
    frames = train_ensemble((64, 4, 10), range(2), FEW, epochs=5, every=2)
    assert [frame.epoch for frame in frames] == [2, 4, 5]


def test_float32_ends_close_to_float64():
    frames = [last((64, 10, 10), range(20), split, epochs=5) for split in (DIGITS, digits().split(1000))]
    assert frames[1].train_loss.dtype == torch.float32
    torch.testing.assert_close(frames[1].test_loss.double(), frames[0].test_loss, rtol=1e-3, atol=0)


def test_losses_of_many_examples_come_in_blocks(monkeypatch):
    frames = []
    for room in (2**30, 1):  # all at once, and 8 at a time
        monkeypatch.setattr(ensemble, "CACHE", room)
        frames.append(last((64, 5, 10), range(4), FEW, epochs=1, chunk=4))
    torch.testing.assert_close(frames[0].train_loss, frames[1].train_loss, rtol=1e-12, atol=0)


def test_a_step_size_too_large_is_reported():
    frame = last((64, 5, 10), range(4), FEW, epochs=2, step_size=1e300)
    assert not frame.train_loss.isfinite().any() and not frame.test_loss.isfinite().any()
    assert (frame.test_error > 0.5).all()
    assert all(math.isnan(number) for number in summary(frame))


def test_one_lost_network_leaves_its_neighbours_alone():
    layers = [EnsembleLayer(torch.randn(3, 10, 64), torch.zeros(3, 10, 1))]
    layers[0].weights[1] = torch.nan
    inputs, labels = torch.rand(3, 5, 64), torch.zeros(3, 1, 5, dtype=torch.long)
    sgd_step(layers, inputs, labels, 0.1)
    assert layers[0].weights.isfinite().flatten(1).all(1).tolist() == [True, False, True]


def test_summary_leaves_out_what_is_no_number():
    train_loss, test_loss = torch.tensor([1.0, 2, 3, torch.nan, 5]), torch.tensor([2.0, 4, 6, 8, torch.inf])
    found = loss_summary(train_loss, test_loss)
    assert found == pytest.approx((4, 2, 2, 6, 1))


BAD = {
    "width": ({"sizes": (64, 0, 10)}, "at least 1"),
    "no layer": ({"sizes": (64,)}, "two or more"),
    "no seeds": ({"seeds": ()}, "no seeds"),
    "inputs": ({"sizes": (63, 5, 10)}, "64 numbers each"),
    "labels": ({"sizes": (64, 5, 9)}, "must lie in 0 to 8"),
    "batch": ({"batch": 204}, "more than all 203"),
    "no batch": ({"batch": 0}, "batch is 0"),
    "epochs": ({"epochs": 0}, "epochs is 0"),
    "chunk": ({"chunk": 0}, "chunk is 0"),
    "every": ({"every": 0}, "every is 0"),
    "step size": ({"step_size": 0}, "above 0"),
    "step size NaN": ({"step_size": math.nan}, "above 0"),
    "shapes": ({"split": FEW._replace(labels=FEW.labels[1:])}, "do not go together"),
    "negative": ({"split": FEW._replace(test_labels=FEW.test_labels - 1)}, "test labels go from -1"),
    "NaN": ({"split": FEW._replace(inputs=FEW.inputs * math.nan)}, "not all finite"),
}


@pytest.mark.parametrize(("bad", "words"), BAD.values(), ids=BAD.keys())
def test_what_makes_no_sense_is_said_at_once_in_one_sentence(bad, words):
    with pytest.raises(ValueError, match=words) as caught:
        train_ensemble(**{"sizes": (64, 5, 10), "seeds": range(3), "split": FEW, **bad})
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_wider_the_closer_together_and_the_less_telling_is_the_training_loss():
    """What Choromanska et al. 2015 found on MNIST, with fewer networks on digits."""
    found = [
        summary(last((64, width, 10), range(100), digits().split(1000), every=20)) for width in (5, 25, 250)
    ]
    for narrow, wide in pairwise(found):
        assert wide.spread < 0.7 * narrow.spread
        assert wide.mean < narrow.mean
        assert wide.correlation < narrow.correlation - 0.1


def test_networks_of_two_hidden_units_find_bad_minima():
    two, ten = (last((64, width, 10), range(100), digits().split(1000), every=20) for width in (2, 10))
    assert two.train_loss.min() > 2 * ten.train_loss.max()


def test_units_that_are_always_off_make_many_of_them():
    raw, centred = (
        last((64, 5, 10), range(100), split, every=20)
        for split in (digits().split(1000), digits().split(1000).centred())
    )
    assert summary(raw).spread > 2 * summary(centred).spread


def test_logistic_regression_ends_in_one_place_from_every_start():
    frame = last((64, 10), range(20), digits().split(1000), every=20)
    assert summary(frame).spread < 0.02 * summary(frame).mean


def test_trains_on_an_accelerator(gpu):
    frame = last((64, 25, 10), range(50), digits().split(1000).to(gpu), epochs=5, every=5)
    here = last((64, 25, 10), range(50), digits().split(1000), epochs=5, every=5)
    assert frame.layers[0].weights.device.type == gpu.type
    torch.testing.assert_close(frame.test_loss, here.test_loss, rtol=1e-2, atol=0)


def test_nothing_is_trained_that_nobody_looks_at():
    frames = train_ensemble((64, 500, 10), range(10**6), digits().split(1000), chunk=2)  # hours of work
    assert next(islice(frames, 1)).epoch == 1


# --- sweeps

SWEPT = digits().split(200)
UNITS = [((64, width, 10), range(first, first + 3)) for width in (2, 5, 9) for first in (0, 3)]
SWEEP_EPOCHS = 2


def expected(units=UNITS, split=SWEPT, epochs=SWEEP_EPOCHS):
    """What becomes of the units, one after the other, in this process and with one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return {unit: list(train_ensemble(*unit, split, epochs))[-1] for unit in units}
    finally:
        torch.set_num_threads(threads)


def same(results, frames):
    found = {(result.sizes, range(result.seeds[0], result.seeds[-1] + 1)): result for result in results}
    assert len(results) == len(found) == len(frames) and found.keys() == frames.keys()
    for unit, frame in frames.items():
        for name in ("train_loss", "test_loss", "test_error"):
            torch.testing.assert_close(getattr(found[unit], name), getattr(frame, name))


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_every_backend_comes_to_the_same(backend):
    threads = torch.get_num_threads()
    results = list(sweep(UNITS, SWEPT, backend, jobs=2, epochs=SWEEP_EPOCHS))
    same(results, expected())
    assert backend == "threading" or torch.get_num_threads() == threads
    for result in results:
        frame = expected([(result.sizes, result.seeds)])[result.sizes, result.seeds]
        assert summary(result) == pytest.approx(summary(frame), rel=1e-3)


def test_the_backend_may_be_chosen_outside():
    with joblib.parallel_config("sequential"):
        results = list(sweep(UNITS, SWEPT, epochs=SWEEP_EPOCHS))
    same(results, expected())


def test_a_worker_uses_one_thread(monkeypatch):
    threads, seen = torch.get_num_threads(), []

    def watched(*arguments, **settings):
        for frame in train_ensemble(*arguments, **settings):
            seen.append(torch.get_num_threads())
            yield frame

    monkeypatch.setattr("cnnlab.surfaces.ensemble.train_ensemble", watched)
    torch.set_num_threads(2)
    try:
        list(sweep(UNITS[:2], SWEPT, "sequential", epochs=1))
        assert seen == [1, 1] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


@pytest.mark.slow
def test_a_worker_of_dask_dies_half_way_and_nothing_is_lost():
    split, units = (
        digits().split(1000),
        [((64, 25, 10), range(first, first + 4)) for first in range(0, 32, 4)],
    )
    dask = pytest.importorskip("dask.distributed")
    with (
        dask.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        dask.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        results, died = [], False
        for result in sweep(units, split, "dask", epochs=30):
            results.append(result)
            if not died:
                died = True
                process = workers[next(address for address, tasks in client.processing().items() if tasks)]
                os.kill(process, signal.SIGTERM)
        assert process not in client.run(os.getpid).values()
    same(results, expected(units, split, epochs=30))


BAD_SWEEPS = {
    "none": ([], {}, "no units"),
    "width": ([*UNITS, ((64, 0, 10), range(3))], {}, "at least 1"),
    "seeds": ([((64, 5, 10), ())], {}, "no seeds"),
    "epochs": (UNITS, {"epochs": 0}, "epochs is 0"),
    "batch": (UNITS, {"batch": 201}, "more than all 200"),
}


@pytest.mark.parametrize(("units", "settings", "words"), BAD_SWEEPS.values(), ids=BAD_SWEEPS.keys())
def test_what_makes_no_sense_is_said_before_work_begins(units, settings, words):
    with pytest.raises(ValueError, match=words):
        sweep(units, SWEPT, **settings)
