"""Drafts: rows of sources that are still in progress, which a build leaves out."""

from collections.abc import Callable, Iterator

from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey
from packpress.problems import InvalidPackageError, Problem
from packpress.tables.rows import Row, Table, Tables

from scripts.curation.corpus import ENTITY_LINKS

NEEDED = ("sources", "claims", "mappings")


def drop_drafts(package: Package, tables: Tables) -> Tables:
    """The tables without the sources in progress and all that hangs off them.

    A row hangs off a draft when its foreign keys lead there. Entities that only drafts used go too,
    and so do mappings of rows that go. InvalidPackageError when a published claim is linked to an
    entity that goes, for the link would go in silence.
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
    """The keys of the rows that hang off sources in progress and so were never published, by table.

    There are none in a package that lacks one of the tables.
    """
    if not {*ENTITY_LINKS, *ENTITY_LINKS.values(), *NEEDED} <= {*tables}:
        return {}
    sources = _keep(tables["sources"], lambda row: row["status"] == "published")
    # What hangs off nothing at all is at fault, and no draft.
    sound, kept = (
        drop_hanging(package, {**tables, "sources": some}) for some in (tables["sources"], sources)
    )
    return {
        name: {row.key for row in table.rows} - {row.key for row in kept[name].rows}
        for name, table in sound.items()
    }


def drop_hanging(package: Package, kept: Tables) -> Tables:
    """The tables without the rows that hang off a source which is not among them."""
    mappings, before = kept["mappings"], 0
    while before != (before := sum(map(len, kept.values()))):
        for resource in package.resources:
            for key in resource.foreign_keys:
                kept[resource.name] = _drop_dangling(kept[resource.name], key, kept)
        for link, entity in ENTITY_LINKS.items():
            kept[entity] = _drop_unused(kept[entity], kept[link])
    kept["mappings"] = _keep(
        mappings,
        lambda row: row["table_name"] in kept and kept[row["table_name"]].get(row["row_id"]) is not None,
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
    """The entities that a link or a narrower entity still names."""
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
                message = (
                    f"{place} places it in a draft; place it in a published source, or take this row out"
                )
                yield row.problem(key, message, "build/draft")
