"""Put the cell that installs the course where it is missing, on Colab for example, into every lesson:

python scripts/notebook_heads.py          writes it, below the title
python scripts/notebook_heads.py --check  only says where it is missing or old

The address to install from is the project's `Repository` in pyproject.toml; as long as that is not set, the
cell asks for it.
"""

import sys
import tomllib

import nbformat
from lessons import ROOT, bring_up_to_date
from nbformat import NotebookNode

TAG = "install"
# What Colab lacks. Its own kernel and widgets must stay as they are, so nothing comes with these.
MISSING_ON_COLAB = "anywidget psygnal openTSNE captum"
HEAD = """\
# @title Only where cnnlab is missing, as on Colab: this installs it.
from importlib.util import find_spec

if not find_spec("cnnlab"):
    source = {source}
    %pip install --quiet --no-deps {missing} "{{source}}\""""
ASK = 'input("The address of this course, as pip knows it (git+https://...): ")'


def head() -> str:
    """The cell's source, the same in all lessons."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    repository = project.get("urls", {}).get("Repository")
    return HEAD.format(source=f'"git+{repository}"' if repository else ASK, missing=MISSING_ON_COLAB)


def furnish(notebook: NotebookNode) -> None:
    """Put the cell below the notebook's title, in place of an older one, and number all cells anew."""
    notebook.cells = [cell for cell in notebook.cells if TAG not in cell.metadata.get("tags", [])]
    cell = nbformat.v4.new_code_cell(head(), id="install")
    cell.metadata = nbformat.from_dict(
        {
            "tags": [TAG],
            "cellView": "form",  # folded on Colab
            "jupyter": {"source_hidden": True},  # and in JupyterLab
            "slideshow": {"slide_type": "skip"},
        }
    )
    notebook.cells.insert(1, cell)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, each in enumerate(code, start=1):
        each.execution_count = count
        for output in each.outputs:
            if "execution_count" in output:
                output.execution_count = count


if __name__ == "__main__":
    sys.exit(bring_up_to_date(lambda notebook, path: furnish(notebook), sys.argv[1:]))
