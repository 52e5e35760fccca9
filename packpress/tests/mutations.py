"""Command: writes where mutants of a descriptor are judged otherwise than by the standard's profile into the page."""

import json
import tempfile
from pathlib import Path

import click
from jsonschema import Draft7Validator
from packpress.console import exit_plainly
from packpress.problems import CannotRunError
from packpress.publish.edition import fill_figures

from tests.documents import PAGE, write_filled
from tests.suites.mutations import compare_with_standard, render_reasons


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when the page is stale.")
@exit_plainly
def main(profile: Path, check: bool) -> int:
    """Judge mutants by PROFILE, the standard's datapackage.json of version 2.0, and by packpress."""
    page = fill_page(PAGE.read_text(encoding="utf-8"), profile)
    return write_filled(PAGE, page, check, "tests.mutations PROFILE")


def fill_page(text: str, profile: Path) -> str:
    """The page with the table of differences; CannotRunError when a mutant differs for no reason."""
    validator = Draft7Validator(json.loads(profile.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        counts, unexplained = compare_with_standard(validator, Path(folder))
    if unexplained:
        raise CannotRunError(f"judged otherwise for no reason: {'; '.join(unexplained)}")
    return fill_figures(text, {"mutants": render_reasons(counts)})


if __name__ == "__main__":
    main()
