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
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement

# what each lesson needs beyond the checks below: names of extras in pyproject.toml
LESSONS: dict[str, tuple[str, ...]] = {
    "00_start_here": (),
    "01_loss_surfaces": (),
    "02_neurons_and_filters": (),
    "03_live_training": (),
    "04_tsne_of_codes": (),
    "05_tsne_of_an_agent": ("atari",),
    "06_occlusion": (),
    "07_gradients_and_deconvolution": (),
    "08_class_visualization": (),
    "09_feature_inversion": (),
    "10_adversarial_images": (),
    "11_deep_dream": (),
    "12_neural_style": (),
    "13_fast_neural_style": (),
    "14_find_the_flaw": (),
}

COLUMN = max(map(len, LESSONS)) + 2  # letters across, for names
# packages that are imported under another name
MODULES = {"pillow": "PIL", "scikit-image": "skimage", "scikit-learn": "sklearn"}
SERVER = "jupyterlab"  # no lesson imports it, and it would take seconds
SHOWN = ("torch", "torchvision", "numpy", "jupyterlab", "ipykernel", "ipywidgets", "anywidget")
PICTURE, LABEL = "panda", "giant panda"


@dataclass(frozen=True)
class Finding:
    """What one look found: `trouble` is one sentence, empty where all is well, and `remedy` the next step."""

    name: str
    trouble: str = ""
    remedy: str = ""
    detail: str = ""


class Unwell(Exception):
    """A look found a trouble (the first argument) that has a remedy of its own (the second)."""


# --- packages ---------------------------------------------------------------------------------------------


def requirements(extra: str = "") -> list[Requirement]:
    """What cnnlab needs to run or, with the name of an extra, what that extra adds."""
    found = []
    for need in map(Requirement, importlib.metadata.requires("cnnlab") or []):
        always = need.marker is None or need.marker.evaluate({"extra": ""})
        with_extra = need.marker is not None and not always and need.marker.evaluate({"extra": extra})
        if with_extra if extra else always:
            found.append(need)
    return found


