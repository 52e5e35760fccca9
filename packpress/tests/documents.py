"""Command: writes what packpress knows of faults into the page on validation, and of types into the profile."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from packpress.console import PROBLEMS, VALID, exit_plainly
from packpress.package.profile import PROFILE_FILE
from packpress.publish.edition import fill_figures
from packpress.tables.types import TYPES
from packpress.transaction import write_file

from tests.suites.mistakes import render_lint, render_mistakes

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"


def fill_page(text: str) -> str:
    """The page with the tables of lint and of mistakes in their places."""
    return fill_figures(text, {"lint": render_lint(), "mistakes": render_mistakes()})


def describe_types() -> Mapping[str, Any]:
    """The parts of the profile that the registry of types knows."""
    formats = dict.fromkeys(name for kind in TYPES.values() for name in ("default", *kind.formats))
    return {
        "type": {"enum": [*TYPES], "x-otherwise": "use string"},
        "itemType": {"enum": [name for name, kind in TYPES.items() if kind.is_item]},
        "format": {"type": "string", "x-kind": "a text", "examples": [*formats]},
    }


def fill_profile(text: str) -> str:
    """The profile with the parts that the registry of types knows, each on its one line."""
    for name, part in describe_types().items():
        text = re.sub(rf'^    "{name}": .*$', f'    "{name}": {json.dumps(part)},', text, flags=re.MULTILINE)
    return text


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file is stale.")
@exit_plainly
def main(check: bool) -> int:
    """Write the tables of lint and of mistakes into docs/validation.md, and the types into the profile."""
    return max(
        write_filled(PAGE, fill_page(PAGE.read_text(encoding="utf-8")), check, "tests.documents"),
        write_filled(
            PROFILE_FILE, fill_profile(PROFILE_FILE.read_text(encoding="utf-8")), check, "tests.documents"
        ),
    )


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
