"""A prepared environment: kernels whose threads sleep, a prompt server, settings that JupyterLab knows."""

import importlib
import json
import sys
from pathlib import Path

from prepare_jupyter import THREADS, prepare


def read(*parts):
    return json.loads(Path(*parts).read_text(encoding="utf-8"))


def test_kernels_start_with_threads_that_soon_sleep(tmp_path):
    prepare(tmp_path)
    kernel = read(tmp_path, "share/jupyter/kernels/python3/kernel.json")
    assert kernel["env"] == THREADS
    assert kernel["argv"][0] == sys.executable


def test_the_server_sends_small_messages_at_once(tmp_path):
    prepare(tmp_path)
    switched = read(tmp_path, "etc/jupyter/jupyter_server_config.d/cnnlab.json")
    [(name, on)] = switched["ServerApp"]["jpserver_extensions"].items()
    assert on and hasattr(importlib.import_module(name), "_load_jupyter_server_extension")


def test_the_settings_are_ones_that_jupyterlab_knows(tmp_path):
    prepare(tmp_path, one_way=True)
    settings = read(tmp_path, "share/jupyter/lab/settings/overrides.json")
    assert len(settings) == 3
    for plugin, chosen in settings.items():
        package, _, name = plugin.partition(":")
        known = read(sys.prefix, "share/jupyter/lab/schemas", package, f"{name}.json")["properties"]
        assert set(chosen) <= set(known), plugin
    prepare(tmp_path)
    assert len(read(tmp_path, "share/jupyter/lab/settings/overrides.json")) == 2
