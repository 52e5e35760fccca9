"""Command: adds a document as a draft, divided into proposed passages."""

from collections import Counter
from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.editing.format import make_changes, tolerate_known
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError
from packpress.tables.rows import Tables, read_tables
from packpress.transaction import hold_for_editing

from scripts.curation.addition import (
    GUESSED,
    Addition,
    count_broken,
    plan_addition,
)
from scripts.curation.corpus import RIGHTS_NOT_STATED, build_corpus
from scripts.curation.curation_progress import read_curated_tables
from scripts.rules import RULE_SET


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("source_id", metavar="ID")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--short-name", default="", help="A short name for readers; made from ID if not given.")
@click.option("--source-type", default="", help="Kind of document, one of those that the table allows.")
@click.option("--text-extent", default="", help="How much of the document FILE contains.")
@click.option("--language", default="", help="Language tag such as en or en-GB.")
@click.option("--rights", default="", help="Who owns the text, in a sentence.")
@click.option("--encoding", default="", help="Encoding of FILE, if the detected one is wrong.")
@exit_plainly
def main(file: Path, source_id: str, descriptor: Path, encoding: str, **cells: str) -> None:
    """Add the text document FILE to DESCRIPTOR (./datapackage.json) as the draft ID.

    The file is copied byte for byte, and its text is divided into proposed passages. A draft is validated,
    but left out of builds.
    """
    package = read_descriptor(descriptor)
    data = read_document(file)
    with hold_for_editing(package.root):
        corpus = build_corpus(package, read_curated_tables(package))
        addition = plan_addition(corpus, data, str(file), source_id, cells, encoding)
        if addition is None:
            click.echo(f"{source_id} already exists with the same bytes; nothing was changed")
            return
        known = tolerate_known(package, RULE_SET)
        make_changes(package, addition.files, RULE_SET, "the document was not added", known)
        tables = read_tables(package)
    describe_addition(addition, tables)


def read_document(file: Path) -> bytes:
    """The bytes of the file; CannotRunError when it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise CannotRunError(f"{file}: no such file; name a text document") from None
    except IsADirectoryError:
        raise CannotRunError(f"{file}: a folder; name a text document in it") from None


def describe_addition(addition: Addition, tables: Tables) -> None:
    """Print what was added, where it is, and what to check next."""
    source, passages = addition.source, addition.passages
    first = tables["passages"].group("source_id")[source["source_id"]][0]
    row = tables["sources"].group("source_id")[source["source_id"]][0]
    click.echo(f"{source['path']}: {len(addition.text):,} characters, encoding {source['encoding']}")
    counts = Counter(passage["kind"].replace("_", " ") for passage in passages)
    kinds = ", ".join(f"{kind} {count}" for kind, count in counts.items())
    click.echo(f"{first.place}: passages {len(passages)}: {kinds}")
    if broken := count_broken(passages):
        click.echo(
            f"  {broken} of them continue a sentence of the line before, because the file has line breaks "
            "within sentences; if there is a copy with one paragraph per line, add that instead"
        )
    click.echo(f'{row.place}: "{source["short_name"]}", a draft until it is published')
    guesses = [name for name, value in GUESSED.items() if source[name] == value]
    if guesses:
        click.echo(f"  check {', '.join(guesses)}: they are guesses")
    if source["rights"] == RIGHTS_NOT_STATED:
        click.echo("  enter in rights who owns the text before you publish it")


if __name__ == "__main__":
    main()
