"""The shape of the project: imports point down, names are documented, nothing names a machine."""

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKPRESS = ROOT / "packpress" / "src" / "packpress"
FOLDERS = {"packpress": PACKPRESS, "scripts": ROOT / "scripts"}
MODULES = [(name, path) for name, folder in FOLDERS.items() for path in sorted(folder.rglob("*.py"))]
COMMANDS = {
    f"scripts.{path.stem}"
    for path in (ROOT / "scripts").glob("*.py")
    if path.stem not in {"__init__", "extension"}
}
# What knows neither descriptors nor tables.
GROUND = ("conflict_markers", "console", "file_lock", "problems", "similar", "sql", "transaction")
# Each floor may import what is below it and itself; what stands at one height knows nothing of its neighbour.
FLOORS = [
    {f"packpress.{name}" for name in GROUND},
    {"packpress.package"},
    {"packpress.tables"},
    {"packpress.checks"},
    {"packpress.publish"},
    {"packpress.extension"},
    {"packpress.editing", "packpress.web", "packpress.api"},
    {"packpress.cli"},
    {"packpress.__main__"},
    # What the package exports, which it imports when somebody asks for it.
    {"packpress"},
    {"scripts.rules", "scripts.curation"},
    {"scripts.extension"},
    {"scripts.curating"},
    {"scripts"},
]
# Rooms of one floor that may import each other.
OPEN = [FLOORS[0], {"scripts.rules", "scripts.curation"}]


@cache
def parse(path: Path) -> list[ast.AST]:
    """The nodes of a module."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def name_of(module: tuple[str, Path]) -> str:
    name, path = module
    parts = path.relative_to(FOLDERS[name]).with_suffix("").parts
    return ".".join([name, *parts]).removesuffix(".__init__")


@cache
def imports_of(module: tuple[str, Path]) -> set[str]:
    names = set()
    for node in parse(module[1]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith(("scripts.", "packpress."))}


def floor_of(name: str) -> tuple[int, str]:
    """Height of a module's floor, and the room there that it is in."""
    height, room = max(
        (len(room), height, room)
        for height, rooms in enumerate(FLOORS)
        for room in rooms
        if name == room or name.startswith(f"{room}.")
    )[1:]
    return height, room


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_point_down(module):
    name = name_of(module)
    height, room = floor_of(name)
    for imported in imports_of(module):
        assert imported not in COMMANDS, f"{name} imports the command {imported}"
        below, other = floor_of(imported)
        is_near = any({room, other} <= rooms for rooms in OPEN)
        assert below < height or other == room or is_near, f"{name} imports {imported} from above"


def test_every_part_of_packpress_has_a_floor():
    parts = {name_of(module).split(".")[1] for module in MODULES if name_of(module).startswith("packpress.")}
    assert {f"packpress.{part}" for part in parts} <= {room for floor in FLOORS for room in floor}


def test_the_command_and_the_library_are_the_top():
    """Nothing imports the command but what starts it, and nothing the library but the command and what exports it."""
    importing = {name_of(module): imports_of(module) for module in MODULES if module[0] == "packpress"}
    of_command = {name for name, imported in importing.items() if "packpress.cli" in imported}
    of_library = {name for name, imported in importing.items() if "packpress.api" in imported}
    assert of_command <= {"packpress.__main__"}
    assert of_library <= {"packpress", "packpress.cli"}


def test_the_floor_of_extensions_is_asked_from_above_alone():
    for module in MODULES:
        if "packpress.extension" in imports_of(module):
            assert floor_of(name_of(module))[0] > floor_of("packpress.extension")[0], name_of(module)


