"""Measures the size of each part of the code, and which modules a descriptor passes through.

`python -m benchmarks.structure` counts modules, statements and the length of public functions by part, and
follows the descriptor of a small package without rules through `validate` and `build`. It uses only the
public API, so that it can measure earlier commits too: `PYTHONPATH=…/packpress/src python -m
benchmarks.structure --root …`.
"""

import ast
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from types import FrameType, ModuleType
from typing import Any

import click

ROOT = Path(__file__).parents[1]
SOURCES = {"packpress": "packpress/src/packpress", "scripts": "scripts", "site": "site/ketamine_site"}
# The parts of packpress; modules in none of them belong to the base.
PARTS = ("package", "tables", "checks", "publish", "editing", "web")
# The classes that model the descriptor.
MODEL = {"Package", "Resource", "Field", "ForeignKey"}


@click.command()
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, help="Checkout that is counted.")
def main(root: Path) -> None:
    """Count modules and statements, and follow a descriptor through validate and build."""
    for line in (*describe_parts(root), *describe_ways()):
        click.echo(line)


def describe_parts(root: Path) -> Iterator[str]:
    """A line for each part: modules, statements, and the lines of its public functions."""
    files: dict[str, list[Path]] = {}
    for name, folder in SOURCES.items():
        for path in sorted((root / folder).rglob("*.py")):
            part = path.relative_to(root / folder).parts[0]
            place = f"packpress/{part}" if part in PARTS else "packpress, ground and command"
            files.setdefault(place if name == "packpress" else name, []).append(path)
    yield f"{'part':32} {'modules':>8} {'statements':>11} {'median':>7} {'longest':>8}"
    for part, paths in files.items():
        yield describe_files(part, paths)
    below = [path for part, paths in files.items() if part.startswith("packpress") for path in paths]
    yield describe_files("packpress without web", [path for path in below if "web" not in path.parts])
    yield describe_files("everything", [path for paths in files.values() for path in paths])


def describe_files(part: str, paths: list[Path]) -> str:
    """Modules and statements of some files, and the median and maximum length of their public functions."""
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]
    statements = sum(isinstance(node, ast.stmt) for node in nodes)
    return f"{part:32} {len(paths):8} {statements:11,} {median(lengths):7.0f} {max(lengths):8}"


def describe_ways() -> Iterator[str]:
    """A line for each command: modules that run, modules that the descriptor enters, and its returns."""
    import packpress

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_package(folder)
        package = packpress.read_package(folder)
        ways: dict[str, Callable[[], Any]] = {
            "validate": lambda: packpress.validate(packpress.read_package(folder)),
            "build": lambda: packpress.build(package, folder / "build", formats=["sqlite", "parquet", "csv"]),
        }
        for way, run in ways.items():
            run()  # so that nothing is imported in the second run, and nothing is cached
            running, doors = trace(run)
            entered = {room for door in doors for room in door if room}
            returns = len(doors) - len(entered)
            yield (
                f"{way}: {len(running)} modules run, the descriptor enters {len(entered)}, "
                f"by {len(doors)} ways from one to another; {returns} of them are returns"
            )


def write_package(folder: Path) -> None:
    """A small package: two tables with keys, types and constraints, and no rules."""
    boats = [
        {"name": "boat_id", "type": "string", "constraints": {"required": True, "pattern": "[a-z]+"}},
        {"name": "length", "type": "number", "constraints": {"minimum": 1}},
        {"name": "launched", "type": "date"},
    ]
    trips = [{"name": "trip_id", "type": "integer"}, {"name": "boat_id", "type": "string"}]
    key = {"fields": "boat_id", "reference": {"resource": "boats", "fields": "boat_id"}}
    (folder / "boats.csv").write_text("boat_id,length,launched\nida,7.5,2021-05-01\njo,9,2019-11-30\n")
    (folder / "trips.csv").write_text("trip_id,boat_id\n1,ida\n2,jo\n")
    schemas = {
        "boats": {"fields": boats, "primaryKey": "boat_id"},
        "trips": {"fields": trips, "primaryKey": "trip_id", "foreignKeys": [key]},
    }
    tables = [{"name": name, "path": f"{name}.csv", "schema": schema} for name, schema in schemas.items()]
    descriptor = {"name": "fleet", "title": "Fleet", "version": "1.0.0", "resources": tables}
    (folder / "datapackage.json").write_text(json.dumps(descriptor))


def trace(run: Callable[[], Any]) -> tuple[set[str], set[tuple[str, str]]]:
    """The modules of packpress that run, and the pairs between which the descriptor is passed."""
    running: set[str] = set()
    doors: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        name = str(frame.f_globals.get("__name__"))
        if event != "call" or name.partition(".")[0] != "packpress":
            return
        running.add(name)
        code = frame.f_code
        given = [
            frame.f_locals.get(one) for one in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        ]
        if any(type(value).__name__ in MODEL and not isinstance(value, ModuleType) for value in given):
            before = find_caller(frame)
            if before != name:
                doors.add((before, name))

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return running, doors


def find_caller(frame: FrameType) -> str:
    """The module of packpress that called, skipping frames of other libraries; empty if there is none."""
    caller = frame.f_back
    while caller is not None:
        name = str(caller.f_globals.get("__name__"))
        if name.partition(".")[0] == "packpress":
            return name
        caller = caller.f_back
    return ""


if __name__ == "__main__":
    main()
