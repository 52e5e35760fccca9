"""Rejections: suggested links that curators rejected, and whether words still count as a name of a row."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packpress.problems import InvalidPackageError, Problem
from packpress.tables.csv import Record

from scripts.curation.agreement import READINGS
from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity

REJECTED_FIELDS = ("passage_id", "table_name", "row_id", "words")
# The rejected suggestions of one reader, by source: passage, link table, row, and words in lower case.
RejectedRows = Mapping[str, tuple[Record, ...]]


def place_rejected(source_id: str, folder: str = "") -> str:
    """The file of the suggestions that a reader rejected in a document, relative to the package.

    `folder` is that of the readings of a second reader.

    >>> place_rejected("leaflet"), place_rejected("leaflet", "data/curation/reader-b")
    ('data/curation/rejected/leaflet.csv', 'data/curation/reader-b/leaflet/rejected.csv')
    """
    return f"{folder}/{source_id}/rejected.csv" if folder else f"{READINGS}/rejected/{source_id}.csv"


def read_rejected(root: Path, folder: str = "") -> RejectedRows:
    """What one reader rejected, in all documents.

    A blind second reader, whose readings are in a folder, and the first learn nothing of each other.
    """
    files = sorted(root.glob(place_rejected("*", folder)))
    return {file.parent.name if folder else file.stem: read_beside(file, REJECTED_FIELDS) for file in files}


def read_beside(file: Path, fields: tuple[str, ...]) -> tuple[Record, ...]:
    """The rows of a file beside the tables; InvalidPackageError when its header was damaged by hand."""
    if not file.is_file():
        return ()
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
    if not rows or tuple(rows[0]) != fields:
        raise InvalidPackageError([Problem(str(file), 1, f"not its header; write it as {','.join(fields)}")])
    return tuple(tuple(row) for row in rows[1:])


Named = tuple[Entity, str]


@dataclass(frozen=True)
class RejectedNames:
    """How often words were rejected as a name of a row, and how often they were linked with it, by source."""

    rejected: Mapping[str, Counter[Named]]
    confirmed: Mapping[str, Counter[Named]]
    # Links that no word names, which teach nothing about other passages.
    wordless: frozenset[tuple[str, Entity]] = field(default_factory=frozenset)

    def hold(self, source_id: str, passage_id: str, entity: Entity, words: str) -> bool:
        """Whether words were rejected as a name of a row more often than linked with it.

        What was done in the document itself counts alone; where nothing was, all documents count.
        """
        if not words:
            return (passage_id, entity) in self.wordless
        named = entity, words.lower()
        own = self._count([source_id], named)
        rejected, confirmed = own if any(own) else self._count(self.rejected.keys() | self.confirmed, named)
        return rejected > confirmed

    def _count(self, sources: Iterable[str], named: Named) -> tuple[int, int]:
        totals = [
            sum(counts[source][named] for source in sources if source in counts)
            for counts in (self.rejected, self.confirmed)
        ]
        return totals[0], totals[1]


def count_rejected(corpus: Corpus) -> RejectedNames:
    """What the rejected suggestions of the corpus, against its links, say of words."""
    rejected: dict[str, Counter[Named]] = {}
    wordless = set()
    for source_id, passage_id, entity, words in _list_rejected(corpus):
        if words:
            rejected.setdefault(source_id, Counter())[entity, words] += 1
        else:
            wordless.add((passage_id, entity))
    known = {named for counts in rejected.values() for named in counts}
    confirmed: dict[str, Counter[Named]] = {}
    for link, passage in corpus.placed(*ENTITY_LINKS) if known else ():
        named = corpus.entity(link), link["mention"].lower()
        if named in known:
            confirmed.setdefault(passage["source_id"], Counter())[named] += 1
    return RejectedNames(rejected, confirmed, frozenset(wordless))


def _list_rejected(corpus: Corpus) -> Iterator[tuple[str, str, Entity, str]]:
    for source_id, rows in corpus.rejected.items():
        for passage_id, table, key, words in rows:
            if table in ENTITY_LINKS:
                yield source_id, passage_id, Entity(ENTITY_LINKS[table], key), words.lower()
