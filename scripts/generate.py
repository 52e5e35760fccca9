"""Command: writes what packpress knows of faults into the page on validation, or compares it."""

from pathlib import Path

import click
from packpress.atomic import write_file
from packpress.checks.mistakes import render_lint, render_mistakes
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.publish.documents import fill_figures

PAGE, MISTAKES = Path("docs/validation.md"), Path("docs/mistakes.yml")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the page is stale.")
@exit_plainly
def main(check: bool) -> int:
    """Write the tables of hygiene and of common mistakes into docs/validation.md."""
    text = PAGE.read_text(encoding="utf-8")
    filled = fill_figures(text, {"lint": render_lint(), "mistakes": render_mistakes(MISTAKES)})
    if filled == text:
        return VALID
    if check:
        click.echo(f"{PAGE}: stale; run make generate")
        return PROBLEMS
    write_file(PAGE, filled.encode("utf-8"))
    click.echo(f"{PAGE}: written")
    return VALID


if __name__ == "__main__":
    main()
