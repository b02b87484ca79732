"""What `make test` and `make check` run:  python scripts/check.py [PART ...]

Parts run side by side, two at a time, and each shows what it printed when it ends. Every part runs even when
another has failed; the last lines say how each fared and how long it took, and the exit status is 1 when any
failed. `quick` stands for the parts of `make check`.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prepare_jupyter import THREADS

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "-q", "-ra"]
UNIT = [*PYTEST, "tests", "--ignore=tests/browser", "--ignore=tests/notebooks"]
OFFLINE = [PYTHON, "scripts/offline.py"]
AT_ONCE = 2
HUNG = 1200  # seconds without a word after which a command counts as hung: a busy machine is slow, not wrong

PARTS: dict[str, list[list[str]]] = {  # the longest first
    "browser": [[*PYTEST, "tests/browser"]],
    "lessons": [  # strictly, and with the network cut off: every lesson works offline
        [*OFFLINE, PYTHON, "-m", "cnnlab"],
        [*OFFLINE, *PYTEST, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=1000", "notebooks"],
    ],
    "unit": [[*UNIT, "--numprocesses=2"]],
    "oldest": [[*PYTEST, "--disable-warnings", "tests/course", "tests/live", "tests/pictures"]],
    "rendered": [[*PYTEST, "tests/notebooks"]],
    "types": [[PYTHON, "-m", "mypy"]],
    "lint": [[PYTHON, "-m", "ruff", "check", "."], [PYTHON, "-m", "ruff", "format", "--check", "."]],
    "packages": [[PYTHON, "-m", "pip", "check"]],
    "fast": [[*UNIT, "--numprocesses=2", "-m", "not slow"]],
}
QUICK = ("fast", "types", "lint")


def environment(part: str) -> dict[str, str]:
    """The environment a part runs in.

    The oldest versions lie in a folder that goes before all others. A new platformdirs announces a plugin to
    pytest, which the old one, found first, does not have. What runs side by side has a thread each.
    """
    own = {"OMP_NUM_THREADS": "1"}
    if part == "oldest":
        own |= {"PYTHONPATH": str(ROOT / ".venv" / "oldest"), "PYTEST_ADDOPTS": "-p no:platformdirs"}
    return {**THREADS, **os.environ, **own}


def run(command: list[str], part: str) -> tuple[bool, str]:
    """Whether a command succeeded, and what it printed; one that is silent for too long is stopped."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(part), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said, last = bytearray(), [time.monotonic()]

    def listen() -> None:
        assert process.stdout is not None
        while piece := os.read(process.stdout.fileno(), 65536):
            said.extend(piece)
            last[0] = time.monotonic()

    listener = threading.Thread(target=listen)
    listener.start()
    while process.poll() is None:
        if time.monotonic() - last[0] > HUNG:
            process.kill()
            said.extend(f"\nstopped: it had not printed anything for {HUNG} seconds\n".encode())
        time.sleep(0.2)
    listener.join(10)  # a program that was left behind may hold on to the pipe
    return process.returncode == 0, said.decode(errors="replace")


def run_part(part: str, show: Callable[[str], None]) -> tuple[str, bool]:
    """Run the commands of a part and show what they printed; the line that sums it up, and its success."""
    begin, all_succeeded = time.perf_counter(), True
    for command in PARTS[part]:
        succeeded, said = run(command, part)
        show(f"\n=== {part}: {' '.join(command).replace(PYTHON, 'python')}\n{said.rstrip()}")
        all_succeeded &= succeeded
    seconds, outcome = time.perf_counter() - begin, "passed" if all_succeeded else "FAILED"
    line = f"{part:<10} {seconds:6.1f} s   {outcome}"
    show(line)
    return line, all_succeeded


def main(chosen: list[str]) -> int:
    """Run the chosen parts, or all, and sum up."""
    names = [name for word in chosen for name in (QUICK if word == "quick" else [word])]
    names = names or [name for name in PARTS if name != "fast"]
    if unknown := set(names) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}.")
        return 2
    begin, speaking = time.perf_counter(), threading.Lock()

    def show(words: str) -> None:
        with speaking:
            print(words, flush=True)

    print(f"Running {', '.join(names)}.", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda part: run_part(part, show), names))
    print("\n" + "\n".join(line for line, _ in outcomes))
    succeeded = all(each for _, each in outcomes)
    print(f"{'all':<10} {time.perf_counter() - begin:6.1f} s   {'passed' if succeeded else 'FAILED'}")
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