@pytest.mark.parametrize(
    "folder", [PACKPRESS, ROOT / "scripts", ROOT / "site"], ids=lambda folder: folder.name
)
def test_nothing_asserts_in_production(folder):
    """Python leaves assertions out when it is told to; what must hold raises."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(folder.rglob("*.py"))
        for node in parse(path)
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_nobody_reads_a_raw_descriptor_but_its_model():
    """What is asked of a descriptor is a property or a method in packpress.package."""
    folders = (PACKPRESS, ROOT / "scripts", ROOT / "site")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(path for folder in folders for path in folder.rglob("*.py"))
        for node in parse(path)
        if not path.is_relative_to(PACKPRESS / "package")
        and isinstance(node, ast.Attribute)
        and node.attr in {"raw", "_raw"}
    ]
    assert found == []


def test_imports_make_no_circle():
    graph = {name_of(module): imports_of(module) for module in MODULES}
    left = set()  # modules from which no circle can be reached

    def visit(name, trail):
        assert name not in trail, " -> ".join([*trail, name])
        for imported in graph[name] & graph.keys() - left - {name}:
            visit(imported, (*trail, name))
        left.add(name)

    for name in graph:
        visit(name, ())


# Why modules or classes share a name; what stands here is what the parent's name tells apart.
SHARED_NAMES = {
    "bibliography": "that of any package, as files; the rules on ours",
    "citation": "of a package, as a file; of a row, on our pages",
    "cells": "their checks; how our site shows them",
    "descriptor": "its model; its checks",
    "dictionary": "the data dictionary; its page",
    "export": "of a workbook; of a site as files",
    "exports": "what tables declare to be; the checks of that",
    "extension": "what packpress asks of extensions; ours",
    "facts": "of any served build; of our tables",
    "home": "the page of any site; ours, which takes its place",
    "keys": "their checks; their values as columns",
    "pages": "what an extension adds; pages as files; those that ours adds",
    "searches": "the page of any site; ours, which takes its place",
    **dict.fromkeys(
        ("bibliography", "claims", "documents", "entities"), "the rules on them; the pages of them"
    ),
    "Hit": "of the search of any site; of ours, which takes its place",
    "Facts": "of any served build; of our tables",
}


def test_what_has_the_same_name_has_a_reason():
    places = {}
    for folder in (PACKPRESS, ROOT / "scripts", ROOT / "site"):
        for path in sorted(folder.rglob("*.py")):
            names = [node.name for node in parse(path) if isinstance(node, ast.ClassDef)]
            for name in {path.stem, *names} - {"__init__"}:
                places.setdefault(name, []).append(path)
    assert {name for name, paths in places.items() if len(paths) > 1} == set(SHARED_NAMES)


def test_packpress_knows_no_table_of_ours(package):
    ours = {
        name
        for resource in (*package.resources, *package.derived)
        for name in (resource.name, *resource.primary_key)
        # These words are also words of the standards, of databases, or of any site: canned queries are questions.
    } - {
        "sources",
        "references",
        "position",
        "field_name",
        "table_name",
        "names",
        "mappings",
        "corrections",
        "row_id",
        "role",
        "questions",
        "item",
    }
    for path in PACKPRESS.rglob("*.py"):
        strings = {node.value for node in parse(path) if isinstance(node, ast.Constant)}
        assert not ours & {value for value in strings if isinstance(value, str)}, path


# Who may look into columns: the engine, and those who write files by whole columns, or read them.
ENGINE = PACKPRESS / "tables" / "fast"
WRITERS_OF_ARROW = {
    PACKPRESS / "editing" / "inference" / "conversion.py",
    PACKPRESS / "publish" / "data_module.py",
    PACKPRESS / "publish" / "lines.py",
    PACKPRESS / "publish" / "parquet.py",
    PACKPRESS / "publish" / "sheet.py",
    PACKPRESS / "web" / "tables" / "answer_files.py",
    PACKPRESS / "web" / "tables" / "parquet_file.py",
}


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKPRESS.rglob("*.py")) if ENGINE not in path.parents],
    ids=lambda path: path.relative_to(PACKPRESS).as_posix(),
)
def test_only_the_engine_sees_numpy_and_arrow(path):
    found = {
        module.split(".")[0]
        for node in parse(path)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    assert not found & ({"numpy"} if path in WRITERS_OF_ARROW else {"numpy", "pyarrow"})
    # The rest of the program asks a column, and leaves the array alone that it holds.
    looked_into = [node.lineno for node in parse(path) if getattr(node, "attr", "") in {"array", "encoded"}]
    assert path in WRITERS_OF_ARROW or not looked_into


def test_what_reads_in_threads_of_arrows_gets_memory_of_arrows():
    for path in PACKPRESS.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "BufferReader(" in text or "pyarrow.csv" in text:
            assert "py_buffer" not in text, path


def test_packpress_sends_nobody_to_make():
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ours = re.compile(rf"\bmake (?:{'|'.join(targets)})\b|[A-Z_]{{3,}}=(?:\s|$)")
    for path in PACKPRESS.rglob("*.py"):
        assert not ours.search(path.read_text(encoding="utf-8")), path


def test_every_make_target_is_in_the_readme():
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [target for target in targets if f"make {target}" not in readme] == []


LOCKS = sorted(ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_requirements_are_pinned_with_hashes_and_name_no_host(lock):
    lines = lock.read_text(encoding="utf-8").splitlines()
    text = "\n".join(lines)
    assert not re.search(
        r"://|file:/|--index-url|--extra-index-url|--find-links|--trusted-host|(?:^|\s)/\w", text
    )
    pins = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert pins
    assert all(re.match(r"[a-zA-Z0-9._-]+==\S+ (?:; .*)?\\$", line) for line in pins)
    assert text.count("--hash=sha256:") >= len(pins)


def test_every_dependency_is_pinned_and_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for requirement in wanted:
        name = requirement.split("==")[0]
        assert re.search(rf"^{name}==", pinned, re.MULTILINE), name
        assert re.search(rf'"{re.escape(requirement)}",\s+# \S', text), f"{name} has no purpose beside it"


def test_nothing_committed_names_a_folder_of_a_machine():
    pattern = re.compile(r"""(?:^|[\s"'(=])/(?:work|farm|root|tmp|opt|home)/\w""", re.MULTILINE)
    for folder in ("packpress", "scripts", "sql", "site", "tests", "docs"):
        for path in (ROOT / folder).rglob("*"):
            if (
                path.is_file()
                and path.suffix in {".py", ".sql", ".html", ".css", ".md"}
                and path != Path(__file__)
            ):
                assert not pattern.search(path.read_text(encoding="utf-8")), path


# Import names that are not those of their distributions.
DISTRIBUTIONS = {
    "axe_playwright_python": "axe-playwright-python",
    "citeproc": "citeproc-py",
    "markdown_it": "markdown-it-py",
    "dateutil": "python-dateutil",
    "sssom_pydantic": "sssom-pydantic",
    "yaml": "pyyaml",
}
# Nothing imports it: it is copied into wheels, which declare what it needs.
COPIED = PACKPRESS / "publish" / "data_module.py"
OURS = {"packpress", "scripts", "ketamine_site", "tests", "benchmarks", "invented", "suites"}
# Functions that import what they are told.
IMPORTING = {"importorskip", "import_module"}
# Run, or of use to others without being imported.
TOOLS = {"pytest-xdist", "ruff", "mypy", "types-pyyaml", "pip-tools", "setuptools", "check-jsonschema"}


# Run by other tools, in environments of their own.
LOADERS = ROOT / "tests" / "standards" / "loaders"


def find_third_parties(*folders):
    """The distributions whose modules are imported in Python files of the folders, by their names."""
    names = set()
    files = {path for folder in folders for path in folder.rglob("*.py")} - {COPIED}
    for path in files if LOADERS in folders else files - {*LOADERS.rglob("*.py")}:
        for node in parse(path):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module)
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in IMPORTING:
                names |= {word.value for word in node.args[:1] if isinstance(word, ast.Constant)}
    roots = {name.split(".")[0] for name in names} - sys.stdlib_module_names - OURS
    return {DISTRIBUTIONS.get(name, name) for name in roots}


