"""The loop behind a panel, and the one thread that computes: it and the cells share the processor's cores."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest
from helpers import GREY, bound, grey, panel_of, shown, until

from cnnlab.live import runner, slider


def test_newest_value_wins_and_one_stale_call_ends():
    ended, free = [], threading.Event()

    def slow(level):
        if level == 1:
            free.wait(10)
        ended.append(level)
        return grey(level / 10)

    async def scenario():
        with panel_of(slow, level=slider(0, 0, 10)) as panel:
            for level in range(1, 10):  # nine changes; the first of them starts a call
                bound(panel, "level").field.value = level
                await asyncio.sleep(0.01)
            free.set()
            await until(lambda: panel.settings.level == 9 and panel.runner.task is None)
            assert (shown(panel) == round(0.9 * 255)).all()

    asyncio.run(scenario())
    assert ended == [0, 1, 9]


def test_calls_run_in_one_thread_and_leave_the_loop_free():
    threads, waited = set(), []
    free = threading.Event()

    def slow(level):
        threads.add(threading.current_thread().name)
        if level:
            waited.append(free.wait(10))  # which only the loop can end
        return GREY

    async def scenario():
        with panel_of(slow, level=slider(0, 0, 10)) as one, panel_of(slow, level=slider(0, 0, 10)) as other:
            bound(one, "level").field.value = bound(other, "level").field.value = 1
            await until(lambda: one.runner.task is not None)
            await asyncio.sleep(0.1)
            free.set()
            await until(lambda: waited == [True, True])

    asyncio.run(scenario())
    assert len(threads) == 1 and threading.current_thread().name not in threads


def test_callbacks_from_another_thread_only_post_to_the_loop():
    """ipykernel 7 runs some callbacks in a subshell's thread."""
    touched = []

    async def scenario():
        with panel_of(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
            panel.view.picture.observe(lambda _: touched.append(threading.current_thread()), "value")
            setting = threading.Thread(target=lambda: setattr(bound(panel, "level").field, "value", 1.0))
            setting.start()
            await until(lambda: (shown(panel) == 255).all())
            setting.join()

    asyncio.run(scenario())
    assert set(touched) == {threading.main_thread()}


POOLS = """
import os, torch
from cnnlab.live import runner

def threads():
    return len(os.listdir("/proc/self/task"))

def threads_at_work():
    torch.rand(1_000_000).exp()
    return threads()

runner.submit(threads_at_work).result()  # from here on the worker's own thread is there
runner.release()
nobody = threads()
in_a_cell = threads_at_work()
in_a_panel = runner.submit(threads_at_work).result()
assert nobody + 1 == in_a_cell == in_a_panel, (nobody, in_a_cell, in_a_panel)
assert runner.submit(threads).result() == nobody
"""


@pytest.mark.slow
@pytest.mark.skipif(runner.OPENMP is None, reason="this system has another OpenMP than GNU's")
def test_only_who_computes_has_a_pool_of_threads():
    two = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", POOLS], env=two, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_job_that_raises_says_so_to_who_waits():
    with pytest.raises(ZeroDivisionError):
        runner.submit(lambda: 1 / 0).result()


FREED = """
import faulthandler, gc
from concurrent.futures import _base

import torch
from cnnlab.live import live, runner, slider

faulthandler.dump_traceback_later(60, exit=True)

def forever(settings):
    while True:
        yield torch.zeros(1, 3, 8, 8)

class Collects(_base.Future):
    def __init__(self):
        super().__init__()
        freed.append(gc.collect())  # Python may collect here of its own accord, while `submit` holds its lock

gc.disable()
freed = []
live(forever, alt="black", level=slider(0, 0, 1)).close()
runner.submit(lambda: 3).result()  # by now its generator is closed
_base.Future = Collects
assert runner.submit(lambda: 3).result() == 3
assert freed[0] > 100, freed
"""


def test_a_closed_panel_that_python_frees_within_submit_holds_nobody_up():
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
