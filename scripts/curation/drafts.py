"""Drafts: rows of sources that a build leaves out, and the acceptance of suggested rows into the tables."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from packpress.editing.format import SavedRow, find_problems, render_rows, tolerate_known
from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey
from packpress.problems import InvalidPackageError, Problem
from packpress.tables.csv import sort_records
from packpress.tables.rows import Row, Table, Tables

from scripts.curation.corpus import ENTITY_LINKS
from scripts.curation.inbox import read_inbox
from scripts.rules import RULE_SET

# Tables that name a row by its table and its key, which no foreign key can.
POINTING = ("names", "mappings")
NEEDED = ("sources", "claims", "questions", "claim_relations", *POINTING)
# What a build has only as long as a row of the other table uses it.
USED = {**ENTITY_LINKS, "claim_relations": "questions"}


def drop_drafts(package: Package, tables: Tables) -> Tables:
    """The tables without sources in progress and everything that depends on them.

    A row depends on a draft when its foreign keys lead there. Entities and questions that only drafts use are
    dropped too, and so are names and mappings of dropped rows. Raises InvalidPackageError when a published
    claim is linked to an entity that would be dropped, because the link would silently disappear.
    """
    sources = _keep(tables["sources"], lambda row: row["status"] == "published")
    if len(sources) == len(tables["sources"]):
        return tables
    kept = drop_hanging(package, {**tables, "sources": sources})
    problems = list(_find_torn_links(tables, kept))
    if problems:
        raise InvalidPackageError(problems)
    return kept


def find_drafts(package: Package, tables: Tables) -> dict[str, set[str]]:
    """The keys of rows that depend on sources in progress, and so were never published, by table.

    Empty for a package that lacks one of the tables.
    """
    if not {*ENTITY_LINKS, *ENTITY_LINKS.values(), *NEEDED} <= {*tables}:
        return {}
    sources = _keep(tables["sources"], lambda row: row["status"] == "published")
    # Rows whose keys lead nowhere are errors, not drafts.
    sound, kept = (
        drop_hanging(package, {**tables, "sources": some}) for some in (tables["sources"], sources)
    )
    return {
        name: {row.key for row in table.rows} - {row.key for row in kept[name].rows}
        for name, table in sound.items()
    }


def drop_hanging(package: Package, kept: Tables) -> Tables:
    """The tables without rows that depend on a source which is not among them."""
    before = 0
    while before != (before := sum(map(len, kept.values()))):
        for resource in package.resources:
            for key in resource.foreign_keys:
                kept[resource.name] = _drop_dangling(kept[resource.name], key, kept)
        for user, used in USED.items():
            kept[used] = _drop_unused(kept[used], kept[user])
    for name in POINTING:
        kept[name] = _keep(
            kept[name],
            # A query is no row that could go with a draft.
            lambda row: (
                row["table_name"] == "queries"
                or (row["table_name"] in kept and kept[row["table_name"]].get(row["row_id"]) is not None)
            ),
        )
    return kept


def _keep(table: Table, is_kept: Callable[[Row], bool]) -> Table:
    return Table(table.resource, [row for row in table.rows if is_kept(row)])


def _drop_dangling(table: Table, key: ForeignKey, kept: Tables) -> Table:
    targets = {tuple(row[name] for name in key.reference_fields) for row in kept[key.resource].rows}

    def leads_somewhere(row: Row) -> bool:
        value = tuple(row[name] for name in key.fields)
        return "" in value or value in targets

    return _keep(table, leads_somewhere)


def _drop_unused(entities: Table, links: Table) -> Table:
    """The rows that a row of the other table, or a narrower row of the same, still refers to."""
    key = entities.resource.primary_key[0]
    used = {row[key] for row in links.rows}
    if "broader_id" in entities.positions:
        used |= {row["broader_id"] for row in entities.rows}
    return _keep(entities, lambda row: row[key] in used)


def _find_torn_links(tables: Tables, kept: Tables) -> Iterator[Problem]:
    for link, entity in ENTITY_LINKS.items():
        key = tables[entity].resource.primary_key[0]
        for row in tables[link].rows:
            if kept["claims"].get(row["claim_id"]) and not kept[entity].get(row[key]):
                place = tables[entity].resource.place
                message = f"{place} places it in a draft; place it in a published source, or remove this row"
                yield row.problem(key, message, "build/draft")


# Codes of problems that mean that a row is incomplete, not that it is wrong.
STILL_OPEN = frozenset({"rules/claim_is_linked"})
OUTCOME = "nothing was accepted"


@dataclass
class Acceptance:
    """The files with the new rows, the number of new and of existing rows by table, and what is left open."""

    files: dict[str, bytes] = field(default_factory=dict)
    added: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    open_cells: set[tuple[str, str, int]] = field(default_factory=set)

    def count_open(self) -> dict[str, Counter[str]]:
        """For each table, the number of rows in which each field is left open."""
        counts: dict[str, Counter[str]] = {}
        for table, name, _ in sorted(self.open_cells):
            counts.setdefault(table, Counter())[name] += 1
        return counts


def plan_acceptance(package: Package, tables: Tables, folder: Path) -> Acceptance:
    """The tables with the rows of the inbox added.

    Raises InvalidPackageError, with positions in the inbox, when a row is wrong or its key is taken.
    """
    found = list(read_inbox(folder, package))
    problems = [item for item in found if isinstance(item, Problem)]
    offers = [item for item in found if isinstance(item, SavedRow)]
    acceptance, places = Acceptance(), dict[tuple[str, int], SavedRow]()
    for name in dict.fromkeys(offer.resource.name for offer in offers):
        fresh, faults = _sort_out([offer for offer in offers if offer.resource.name == name], tables[name])
        problems += faults
        acceptance.added[name] = len(fresh)
        acceptance.known[name] = sum(offer.resource.name == name for offer in offers) - len(fresh)
        if fresh:
            path = tables[name].resource.paths[0]
            acceptance.files[path] = render_rows(tables[name], [offer.record for offer in fresh])
            places |= _find_places(tables[name], fresh, path)
    if not problems and acceptance.files:
        problems = _judge(package, acceptance, places)
    if problems:
        raise InvalidPackageError(problems, OUTCOME)
    return acceptance


def _sort_out(offers: Iterable[SavedRow], table: Table) -> tuple[list[SavedRow], list[Problem]]:
    """The new rows of a table, and problems for rows whose key is taken; identical rows are skipped."""
    rows: dict[tuple[str, ...], Row] = {
        tuple(row[name] for name in table.resource.primary_key): row for row in table.rows
    }
    fresh: dict[tuple[str, ...], SavedRow] = {}
    problems = []
    for offer in offers:
        name = table.resource.primary_key[0]
        row, other = rows.get(offer.key), fresh.get(offer.key)
        if row and row.cells != offer.record:
            message = f"{row.place} has another row with this key; change the key, or remove this row"
            problems.append(Problem(offer.path, offer.line, message, name, ",".join(offer.key)))
        elif other:
            message = f"line {other.line} has this key too; change one of them, or remove it"
            problems.append(Problem(offer.path, offer.line, message, name, ",".join(offer.key)))
        elif row is None:
            fresh[offer.key] = offer
    return list(fresh.values()), problems


def _find_places(table: Table, fresh: list[SavedRow], path: str) -> dict[tuple[str, int], SavedRow]:
    """The new rows by the lines that they will be on; every row of our tables is one line."""
    offers = {offer.record: offer for offer in fresh}
    records = sort_records(table.resource, [*(row.cells for row in table.rows), *offers])
    return {(path, line): offers[record] for line, record in enumerate(records, 2) if record in offers}


def _judge(
    package: Package, acceptance: Acceptance, places: dict[tuple[str, int], SavedRow]
) -> list[Problem]:
    """The problems of the new rows, with positions in the inbox; what is left open is counted instead."""
    is_known = tolerate_known(package, RULE_SET)
    problems = []
    for problem in find_problems(package, acceptance.files, RULE_SET):
        offer = places.get((problem.path, problem.line))
        if offer is None:
            problems += [] if is_known(problem) else [problem]
        elif problem.code in STILL_OPEN or (problem.field and not problem.value):
            name = "a link" if problem.code in STILL_OPEN else problem.field
            acceptance.open_cells.add((offer.resource.name, name, problem.line))
        else:
            problems.append(replace(problem, path=offer.path, line=offer.line))
    return problems