def read_declared(pyproject, *extras):
    """The names of the dependencies that a project declares, and of those of its extras."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in extras for item in project["optional-dependencies"][extra]),
    ]
    return {re.match(r"[\w.-]+", requirement)[0] for requirement in wanted}


def test_packpress_declares_what_it_imports_and_nothing_else():
    pyproject = ROOT / "packpress" / "pyproject.toml"
    imported = find_third_parties(PACKPRESS)
    core = read_declared(pyproject)
    web, workbook = (read_declared(pyproject, extra) - core for extra in ("web", "workbook"))
    assert imported == core | web | workbook


def test_without_its_extras_packpress_imports_nothing_of_them():
    pyproject = ROOT / "packpress" / "pyproject.toml"
    extras = read_declared(pyproject, "web", "workbook") - read_declared(pyproject)
    rooms = {PACKPRESS / "web", PACKPRESS / "editing" / "workbook"}
    with_extras = {PACKPRESS / "publish" / f"{name}.py" for name in ("xlsx",)}
    for path in {*PACKPRESS.rglob("*.py")} - with_extras:
        if not rooms & {*path.parents}:
            assert not extras & imports_at_start(path), path


def imports_at_start(path):
    """The distributions that a module imports as soon as it is imported itself."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return {DISTRIBUTIONS.get(name, name) for name in names}


def test_the_data_set_declares_what_it_imports_and_nothing_else():
    of_code = find_third_parties(ROOT / "scripts", ROOT / "site")
    of_tests = find_third_parties(ROOT / "tests", ROOT / "benchmarks")
    core, whole = (read_declared(ROOT / "pyproject.toml", *extras) for extras in ((), ("dev",)))
    assert of_code <= core <= of_code | of_tests
    assert of_tests <= whole
    assert whole - TOOLS <= of_code | of_tests


def test_what_other_tools_run_needs_nothing_but_their_locks():
    wanted = {
        re.match(r"[\w.-]+", line)[0]
        for file in ROOT.glob("requirements-*.in")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    }
    own = {path.stem for path in LOADERS.glob("*.py")}
    assert find_third_parties(LOADERS) - own <= wanted | {"pandas"}
    for name in wanted:
        locks = [lock for lock in LOCKS if re.search(rf"^{name}==", lock.read_text(), re.MULTILINE)]
        assert locks, f"{name} is in no lock; run make lock-standards"
