"""Agreement: how similar two independent extractions from the same documents are.

Rows of the tables are paired one to one when their quotes overlap, in the same passage, by at least half of
the shorter one. Pairs with the most similar quote and focus (shared characters divided by characters of
either) are formed first; this greedy order can only underestimate the agreement. F1 is the share of rows
that have a partner. Kappa is Cohen's, over pairs, or over sentences for whether they contain a claim.

Relations between claims are paired by what they join and why: two passages and a topic.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packpress.editing.format import SavedRow, read_saved
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotReadError, InvalidPackageError, Problem

from scripts.curation.corpus import ENTITY_LINKS
from scripts.curation.words import find_places

Record = dict[str, str]
# The folder of the raw readings, and in it one folder for each reader of documents.
READINGS = "data/curation"
READERS = ("reader-a", "reader-b")
RELATION_READERS = ("reader-c", "reader-d")
ENTITY_TABLES = tuple(ENTITY_LINKS.values())
JUDGED_FIELDS = ("claim_type", "about", "stance", "certainty")


@dataclass(frozen=True)
class Extraction:
    """What one reader recorded: the raw rows of each table.

    >>> row = {"passage_id": "leaflet-p001", "quote": "helps"}
    >>> len(Extraction("A", {"claims": [row]}).rows("claims", {"leaflet-p001": "Ketamine helps."}))
    1
    """

    name: str
    tables: dict[str, list[Record]]

    def rows(self, table: str, passages: dict[str, str]) -> list[Record]:
        """The rows of a table whose quote is in one of the passages."""
        return [
            row
            for row in self.tables[table]
            if row["quote"] and row["quote"] in passages.get(row["passage_id"], "")
        ]

    def has_read(self, passages: Collection[str]) -> bool:
        """Whether the reader recorded anything in one of the passages.

        >>> Extraction("A", {"claims": [{"passage_id": "leaflet-p001"}]}).has_read({"guidance-p001"})
        False
        """
        return any(row["passage_id"] in passages for rows in self.tables.values() for row in rows)


@dataclass(frozen=True)
class Pairing:
    """The rows of two readers, and which of them are paired."""

    first: int
    second: int
    pairs: tuple[tuple[Record, Record], ...]

    @property
    def f1(self) -> float | None:
        """Twice the number of pairs divided by the number of rows, from 0 to 1; None without any rows.

        >>> Pairing(3, 1, [({}, {})]).f1
        0.5
        """
        rows = self.first + self.second
        return 2 * len(self.pairs) / rows if rows else None


def list_judged_fields(resource: Resource) -> list[str]:
    """The fields in which two readers can agree: choices, and verbatim text."""
    names = {name for key in resource.foreign_keys if key.resource == "claim_types" for name in key.fields}
    names |= {field.name for field in resource.fields if field.enum or field.verbatim}
    return [name for name in resource.field_names if name in names - {"extraction"}]


def read_extraction(package: Package, folder: Path) -> Extraction:
    """A reader's tables from a folder, which may have a subfolder for each group of documents.

    Raises CannotReadError when there are no claims, and InvalidPackageError when a file is not a table.
    """
    found = [
        item
        for name in ("claims", *ENTITY_TABLES)
        for file in sorted(folder.rglob(f"{name}.csv"))
        for item in read_saved(file, package.by_name[name])
    ]
    problems = [item for item in found if isinstance(item, Problem)]
    if problems:
        raise InvalidPackageError(problems, "nothing was compared")
    tables: dict[str, list[Record]] = {name: [] for name in ("claims", *ENTITY_TABLES)}
    for item in found:
        if isinstance(item, SavedRow):
            tables[item.resource.name].append(item.cells)
    if not tables["claims"]:
        raise CannotReadError(str(folder), 0, "has no claims of a reader; name the folder of a reading")
    return Extraction(folder.name, tables)


def pair_rows(first: Sequence[Record], second: Sequence[Record], passages: dict[str, str]) -> Pairing:
    """The one-to-one pairs of two readers' rows, most similar first.

    >>> first = {"passage_id": "leaflet-p001", "quote": "Ketamine helps"}
    >>> second = {"passage_id": "leaflet-p001", "quote": "helps"}
    >>> pair_rows([first], [second], {"leaflet-p001": "Ketamine helps."}).f1
    1.0
    """
    by_passage: dict[str, list[int]] = {}
    for place, row in enumerate(second):
        by_passage.setdefault(row["passage_id"], []).append(place)
    likely = []
    for left, row in enumerate(first):
        for right in by_passage.get(row["passage_id"], ()):
            common, shorter, either = _measure_overlap(row, second[right], "quote", passages)
            if shorter and common / shorter >= 0.5:
                likeness = common / either
                if "focus" in row:
                    common, _, either = _measure_overlap(row, second[right], "focus", passages)
                    likeness += common / either if either else 0
                likely.append((-likeness, left, right))
    pairs, taken_left, taken_right = [], set(), set()
    for _, left, right in sorted(likely):
        if left not in taken_left and right not in taken_right:
            taken_left.add(left)
            taken_right.add(right)
            pairs.append((first[left], second[right]))
    return Pairing(len(first), len(second), tuple(pairs))


def _measure_overlap(row: Record, other: Record, name: str, passages: dict[str, str]) -> tuple[int, int, int]:
    """Characters that two spans of a passage share, that the shorter one has, and that their union has."""
    spans = [_span(each, name, passages[each["passage_id"]]) for each in (row, other)]
    common = max(min(end for _, end in spans) - max(start for start, _ in spans), 0)
    lengths = [end - start for start, end in spans]
    return common, min(lengths), sum(lengths) - common


def _span(row: Record, name: str, text: str) -> tuple[int, int]:
    """The span of a field's text in the passage; a focus is inside its quote."""
    places = list(find_places(row["quote"], text))
    occurrence = row.get("quote_occurrence") or ""
    number = int(occurrence) if occurrence.isdecimal() else 1
    start, end = places[min(max(number, 1), len(places)) - 1]
    if name == "quote":
        return start, end
    at = row["quote"].find(row[name])
    return (start + at, start + at + len(row[name])) if at >= 0 else (start, end)


