"""Command: writes what both validators say of the conformance cases into the page on validation."""

import tempfile
from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.publish.edition import fill_figures

from tests.documents import PAGE, write_filled
from tests.suites.conformance import (
    Case,
    ask_frictionless,
    count_cases,
    read_cases,
    read_differences,
    render_cases,
    render_differences,
)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the page is stale.")
@exit_plainly
def main(check: bool) -> int:
    """Ask frictionless about every package in tests/suites/cases and write the table in docs/validation.md."""
    return write_filled(PAGE, fill_page(PAGE.read_text(encoding="utf-8")), check, "tests.conformance")


def fill_page(text: str) -> str:
    """The page with the differences and the cases in their places."""
    cases = read_cases()
    theirs = [_ask(case) for case in cases]
    figures = {
        "differences": render_differences(read_differences()),
        "conformance": f"{count_cases(cases, theirs)}\n\n{render_cases(cases, theirs)}",
    }
    return fill_figures(text, figures)


def _ask(case: Case) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return ask_frictionless(case.write(Path(folder)))


if __name__ == "__main__":
    main()
