"""How many pictures a second a camera's panel shows, measured in a real JupyterLab with headless Chromium.

Run as `python bench/camera.py` (about a minute). Chromium films its own clock; each picture, 256 x 192, goes
to the kernel, through a network that paints it in a style, and back. Counted in the page: pictures painted in
`--seconds`. The delay, from taking a picture to seeing what became of it, is what the panel's line says, its
median over that time. What the network takes alone, in this process, is printed first.

The last line holds the pictures a second, whose bar is 12. Exit status 1 where it is missed.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch

from cnnlab import pictures
from cnnlab.style.fast import TransformerNet

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from lab import Notebook, fresh_page, press, running_browser, running_lab, with_camera

BAR = 12
SIZE = 256, 192
CELL = f"""
import torch
from cnnlab import live
from cnnlab.style.fast import TransformerNet
network = TransformerNet().eval()
@torch.inference_mode()
def paint(frame, strength):
    return strength * network(frame) + (1 - strength) * frame
live.live(paint, alt="A picture in a style", frame=live.camera{SIZE}, strength=live.slider(0.5, 0.0, 1.0))
"""
WATCH = """panel => {
    window.painted = [];
    const img = panel.querySelector('img');
    img.addEventListener('load', () => requestAnimationFrame(() => painted.push(performance.now())));
}"""


def filming(notebook: Notebook, seconds: float) -> tuple[float, float]:
    """Pictures a second, and the median delay in milliseconds."""
    page, panel = notebook.page, notebook.show()
    panel.evaluate(WATCH)
    press(panel, "Camera")
    page.wait_for_function("painted.length > 30", timeout=60_000)
    began, first = page.evaluate("[performance.now(), painted.length]")
    delays, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.5)
        delays += map(int, re.findall(r"(\d+) ms behind", panel.locator(".cnnlab-status").inner_text()))
    ended, last = page.evaluate("[performance.now(), painted.length]")
    press(panel, "Stop")
    return 1000 * (last - first) / (ended - began), statistics.median(delays)


def alone(calls: int = 20) -> float:
    """Milliseconds that the network takes for one picture, the median."""
    network, picture, times = TransformerNet().eval(), pictures.fit(pictures.read("panda"), SIZE[::-1]), []
    with torch.inference_mode():
        for _ in range(calls):
            began = time.perf_counter()
            network(picture)
            times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="How many pictures a second a camera's panel shows.")
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads; the network alone: {alone():.0f} ms"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder)) as lab,
        running_browser() as browser,
        with_camera(browser) as more,
        fresh_page(more) as page,
    ):
        notebook = lab.open(page, lab.write("bench.ipynb", CELL))
        notebook.run()
        rate, delay = filming(notebook, seconds)
    print(f"delay: {delay:.0f} ms from taking a picture to seeing what became of it")
    print(f"bar {BAR} pictures a second: {'met' if rate >= BAR else 'MISSED'}")
    print(f"fps: {rate:.1f}")
    sys.exit(rate < BAR)


if __name__ == "__main__":
    main()
