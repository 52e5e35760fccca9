"""Command: proposes the passages of a document as rows for `data/passages.csv`."""

import csv
import sys
from pathlib import Path

import click

from scripts.curation.segment import propose_passages
from scripts.lib.command import exit_plainly
from scripts.lib.tables import read_text


@click.command()
@click.argument("document", type=click.Path(path_type=Path))
@click.argument("source_id")
@click.option("--encoding", default="utf-8", help="Encoding of the document.")
@exit_plainly
def main(document: Path, source_id: str, encoding: str) -> None:
    """Print the passages of DOCUMENT as CSV rows, for a curator to read and correct.

    What is a heading, a label or page furniture is guessed from the form of a line.
    """
    rows = propose_passages(read_text(document, str(document), encoding), source_id)
    writer = csv.DictWriter(sys.stdout, rows[0].keys() if rows else ["passage_id"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    main()
