"""The doctor names what is wrong, says the next step, and its exit status can be relied on."""

import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement

from cnnlab.course import doctor
from cnnlab.course.doctor import COLUMN

ROOT = Path(__file__).parents[2]


def trouble(findings, name):
    [found] = [one for one in findings if one.name == name]
    return found


def without(monkeypatch, missing):
    """Make it look as if the package `missing` were not installed."""
    version = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: "" if name == missing else version(name))


@pytest.mark.usefixtures("atari")
def test_all_is_well_here(capsys):
    assert doctor.main() == 0
    printed = capsys.readouterr().out
    assert f"{'torch':<{COLUMN}}{torch.__version__.split('+')[0]}" in printed
    assert "squeezenet (in the package)" in printed
    assert "Every lesson can run here." in printed


@pytest.mark.usefixtures("atari")
def test_the_report_that_a_lesson_stores_has_no_number_of_this_machine(capsys):
    doctor.report()
    for line in capsys.readouterr().out.splitlines():
        if line.startswith("  "):
            assert line.split()[-1] in ("ok", "ready"), line


def test_a_missing_package_stops_every_lesson_and_its_command_is_given(monkeypatch, capsys):
    without(monkeypatch, "anywidget")
    assert doctor.main() == 1
    printed = capsys.readouterr().out
    assert "anywidget missing" in printed
    assert '-m pip install "anywidget>=0.9.13"' in printed
    assert f"{'06_occlusion':<{COLUMN}}cannot run" in printed


def test_a_package_that_is_too_old_is_named_with_its_version(monkeypatch):
    version = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: "5.0" if name == "ipykernel" else version(name))
    found = trouble(doctor.examine(), "packages")
    assert found.trouble == "ipykernel 5.0"
    assert "ipykernel<8,>=6.31" in found.remedy


def test_a_package_that_does_not_import_is_named_with_the_reason(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)  # Python then refuses the import
    found = trouble(doctor.examine(), "packages")
    assert found.trouble.startswith("anywidget cannot be imported")
    assert "--force-reinstall" in found.remedy


def test_cnnlab_that_is_not_installed_is_told_how_to_be(monkeypatch, capsys):
    without(monkeypatch, "cnnlab")
    found = trouble(doctor.examine(), "packages")
    assert found.trouble == "cnnlab itself is not installed"
    assert f'-e "{ROOT}"' in found.remedy
    assert doctor.main() == 1
    assert "cnnlab itself is not installed" in capsys.readouterr().out


def test_the_doctor_also_runs_where_torch_is_missing():
    program = (
        "import sys; sys.modules['torch'] = None; from cnnlab.course import doctor; sys.exit(doctor.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "torch cannot be imported" in done.stdout
    assert f"{'device':<{COLUMN}}unknown" in done.stdout
    assert not done.stderr


def test_damaged_weights_are_found(monkeypatch):
    from cnnlab import networks

    load = networks.load

    def damaged(*arguments):
        network = load(*arguments)
        with torch.no_grad():
            for weights in network.parameters():
                weights.zero_()
        return network

    monkeypatch.setattr(networks, "load", damaged)
    found = trouble(doctor.examine(), "self test")
    assert found.trouble.startswith("the network takes the giant panda for a ")
    assert all(one.trouble == "cannot run" for one in doctor.readiness(doctor.examine()))


def test_weights_that_cannot_be_read_are_found(monkeypatch):
    from cnnlab import networks

    def unreadable(*arguments):
        raise OSError("the file ends too early\nand more")

    monkeypatch.setattr(networks, "load", unreadable)
    found = trouble(doctor.examine(), "network")
    assert found.trouble == "the file ends too early"
    assert "git restore" in found.remedy


@pytest.mark.usefixtures("atari")
def test_a_lesson_that_needs_an_extra_waits_for_it(monkeypatch):
    without(monkeypatch, "ale-py")
    found = trouble(doctor.readiness([doctor.Finding("packages")]), "05_tsne_of_an_agent")
    assert found.trouble == "ale-py missing"
    assert '"ale-py>=0.12"' in found.remedy
    assert trouble(doctor.extras(), "atari").remedy == found.remedy


def test_requirements_are_those_of_pyproject():
    assert "torch" in [need.name for need in doctor.requirements()]
    assert "pytest" not in [need.name for need in doctor.requirements()]
    assert [need.name for need in doctor.requirements("atari")] == ["ale-py", "gymnasium"]


def test_development_versions_count_as_new_enough(monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: "2.99.0.dev1+cu130")
    assert doctor.shortage([Requirement("torch>=2.6")]) == ("", "")


def test_a_version_is_what_is_installed():
    assert doctor.version("torch") == importlib.metadata.version("torch")
    assert doctor.version("no-such-package") == ""


def test_weights_in_torchvisions_cache_are_listed(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "vgg16-397923af.pth").touch()
    assert doctor.networks() == "squeezenet (in the package), vgg16"


@pytest.mark.parametrize("available", [True, False])
def test_the_device_is_named(monkeypatch, available):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Big GPU")
    assert doctor.device().startswith("cuda, Big GPU" if available else ("cpu", "mps"))
