"""Commands: join and split the passages of a draft."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.editing.format import make_changes, tolerate_known
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError
from packpress.transaction import hold_for_editing

from scripts.curation.corpus import Corpus, build_corpus
from scripts.curation.curation_progress import read_curated_tables
from scripts.curation.cuts import Recut, plan_join, plan_split
from scripts.rules import RULE_SET

UNDO = "the opposite command undoes it, and so does git where the draft was committed"


@click.group()
def main() -> None:
    """Join or split passages of a draft: offsets, positions and what refers to them are changed with them.

    The difference is shown first. Without a terminal to ask on, it is only shown, unless --yes is given.
    """


@main.command()
@click.argument("first", metavar="FROM")
@click.argument("last", metavar="TO")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--yes", is_flag=True, help="Write without asking.")
@exit_plainly
def join(first: str, last: str, descriptor: Path, yes: bool) -> None:
    """Make one passage of the passages FROM to TO of a draft of DESCRIPTOR (./datapackage.json)."""
    carry_out(descriptor, lambda corpus: plan_join(corpus, first, last), yes)


@main.command()
@click.argument("passage_id", metavar="ID")
@click.argument("words", metavar="AT")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--yes", is_flag=True, help="Write without asking.")
@exit_plainly
def split(passage_id: str, words: str, descriptor: Path, yes: bool) -> None:
    """Make two passages of the passage ID of a draft, the second of which begins with the words AT."""
    carry_out(descriptor, lambda corpus: plan_split(corpus, passage_id, words), yes)


def read_corpus(descriptor: Path) -> Corpus:
    """The corpus of a package."""
    package = read_descriptor(descriptor)
    return build_corpus(package, read_curated_tables(package))


def carry_out(descriptor: Path, plan: Callable[[Corpus], Recut], yes: bool) -> None:
    """Show a difference, and write it if it is agreed to; CannotRunError when the tables have changed."""
    shown = plan(read_corpus(descriptor))
    for line in shown.difference:
        click.echo(line)
    if not yes and not sys.stdin.isatty():
        click.echo("nothing was written; add YES=1 to write this")
        return
    if not yes and not click.confirm("Write this?"):
        click.echo("nothing was written")
        return
    package = read_descriptor(descriptor)
    with hold_for_editing(package.root):
        if plan(read_corpus(descriptor)) != shown:
            raise CannotRunError(
                "the tables have changed since; run it again and look at the difference anew"
            )
        make_changes(package, shown.files, RULE_SET, "nothing was written", tolerate_known(package, RULE_SET))
    click.echo(f"written: {', '.join(shown.files)}; {UNDO}")


if __name__ == "__main__":
    main()
