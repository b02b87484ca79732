"""A JupyterLab and a browser to try notebooks in, as a reader would."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 3600},
}


class Lab:
    """A running JupyterLab that serves `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"

    def write(self, name: str, *cells: str) -> str:
        """Make a notebook of code cells; its name."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)
        return name

    def copy(self, path: Path) -> str:
        """Copy a notebook here; its name."""
        shutil.copy(path, self.folder / path.name)
        return path.name

    def excerpt(self, path: Path, *words: str) -> str:
        """Copy a notebook's first cell, all that it imports, and the code cells that hold one of `words`; the
        copy's name."""
        cells = [
            cell.source
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code" and "install" not in cell.metadata.get("tags", [])
        ]
        imports = [
            ast.unparse(node)
            for cell in cells
            for node in ast.parse(cell).body
            if isinstance(node, ast.ImportFrom)
        ]
        chosen = (cell for cell in cells[1:] if any(word in cell for word in words))
        return self.write(path.name, "\n".join(imports), cells[0], *chosen)

    def end_kernels(self) -> None:
        """Shut every kernel down: a panel that plays on where nobody looks would slow down what follows."""
        with urllib.request.urlopen(f"{self.address}/api/sessions") as answer:
            sessions = json.load(answer)
        for session in sessions:
            address = f"{self.address}/api/sessions/{session['id']}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()

    def open(self, page: Page, name: str) -> "Notebook":
        """Show a notebook in `page`."""
        page.goto(f"{self.address}/lab/tree/{name}?reset")
        return Notebook(page)


class Notebook:
    """A notebook open in a browser page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        ready = """() => {
            const notebook = window.jupyterapp?.shell?.currentWidget;
            return notebook?.context?.isReady && notebook.sessionContext?.session?.kernel?.status === 'idle';
        }"""
        page.wait_for_function(ready, timeout=60_000)

    def command(self, name: str, **arguments: object) -> None:
        """Do what JupyterLab's menus do."""
        execute = "([name, args]) => window.jupyterapp.commands.execute(name, args)"
        self.page.evaluate(execute, [name, arguments])

    def run(self, timeout: float = 120) -> None:
        """Run every cell and wait until they are done."""
        self.command("notebook:run-all-cells")
        outcome = """() => {
            const notebook = window.jupyterapp.shell.currentWidget;
            const cells = notebook.content.widgets.filter(cell => cell.model.type === 'code'
                && cell.model.sharedModel.getSource().trim());
            const error = cells.flatMap(cell => cell.model.outputs.toJSON())
                .find(output => output.output_type === 'error');
            if (error) return `${error.ename}: ${error.evalue}`;
            const idle = notebook.sessionContext.session?.kernel?.status === 'idle';
            return idle && cells.every(cell => cell.model.executionCount) ? 'done' : '';
        }"""
        said = self.page.wait_for_function(outcome, timeout=1000 * timeout).json_value()
        if said != "done":
            raise RuntimeError(said)

    def ask(self, code: str) -> str:
        """Run `code` in the notebook's kernel, beside the notebook; what it prints."""
        ask = """async code => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute({ code, store_history: false });
            let said = '';
            future.onIOPub = message => { said += message.content.text ?? message.content.evalue ?? ''; };
            await future.done;
            return said.trim();
        }"""
        return self.page.evaluate(ask, code)

    def save(self) -> None:
        """Write the notebook to disk."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def panel(self, index: int = 0) -> Locator:
        """One of the live panels, in the order of the page."""
        panel = self.page.locator(".cnnlab-panel").nth(index)
        panel.wait_for()
        return panel

    def show(self, index: int = 0) -> Locator:
        """The same, with its top at the top of the page."""
        panel = self.panel(index)
        panel.evaluate("element => element.scrollIntoView()")
        return panel


def control(panel: Locator, label: str, role: str = "slider") -> Locator:
    """The part of a panel that sets the value called `label`."""
    return panel.locator(".cnnlab-control", has_text=label).get_by_role(role).first  # type: ignore[arg-type]


def press(panel: Locator, name: str) -> None:
    """Click one of a panel's buttons."""
    panel.get_by_role("button", name=name).click()


def turn(panel: Locator, label: str, key: str, times: int = 1) -> None:
    """Press a key on the slider called `label`."""
    slider = control(panel, label)
    slider.focus()
    for _ in range(times):
        slider.press(key)


def source(panel: Locator) -> str | None:
    """The picture that a panel shows, as its address."""
    return panel.locator("img").first.get_attribute("src")


def step(panel: Locator) -> int:
    """The step that a panel's status line names, -1 if it names none."""
    found = re.search(r"step (\d+)", " ".join(panel.locator(".cnnlab-status > *").all_text_contents()))
    return int(found.group(1)) if found else -1


def soon(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether `condition()` becomes true in time, if only for a moment."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def at_rest(panel: Locator) -> str | None:
    """The picture that stayed for half a second; after a last JPEG the same comes again, exact."""
    shown = [source(panel)]

    def stays() -> bool:
        panel.page.wait_for_timeout(500)
        shown.append(source(panel))
        return shown[-1] == shown[-2]

    assert soon(stays), "it goes on changing"
    return shown[-1]


def steer(panel: Locator) -> None:
    """Play, and raise the step size: the picture has to change, and the steps go on, not begin again."""
    press(panel, "Play")
    assert soon(lambda: step(panel) >= 3)
    shown, steps = source(panel), [step(panel)]

    def gone_on() -> bool:
        steps.append(step(panel))
        return steps[-1] > steps[0] + 3

    turn(panel, "Step size", "ArrowRight", 10)
    expect(panel.locator("img").first).not_to_have_attribute("src", shown or "")
    assert soon(gone_on)
    assert steps == sorted(steps), f"it began again: {steps}"
    expect(panel.locator(".cnnlab-status")).to_contain_text("Playing")  # between steps that are Working


def pause(panel: Locator) -> None:
    """Press Pause: once the panel says Paused, or Ready at step 0, its picture comes to rest and stays."""
    press(panel, "Pause")
    expect(panel.locator(".cnnlab-status")).to_have_text(re.compile(r"^\s*(Paused|Ready)"), timeout=30_000)
    kept = at_rest(panel)
    press(panel, "Pause")  # a second time does no harm
    panel.page.wait_for_timeout(500)
    assert source(panel) == kept


@contextmanager
def lesson_of(lab: Lab, browser: Browser, path: Path, *words: str) -> Iterator[Notebook]:
    """A lesson in a page of its own: its first cell and those that hold one of `words`, after their run."""
    with fresh_page(browser) as page:
        notebook = lab.open(page, lab.excerpt(path, *words))
        notebook.run(timeout=300)
        yield notebook


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running_lab(folder: Path, settings: dict | None = None) -> Iterator[Lab]:
    """JupyterLab on this computer alone, with its own settings and files below `folder`."""
    lab = Lab(folder / "notebooks", free_port())
    lab.folder.mkdir(parents=True)
    labconfig = folder / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    (labconfig / "default_setting_overrides.json").write_text(json.dumps({**SETTINGS, **(settings or {})}))
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_DATA_DIR": "data",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    environment = {**os.environ, **{name: str(folder / place) for name, place in places.items()}}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={lab.address.rpartition(':')[2]}", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={lab.folder}",
        "--LabApp.expose_app_in_browser=True", "--ServerApp.jpserver_extensions=cnnlab.live.server=True",
    ]  # fmt: skip
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(lab, server, folder / "lab.log")
        yield lab
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(lab: Lab, server: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"{lab.address}/api/status", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def chromium() -> str | None:
    """The browser to drive: CNNLAB_CHROMIUM, or the system's Chromium or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CNNLAB_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def with_camera(browser: Browser, answer: str = "accept") -> Iterator[Browser]:
    """Another headless Chromium, with two cameras that film a green clock; who is asked gives this answer."""
    cameras = "--use-fake-device-for-media-stream=device-count=2"
    more = browser.browser_type.launch(
        executable_path=chromium(),
        args=["--no-sandbox", cameras, f"--use-fake-ui-for-media-stream{'=deny' * (answer == 'deny')}"],
    )
    try:
        yield more
    finally:
        more.close()


@contextmanager
def fresh_page(browser: Browser, **options: object) -> Iterator[Page]:
    """A page of a projector's size, with a profile of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)  # type: ignore[arg-type]
    try:
        yield context.new_page()
    finally:
        context.close()
