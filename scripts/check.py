"""What `make test` runs:  python scripts/check.py [PART ...]

Every part runs even when an earlier one has failed; the last lines say how each fared and how long it took,
and the exit status is 1 when any failed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "-q", "-ra"]
OFFLINE = [PYTHON, "scripts/offline.py"]
LIMIT = 1800  # seconds a command may take before it counts as hung

PARTS: dict[str, list[list[str]]] = {
    "lint": [[PYTHON, "-m", "ruff", "check", "."], [PYTHON, "-m", "ruff", "format", "--check", "."]],
    "types": [[PYTHON, "-m", "mypy"]],
    "packages": [[PYTHON, "-m", "pip", "check"]],
    "unit": [[*PYTEST, "tests", "--ignore=tests/browser", "--ignore=tests/notebooks"]],
    "oldest": [[*PYTEST, "--disable-warnings", "tests/lab", "tests/live", "tests/pictures"]],
    "rendered": [[*PYTEST, "tests/notebooks"]],
    "lessons": [  # strictly, and with the network cut off: every lesson works offline
        [*OFFLINE, PYTHON, "-m", "cnnlab"],
        [*OFFLINE, *PYTEST, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "notebooks"],
    ],
    "browser": [[*PYTEST, "tests/browser"]],
}


def environment(part: str) -> dict[str, str]:
    """The environment a part runs in: the oldest versions lie in a folder that goes before all others.

    A new platformdirs announces a plugin to pytest, which the old one, found first, does not have.
    """
    if part != "oldest":
        return dict(os.environ)
    oldest = {"PYTHONPATH": str(ROOT / ".venv" / "oldest"), "PYTEST_ADDOPTS": "-p no:platformdirs"}
    return {**os.environ, **oldest}


def run(part: str) -> bool:
    """Run the commands of one part; whether all of them succeeded."""
    succeeded = True
    for command in PARTS[part]:
        print(f"\n=== {part}: {' '.join(command).replace(PYTHON, 'python')}", flush=True)
        try:
            status = subprocess.run(
                command, cwd=ROOT, env=environment(part), stdin=subprocess.DEVNULL, timeout=LIMIT
            ).returncode
        except subprocess.TimeoutExpired:
            print(f"{part} was stopped after {LIMIT} seconds")
            status = 1
        succeeded &= status == 0
    return succeeded


def main(chosen: list[str]) -> int:
    """Run the chosen parts, or all, and sum up."""
    if unknown := set(chosen) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}.")
        return 2
    lines, all_succeeded, begin = [], True, time.perf_counter()
    for part in chosen or PARTS:
        start = time.perf_counter()
        succeeded = run(part)
        all_succeeded &= succeeded
        line = f"{part:<10} {time.perf_counter() - start:6.1f} s   {'passed' if succeeded else 'FAILED'}"
        print(line, flush=True)
        lines.append(line)
    print("\n" + "\n".join(lines))
    print(f"{'all':<10} {time.perf_counter() - begin:6.1f} s   {'passed' if all_succeeded else 'FAILED'}")
    return 0 if all_succeeded else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
