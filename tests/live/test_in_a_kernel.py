"""Panels in a real kernel, spoken to as JupyterLab does: on the main shell, and on a subshell."""

import queue
import time
import uuid

import ipykernel
import pytest
from jupyter_client.manager import KernelManager

CLIMB = """
import time, torch
from cnnlab.live import Frame, live, slider
def climb(settings):
    step = 0
    while True:
        time.sleep(0.01)
        yield Frame(torch.full((1, 3, 32, 32), 0.5), caption=f"step {step} rate {settings.rate}")
        step += 1
panel = live(climb, alt="grey", rate=slider(1, 0, 100))
panel
"""
SLOW = """
import time, torch
from cnnlab.live import Frame, live, slider
calls = []
def slow(n):
    time.sleep(0.3)
    calls.append(n)
    return Frame(torch.full((1, 3, 32, 32), n / 100), caption=f"now {n}")
panel = live(slow, alt="grey", n=slider(0, 0, 100))
panel
"""


class Kernel:
    """A kernel, what it published, and the widgets it opened."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.widgets, self.closed, self.idle, self.displays, self.errors = {}, set(), set(), [], []

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def listen(self, condition, seconds=120):
        """Take in what the kernel publishes until `condition()` holds; the seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"waited in vain; errors: {self.errors}"
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except queue.Empty:
                continue
            content, kind = message["content"], message["msg_type"]
            if kind == "comm_open" and content["target_name"] == "jupyter.widget":
                self.widgets[content["comm_id"]] = dict(content["data"]["state"])
            elif kind == "comm_msg" and content["data"].get("method") == "update":
                self.widgets.setdefault(content["comm_id"], {}).update(content["data"]["state"])
            elif kind == "comm_close":
                self.closed.add(content["comm_id"])
            elif kind in ("display_data", "execute_result"):
                self.displays.append(content["data"])
            elif kind == "status" and content["execution_state"] == "idle":
                self.idle.add(message["parent_header"].get("msg_id"))
            elif kind == "error":
                self.errors.append(content["evalue"])
        return time.monotonic() - began

    def run(self, code, cell=None):
        """Run a cell, named as JupyterLab names it; its printed or shown text."""
        request = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        message = self.client.session.msg(
            "execute_request", request, metadata={"cellId": cell} if cell else {}
        )
        self.displays.clear()
        self.client.shell_channel.send(message)
        self.listen(lambda: message["header"]["msg_id"] in self.idle)
        assert not self.errors
        return self.displays[-1]["text/plain"] if self.displays else None

    def subshell(self):
        """The identity of a new subshell, or None where this kernel has none (before ipykernel 7)."""
        if int(ipykernel.__version__.split(".")[0]) < 7:
            return None
        self.client.control_channel.send(self.client.session.msg("create_subshell_request"))
        return self.client.get_control_msg(timeout=10)["content"]["subshell_id"]

    def find(self, **state):
        """The newest open widget whose state has these values."""
        fits = [
            name
            for name, known in self.widgets.items()
            if name not in self.closed and all(known.get(key) == value for key, value in state.items())
        ]
        return fits[-1]

    def send(self, comm, data, subshell=None):
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def set(self, comm, value, subshell=None):
        self.send(comm, {"method": "update", "state": {"value": value}, "buffer_paths": []}, subshell)

    def click(self, label, subshell=None):
        button = self.find(_model_name="ButtonModel", description=label)
        self.send(button, {"method": "custom", "content": {"event": "click"}}, subshell)

    def states(self):
        """What a page asks for when it opens a notebook whose kernel runs: all widgets, and their bytes."""
        control = uuid.uuid4().hex
        opening = {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}}
        self.client.shell_channel.send(
            self.client.session.msg("comm_open", opening, metadata={"version": "1.0.0"})
        )
        self.send(control, {"method": "request_states"})
        while True:
            message = self.client.get_iopub_msg(timeout=20)
            data = message["content"].get("data", {})
            if data.get("method") == "update_states":
                break
        paths = zip(data["buffer_paths"], message["buffers"], strict=True)
        pictures = {name: bytes(buffer) for (name, *_), buffer in paths}
        return {"states": data["states"], "pictures": pictures}

    def says(self, words):
        """Whether an open HTML widget shows these words now."""
        return any(
            words in str(known.get("value", ""))
            for name, known in self.widgets.items()
            if name not in self.closed and known.get("_model_name") == "HTMLModel"
        )


