"""Print the run-time requirements whose lowest versions are small enough to install a second time."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

HEAVY = {"torch", "torchvision", "jupyterlab"}  # gigabytes, or many packages behind them

if __name__ == "__main__":
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in project["dependencies"]:
        if Requirement(line).name not in HEAVY:
            print(line)
