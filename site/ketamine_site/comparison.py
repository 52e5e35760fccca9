"""The pages below `/compare`: two sources side by side, in what they name, judge and cite."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from urllib.parse import unquote

from datasette.app import Datasette
from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import Request, Response
from packpress.web.facts import Row, ask_once

from ketamine_site.entities.references import (
    describe_place,
    find_same_works,
    identify_work,
    index_works,
    list_works,
)
from ketamine_site.evidence.disagreements import (
    Pair,
    PassagePair,
    count_relations,
    find_pairs_between,
    group_by_question,
    group_passages,
    quote_pairs,
)
from ketamine_site.evidence.evidence import SUBJECTS, MapLine, Subject, read_map
from ketamine_site.evidence.maps import find_looks
from ketamine_site.facts import read_facts
from ketamine_site.home import count_documents

# Of more sources than this, not every pair is listed: it has to be asked for.
MOST_SOURCES = 12
# How many things of a table, and how many pairs of claims, a page shows.
MOST_THINGS, MOST_PAIRS = 100, 20
NO_CHOICE = "Choose two sources."
ONE_CHOICE = "Choose a second source to put beside {}."
SAME_CHOICE = "Both are {}; choose two different sources."


@dataclass(frozen=True)
class SharedThings:
    """The things of one table that two sources name: both, or only one of them."""

    subject: Subject
    # The lines of the map with the cells of these two sources.
    both: list[MapLine]
    only_first: list[MapLine]
    only_second: list[MapLine]
    # The relations of their pairs of claims in which a thing is named, with their numbers, by label.
    relations: Mapping[str, tuple[tuple[str, int], ...]]
    looks: set[str]


@dataclass(frozen=True)
class SharedWork:
    """A work that is in the lists of both sources, with its entries in each."""

    title: str
    # The entry and its place, for each source.
    entries: list[list[tuple[Row, str]]]


@dataclass(frozen=True)
class SourcePair:
    """Two sources in a list of pairs: their names, their page, and what they share in numbers."""

    names: tuple[str, str]
    url: str
    things: list[int]
    relations: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Comparison:
    """Two sources side by side."""

    # Short names by id, in the order of the sources.
    names: dict[str, str]
    documents: list[Row]
    things: list[SharedThings]
    works: list[SharedWork]
    # How many entries of each source have neither a DOI nor a PubMed number.
    unidentified: list[int]
    relations: tuple[tuple[str, int], ...]
    groups: list[tuple[Pair, tuple[PassagePair, ...]]]
    pairs: int
    shown: int


async def choose_sources(request: Request, datasette: Datasette) -> Response:
    """The form to choose two sources; a redirect to their page when two are named."""
    asked = [request.args.get(name) or "" for name in ("a", "b")]
    known = {source_id: name for name, source_id in (await read_facts(datasette)).sources.items()}
    if {*asked} <= known.keys() and asked[0] != asked[1]:
        return Response.redirect(link_comparison(datasette, *sort_sources(known, asked)))
    chosen = [source_id for source_id in asked if source_id in known]
    unknown = next((source_id for source_id in asked if source_id and source_id not in known), "")
    words = explain_choice(known, chosen, unknown)
    return await show_choice(request, datasette, chosen, words, 404 if unknown else 200)


async def show_comparison(request: Request, datasette: Datasette) -> Response:
    """The page of two sources; the form again when they are one, and with status 404 when one is unknown."""
    asked = [tilde_decode(unquote(request.url_vars[name])) for name in ("first", "second")]
    known = {source_id: name for name, source_id in (await read_facts(datasette)).sources.items()}
    unknown = next((source_id for source_id in asked if source_id not in known), "")
    if unknown or asked[0] == asked[1]:
        chosen = [source_id for source_id in asked if source_id in known]
        words = explain_choice(known, chosen, unknown)
        return await show_choice(request, datasette, chosen, words, 404 if unknown else 200)
    if asked != sort_sources(known, asked):
        return Response.redirect(link_comparison(datasette, *sort_sources(known, asked)))
    found = await compare_sources(datasette, {source_id: known[source_id] for source_id in asked})
    context = {"compared": found, "chosen": asked, "known": known}
    return Response.html(await datasette.render_template("comparison.html", context, request=request))


async def show_choice(
    request: Request, datasette: Datasette, chosen: list[str], words: str, status: int
) -> Response:
    """The form, with what is missing, and the pairs to choose from."""
    context = {
        "chosen": [*chosen, "", ""][:2],
        "known": {source_id: name for name, source_id in (await read_facts(datasette)).sources.items()},
        "words": words,
        "pairs": await list_source_pairs(datasette, chosen[0] if chosen else ""),
        "subjects": list(SUBJECTS.values()),
    }
    page = await datasette.render_template("compare.html", context, request=request)
    return Response.html(page, status=status)


def explain_choice(known: Mapping[str, str], chosen: list[str], unknown: str) -> str:
    """What is missing for a comparison."""
    if unknown:
        return f"No document here is called {unknown}. {NO_CHOICE}"
    if not chosen:
        return NO_CHOICE
    return (ONE_CHOICE if len(chosen) == 1 else SAME_CHOICE).format(known[chosen[0]])


def sort_sources(known: Iterable[str], asked: Iterable[str]) -> list[str]:
    """The sources in their usual order, so that two of them have one page.

    >>> sort_sources(["guidance", "clinic"], ["clinic", "guidance"])
    ['guidance', 'clinic']
    """
    return sorted(asked, key=[*known].index)


def link_comparison(datasette: Datasette, first: str, second: str) -> str:
    """The address of the page of two sources."""
    return str(datasette.urls.path(f"/compare/{tilde_encode(first)}/{tilde_encode(second)}"))


async def list_paths(datasette: Datasette) -> list[str]:
    """The paths of all pairs of sources, unless there are too many sources."""
    sources = list((await read_facts(datasette)).sources.values())
    pairs = combinations(sources, 2) if len(sources) <= MOST_SOURCES else ()
    return [f"/compare/{tilde_encode(first)}/{tilde_encode(second)}" for first, second in pairs]


async def list_source_pairs(datasette: Datasette, first: str) -> list[SourcePair]:
    """The pairs of sources to choose from: all, or those with one that is chosen; none of too many."""
    sources = {source_id: name for name, source_id in (await read_facts(datasette)).sources.items()}
    pairs = [pair for pair in combinations(sources, 2) if not first or first in pair]
    if len(sources) > MOST_SOURCES and not first:
        return []
    shared, related = await count_shared(datasette), await count_related(datasette)
    return [
        SourcePair(
            (sources[one], sources[other]),
            link_comparison(datasette, one, other),
            [shared[table, one, other] for table in SUBJECTS],
            related.get(frozenset((sources[one], sources[other])), ()),
        )
        for one, other in pairs[:MOST_THINGS]
    ]


@ask_once
async def count_shared(datasette: Datasette) -> Counter[tuple[str, str, str]]:
    """How many things of a table two sources both name, by table and sources."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for table in SUBJECTS:
        for line in await read_map(datasette, table):
            named = [cell.source_id for cell in line.cells if cell.chips]
            counts.update((table, one, other) for one, other in combinations(named, 2))
    return counts


