"""Tell the JupyterLab of this environment what the course needs; once, after an installation:

python scripts/prepare_jupyter.py              # --one-way, as on Binder: see below

- Threads that wait for work soon fall asleep, instead of spinning for long: two networks at work at the same
  time (two lessons, a lesson beside a test run) would otherwise keep each other from the processor.
- Small messages leave the server at once, see `cnnlab.live.server`.
- No question about news covers a first panel, and Markdown, such as the glossary, opens as a page to read.
"""

import json
import sys
from pathlib import Path

from ipykernel.kernelspec import install

# How often GNU's OpenMP, which PyTorch uses on Linux, looks for work before a thread falls asleep; others do
# not know it and go on as they are. It must be there before PyTorch is loaded, whatever a cell imports first:
# so the kernel's specification has it. SqueezeNet forward and backward on 2 cores, passes a second, alone and
# in each of two processes at once: as PyTorch comes 78 and 0.8; at 10,000 77 and 4.4; at 1,000 74 and 34;
# with OMP_WAIT_POLICY=PASSIVE 50 and 22; on one thread each 45 and 46.
THREADS = {"GOMP_SPINCOUNT": "1000"}
EXTENSION = {"ServerApp": {"jpserver_extensions": {"cnnlab.live.server": True}}}
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}
# Where a page is far from its kernel, a slider's messages had better take the same way as a cell's.
ONE_WAY = {"@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": "disabled"}}


def write(path: Path, content: dict) -> None:
    """Write JSON, and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def prepare(prefix: Path, one_way: bool = False) -> None:
    """Put the kernel's specification, the server's and JupyterLab's settings below `prefix`."""
    install(prefix=str(prefix), env=THREADS)
    write(prefix / "etc" / "jupyter" / "jupyter_server_config.d" / "cnnlab.json", EXTENSION)
    write(
        prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.json",
        SETTINGS | (ONE_WAY if one_way else {}),
    )


if __name__ == "__main__":
    prepare(Path(sys.prefix), "--one-way" in sys.argv)
