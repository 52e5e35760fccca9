"""Command: publishes a draft, once it follows all rules for published sources."""

from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.editing.format import make_changes, replace_row
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.transaction import hold_for_editing

from scripts.curation.corpus import build_corpus, require_source
from scripts.curation.curation_progress import read_curated_tables
from scripts.rules import RULE_SET


@click.command()
@click.argument("source_id", metavar="ID")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@exit_plainly
def main(source_id: str, descriptor: Path) -> None:
    """Set the status of the source ID of DESCRIPTOR (./datapackage.json) to published.

    While the source violates a rule for published sources, the problems are printed and nothing is changed.
    """
    package = read_descriptor(descriptor)
    with hold_for_editing(package.root):
        publish(package, source_id)


def publish(package: Package, source_id: str) -> None:
    """Set the status of a source, unless a rule forbids it, and say what was done."""
    corpus = build_corpus(package, read_curated_tables(package))
    source = require_source(corpus, source_id)
    if source["status"] == "published":
        click.echo(f"{source['short_name']} is already published; nothing was changed")
        return
    data = replace_row(source, source.with_cell("status", "published"))
    make_changes(package, {source.path: data}, RULE_SET, f"{source['short_name']} stays a draft")
    claims = sum(len(corpus.claims_of(passage)) for passage in corpus.passages.get(source_id, ()))
    click.echo(f"{source.place}: {source['short_name']} is published, with {claims} claims")
    click.echo("now run make generate, for the figures of the method page, and make build")


if __name__ == "__main__":
    main()