@ask_once
async def count_related(datasette: Datasette) -> dict[frozenset[str], tuple[tuple[str, int], ...]]:
    """How many pairs of claims stand in each relation, by the short names of their sources."""
    return {
        sources: count_relations(pairs) for sources, pairs in (await find_pairs_between(datasette)).items()
    }


async def compare_sources(datasette: Datasette, names: dict[str, str]) -> Comparison:
    """Everything on the page of two sources."""
    pairs = (await find_pairs_between(datasette)).get(frozenset(names.values()), ())
    shown = pairs[:MOST_PAIRS]
    quotes = await quote_pairs(datasette, shown)
    documents = {row["source_id"]: row for row in (await count_documents(datasette))["rows"]}
    works = await find_works(datasette)
    entries = [works.get(source_id, []) for source_id in names]
    return Comparison(
        names,
        [documents[source_id] for source_id in names],
        [
            share_things(subject, await read_map(datasette, table), [*names], pairs)
            for table, subject in SUBJECTS.items()
        ],
        share_works(*entries),
        [sum(not identify_work(row) for row in rows) for rows in entries],
        count_relations(pairs),
        [(found[0], group_passages(found, quotes)) for found in group_by_question(shown)],
        len(pairs),
        len(shown),
    )


def share_things(
    subject: Subject, lines: Iterable[MapLine], sources: list[str], pairs: Iterable[Pair]
) -> SharedThings:
    """The things of one table that two sources name, by who names them."""
    places: dict[tuple[bool, ...], list[MapLine]] = {}
    for line in lines:
        cells = {cell.source_id: cell for cell in line.cells}
        two = tuple(cells[source_id] for source_id in sources)
        # Not indented, because the broader thing may be missing.
        places.setdefault(tuple(bool(cell.chips) for cell in two), []).append(
            replace(line, cells=two, depth=0)
        )
    both = places.get((True, True), [])
    named: dict[str, list[Pair]] = {}
    for pair in pairs if subject.table == "conditions" else ():
        for label in pair.conditions:
            named.setdefault(label, []).append(pair)
    return SharedThings(
        subject,
        both,
        places.get((True, False), []),
        places.get((False, True), []),
        {label: count_relations(found) for label, found in named.items()},
        find_looks(both[:MOST_THINGS]),
    )


@ask_once
async def find_works(datasette: Datasette) -> dict[str, list[Row]]:
    """The entries of each source with their corrections applied."""
    found: dict[str, list[Row]] = {}
    for row in (await list_works(datasette)).values():
        found.setdefault(row["source_id"], []).append(row)
    return found


def share_works(first: list[Row], second: list[Row]) -> list[SharedWork]:
    """The works with entries of both sources, by DOI or PubMed number."""
    index = index_works(second)
    works = []
    for row in first:
        if others := find_same_works(row, index):
            entries = [[(row, describe_place(row))], [(other, describe_place(other)) for other in others]]
            works.append(SharedWork(row["title"] or others[0]["title"] or row["reference_id"], entries))
    return works
