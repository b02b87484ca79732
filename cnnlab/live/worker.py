"""The one thread that does every panel's work; it and the cells take turns with the processor's cores.

OpenMP keeps a pool of threads for every thread that has called torch. When there are more of them than cores,
GNU's puts all to sleep at every wait: a network then learns at less than half of its speed, in a cell as in a
panel, even if the other one rests. So who does not compute gives its pool back.
"""

import ctypes
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch

EXECUTOR = ThreadPoolExecutor(1, thread_name_prefix="cnnlab-live")
SOFT = 1  # omp_pause_soft: all settings are kept
GNU = next((Path(torch.__file__).parent / "lib").glob("libgomp*"), None)  # other systems have another OpenMP
OPENMP = ctypes.CDLL(str(GNU)) if GNU else None


def submit(job: Callable[[], Any]) -> Future:
    """What `job` will return, or raise. The caller's thread gives up its pool until it needs one again."""
    release()
    return EXECUTOR.submit(_do, job)


def release() -> None:
    """End this thread's pool; its next large operation makes a new one, within a tenth of a millisecond."""
    if OPENMP and hasattr(OPENMP, "omp_pause_resource_all"):  # since GCC 9
        OPENMP.omp_pause_resource_all(SOFT)


def _do(job: Callable[[], Any]) -> Any:
    try:
        return job()
    finally:
        release()
