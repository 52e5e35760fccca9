"""Command: writes what packpress knows of faults into the page on validation, or compares it."""

from pathlib import Path

import click
from packpress.console import PROBLEMS, VALID, exit_plainly
from packpress.publish.edition import fill_figures
from packpress.transaction import write_file

from tests.suites.mistakes import render_lint, render_mistakes

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"


def fill_page(text: str) -> str:
    """The page with the tables of lint and of mistakes in their places."""
    return fill_figures(text, {"lint": render_lint(), "mistakes": render_mistakes()})


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the page is stale.")
@exit_plainly
def main(check: bool) -> int:
    """Write the tables of lint and of common mistakes into docs/validation.md."""
    return write_page(fill_page(PAGE.read_text(encoding="utf-8")), check, "tests.documents")


def write_page(filled: str, check: bool, command: str) -> int:
    """Writes the page, or says that it is stale and by which command it is written; the exit code."""
    if filled == PAGE.read_text(encoding="utf-8"):
        return VALID
    if check:
        click.echo(f"docs/{PAGE.name}: stale; run python -m {command}")
        return PROBLEMS
    write_file(PAGE, filled.encode("utf-8"))
    click.echo(f"docs/{PAGE.name}: written")
    return VALID


if __name__ == "__main__":
    main()
