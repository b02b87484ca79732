"""Panels and cells share the processor: neither keeps threads while the other computes."""

import os

import pytest
import torch

from cnnlab.live import worker

TASKS = "/proc/self/task"


def threads() -> int:
    """How many threads this process has, those of OpenMP among them."""
    return len(os.listdir(TASKS))


def threads_at_work() -> int:
    torch.rand(1_000_000).exp()
    return threads()


gnu_on_linux = worker.OPENMP is not None and os.path.isdir(TASKS)


@pytest.mark.skipif(not gnu_on_linux or torch.get_num_threads() == 1, reason="no pool of GNU's to give back")
def test_only_who_computes_has_a_pool_of_threads():
    worker.submit(threads_at_work).result()  # from here on the worker's own thread is there
    worker.release()
    nobody = threads()
    in_a_cell = threads_at_work()
    in_a_panel = worker.submit(threads_at_work).result()
    assert nobody + torch.get_num_threads() - 1 == in_a_cell == in_a_panel
    assert worker.submit(threads).result() == nobody


def test_a_job_that_raises_says_so_to_who_waits():
    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda: 1 / 0).result()
