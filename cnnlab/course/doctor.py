"""The doctor: what this machine has, and whether every lesson can run on it.

`python -m cnnlab` prints all of it. `report()` prints the part that reads the same on every machine where all
is well, so that a lesson can store it. Nothing is imported before it is looked at, so the doctor also works
where much is missing.
"""

import importlib
import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from . import plan

COLUMN = max(len(lesson.file) for lesson in plan.lessons()) + 2  # letters across, for names
# packages that are imported under another name
MODULES = {"pillow": "PIL", "scikit-image": "skimage", "scikit-learn": "sklearn"}
SERVER = "jupyterlab"  # no lesson imports it, and it would take seconds
SHOWN = ("torch", "torchvision", "numpy", "jupyterlab", "ipykernel", "ipywidgets", "anywidget")
PICTURE, LABEL = "panda", "giant panda"
RESTORE = "bring back the course's own files: git restore cnnlab"


class Finding(NamedTuple):
    """What one look found: `trouble` is one sentence, empty where all is well, and `remedy` the next step."""

    name: str
    trouble: str = ""
    remedy: str = ""
    detail: str = ""


# --- packages ---------------------------------------------------------------------------------------------


def requirements(extra: str = "") -> list[Requirement]:
    """What cnnlab needs to run or, with the name of an extra, what that extra adds."""
    needs = [Requirement(line) for line in importlib.metadata.requires("cnnlab") or []]
    always = [need for need in needs if not need.marker or need.marker.evaluate({"extra": ""})]
    added = (need for need in needs if need.marker and need.marker.evaluate({"extra": extra}))
    return [need for need in added if need not in always] if extra else always


def version(name: str) -> str:
    """The installed version of a package, or '' where it is not installed."""
    return next((found.version for found in importlib.metadata.distributions(name=name)), "")


def shortage(needs: Iterable[Requirement]) -> tuple[str, str]:
    """Those that are missing or in a version outside their range, 'torch 2.1.0, psutil missing', and the
    command that installs what fits; both empty where all is well."""
    here = [(need, version(need.name)) for need in needs]
    short = [(need, v) for need, v in here if not v or not need.specifier.contains(v, prereleases=True)]
    words = ", ".join(f"{need.name} {found or 'missing'}" for need, found in short)
    return words, pip_install(*(f'"{need.name}{need.specifier}"' for need, _ in short)) if short else ""


def pip_install(*what: str) -> str:
    """The command that installs into the Python that runs now."""
    return f'"{sys.executable}" -m pip install {" ".join(what)}'


# --- the course -------------------------------------------------------------------------------------------


def packages() -> Finding:
    """Whether every package that cnnlab needs is installed, in a version that fits, and can be imported."""
    if not version("cnnlab"):
        here = pip_install("--no-deps", "-e", f'"{Path(__file__).parents[2]}"')
        return Finding("packages", "cnnlab itself is not installed", here)
    needs = requirements()
    words, command = shortage(needs)
    for name in [] if words else [need.name for need in needs if need.name != SERVER]:
        try:
            importlib.import_module(MODULES.get(name, name))
        except Exception as error:
            again = pip_install("--force-reinstall", "--no-deps", f"{name}=={version(name)}")
            return Finding("packages", f"{name} cannot be imported: {error}", again)
    return Finding("packages", words, command, f"{len(needs)} packages")


def photographs() -> str:
    """The photographs that ship with the course can be read."""
    from .. import pictures

    pictures.read(PICTURE)
    return f"{len(pictures.names())} photographs"


def network() -> str:
    """The embedded network loads."""
    from .. import networks

    return f"{len(networks.load().labels)} labels"


def live_panel() -> str:
    """The live panel and the widgets beneath it can be imported."""
    importlib.import_module("cnnlab.live")
    return ""


