"""Measure what each lesson takes:  python scripts/measure_lessons.py [NUMBER ...]

Each lesson runs from the top in a kernel of its own, in an empty folder and with nothing kept from earlier
runs. Its peak memory is that of the kernel and of the processes that it starts; its time runs from the
kernel's start to the last cell's end. The table in docs/measured_lessons.md gets a new row for each lesson
that ran and keeps the others. On a quiet machine, please: what else runs there slows the lessons down.
"""

import os
import platform
import re
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import lessons
import psutil
import torch
from nbclient import NotebookClient

TABLE = lessons.ROOT / "docs" / "measured_lessons.md"
LIMIT = 600  # seconds a cell may take
EVERY = 0.1  # seconds between two looks at the memory
ROW = re.compile(r"^\| (\d\d) .+? \| (\d+) MB \| (\d+) s \| (\d+) min, (\d+) min \| (.+?) \|$", re.M)
HEAD = """# What the lessons take
Measured by `scripts/measure_lessons.py`: each lesson from the top in a kernel of its own, with nothing kept
from earlier runs. *Memory* is the peak of the kernel with all that it starts; Binder stops at 2048 MB. *Runs*
is the time from the kernel's start to the end of the last cell, with live panels at their first picture.
*Stated* is what the lesson promises: minutes for a reader, and minutes for its exercises.

| lesson | memory | runs | stated | measured |
|---|---|---|---|---|
"""


class Watch(threading.Thread):
    """Looks at the memory of a process and its children until told to stop; `peak` is in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process, self.peak, self.stopped = psutil.Process(pid), 0, threading.Event()

    def run(self) -> None:
        last = False
        while not last:  # one more look when it is told to stop: the run may have been shorter than a pause
            last = self.stopped.wait(EVERY)
            self.peak = max(self.peak, self.now())

    def now(self) -> int:
        """Bytes at this moment: all of the first process, of the others what they do not share."""
        total = 0
        for process in [self.process, *children(self.process)]:
            first = process == self.process
            try:
                total += process.memory_info().rss if first else process.memory_full_info().uss
            except psutil.Error:  # it has ended
                continue
        return total


def children(process: psutil.Process) -> list[psutil.Process]:
    """All processes that it started and that still run."""
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def measure(path: Path) -> tuple[int, float]:
    """Peak memory in bytes and time in seconds of one run of the lesson at `path`."""
    notebook = lessons.read(path)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        kept = {"TORCH_HOME": folder, "CNNLAB_NOTES": os.path.join(folder, "notes.json")}
        client = NotebookClient(
            notebook, timeout=LIMIT, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        start = time.perf_counter()
        with client.setup_kernel(env={**os.environ, **kept}):
            watch = Watch(client.km.provisioner.pid)
            watch.start()
            for place, cell in enumerate(notebook.cells):
                client.execute_cell(cell, place)
            seconds = time.perf_counter() - start
            watch.stopped.set()
            watch.join()
    return watch.peak, seconds


def machine() -> str:
    """What a reader has to know of the machine that measured: never its name."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB"
    threads = "one thread" if torch.get_num_threads() == 1 else f"{torch.get_num_threads()} threads"
    versions = f"Python {platform.python_version()}, PyTorch {torch.__version__.split('+')[0]}"
    return f"{date.today()}, {system}, {versions}, {threads}"


def row(path: Path, peak: int, seconds: float) -> str:
    """The lesson's line in the table."""
    notebook = lessons.read(path)
    exercises = sum(lessons.exercise_minutes(notebook))
    total = sum(cell.metadata["cnnlab"]["minutes"] for _, cell in lessons.sections(notebook)) - exercises
    took = f"{round(peak / 2**20)} MB | {round(seconds)} s | {total} min, {exercises} min"
    return f"| {lessons.titles()[path.name]} | {took} | {machine()} |"


def keep(line: str) -> None:
    """Write the table with this line in the place of the lesson's old one."""
    text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    rows = {found[1]: found[0] for found in ROW.finditer(text)}
    rows[line[2:4]] = line
    TABLE.write_text(HEAD + "\n".join(rows[number] for number in sorted(rows)) + "\n", encoding="utf-8")


def main(numbers: list[str]) -> None:
    """Measure the lessons whose names begin with one of the numbers, or all."""
    for path in lessons.paths(numbers):
        peak, seconds = measure(path)
        keep(row(path, peak, seconds))
        print(f"{path.stem:<32} {peak / 2**20:6.0f} MB {seconds:6.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
