"""Consensus: two readings of a draft beside each other, and what is decided where they differ.

The first reading is kept, as the tables have it, when the two are first put beside each other. From then on
the tables hold what was decided: the claim of one reader, of the other, or one that was written anew.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
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
from scripts.curating.readings import CLAIM_READING, BlindReading, list_own_rows, read_reasons
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
CHECKLIST = "source_reporting"
# What a reader writes of an item of the checklist.
ITEM_FIELDS = ("stated", "passage_id", "note")
# From so many sentences or relations on, a figure of agreement gives away no single one.
ENOUGH = 5
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


def keep_first_claims(desk: Desk, is_sure: bool) -> None:
    """Keeps the claims that the tables have of the draft, unless they are kept already.

    Raises CannotRunError while the second reader has recorded no claim, or the tables have none, and unless
    somebody is sure, while a sentence is read by one reader only.
    """
    view = desk.read()
    if not read_claims(view.package.root / folder_of(SECOND, desk.source_id)):
        command = f"make curate SOURCE={desk.source_id} READER={SECOND}"
        raise CannotRunError(f"there is no second reading yet; start one with {command}")
    if not any(view.corpus.claims_of(row) for row in view.passages):
        raise CannotRunError("the tables have no claim of this draft yet; read it first")
    if (unread := count_unread(view)) and not is_sure:
        raise CannotRunError(
            f"{unread} of {len(view.running)} sentences have no claim or reason by both readers yet; "
            "each would have to be decided. Tick that you are sure, or let both end first"
        )
    keep_first_reading(desk, CLAIM_READING)


def count_unread(view: DraftView) -> int:
    """The sentences for which one of the two readers has neither a claim nor a reason."""
    return len(view.running) - len(list_read_by_both(view))


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


def begin_decision(choice: str, choices: Collection[str], why: str) -> Filled:
    """What is wrong with a decision in itself: no such choice, or no reason."""
    filled = Filled()
    if choice not in choices:
        filled.errors["choice"] = "choose one of the two, or what else is offered"
    if not why.strip():
        filled.errors["reason"] = "empty; say why it was decided so"
    return filled


def decide(view: DraftView, pair: PairedClaims, choice: str, reason: str) -> Filled:
    """The edits by which a pair becomes the claim of one reader, or none, with the log of the decision."""
    filled = begin_decision(choice, CHOICES, reason)
    if filled.errors:
        return filled
    if choice == "written":
        claim_id = _keep_written(pair, filled)
    else:
        side = {"first": pair.sides[0], "second": pair.sides[1]}.get(choice)
        claim_id = _replace_claim(view, pair, side, SECOND if choice == "second" else FIRST, filled)
    if not filled.errors:
        _log(pair, claim_id, choice, reason.strip(), filled)
        _fit_reason(view, view.require_passage(pair.passage_id), filled)
    return filled


def _fit_reason(view: DraftView, passage: Row, filled: Filled) -> None:
    """Takes the reason away where the passage has a claim now, and gives one back where it has none left.

    The reason is that of a reader who found no claim there; without one, it is still to be given.
    """
    claims = {claim.key for claim in view.corpus.claims_of(passage)}
    for edit in filled.edits:
        if edit.table == "claims":
            claims -= {edit.before[0]} if edit.before else set()
            claims |= {edit.after[0]} if edit.after else set()
    given = [reasons.get(passage.key, "") for reasons in read_both_reasons(view)]
    wanted = "" if claims else passage["reason"] or next(filter(None, given), "")
    if wanted != passage["reason"]:
        filled.add("passages", passage.cells, passage.with_cell("reason", wanted).cells)


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


def read_both_reasons(view: DraftView) -> list[dict[str, str]]:
    """Why each reader found no claim in a passage, by passage."""
    return [
        read_reasons(view.package.root / folder_of(reader, view.source_id) / "passage_reasons.csv")
        for reader in READERS
    ]


# ---- reasons and the checklist ----


@dataclass(frozen=True)
class ComparedCells:
    """What two readers wrote of one thing: why a passage has no claim, or an item of the checklist.

    `passage_id` and `fields` say where it stands in the log of decisions. `current` is what the tables have.
    """

    table: str
    key: str
    passage_id: str
    sides: tuple[Record, Record]
    current: Record

    @property
    def name(self) -> str:
        """Its name in forms."""
        return f"{self.table}/{self.key}"

    @property
    def differing(self) -> list[str]:
        """The fields in which the two readers differ."""
        return [name for name in self.sides[0] if self.sides[0][name] != self.sides[1][name]]

    @property
    def undecided(self) -> list[str]:
        """The fields that need a decision; in how they word a reason or a note, readers may differ."""
        return [name for name in self.differing if name not in ("reason", "note")]

    def log_field(self, name: str) -> str:
        """What a field is called in the log."""
        return name if self.table == "passages" else f"{self.key}.{name}"


def list_compared_reasons(view: DraftView) -> Iterator[ComparedCells]:
    """The passages in which neither reader found a claim, with the reasons of both."""
    first, second = read_both_reasons(view)
    for passage in view.running:
        if passage.key in first and passage.key in second and not view.corpus.claims_of(passage):
            sides = {"reason": first[passage.key]}, {"reason": second[passage.key]}
            current = {"reason": passage["reason"]}
            yield ComparedCells("passages", passage.key, passage.key, sides, current)


def list_compared_items(view: DraftView) -> Iterator[ComparedCells]:
    """The items of the checklist that both readers recorded."""
    first, second = (_read_items(view, reader) for reader in READERS)
    now = {row["item"]: row.named for row in _list_item_rows(view)}
    place = view.passages[0].key if view.passages else ""
    for item in view.package.by_name[CHECKLIST].field("item").enum:
        if item in first and item in second:
            shown = [row[item] for row in (first, second)]
            current = {name: now.get(item, {}).get(name, "") for name in ITEM_FIELDS}
            where = next((side["passage_id"] for side in shown if side["passage_id"]), place)
            yield ComparedCells(CHECKLIST, item, where, (shown[0], shown[1]), current)


def _read_items(view: DraftView, reader: str) -> dict[str, Record]:
    file = view.package.root / folder_of(reader, view.source_id) / f"{CHECKLIST}.csv"
    if not file.is_file():
        return {}
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""))
    return {row["item"]: {name: row[name] for name in ITEM_FIELDS} for row in rows}


def _list_item_rows(view: DraftView) -> list[Row]:
    return view.tables[CHECKLIST].group("source_id").get(view.source_id, [])


def find_decisions(view: DraftView, compared: ComparedCells) -> dict[str, tuple[str, ...]]:
    """The rows of the log on something that both wrote, by its differing fields."""
    names = {compared.log_field(name): name for name in compared.differing}
    found = {}
    for row in view.adjudicated:
        passage = view.corpus["passages"].get(row[0])
        is_here = row[0] == compared.key or compared.table == CHECKLIST
        if row[2] in names and passage and passage["source_id"] == view.source_id and is_here:
            found[names[row[2]]] = row
    return found


def decide_cells(view: DraftView, compared: ComparedCells, choice: str, why: str) -> Filled:
    """The edits by which the tables have what one reader wrote, or keep what they have, with the log."""
    first, second = compared.sides
    sides = {"first": first, "second": second, "written": compared.current}
    filled = begin_decision(choice, sides, why)
    if filled.errors:
        return filled
    chosen = sides[choice]
    if compared.table == "passages":
        passage = view.require_passage(compared.key)
        filled.add("passages", passage.cells, passage.with_cell("reason", chosen["reason"]).cells)
    else:
        old = next((row for row in _list_item_rows(view) if row["item"] == compared.key), None)
        cells = {"source_id": view.source_id, "item": compared.key, **chosen}
        record = make_record(view.package.by_name[CHECKLIST], cells)
        filled.add(CHECKLIST, old.cells if old else None, record)
    logged = find_decisions(view, compared)
    for name in compared.differing:
        values = (first[name], second[name], chosen[name], why.strip())
        filled.add(
            ADJUDICATED, logged.get(name), (compared.passage_id, "", compared.log_field(name), *values)
        )
    return filled


# ---- agreement as work goes on ----


def list_read_by_both(view: DraftView) -> set[str]:
    """The sentences for which both readers have a claim or a reason."""
    folder = view.package.root / folder_of(SECOND, view.source_id)
    reasons = read_reasons(folder / "passage_reasons.csv")
    read = {row["passage_id"] for row in read_claims(folder)} | set(reasons)
    return {row.key for row in view.running if row.key in read and view.is_accounted(row)}


def measure_so_far(view: DraftView) -> tuple[list[tuple[str, ...]], int]:
    """The agreement on the sentences for which both readers have a claim or a reason, and their number.

    Without figures while there are too few of them, which would give away single ones.
    """
    first = Extraction(FIRST, list_own_rows(view.corpus, view.source_id))
    folder = view.package.root / folder_of(SECOND, view.source_id)
    both = list_read_by_both(view)
    if len(both) < ENOUGH:
        return [], len(both)
    second = Extraction(SECOND, read_extraction(view.package, folder).tables)
    return list(compare_readers(view.corpus, first, second, [view.source], both)), len(both)
