"""The corpus: documents, passages and entities, as rules and commands need them."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from packpress.package.descriptor import Package
from packpress.problems import CannotRunError
from packpress.similar import nearest_value
from packpress.tables.csv import Record
from packpress.tables.rows import Row, Table, Tables

from scripts.curation.words import index_runs, normalise_spaces

DOCUMENTS = "data/sources"
# The placeholder in a draft until a curator states whose the text is.
RIGHTS_NOT_STATED = "Not stated yet."


@dataclass(frozen=True)
class Document:
    """The text of a source; empty, with the field at fault and a message, when it cannot be read."""

    row: Row
    sha256: str = ""
    text: str = ""
    faulty_field: str = ""
    fault: str = ""

    @property
    def is_genuine(self) -> bool:
        """Whether the text is the one for which the source's row was written."""
        return not self.fault and self.sha256 == self.row["sha256"]


def is_line_start(text: str, place: int) -> bool:
    """Whether a printed line begins at this position of the text, ignoring white space before it.

    >>> is_line_start("Pain\\n  Ketamine", 7), is_line_start("Pain relief", 5)
    (True, False)
    """
    while place and text[place - 1].isspace():
        if text[place - 1].splitlines() == [""]:
            return True
        place -= 1
    return place == 0


def read_document(root: Path, row: Row) -> Document:
    """The document of a source, or the reason why it cannot be read."""
    path = f"{DOCUMENTS}/{row['source_id']}.txt"
    if row["path"] != path:
        return Document(row, faulty_field="path", fault=f"a document is named after its source; write {path}")
    try:
        data = (root / path).read_bytes()
    except (OSError, ValueError):
        return Document(row, faulty_field="path", fault="no such file; restore it or remove the source")
    sha256, encoding = hashlib.sha256(data).hexdigest(), row["encoding"]
    try:
        return Document(row, sha256, data.decode(encoding))
    except LookupError:
        fault = "not a known encoding; name one such as utf-8"
    except ValueError:
        fault = f"{path} cannot be decoded with it; name the encoding it was saved in"
    return Document(row, sha256, faulty_field="encoding", fault=fault)


RUNNING_TEXT = ("sentence", "list_item")
# Each link table, and the table to which it links claims.
ENTITY_LINKS = {
    "claim_conditions": "conditions",
    "claim_routes": "routes",
    "claim_adverse_effects": "adverse_effects",
    "claim_concepts": "concepts",
}


@dataclass(frozen=True, order=True)
class Entity:
    """A row of one of the tables to which claims are linked.

    >>> str(Entity("routes", "oral"))
    'oral in routes'
    """

    table: str
    key: str

    def __str__(self) -> str:
        return f"{self.key} in {self.table}"


