"""Run a command with the network cut off:  python scripts/offline.py COMMAND ...

On Linux the command gets a network namespace that holds nothing but the loopback device, which a notebook
needs to talk to its kernel. Where the system refuses that, every Python process that the command starts
refuses to connect or to look up a name outside this machine. Weights in the user's cache are out of sight.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REFUSE = Path(__file__).resolve().parent / "refuse_network"
NAMESPACE = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def can_unshare() -> bool:
    """Whether this system lets us make a network namespace."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0


def run(command: list[str], namespace: bool) -> int:
    """Run `command` with no way out, in a namespace or else by refusing sockets; returns its exit status."""
    environment = dict(os.environ)
    if not namespace:
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(REFUSE), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
    with tempfile.TemporaryDirectory() as empty:
        environment["TORCH_HOME"] = empty
        print(
            f"Network cut off ({'a namespace of its own' if namespace else 'sockets refused'}).", flush=True
        )
        return subprocess.run([*(NAMESPACE if namespace else []), *command], env=environment).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], namespace=can_unshare()))