def version(name: str) -> str:
    """The installed version of a package, or '' where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def lacking(needs: list[Requirement]) -> list[Requirement]:
    """Those that are not installed, or in a version outside their range."""
    return [
        need
        for need in needs
        if not version(need.name) or not need.specifier.contains(version(need.name), prereleases=True)
    ]


def in_words(needs: list[Requirement]) -> str:
    """The packages with the versions that are here: 'torch 2.1.0, psutil missing'."""
    return ", ".join(f"{need.name} {version(need.name) or 'missing'}" for need in needs)


def pip_install(*what: str) -> str:
    """The command that installs into the Python that runs now."""
    return f'"{sys.executable}" -m pip install {" ".join(what)}'


def command(needs: list[Requirement]) -> str:
    """The command that installs the packages in versions that fit."""
    return pip_install(*(f'"{need.name}{need.specifier}"' for need in needs))


def look_at_packages() -> str:
    """Every package that cnnlab needs is installed, in a version that fits, and can be imported."""
    try:
        needs = requirements()
    except importlib.metadata.PackageNotFoundError:
        here = Path(__file__).parents[2]
        raise Unwell("cnnlab itself is not installed", pip_install("--no-deps", "-e", f'"{here}"')) from None
    if short := lacking(needs):
        raise Unwell(in_words(short), command(short))
    for need in needs:
        if need.name == SERVER:
            continue
        try:
            importlib.import_module(MODULES.get(need.name, need.name))
        except Exception as error:
            again = pip_install("--force-reinstall", "--no-deps", f"{need.name}=={version(need.name)}")
            raise Unwell(f"{need.name} cannot be imported: {error}", again) from error
    return f"{len(needs)} packages"


# --- the course -------------------------------------------------------------------------------------------


def look_at_photographs() -> str:
    """The photographs that ship with the course can be read."""
    from .. import pictures

    pictures.read(PICTURE)
    return f"{len(pictures.names())} photographs"


def look_at_network() -> str:
    """The embedded network loads."""
    from .. import networks

    return f"{len(networks.load().labels)} labels"


def look_at_panel() -> str:
    """The live panel and the widgets beneath it can be imported."""
    importlib.import_module("cnnlab.live")
    return ""


def self_test() -> str:
    """The embedded network names a photograph and has a gradient there; says how long each took."""
    import torch

    from .. import networks, pictures

    network = networks.load()
    picture = pictures.fit(pictures.read(PICTURE), network.size).requires_grad_()  # (1, 3, H, W)
    network(picture)  # the first time also prepares memory: the second one counts
    begin = time.perf_counter()
    logits = network(picture)  # (1, K)
    middle = time.perf_counter()
    best = int(logits.argmax())
    (gradient,) = torch.autograd.grad(logits[0, best], picture)
    end = time.perf_counter()
    if network.labels[best] != LABEL:
        raise RuntimeError(f"the network takes the {LABEL} for a {network.labels[best]}")
    if not (gradient.isfinite().all() and gradient.abs().max() > 0):
        raise RuntimeError("the network's gradient is not finite or is zero everywhere")
    return f"one picture {1000 * (middle - begin):.0f} ms, its gradient {1000 * (end - middle):.0f} ms"


RESTORE = "bring back the course's own files: git restore cnnlab"
CHECKS: dict[str, Callable[[], str]] = {
    "packages": look_at_packages,
    "photographs": look_at_photographs,
    "network": look_at_network,
    "live panel": look_at_panel,
    "self test": self_test,
}


def examine() -> list[Finding]:
    """Go through CHECKS in order; where packages are missing the rest is not looked at."""
    findings: list[Finding] = []
    for name, look in CHECKS.items():
        if findings and findings[0].trouble:
            findings.append(Finding(name, "not looked at", "the packages come first"))
            continue
        try:
            findings.append(Finding(name, detail=look()))
        except Unwell as unwell:
            findings.append(Finding(name, *unwell.args))
        except Exception as error:  # whatever is wrong with this machine, the doctor has to name it
            findings.append(Finding(name, (str(error) or type(error).__name__).splitlines()[0], RESTORE))
    return findings


def lessons(findings: list[Finding]) -> list[Finding]:
    """For every lesson whether it can run, given what `examine` found."""
    troubled = [one.name for one in findings if one.trouble]
    if troubled:
        return [Finding(lesson, "cannot run", f"first: {', '.join(troubled)}") for lesson in LESSONS]
    found = []
    for lesson, extras in LESSONS.items():
        short = lacking([need for extra in extras for need in requirements(extra)])
        found.append(Finding(lesson, in_words(short), command(short)) if short else Finding(lesson))
    return found


# --- the machine ------------------------------------------------------------------------------------------


def device() -> str:
    """The device a lesson can use, in words."""
    import torch

    if torch.cuda.is_available():
        return f"cuda, {torch.cuda.get_device_name()}"
    if torch.backends.mps.is_available():
        return "mps, the GPU of this Mac"
    return f"cpu, {torch.get_num_threads()} threads"


def memory() -> str:
    """Free and whole memory in GB."""
    import psutil

    now = psutil.virtual_memory()
    return f"{now.available / 1e9:.1f} of {now.total / 1e9:.1f} GB free"


def networks_on_disk() -> str:
    """The embedded network, and those of torchvision whose weights lie in its cache."""
    import torch
    from torchvision import models

    cache = Path(torch.hub.get_dir()) / "checkpoints"
    cached = [
        name
        for name in models.list_models(module=models)
        if any((cache / Path(weights.url).name).is_file() for weights in models.get_model_weights(name))
    ]
    return ", ".join(["squeezenet (in the package)", *cached])


def machine() -> list[Finding]:
    """What differs from machine to machine."""
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    facts = [Finding("Python", detail=python)]
    facts += [Finding(name, detail=version(name) or "missing") for name in SHOWN]
    for name, look in {"device": device, "memory": memory, "networks": networks_on_disk}.items():
        try:
            facts.append(Finding(name, detail=look()))
        except Exception as error:  # torch or psutil may be missing: "packages" says so
            facts.append(Finding(name, detail=f"unknown ({error})"))
    return facts


def extras() -> list[Finding]:
    """For every extra of cnnlab whether it is installed."""
    try:
        names = importlib.metadata.metadata("cnnlab").get_all("Provides-Extra") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = []
    for name in names:
        short = lacking(requirements(name))
        found.append(Finding(name, "not installed", command(short)) if short else Finding(name))
    return found


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
    _print("The course", [replace(one, detail="") for one in findings], "ok")
    _print("The lessons", lessons(findings), "ready")


def main() -> int:
    """Print everything; the exit status is 1 when a lesson could not run."""
    findings = examine()
    can_run = lessons(findings)
    _print("This machine", machine(), "")
    _print("The course", findings, "ok")
    _print("The lessons", can_run, "ready")
    _print("Extras", extras(), "installed")
    well = not any(one.trouble for one in can_run)
    print("Every lesson can run here." if well else "Some lessons cannot run yet: follow the arrows above.")
    return 0 if well else 1