@pytest.fixture(scope="module")
def kernel():
    started = Kernel()
    yield started
    started.stop()


@pytest.fixture(params=["main shell", "subshell"])
def route(request, kernel):
    """Where messages go. A kernel without subshells gets all of them on its main shell."""
    return None if request.param == "main shell" else kernel.subshell()


@pytest.mark.slow
def test_controls_act_while_a_climb_runs(kernel, route):
    kernel.run(CLIMB, cell="climb")
    slider = kernel.find(_model_name="IntSliderModel")
    kernel.click("Play", route)
    kernel.listen(lambda: kernel.says("step 5 rate 1"))
    for rate in (10, 20, 30):
        kernel.set(slider, rate, route)
        assert kernel.listen(lambda rate=rate: kernel.says(f"rate {rate}")) < 1
    kernel.click("Pause", route)
    assert kernel.listen(lambda: kernel.says("Paused")) < 1
    kernel.click("Pause", route)
    assert kernel.run("str(panel.runner.playing)") == "'False'"


def test_a_running_climb_leaves_the_kernel_free(kernel):
    kernel.run(CLIMB, cell="climb")
    kernel.click("Play")
    kernel.listen(lambda: kernel.says("step 3 "))
    began = time.monotonic()
    assert kernel.run("6 * 7") == "42"
    assert time.monotonic() - began < 2
    kernel.run("panel.close()")


def test_newest_value_wins(kernel, route):
    kernel.run(SLOW, cell="slow")
    slider = kernel.find(_model_name="IntSliderModel")
    for n in range(1, 20):
        kernel.set(slider, n, route)
        time.sleep(0.005)
    kernel.listen(lambda: kernel.says("now 19"))
    calls = eval(kernel.run("calls"))
    assert (calls[0], calls[-1]) == (0, 19)
    assert len(calls) <= 3  # the first picture, one stale call, the newest value


def test_running_a_cell_again_ends_its_panels_and_no_others(kernel):
    other = uuid.uuid4().hex
    kernel.run(SLOW, cell=other)
    kernel.run(CLIMB, cell="again")
    old = kernel.find(_model_name="IntSliderModel")
    bystander = next(name for name, known in kernel.widgets.items()
                     if known.get("description") == "N" and name not in kernel.closed)  # fmt: skip
    kernel.click("Play")
    kernel.listen(lambda: kernel.says("step 3 "))
    kernel.run("first = panel")
    kernel.run(CLIMB.replace("0.01", "0.02"), cell="again")  # edited, and run again
    kernel.listen(lambda: old in kernel.closed)
    kernel.listen(lambda: eval(kernel.run("first.runner.ended, first.runner.task is None")) == (True, True))
    assert bystander not in kernel.closed


def test_running_a_cell_again_where_the_page_does_not_name_cells(kernel):
    kernel.run(CLIMB)
    kernel.run("first = panel")
    kernel.run(CLIMB)
    assert kernel.run("first.runner.ended, panel.runner.ended") == "(True, False)"


def test_two_panels_of_one_cell_both_live(kernel):
    kernel.run(CLIMB + "both = panel, live(climb, alt='grey', rate=slider(1, 0, 100))\npanel", cell="two")
    assert kernel.run("[one.runner.ended for one in both]") == "[False, False]"


def test_a_page_that_opens_later_gets_everything(kernel):
    kernel.run(SLOW.replace('"grey"', '"late"'))
    states = kernel.states()
    (picture,) = (name for name, known in states["states"].items() if known["state"].get("alt") == "late")
    assert states["pictures"][picture][:4] == b"\x89PNG"
