"""Command: writes a blind copy for a second reader, or compares two readings."""

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import CannotRunError, shorten_value
from packpress.tables.csv import render_lines
from packpress.tables.rows import Row
from packpress.transaction import hold_for_reading, write_file

from scripts.curation.agreement import read_extraction
from scripts.curation.corpus import Corpus, build_corpus, require_source
from scripts.curation.curation_progress import read_curated_tables
from scripts.curation.double_annotation import (
    TO_FILL,
    Disagreement,
    find_disagreements,
    make_blind_copy,
    read_tables_as_extraction,
)
from scripts.curation.figures import Scope, compare_readers, render_table

COLUMNS = ("table_name", "passage_id", "quote", "field_name", "first", "second")


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--source", "source_id", default="", help="The source that is read; all of them if not given.")
@click.option("--against", type=click.Path(path_type=Path), help="Folder of a reading, to be compared.")
@click.option(
    "--first", type=click.Path(path_type=Path), help="Folder of another reading, instead of the tables."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("dist/review"),
    help="Folder for what is written.",
)
@exit_plainly
def main(descriptor: Path, source_id: str, against: Path | None, first: Path | None, output: Path) -> None:
    """Write what a second reader of DESCRIPTOR (./datapackage.json) needs, or compare two readings.

    Without --against: the passages of a source, and the tables with only their headers. With it: every
    difference between the tables and the reading, and the measures of agreement in docs/method.md.
    """
    package = read_descriptor(descriptor)
    with hold_for_reading(package.root):
        review(package, source_id, (first, against), output)


def review(package: Package, source_id: str, folders: tuple[Path | None, Path | None], output: Path) -> None:
    """Hand a source out to a second reader, or compare the readings in two folders; none is the tables."""
    corpus = build_corpus(package, read_curated_tables(package))
    sources = [require_source(corpus, source_id)] if source_id else corpus.sources
    if folders[1]:
        readings = [
            read_extraction(package, folder) if folder else read_tables_as_extraction(corpus)
            for folder in folders
        ]
        passages = [row for source in sources for row in corpus.passages.get(source["source_id"], ())]
        scope = Scope(passages, (readings[0], readings[1]))
        compare(corpus, scope, sources, output / f"{source_id or 'all'}-differences.csv")
    elif source_id:
        hand_out(corpus, source_id, output / source_id)
    else:
        raise CannotRunError(
            "name the source to read, SOURCE= or --source, or a reading, AGAINST= or --against"
        )


def hand_out(corpus: Corpus, source_id: str, folder: Path) -> None:
    """Write the blind copy; CannotRunError when somebody has begun to fill one in there."""
    for name in TO_FILL:
        file = folder / f"{name}.csv"
        if file.is_file() and len(file.read_bytes().splitlines()) > 1:
            raise CannotRunError(f"{file}: has rows of a reader; move the folder away and run this again")
    for name, data in make_blind_copy(corpus, source_id).items():
        write_file(folder / name, data)
    click.echo(f"{folder / 'passages.csv'}: the passages to read, by docs/curation.md")
    click.echo(f"{folder}: a file for each table to fill in; docs/data-dictionary.md describes the columns")
    click.echo(f"when they are filled in, run make review SOURCE={source_id} AGAINST={folder}")


def compare(corpus: Corpus, scope: Scope, sources: list[Row], file: Path) -> None:
    """Print every difference and the agreement, and write the differences as CSV."""
    names = [reader.name for reader in scope.readers]
    differences = list(find_disagreements(corpus, scope))
    for item in differences:
        click.echo(describe(item, names))
    for stray in list_strays(scope):
        click.echo(stray)
    write_file(file, render_lines(COLUMNS, map(astuple, differences)))
    click.echo(f"{file}: {len(differences)} differences between {names[0]} and {names[1]}")
    click.echo(f"A: {names[0]}; B: {names[1]}")
    click.echo(render_table(compare_readers(corpus, *scope.readers, sources)))


def list_strays(scope: Scope) -> Iterator[str]:
    """A line for each row that cannot be compared, because its words are not in its passage."""
    for reader in scope.readers:
        for table, rows in reader.tables.items():
            for row in rows:
                if row["quote"] not in scope.texts.get(row["passage_id"], row["quote"]):
                    place = f'{row["passage_id"]} {table} "{shorten_value(row["quote"])}"'
                    yield f"{place}: not in the passage, so {reader.name} is not compared on it"


def describe(item: Disagreement, names: list[str]) -> str:
    """One difference on one line."""
    place = f'{item.passage_id} {item.table} "{shorten_value(item.quote)}"'
    if not item.field:
        return f"{place}: only in {names[0] if item.first else names[1]}"
    values = (f'"{shorten_value(value)}"' if value else "empty" for value in (item.first, item.second))
    return f"{place}: {item.field} is {f' in {names[0]}, '.join(values)} in {names[1]}"


if __name__ == "__main__":
    main()
