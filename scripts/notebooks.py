"""Run the lessons and store their outputs:  python scripts/notebooks.py [NUMBER ...]

What is stored reads the same on every machine: no timings, no state of widgets, no reference to a widget of
a kernel that has long ended (without it, every viewer shows the panel's picture instead).
"""

import sys
import time
from pathlib import Path

import lessons
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

LIMIT = 300  # seconds a cell may take
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def tidy(notebook: NotebookNode) -> None:
    """Drop what differs from run to run; what the course itself put in (alt texts, tags, slides) stays."""
    own = {name: about for name, about in notebook.metadata.items() if name == "cnnlab"}
    notebook.metadata = nbformat.from_dict({**METADATA, **own})
    for cell in notebook.cells:
        for volatile in ("execution", "collapsed", "scrolled", "trusted"):
            cell.metadata.pop(volatile, None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)


def refresh(path: Path) -> None:
    """Execute the notebook at `path` from the top in a fresh kernel and write it back."""
    notebook = lessons.read(path)
    client = NotebookClient(
        notebook,
        timeout=LIMIT,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    tidy(notebook)
    lessons.write(path, notebook)


def main(numbers: list[str]) -> None:
    """Refresh the lessons whose names begin with one of the numbers, or all of them."""
    for path in lessons.paths(numbers):
        start = time.perf_counter()
        refresh(path)
        print(f"{path.stem:<32} {time.perf_counter() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
