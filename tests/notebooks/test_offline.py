"""Cutting the network off really cuts it off, both ways, and leaves a notebook's kernel reachable."""

import subprocess
import sys
from pathlib import Path

import offline
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"

PROBE = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=5).close()
for outside in ("192.0.2.1", "example.org"):  # reserved for documentation: nobody is there
    try:
        socket.create_connection((outside, 80), timeout=5)
    except TimeoutError:
        raise SystemExit(f"{outside}: a packet left this machine")
    except OSError as refusal:
        print(f"{outside}: {refusal}")
    else:
        raise SystemExit(f"{outside} was reached")
"""


# a namespace where this machine can make one, and sockets refused in any case
@pytest.mark.parametrize("namespace", sorted({offline.can_unshare(), False}))
def test_nothing_outside_this_machine_can_be_reached(namespace, capfd):
    assert offline.run([sys.executable, "-c", PROBE], namespace) == 0, capfd.readouterr().out


def test_the_status_of_the_command_is_passed_on():
    command = [sys.executable, str(SCRIPTS / "offline.py"), sys.executable, "-c", "raise SystemExit(3)"]
    assert subprocess.run(command).returncode == 3


def test_weights_in_the_users_cache_are_out_of_sight(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    program = f"import os; raise SystemExit(os.environ['TORCH_HOME'] == {str(tmp_path)!r})"
    assert offline.run([sys.executable, "-c", program], namespace=False) == 0
