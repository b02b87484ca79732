"""The scripts that make slides, copies for students and navigation can be imported by these tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
