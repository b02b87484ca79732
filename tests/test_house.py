"""The plan of the house: which rooms there are, what they may import, how large they may grow."""

import ast
import importlib
import re
from pathlib import Path

import nbformat
import pytest
from code_lines import counted

import cnnlab

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cnnlab"
CORE = {
    "arguments": set(),
    "pictures": {"arguments"},
    "networks": {"arguments", "pictures"},
    "datasets": {"arguments", "pictures"},
    "live": {"arguments", "pictures"},
    "course": {"arguments", "pictures", "networks", "live"},
}
TECHNIQUES = {  # which of the others each is built on; all of them may import the core
    "surfaces": set(),
    "neurons": {"attribution", "optvis"},
    "training": set(),
    "embedding": set(),
    "agent": {"embedding"},
    "attribution": {"optvis"},
    "optvis": set(),
    "adversarial": set(),
    "style": {"optvis"},
    "flaws": {"attribution"},
}
ARROWS = CORE | {room: others | CORE.keys() for room, others in TECHNIQUES.items()}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)
MOST_LINES, MOST_IN_A_FILE, MOST_IN_A_FUNCTION = 13_000, 350, 40


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def imported(path: Path) -> set[str]:
    """The rooms that a module imports, itself excepted."""
    package = path.relative_to(PACKAGE).parts[:-1]
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            home = package[: len(package) - node.level + 1]
            target = [*home, *(node.module or "").split(".")] if node.module else list(home)
            rooms |= {target[0]} if target else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            assert not any(name.split(".")[0] == "cnnlab" for name in names), f"{path}: import it relatively"
    return rooms - {room_of(path)}


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_a_room_imports_only_what_its_arrows_allow(room):
    for path in MODULES:
        if room_of(path) == room:
            assert imported(path) <= ARROWS[room], path.relative_to(ROOT)


def test_no_arrows_go_in_circles():
    left = {room: set(others) for room, others in ARROWS.items()}
    while free := [room for room, others in left.items() if not others]:
        for room in free:
            del left[room]
        for others in left.values():
            others.difference_update(free)
    assert not left


def test_nothing_but_the_doors_stands_at_the_root():
    assert sorted(path.name for path in PACKAGE.glob("*.py")) == ["__init__.py", "__main__.py"]
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"assets", "__pycache__"}
    assert folders == set(ARROWS) == set(cnnlab.__all__) == set(dir(cnnlab))


def test_every_room_is_loaded_when_it_is_asked_for_and_has_a_line_in_the_help():
    for room in ARROWS:
        assert getattr(cnnlab, room).__doc__
        assert re.search(rf"^    {room}  +\S", cnnlab.__doc__, re.MULTILINE)
    with pytest.raises(AttributeError, match="its rooms are"):
        cnnlab.unheard_of  # noqa: B018


def test_tests_mirror_the_rooms():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(ARROWS) | {"browser", "notebooks", "scripts"}


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_every_public_name_is_there_and_used(room):
    module = importlib.import_module(f"cnnlab.{room}")
    public = set(module.__all__)
    assert all(hasattr(module, name) for name in public)
    unused = public - words_outside(room)
    assert not unused, f"no lesson, test, bench, script or other room uses these names of {room}"


def words_outside(room: str) -> set[str]:
    """Every word in the code of lessons, tests, benches, scripts and other rooms."""
    files = [path for path in MODULES if room_of(path) != room]
    files += [path for folder in ("tests", "bench", "scripts") for path in (ROOT / folder).rglob("*.py")]
    code = [path.read_text(encoding="utf-8") for path in files]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        code += [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return set(re.findall(r"\w+", "\n".join(code)))


def test_the_house_stays_thin():
    assert sum(counted().values()) <= MOST_LINES
    for path in MODULES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_IN_A_FILE, path.relative_to(ROOT)


def test_functions_stay_small():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = node.end_lineno - body[0].lineno + 1 if body else 0
                assert length <= MOST_IN_A_FUNCTION, (
                    f"{path.relative_to(ROOT)}: {node.name} has {length} lines"
                )