@dataclass(frozen=True)
class Corpus:
    """The tables and documents, with the lookups between them."""

    package: Package
    tables: Tables
    documents: dict[str, Document]
    # Suggestions that a reader rejected, by source, for those who suggest.
    rejected: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Table:
        """The table of that name."""
        return self.tables[name]

    @cached_property
    def published(self) -> frozenset[str]:
        """The ids of the sources to which the rules for published sources apply."""
        return frozenset(row["source_id"] for row in self["sources"].rows if row["status"] == "published")

    @cached_property
    def runs(self) -> dict[tuple[str, ...], str]:
        """Every run of eight words in the documents, with the path of a document that contains it."""
        return index_runs({document.row["path"]: document.text for document in self.documents.values()})

    def claim(self, row: Row) -> Row | None:
        """The claim that a link belongs to; None when there is none, which the check of keys reports."""
        return self["claims"].get(row["claim_id"])

    def passage(self, row: Row) -> Row | None:
        """The passage of a row, its own or that of its claim; None when there is none."""
        if "passage_id" in row.table.positions:
            return self["passages"].get(row["passage_id"])
        claim = self.claim(row) if "claim_id" in row.table.positions else None
        return claim and self["passages"].get(claim["passage_id"])

    def placed(self, *tables: str) -> Iterator[tuple[Row, Row]]:
        """The rows of the tables with their passages; rows without one are left to the check of keys."""
        for name in tables:
            for row in self[name]:
                passage = self.passage(row)
                if passage:
                    yield row, passage

    def quoted(self, *tables: str) -> Iterator[tuple[Row, Row]]:
        """The rows of the tables whose quotes are in their passages, with these; the others are reported."""
        return ((row, passage) for row, passage in self.placed(*tables) if row["quote"] in passage["text"])

    def stands_before(self, passage: Row, other: Row) -> bool:
        """Whether a passage comes before another one in the same document."""
        places = [row.number("position") or 0 for row in (passage, other)]
        return passage["source_id"] == other["source_id"] and places[0] < places[1]

    def source_id(self, row: Row) -> str:
        """The id of the source that a row belongs to, directly or through its passage; empty without one."""
        if "source_id" in row.table.positions:
            return row["source_id"]
        passage = self.passage(row)
        return passage["source_id"] if passage else ""

    def is_published(self, row: Row) -> bool:
        """Whether a row belongs to a published source."""
        return self.source_id(row) in self.published

    @cached_property
    def headings(self) -> dict[tuple[str, str], list[Row]]:
        """Titles and headings in reading order, by source and text."""
        headings: dict[tuple[str, str], list[Row]] = {}
        for source_id, passages in self.passages.items():
            for row in passages:
                if row["kind"] in ("title", "heading"):
                    headings.setdefault((source_id, row["text"]), []).append(row)
        return headings

    @cached_property
    def passages(self) -> dict[str, list[Row]]:
        """The passages of each source, by position."""
        return {
            source_id: sorted(rows, key=lambda row: row.number("position") or 0)
            for source_id, rows in self["passages"].group("source_id").items()
        }

    @cached_property
    def sources(self) -> list[Row]:
        """The sources in display order."""
        return sorted(self["sources"].rows, key=lambda row: row.number("position") or 0)

    @cached_property
    def reading_order(self) -> dict[str, int]:
        """The position of every passage over all sources in order, by its id."""
        ordered = (row for source in self.sources for row in self.passages.get(source["source_id"], ()))
        return {row["passage_id"]: place for place, row in enumerate(ordered)}

    def claims_of(self, passage: Row) -> list[Row]:
        """The claims that are quoted from a passage."""
        return self["claims"].group("passage_id").get(passage["passage_id"], [])

    def read_passages(self) -> Iterator[tuple[Row, list[Row]]]:
        """The passages of published sources with claims, and these claims."""
        for passage in self["passages"]:
            claims = self.claims_of(passage)
            if claims and self.is_published(passage):
                yield passage, claims

    def links_of(self, claim: Row, *tables: str) -> list[Row]:
        """The rows of the link tables that belong to a claim."""
        return [row for name in tables for row in self[name].group("claim_id").get(claim["claim_id"], ())]

    def entity(self, link: Row) -> Entity:
        """The row that a link refers to."""
        table = ENTITY_LINKS[link.table.resource.name]
        return Entity(table, link[self[table].resource.primary_key[0]])

    @cached_property
    def published_links(self) -> list[Row]:
        """The links from claims of published sources to entities."""
        return [row for name in ENTITY_LINKS for row in self[name].rows if self.is_published(row)]

    @cached_property
    def names(self) -> dict[str, set[Entity]]:
        """What the named mentions in published sources refer to, by the mention in lower case."""
        names: dict[str, set[Entity]] = {}
        for link in self.published_links:
            if link["mention_type"] == "named" and link["mention"]:
                names.setdefault(link["mention"].lower(), set()).add(self.entity(link))
        return names

    def lines_of_entry(self, passage: Row) -> list[Row]:
        """The lines of the entry or record to which a passage belongs.

        Only itself when there are no others.
        """
        first = passage["part_of"] or passage["passage_id"]
        return [
            line
            for line in self.passages[passage["source_id"]]
            if first in (line["passage_id"], line["part_of"])
        ]

    def entry_text(self, passage: Row) -> str:
        """The text of an entry or record, with its lines joined and its spaces normalised."""
        return normalise_spaces(" ".join(line["text"] for line in self.lines_of_entry(passage)))


def build_corpus(
    package: Package, tables: Tables, rejected: Mapping[str, tuple[Record, ...]] | None = None
) -> Corpus:
    """The corpus of a package's tables, with every document read once, and what a reader rejected."""
    documents = (read_document(package.root, row) for row in tables["sources"].rows)
    by_source = {document.row["source_id"]: document for document in documents}
    return Corpus(package, tables, by_source, rejected or {})


def require_source(corpus: Corpus, source_id: str) -> Row:
    """The source with that id; CannotRunError when there is none."""
    source = corpus["sources"].get(source_id)
    if source is None:
        known = [row["source_id"] for row in corpus.sources]
        near = nearest_value(source_id, known)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
        raise CannotRunError(f"{source_id}: no source has this id; {hint}")
    return source


def list_broader(row: Row) -> list[Row]:
    """The rows that are broader than one, the nearest first; in a circle, the row itself is the last."""
    trail: list[Row] = []
    broader = row.table.get(row["broader_id"])
    while broader and broader not in trail:
        trail.append(broader)
        broader = row.table.get(broader["broader_id"])
    return trail


def file_of(table: Table) -> str:
    """The name of a table's file in messages."""
    return PurePosixPath(table.resource.paths[0]).name
