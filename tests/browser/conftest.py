"""One JupyterLab and one browser for all of these tests; a fresh page for each."""

import os

import pytest
from lab import chromium, fresh_page, running_browser, running_lab, with_camera
from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="package")
def browser():
    if chromium() is None:
        missing = "install Chromium, or name it in CNNLAB_CHROMIUM, to run the browser tests"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def filming(browser):
    """Another browser, which has cameras and may use them."""
    with with_camera(browser) as more:
        yield more


@pytest.fixture(scope="package")
def lab(tmp_path_factory, browser):
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def kernels(lab):
    """What a module started ends with it."""
    yield
    lab.end_kernels()


@pytest.fixture
def page(browser):
    """A page whose console is checked: an error in JavaScript fails the test."""
    errors: list[str] = []
    with fresh_page(browser) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert not errors