def self_test() -> str:
    """The embedded network names a photograph and has a gradient there; says how long both took."""
    import torch

    from .. import networks, pictures

    network = networks.load()
    picture = pictures.fit(pictures.read(PICTURE), network.size).requires_grad_()  # (1, 3, H, W)
    network(picture)  # the first time also prepares memory: the second one counts
    began = time.perf_counter()
    logits = network(picture)  # (1, K)
    (gradient,) = torch.autograd.grad(logits.max(), picture)
    took = time.perf_counter() - began
    label = network.labels[int(logits.argmax())]
    if label != LABEL:
        raise RuntimeError(f"the network takes the {LABEL} for a {label}")
    if not (gradient.isfinite().all() and gradient.abs().max() > 0):
        raise RuntimeError("the network's gradient is not finite or is zero everywhere")
    return f"one picture and its gradient {1000 * took:.0f} ms"


def examine() -> list[Finding]:
    """What the looks at the course found; where packages are missing the others are left out."""
    first = packages()
    return [first, *([] if first.trouble else map(_found, (photographs, network, live_panel, self_test)))]


def readiness(findings: list[Finding]) -> list[Finding]:
    """For every lesson whether it can run, given what `examine` found."""
    troubled = ", ".join(one.name for one in findings if one.trouble)
    first = "cannot run", f"first: {troubled}"
    needs = {lesson.file: chain.from_iterable(map(requirements, lesson.extras)) for lesson in plan.lessons()}
    return [Finding(file, *(first if troubled else shortage(needed))) for file, needed in needs.items()]


def _found(look: Callable[[], str]) -> Finding:
    """What a look found, under its own name."""
    name = look.__name__.replace("_", " ")
    try:
        return Finding(name, detail=look())
    except Exception as error:  # whatever is wrong with this machine, the doctor has to name it
        return Finding(name, (str(error) or type(error).__name__).splitlines()[0], RESTORE)


# --- the machine ------------------------------------------------------------------------------------------


def device() -> str:
    """The device a lesson can use, in words."""
    import torch

    if torch.cuda.is_available():
        return f"cuda, {torch.cuda.get_device_name()}"
    mps = torch.backends.mps.is_available()
    return "mps, the GPU of this Mac" if mps else f"cpu, {torch.get_num_threads()} threads"


def memory() -> str:
    """Free and whole memory in GB."""
    import psutil

    now = psutil.virtual_memory()
    return f"{now.available / 1e9:.1f} of {now.total / 1e9:.1f} GB free"


def networks() -> str:
    """The embedded network, and those whose weights lie in the cache of torchvision."""
    import torch

    cached = sorted(Path(torch.hub.get_dir(), "checkpoints").glob("*.pth"))
    return ", ".join(["squeezenet (in the package)", *(path.stem.rpartition("-")[0] for path in cached)])


def machine() -> list[Finding]:
    """What differs from machine to machine."""
    facts = {"Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}"}
    facts |= {name: version(name) or "missing" for name in SHOWN}
    for found in map(_found, (device, memory, networks)):  # where torch is missing, "packages" says so
        facts[found.name] = found.detail or f"unknown ({found.trouble})"
    return [Finding(name, detail=detail) for name, detail in facts.items()]


def extras() -> list[Finding]:
    """For every extra of cnnlab whether it is installed."""
    names = importlib.metadata.metadata("cnnlab").get_all("Provides-Extra") if version("cnnlab") else []
    return [Finding(name, *shortage(requirements(name))) for name in names or []]


# --- printing ---------------------------------------------------------------------------------------------


def _print(title: str, findings: list[Finding], well: str) -> None:
    print(title)
    for one in findings:
        words = one.trouble or "   ".join(filter(None, [well, one.detail]))
        print(f"  {one.name:<{COLUMN}}{words}")
        if one.trouble and one.remedy:
            print(f"  {'':<{COLUMN}}-> {one.remedy}")
    print()


def report() -> None:
    """Print how each part of the course and each lesson fares; the same words wherever all is well."""
    findings = examine()
    _print("The course", [one._replace(detail="") for one in findings], "ok")
    _print("The lessons", readiness(findings), "ready")


def main() -> int:
    """Print everything; the exit status is 1 when a lesson could not run."""
    findings = examine()
    can_run = readiness(findings)
    _print("This machine", machine(), "")
    _print("The course", findings, "ok")
    _print("The lessons", can_run, "ready")
    _print("Extras", extras(), "installed")
    well = not any(one.trouble for one in can_run)
    print("Every lesson can run here." if well else "Some lessons cannot run yet: follow the arrows above.")
    return 0 if well else 1
