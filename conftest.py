"""Strict nbval: every stored output of a lesson is compared, with two exceptions.

Of a picture it is compared that it is there, not its bytes: another build of a font or of zlib writes other
ones, and what a picture shows is tested where it is made. Standard error carries other packages' warnings.

And no test, nor a lesson that runs as one, touches the notes of whoever runs it.
"""

import os
import tempfile
from pathlib import Path

PICTURES = ("image/png", "image/jpeg")
BEGINNINGS = ("iVBORw0KGgo", "/9j/")  # of every PNG and every JPEG in base64


def pytest_collectstart(collector):
    if hasattr(collector, "sanitize_patterns"):  # nbval's collector of one notebook
        kept = tuple(key for key in collector.skip_compare if key not in PICTURES)
        collector.skip_compare = (*kept, "stderr")
        for beginning in BEGINNINGS:
            collector.sanitize_patterns[rf"(?s)\A{beginning}.*"] = "a picture"


def pytest_configure(config):
    folder = tempfile.TemporaryDirectory(prefix="notes")
    config.add_cleanup(folder.cleanup)
    os.environ["CNNLAB_NOTES"] = str(Path(folder.name) / "notes.json")
