"""Prints how good the suggestions for each document are, learned only from the other documents.

Run it with `python -m benchmarks.suggest [DESCRIPTOR]`, or `make bench-suggest`. Each source in turn is
removed from the tables; the suggestions made for it from the rest are compared with what was removed. So are
those for texts of other layouts, in tests/data/gold, with what was written down of them before the
suggestions were made better.
"""

import sys
from pathlib import Path

from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.tables.rows import read_tables

from packpress import read_package
from scripts.curation.comparisons import evaluate_comparisons
from scripts.curation.corpus import build_corpus
from scripts.curation.evaluation import evaluate, render_scores, render_texts
from scripts.curation.figures import TEXTS, render_table
from scripts.curation.rejections import read_rejected


def main(descriptor: Path) -> None:
    """Print the tables of docs/curation-guide.md."""
    package = read_package(descriptor)
    corpus = build_corpus(package, read_tables(package), read_rejected(package.root))
    print(render_table(render_scores(evaluate(corpus))))
    print()
    print(render_table(render_texts(corpus, package.root / TEXTS)))
    print()
    print(render_table(evaluate_comparisons(corpus)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_DESCRIPTOR)
