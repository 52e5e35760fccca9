"""Command: lists what is left to curate, by source, and writes suggested rows for drafts."""

from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import shorten_value
from packpress.tables.rows import Tables
from packpress.transaction import hold_for_reading

from scripts.curation.corpus import build_corpus, require_source
from scripts.curation.curation_progress import (
    find_remaining,
    list_unmapped,
    measure_sources,
    publish_all,
    read_curated_tables,
)
from scripts.curation.inbox import write_inbox
from scripts.curation.rejections import read_rejected
from scripts.curation.suggestions import PassageFinding, suggest_rows

# More names than this would hide the rest of the list.
MOST_NAMED = 12


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--source", "source_id", default="", help="Only what is left of this source.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("dist/todo"),
    help="Folder for the suggestions, one folder in it for each draft.",
)
@exit_plainly
def main(descriptor: Path, source_id: str, output: Path) -> None:
    """List what is left to curate in DESCRIPTOR (./datapackage.json), and suggest rows for its drafts.

    Sources in progress are checked against the rules for published ones. Suggested rows are written to a
    folder, where the curator completes or deletes them; only `accept` adds them to the tables. Always exits
    0: unfinished work is not an error.
    """
    package = read_descriptor(descriptor)
    with hold_for_reading(package.root):
        list_all(package, source_id, output)


def list_all(package: Package, source_id: str, output: Path) -> None:
    """Print what is left of all sources or of one, and write the suggestions for drafts."""
    tables = read_curated_tables(package)
    corpus = build_corpus(package, tables)
    if source_id:
        require_source(corpus, source_id)
    for progress in measure_sources(corpus):
        source = progress.source
        if source_id in ("", source["source_id"]):
            click.echo(
                f"{source['short_name']} ({source['source_id']}, {source['status']}): "
                f"{progress.accounted} of {progress.sentences} sentences accounted for, "
                f"{progress.claims} claims, {progress.single_reader} of them from one reader only"
            )
            if source["status"] == "in_progress":
                suggest(package, tables, source["source_id"], output)
    if not source_id:
        list_names_without_code(tables)
    remaining = find_remaining(corpus, source_id)
    for problem in remaining:
        click.echo(str(problem))
    click.echo(f"{len(remaining)} to correct" if remaining else "nothing left that a rule requires")


def suggest(package: Package, tables: Tables, source_id: str, output: Path) -> None:
    """Print what is found in a draft, and write the suggested rows unless those of last time were edited."""
    corpus = build_corpus(package, publish_all(tables), read_rejected(package.root))
    suggestions = suggest_rows(corpus, source_id)
    folder = output / source_id
    for finding in suggestions.findings:
        click.echo(f"  {finding.passage.place}: {describe_finding(finding)}")
    if not write_inbox(folder, package, suggestions.rows):
        click.echo(
            f"  {folder}: was edited, so nothing is written there; accept it, or remove it and run this again"
        )
        return
    for table, rows in suggestions.rows.items():
        click.echo(f"  {folder / table}.csv: {len(rows)} suggested")
    if suggestions.rows:
        click.echo(f"  delete what is wrong, complete the rest, then: make accept FROM={folder}")


def describe_finding(finding: PassageFinding) -> str:
    """One line about a sentence without a claim, and what was found in it."""
    parts = [f'"{shorten_value(finding.passage["text"])}"']
    if finding.namings:
        names = (f"{naming.words} ({naming.entity.key})" for naming in finding.namings)
        parts.append(f"names {', '.join(names)}")
    words = {
        "may doubt": finding.cues["hedge"],
        "may narrow": finding.cues["qualifier"],
        "may negate": finding.negations,
        "cites": finding.markers,
    }
    parts += (f"{what}: {', '.join(found)}" for what, found in words.items() if found)
    return "; ".join(parts)


def list_names_without_code(tables: Tables) -> None:
    """Print the entities of each table that have no terminology code."""
    for name, keys in list_unmapped(tables).items():
        if keys:
            more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
            click.echo(f"{name} without a terminology code: {', '.join(keys[:MOST_NAMED])}{more}")


if __name__ == "__main__":
    main()