def measure_kappa(pairs: Iterable[tuple[str, str]]) -> tuple[float | None, int]:
    """Cohen's kappa of pairs of judgements, and the number of pairs.

    Kappa is at most 1, and None when chance alone explains all agreement (Cohen, 1960,
    doi:10.1177/001316446002000104).

    >>> measure_kappa([("yes", "yes"), ("no", "no"), ("yes", "no"), ("no", "no")])
    (0.5, 4)
    >>> measure_kappa([("yes", "yes")])
    (None, 1)
    """
    judged = list(pairs)
    count = len(judged)
    if not count:
        return None, 0
    first, second = (Counter(side) for side in zip(*judged, strict=True))
    expected = sum(first[value] * second[value] for value in first) / count**2
    observed = sum(left == right for left, right in judged) / count
    return ((observed - expected) / (1 - expected) if expected < 1 else None), count


# Two passages, smaller id first, and a topic: on these, two readers of relations agree or differ.
Comparison = tuple[str, str, str]
RELATION_COLUMNS = ("claim_id", "related_claim_id", "topic", "question", "relation", "reason")


def read_relations(folder: Path, reader: str) -> list[Record]:
    """What a reader of relations recorded: the file of that name, and one for each source in its folder.

    Raises CannotReadError when a file lacks a column.
    """
    files = [folder / f"{reader}.csv", *sorted((folder / reader).rglob("relations.csv"))]
    return [row for file in files if file.is_file() for row in read_relation_file(file)]


def read_relation_file(file: Path) -> list[Record]:
    """The rows of a file of relations; CannotReadError when it lacks a column."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if missing := [name for name in RELATION_COLUMNS if name not in (reader.fieldnames or ())]:
            raise CannotReadError(
                str(file), 1, f"has no column {missing[0]}; restore the file of the reading"
            )
        return [dict(row) for row in reader]


def group_relations(rows: Iterable[Record], passages: Mapping[str, str]) -> dict[Comparison, str]:
    """The relation, or several joined by "and", by comparison.

    `passages` has the passage of each claim; a claim withdrawn since the reading stands for its passage.
    """
    found: dict[Comparison, set[str]] = {}
    for row in rows:
        sides = sorted(passages.get(row[name], row[name]) for name in RELATION_COLUMNS[:2])
        found.setdefault((sides[0], sides[1], row["topic"]), set()).add(row["relation"])
    return {comparison: " and ".join(sorted(relations)) for comparison, relations in found.items()}
