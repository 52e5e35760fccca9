"""Command: writes what packpress knows of faults and properties into pages, of types into the profile, and all it says."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from packpress.console import PROBLEMS, VALID, exit_plainly
from packpress.package.profile import DEFINITIONS, PROFILE_FILE, Schema, resolve
from packpress.publish.edition import fill_figures
from packpress.tables.types import TYPES
from packpress.transaction import write_file

from tests.suites.mistakes import render_lint, render_mistakes
from tests.suites.peers import render_peers
from tests.suites.wordings import WORDINGS, render_wordings

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PUBLISHING = DOCS / "validation.md", DOCS / "publishing.md"


def fill_page(text: str) -> str:
    """A page with what it says of lint, mistakes, peers, properties of our own and hints in their places."""
    tables = {
        "lint": render_lint,
        "mistakes": render_mistakes,
        "own": render_own,
        "hints": render_hints,
        "peers": render_peers,
    }
    return fill_figures(text, {name: render() for name, render in tables.items()})


def render_own() -> str:
    """A table of the properties that are not the standard's, hints for publishing a table left out."""
    parts = {
        "the package": DEFINITIONS["package"],
        "`validation`": DEFINITIONS["validation"],
        "`publishing` of the package": DEFINITIONS["package"]["properties"]["publishing"],
        "a resource": DEFINITIONS["resource"],
        "a field": DEFINITIONS["field"],
        "a foreign key": DEFINITIONS["foreignKey"],
        "`reference` of a foreign key": DEFINITIONS["foreignKey"]["properties"]["reference"],
    }
    lines = [
        f"| {place} | `{name}` | {describe_value(part)} | {part['description']} |"
        for place, whole in parts.items()
        for name, part in list_properties(whole)
        if part.get("x-own")
    ]
    return "\n".join(["| of | property | value | meaning |", "| --- | --- | --- | --- |", *lines])


def render_hints() -> str:
    """A table of the hints for publishing a table."""
    lines = [
        f"| `{name}` | {describe_value(part)} | {part['description']} |"
        for name, part in list_properties(DEFINITIONS["publishing"])
    ]
    return "\n".join(["| hint | value | effect |", "| --- | --- | --- |", *lines])


def list_properties(whole: Schema) -> Iterator[tuple[str, Schema]]:
    """The properties of an object, each with what it refers to."""
    for name, part in whole["properties"].items():
        yield name, resolve(part)


def describe_value(part: Schema) -> str:
    """Of which kind a property is."""
    return part.get("x-kind") or " or ".join(f"`{choice}`" for choice in part.get("enum", ())) or "any value"


def describe_types() -> Mapping[str, Any]:
    """The parts of the profile that the registry of types knows."""
    formats = dict.fromkeys(name for kind in TYPES.values() for name in ("default", *kind.formats))
    return {
        "type": {"enum": [*TYPES], "x-otherwise": "use string"},
        "itemType": {"enum": [name for name, kind in TYPES.items() if kind.is_item]},
        "format": {
            "type": "string",
            "pattern": r"\S",
            "x-kind": "a text",
            "x-blank": "leave it out",
            "examples": [*formats],
        },
    }


def fill_profile(text: str) -> str:
    """The profile with the parts that the registry of types knows, each on its one line."""
    for name, part in describe_types().items():
        line = f'    "{name}": {json.dumps(part)},'
        text = re.sub(rf'^    "{name}": .*$', lambda _, line=line: line, text, flags=re.MULTILINE)
    return text


FILLS: Mapping[Path, Callable[[str], str]] = {
    PAGE: fill_page,
    PUBLISHING: fill_page,
    PROFILE_FILE: fill_profile,
    WORDINGS: lambda _: render_wordings(),
}


def fill_all() -> dict[Path, str]:
    """Each file that is written, with what must stand in it."""
    return {file: fill(file.read_text(encoding="utf-8")) for file, fill in FILLS.items()}


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file is stale.")
@exit_plainly
def main(check: bool) -> int:
    """Write what packpress knows of itself into its pages and its profile of descriptors, and what it says as a snapshot."""
    return max(write_filled(file, filled, check, "tests.documents") for file, filled in fill_all().items())


def write_filled(file: Path, filled: str, check: bool, command: str) -> int:
    """Writes the file, or says that it is stale and by which command it is written; the exit code."""
    if filled == file.read_text(encoding="utf-8"):
        return VALID
    if check:
        click.echo(f"{file.parent.name}/{file.name}: stale; run python -m {command}")
        return PROBLEMS
    write_file(file, filled.encode("utf-8"))
    click.echo(f"{file.parent.name}/{file.name}: written")
    return VALID


if __name__ == "__main__":
    main()
