"""Fixtures that all tests share, and the rule that in CI nothing that matters may skip."""

import os
from pathlib import Path

import pytest
import torch

from cnnlab import networks

IN_CI = os.environ.get("CI") == "true"
MAY_SKIP = {"photographs", "gpu"}  # fixtures for what even a CI machine may lack


@pytest.fixture(scope="session")
def squeezenet() -> networks.Network:
    """The network that ships in the package; one for all tests, so leave it as it is."""
    return networks.load()


@pytest.fixture(scope="session")
def photographs() -> Path:
    """The folder of labelled photographs that CNNLAB_PHOTOS names (see CONTRIBUTING.md)."""
    folder = os.environ.get("CNNLAB_PHOTOS")
    if not folder:
        pytest.skip("set CNNLAB_PHOTOS to a folder of ImageNet photographs to run this")
    if not Path(folder).is_dir():
        pytest.fail(f"CNNLAB_PHOTOS names {folder}, which is not a folder")
    return Path(folder)


@pytest.fixture(scope="session")
def gpu() -> torch.device:
    """The accelerator of this machine."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    pytest.skip("this machine has no GPU")


@pytest.fixture(scope="session")
def atari():
    """The Atari games, which the extra `atari` brings."""
    return pytest.importorskip("ale_py")


@pytest.fixture(scope="session")
def video():
    """PyAV, which the extra `video` brings."""
    return pytest.importorskip("av")


def _fail_instead(report):
    report.outcome = "failed"
    report.longrepr = f"nothing that matters may skip in CI: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    allowed = MAY_SKIP.intersection(item.fixturenames) or hasattr(report, "wasxfail")
    if IN_CI and report.skipped and not allowed:
        _fail_instead(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if IN_CI and report.skipped:
        _fail_instead(report)
    return report
