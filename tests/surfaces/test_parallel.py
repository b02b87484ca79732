"""Units of work come to the same wherever they run, and also where a worker dies."""

import os
import signal

import joblib
import pytest
import torch
from dask.distributed import Client, LocalCluster

from cnnlab.datasets.data import digits
from cnnlab.surfaces.ensemble import train
from cnnlab.surfaces.parallel import sweep

SPLIT = digits(200)
UNITS = [((64, width, 10), range(first, first + 3)) for width in (2, 5, 9) for first in (0, 3)]
EPOCHS = 2


def expected(units=UNITS, split=SPLIT, epochs=EPOCHS):
    """What becomes of the units, one after the other, in this process and with one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return {unit: list(train(*unit, split, epochs))[-1] for unit in units}
    finally:
        torch.set_num_threads(threads)


def same(results, frames):
    found = {(result.sizes, range(result.seeds[0], result.seeds[-1] + 1)): result for result in results}
    assert len(results) == len(found) == len(frames) and found.keys() == frames.keys()
    for unit, frame in frames.items():
        for name in ("train_loss", "test_loss", "test_error"):
            torch.testing.assert_close(getattr(found[unit], name), getattr(frame, name))


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_every_backend_comes_to_the_same(backend):
    threads = torch.get_num_threads()
    results = list(sweep(UNITS, SPLIT, backend, jobs=2, epochs=EPOCHS))
    same(results, expected())
    assert backend == "threading" or torch.get_num_threads() == threads
    for result in results:
        frame = expected([(result.sizes, result.seeds)])[result.sizes, result.seeds]
        assert result.summary() == pytest.approx(frame.summary(), rel=1e-3)


def test_the_backend_may_be_chosen_outside():
    with joblib.parallel_config("sequential"):
        results = list(sweep(UNITS, SPLIT, epochs=EPOCHS))
    same(results, expected())


def test_a_worker_uses_one_thread(monkeypatch):
    threads, seen = torch.get_num_threads(), []

    def watched(*arguments, **settings):
        for frame in train(*arguments, **settings):
            seen.append(torch.get_num_threads())
            yield frame

    monkeypatch.setattr("cnnlab.surfaces.parallel.train", watched)
    torch.set_num_threads(2)
    try:
        list(sweep(UNITS[:2], SPLIT, "sequential", epochs=1))
        assert seen == [1, 1] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_a_worker_of_dask_dies_half_way_and_nothing_is_lost():
    split, units = digits(), [((64, 25, 10), range(first, first + 4)) for first in range(0, 32, 4)]
    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
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


BAD = {
    "none": ([], {}, "no units"),
    "width": ([*UNITS, ((64, 0, 10), range(3))], {}, "at least 1"),
    "seeds": ([((64, 5, 10), ())], {}, "no seeds"),
    "epochs": (UNITS, {"epochs": 0}, "epochs is 0"),
    "batch": (UNITS, {"batch": 201}, "more than all 200"),
}


@pytest.mark.parametrize(("units", "settings", "words"), BAD.values(), ids=BAD.keys())
def test_what_makes_no_sense_is_said_before_work_begins(units, settings, words):
    with pytest.raises(ValueError, match=words):
        sweep(units, SPLIT, **settings)
