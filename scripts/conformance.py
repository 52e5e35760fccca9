"""Command: writes what both validators say of the conformance cases into the page on validation."""

import tempfile
from pathlib import Path

import click
from packpress.atomic import write_file
from packpress.checks.conformance import (
    Case,
    ask_frictionless,
    count_cases,
    read_cases,
    read_differences,
    render_cases,
    render_differences,
)
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.publish.documents import fill_figures

PAGE = Path("docs/validation.md")
CASES = Path("tests/conformance")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the page is stale.")
@exit_plainly
def main(check: bool) -> int:
    """Ask frictionless about every package in tests/conformance and write the table in docs/validation.md."""
    text = PAGE.read_text(encoding="utf-8")
    filled = fill_page(text, CASES)
    if filled == text:
        click.echo(f"{PAGE}: up to date")
        return VALID
    if check:
        click.echo(f"{PAGE}: stale; run make conformance")
        return PROBLEMS
    write_file(PAGE, filled.encode("utf-8"))
    click.echo(f"{PAGE}: written")
    return VALID


def fill_page(text: str, folder: Path) -> str:
    """The page with the differences and the cases of a folder in their places."""
    cases = read_cases(folder)
    theirs = [_ask(case) for case in cases]
    figures = {
        "differences": render_differences(read_differences(folder)),
        "conformance": f"{count_cases(cases, theirs)}\n\n{render_cases(cases, theirs)}",
    }
    return fill_figures(text, figures)


def _ask(case: Case) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return ask_frictionless(case.write(Path(folder)))


if __name__ == "__main__":
    main()
