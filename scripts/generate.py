"""Command: writes the committed files that are derived from the descriptor, or compares them."""

from pathlib import Path

import click
from packpress.atomic import write_file
from packpress.checks.mistakes import render_lint, render_mistakes
from packpress.editing.editor_schema import render_editor_schema
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, Package, read_descriptor
from packpress.package.views import read_views
from packpress.publish.documents import fill_figures, render_citation, render_dictionary
from packpress.publish.metadata import render_metadata
from packpress.tables.rows import read_tables, read_text

from scripts.curation.figures import list_figures

# Written by hand but for their figures.
WITH_FIGURES = ("docs/method.md", "docs/curation-guide.md")
EDITOR_SCHEMA = "docs/datapackage.schema.json"
VALIDATION = "docs/validation.md"
MISTAKES = "docs/mistakes.yml"


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file is stale.")
@exit_plainly
def main(descriptor: Path, check: bool) -> int:
    """Derive metadata.yml, dictionary, citation, schema for editors, and figures of the method and the guide.

    They come from DESCRIPTOR (./datapackage.json), the SQL and the tables.
    """
    package = read_descriptor(descriptor)
    stale = 0
    for path, text in derive_files(package).items():
        file = package.root / path
        if file.is_file() and file.read_bytes() == text.encode("utf-8"):
            continue
        stale += 1
        if check:
            click.echo(f"{path}: stale; run make generate")
        else:
            write_file(file, text.encode("utf-8"))
            click.echo(f"{path}: written")
    if not stale:
        click.echo("every derived file is up to date")
    return PROBLEMS if check and stale else VALID


def derive_files(package: Package) -> dict[str, str]:
    """Text of each derived file by its path."""
    views = read_views(package.root / "sql" / "views")
    queries = read_views(package.root / "sql" / "queries")
    derived = {
        "metadata.yml": render_metadata(package, views, queries),
        "docs/data-dictionary.md": render_dictionary(package, views),
        "CITATION.cff": render_citation(package),
        EDITOR_SCHEMA: render_editor_schema(),
    }
    paths = [path for path in WITH_FIGURES if (package.root / path).is_file()]
    figures = list_figures(package, read_tables(package)) if paths else {}
    for path in paths:
        derived[path] = fill_figures(read_text(package.root / path, path, "utf-8"), figures)
    if (package.root / VALIDATION).is_file():
        text = read_text(package.root / VALIDATION, VALIDATION, "utf-8")
        figures = {"lint": render_lint(), "mistakes": render_mistakes(package.root / MISTAKES)}
        derived[VALIDATION] = fill_figures(text, figures)
    return derived


if __name__ == "__main__":
    main()
