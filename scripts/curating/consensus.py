"""Consensus: two readings of a draft beside each other, and what is decided where they differ.

The first reading is kept, as the tables have it, when the two are first put beside each other. From then on
the tables hold what was decided: the claim of one reader, of the other, or one that was written anew.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packpress.editing.format import make_record
from packpress.editing.row_edits import RowEdit
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import CannotRunError
from packpress.tables.rows import Row
from packpress.transaction import hold_for_editing, replace_files

from scripts.curating.desk import ADJUDICATED, LINKS, Desk, DraftView
from scripts.curating.forms import Filled, remove_claim
from scripts.curating.prefill import key_field, next_claim_id
from scripts.curating.readings import CLAIM_READING, BlindReading, read_reasons
from scripts.curation.agreement import (
    READERS,
    READINGS,
    Extraction,
    Record,
    list_judged_fields,
    pair_rows,
    read_extraction,
)
from scripts.curation.corpus import ENTITY_LINKS
from scripts.curation.figures import compare_readers

FIRST, SECOND = READERS
CHOICES = ("first", "second", "written", "neither")


@dataclass(frozen=True)
class PairedClaims:
    """What two readers recorded on the same words; one of them may have recorded nothing.

    `claim` is what the tables have of it now; None when it was decided to have none.
    """

    sides: tuple[Record | None, Record | None]
    differing: tuple[str, ...]
    claim: Row | None

    @property
    def passage_id(self) -> str:
        """The passage in which the words stand."""
        return next(side["passage_id"] for side in self.sides if side)

    @property
    def name(self) -> str:
        """The name of the pair in forms: the identifiers of both claims."""
        return "+".join(side["claim_id"] if side else "" for side in self.sides)


def folder_of(reader: str, source_id: str) -> str:
    """Where the reading of a source by a reader is kept."""
    return f"{READINGS}/{reader}/{source_id}"


def keep_first_reading(desk: Desk, reading: BlindReading) -> None:
    """Keeps what the tables have of the draft as the first reading of a kind, unless there is one."""
    with hold_for_editing(read_descriptor(desk.descriptor).root):
        view = desk.read()
        files = reading.render(view.package, view.tables, view.source_id, f"{reading.first}/{view.source_id}")
        if not any((view.package.root / path).is_file() for path in files):
            replace_files(view.package.root, files)


def keep_first_claims(desk: Desk) -> None:
    """Keeps the claims that the tables have of the draft, unless they are kept already.

    Raises CannotRunError while the second reader has recorded no claim, or the tables have none.
    """
    view = desk.read()
    if not read_claims(view.package.root / folder_of(SECOND, desk.source_id)):
        command = f"make curate SOURCE={desk.source_id} READER={SECOND}"
        raise CannotRunError(f"there is no second reading yet; start one with {command}")
    if not any(view.corpus.claims_of(row) for row in view.passages):
        raise CannotRunError("the tables have no claim of this draft yet; read it first")
    keep_first_reading(desk, CLAIM_READING)


def read_claims(folder: Path) -> list[Record]:
    """The claims of a reading; none without one."""
    file = folder / "claims.csv"
    if not file.is_file():
        return []
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def read_both(package: Package, source_id: str) -> tuple[Extraction, Extraction]:
    """Both kept readings of a source."""
    first, second = (
        read_extraction(package, package.root / folder_of(reader, source_id)) for reader in READERS
    )
    return Extraction(FIRST, first.tables), Extraction(SECOND, second.tables)


def measure_agreement(view: DraftView) -> list[tuple[str, ...]]:
    """The lines of the agreement of both readings, as `make review` prints them; the first is the header."""
    return list(compare_readers(view.corpus, *read_both(view.package, view.source_id), [view.source]))


def list_pairs(view: DraftView) -> list[PairedClaims]:
    """What both readers recorded, claim by claim, in reading order."""
    texts = {row.key: row["text"] for row in view.passages}
    first, second = (reading.rows("claims", texts) for reading in read_both(view.package, view.source_id))
    paired = pair_rows(first, second, texts).pairs
    taken = {id(row) for pair in paired for row in pair}
    sides: list[tuple[Record | None, Record | None]] = [*paired]
    sides += [(row, None) for row in first if id(row) not in taken]
    sides += [(None, row) for row in second if id(row) not in taken]
    judged = list_judged_fields(view.package.by_name["claims"])
    links = [read_links(view.package, folder_of(reader, view.source_id)) for reader in READERS]
    pairs = [_make_pair(view, pair, judged, links) for pair in sides]
    return sorted(pairs, key=lambda pair: (view.corpus.reading_order[pair.passage_id], pair.name))


def _make_pair(
    view: DraftView,
    sides: tuple[Record | None, Record | None],
    judged: list[str],
    links: list[dict[str, list[tuple[str, Record]]]],
) -> PairedClaims:
    first, second = sides
    differing: list[str] = []
    if first and second:
        differing = [name for name in judged if first[name] != second[name]]
        own, other = (
            _say_links(of[side["claim_id"]]) for of, side in zip(links, (first, second), strict=True)
        )
        differing += ["links"] if own != other else []
    claim_id = find_claim_id(view, sides)
    return PairedClaims(sides, tuple(differing), view.corpus["claims"].get(claim_id) if claim_id else None)


def find_claim_id(view: DraftView, sides: tuple[Record | None, Record | None]) -> str:
    """The claim of the tables in which a pair ended: the first reader's, or one made of the second's."""
    if sides[0]:
        return sides[0]["claim_id"]
    second = sides[1]
    if second is None:
        return ""
    made = [
        row[1] for row in view.adjudicated if row[0] == second["passage_id"] and row[4] == second["statement"]
    ]
    return made[-1] if made else ""


def read_links(package: Package, folder: str) -> dict[str, list[tuple[str, Record]]]:
    """The links of each claim of a reading, with their tables."""

    class _Links(dict[str, list[tuple[str, Record]]]):
        def __missing__(self, key: str) -> list[tuple[str, Record]]:
            return []

    found = _Links()
    for name in LINKS:
        file = package.root / folder / f"{name}.csv"
        if file.is_file():
            for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")):
                found.setdefault(row["claim_id"], []).append((name, row))
    return found


def _say_links(links: list[tuple[str, Record]]) -> set[tuple[str, ...]]:
    """The links without the claim that they belong to."""
    return {(table, *(value for name, value in row.items() if name != "claim_id")) for table, row in links}


def is_settled(view: DraftView, pair: PairedClaims) -> bool:
    """Whether a pair needs no decision any more: both agree, or the log says what was decided."""
    first, second = pair.sides
    if first and second and not pair.differing:
        return bool(pair.claim and pair.claim["extraction"] == "both_readers")
    rows = [row for row in view.adjudicated if row[0] == pair.passage_id]
    if first:
        return any(row[1] == first["claim_id"] for row in rows)
    return any(row[2] == "claim" and not row[3] and second and row[4] == second["statement"] for row in rows)


def agree(view: DraftView) -> list[RowEdit]:
    """The edits that mark what both readers recorded alike as such."""
    return [
        RowEdit("claims", pair.claim.cells, pair.claim.with_cell("extraction", "both_readers").cells)
        for pair in list_pairs(view)
        if pair.sides[0] and pair.sides[1] and not pair.differing and pair.claim
        if pair.claim["extraction"] == "one_reader"
    ]


def decide(view: DraftView, pair: PairedClaims, choice: str, reason: str) -> Filled:
    """The edits by which a pair becomes the claim of one reader, or none, with the log of the decision."""
    filled = Filled()
    if not reason.strip():
        filled.errors["reason"] = "empty; say why it was decided so"
    if choice not in CHOICES:
        filled.errors["choice"] = "choose one of the two, or neither"
    if filled.errors:
        return filled
    if choice == "written":
        claim_id = _keep_written(pair, filled)
    else:
        side = {"first": pair.sides[0], "second": pair.sides[1]}.get(choice)
        claim_id = _replace_claim(view, pair, side, SECOND if choice == "second" else FIRST, filled)
    if not filled.errors:
        _log(pair, claim_id, choice, reason.strip(), filled)
    return filled


def _keep_written(pair: PairedClaims, filled: Filled) -> str:
    """Settles a pair on the claim that the tables have now, which somebody wrote after both readings."""
    if pair.claim is None:
        filled.errors["choice"] = "the tables have no claim of it; choose one of the two, or write one first"
        return ""
    filled.add("claims", pair.claim.cells, pair.claim.with_cell("extraction", "adjudicated").cells)
    return pair.claim.key


def _replace_claim(
    view: DraftView, pair: PairedClaims, side: Record | None, reader: str, filled: Filled
) -> str:
    """Puts the claim of a side, with its links and new entities, in place of what the tables have."""
    old = pair.claim
    claim_id = old.key if old else next_claim_id(view) if side else ""
    if side is None:
        for edit in remove_claim(view, old) if old else ():
            filled.add(edit.table, edit.before, edit.after)
        return claim_id
    resource = view.package.by_name["claims"]
    decided = {**side, "claim_id": claim_id, "extraction": "adjudicated"}
    filled.add("claims", old.cells if old else None, make_record(resource, decided))
    folder = folder_of(reader, view.source_id)
    before = (
        {(link.table.resource.name, link.key): link for link in view.corpus.links_of(old, *LINKS)}
        if old
        else {}
    )
    for table, row in read_links(view.package, folder)[side["claim_id"]]:
        cells = {**row, "claim_id": claim_id}
        record = make_record(view.package.by_name[table], cells)
        key = ",".join(cells[name] for name in view.package.by_name[table].primary_key)
        known = before.pop((table, key), None)
        filled.add(table, known.cells if known else None, record)
        _add_entity(view, folder, table, row, filled)
    for (table, _), link in before.items():
        filled.add(table, link.cells, None)
    return claim_id


def _add_entity(
    view: DraftView, folder: str, link_table: str, link: Mapping[str, str], filled: Filled
) -> None:
    """Adds the entity that only this reader had."""
    if link_table not in ENTITY_LINKS:
        return
    table = ENTITY_LINKS[link_table]
    key = link[key_field(view, link_table)]
    file = view.package.root / folder / f"{table}.csv"
    if view.tables[table].get(key) or not file.is_file():
        return
    resource = view.package.by_name[table]
    for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")):
        if row[resource.primary_key[0]] == key and (table, make_record(resource, row)) not in filled.prefixes:
            filled.add(table, None, make_record(resource, row))


def _log(pair: PairedClaims, claim_id: str, choice: str, reason: str, filled: Filled) -> None:
    """Adds to the log what each reader had, what was decided and why, a row for each field."""
    first, second = pair.sides
    fields = [name for name in pair.differing if name != "links"] if first and second else []
    if first and second and "links" in pair.differing:
        fields.append("links")
    for name in fields or ["claim"]:
        shown = "statement" if name in ("claim", "links") else name
        values = [side.get(shown, "") if side else "" for side in pair.sides]
        now = pair.claim[shown] if pair.claim else ""
        decided = {"first": values[0], "second": values[1], "written": now}.get(choice, "")
        filled.add(ADJUDICATED, None, (pair.passage_id, claim_id, name, *values, decided, reason))


def list_reasons(view: DraftView) -> Iterator[tuple[Row, str, str]]:
    """The passages for which a reader gives a reason for having no claim, with the reasons of both."""
    given = [
        read_reasons(view.package.root / folder_of(reader, view.source_id) / "passage_reasons.csv")
        for reader in READERS
    ]
    for passage in view.running:
        reasons = [of.get(passage.key, "") for of in given]
        if any(reasons):
            yield passage, reasons[0], reasons[1]
