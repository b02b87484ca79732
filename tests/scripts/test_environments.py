"""pyproject.toml, the two conda files and constraints.txt must all ask for the same packages."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONDA_FILES = ["environment.yml", "binder/environment.yml"]
PYPI_NAMES = {"pytorch": "torch", "pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}  # by conda name
ONLY_CONDA = {"python", "pip"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def by_name(lines):
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def conda(file):
    return yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))


def conda_ranges(file):
    """Range by PyPI name, for what both worlds have."""
    found = {}
    for line in conda(file)["dependencies"]:
        name, rest = re.fullmatch(r"([\w-]+)(.*)", line).groups()
        if name not in ONLY_CONDA:
            found[PYPI_NAMES.get(name, name)] = Requirement(f"{name}{rest}").specifier
    return found


@pytest.mark.parametrize("file", CONDA_FILES)
def test_conda_asks_for_what_pyproject_asks_for(file):
    expected = {name: requirement.specifier for name, requirement in by_name(PROJECT["dependencies"]).items()}
    assert conda_ranges(file) == expected


@pytest.mark.parametrize("file", CONDA_FILES)
def test_conda_uses_one_channel_and_a_python_that_is_tested(file):
    assert conda(file)["channels"] == ["conda-forge", "nodefaults"]
    assert "python=3.12" in conda(file)["dependencies"]


@pytest.mark.parametrize("file", CONDA_FILES)
def test_conda_files_say_why_each_package_is_there(file):
    dependencies = (ROOT / file).read_text(encoding="utf-8").split("dependencies:")[1]
    for line in dependencies.strip().splitlines():
        assert re.search(r"  # \w", line), f"{file} does not say why: {line.strip()}"


def test_binder_gets_pytorch_without_cuda():
    assert any(line.startswith("pytorch-cpu") for line in conda("binder/environment.yml")["dependencies"])


def test_binder_builds_stop_at_the_first_error():
    script = (ROOT / "binder/postBuild").read_text(encoding="utf-8")
    assert script.startswith("#!/bin/bash\n") and "\nset -e\n" in script
    assert "--no-deps" in script, "pip must not bring a second PyTorch"


def test_binder_has_one_folder_and_in_it_only_what_binder_reads():
    assert not (ROOT / ".binder").exists(), "with two such folders Binder does not build"
    assert sorted(file.name for file in (ROOT / "binder").iterdir()) == [
        "environment.yml",
        "postBuild",
    ]


def test_conda_takes_a_python_that_the_package_allows():
    for file in CONDA_FILES:
        [python] = [line for line in conda(file)["dependencies"] if line.startswith("python=")]
        assert Specifier(PROJECT["requires-python"]).contains(python.removeprefix("python="))


@pytest.mark.parametrize("file", CONDA_FILES)
def test_conda_names_each_package_once_and_leaves_its_build_free(file):
    names = [re.match(r"[\w-]+", line)[0] for line in conda(file)["dependencies"]]
    assert len(names) == len(set(names))
    assert not [line for line in conda(file)["dependencies"] if line.count("=") > 2]


@pytest.fixture
def built(tmp_path):
    """Runs postBuild with commands that only write down how they were called; what was done."""
    if shutil.which("bash") is None:
        pytest.skip("postBuild is a bash script, and this machine has none")

    def build(failing=""):
        tools, log = tmp_path / "tools", tmp_path / "log"
        tools.mkdir(exist_ok=True)
        log.write_text("")
        for name in ("pip", "python"):
            (tools / name).write_text(f'#!/bin/bash\necho {name} "$@" >> {log}\n[ {name} != "{failing}" ]\n')
            (tools / name).chmod(0o755)
        surroundings = {"PATH": f"{tools}:{os.environ['PATH']}"}
        status = subprocess.run(["bash", "binder/postBuild"], cwd=ROOT, env=surroundings).returncode
        return status, log.read_text().splitlines()

    return build


def test_binder_installs_this_folder_and_prepares_jupyter(built):
    install = "pip install --no-cache-dir --no-deps -e ."
    assert built() == (0, [install, "python scripts/prepare_jupyter.py --one-way"])


def test_a_binder_build_that_cannot_install_ends_there(built):
    status, called = built(failing="pip")
    assert status != 0 and len(called) == 1


def test_binder_can_run_its_script():
    assert os.access(ROOT / "binder/postBuild", os.X_OK) or sys.platform == "win32"


def test_the_readme_sends_binder_to_a_lesson_that_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [file] = re.findall(r"`(notebooks/\S+\.ipynb)` as the file to open", readme)
    assert (ROOT / file).exists()


CONSTRAINTS = [
    line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line.strip()
]


def test_constraints_are_exact_versions_and_name_no_place_to_get_them_from():
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[\w.!]+( ; .+)?", line), line
        assert "://" not in line and "file:" not in line, line


def test_constraints_lie_in_the_ranges_of_pyproject():
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    pinned: dict[str, list[str]] = {}
    for requirement in map(Requirement, CONSTRAINTS):
        [version] = [specifier.version for specifier in requirement.specifier]
        pinned.setdefault(canonicalize_name(requirement.name), []).append(version)
    for line in PROJECT["dependencies"] + extras:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} has no version in constraints.txt: run `make lock`"
        for version in pinned[name]:
            assert version in requirement.specifier, f"{name} {version} is outside {requirement.specifier}"


def test_constraints_leave_the_installer_free():
    names = {Requirement(line).name for line in CONSTRAINTS}
    assert not names & {"uv", "pip"}
