"""The page `/references`: every entry, as printed or corrected, with the places and claims that cite it.

A filter compares the form that is shown. The other form is reached with the same values, or with a name as it
is corrected there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from packpress.web.facts import Row, ask_once, read_all
from packpress.web.pages import is_static

from ketamine_site.documents.reader import Filter, cut_part, list_turns, read_number
from ketamine_site.entities.references import (
    ADDRESSES,
    FIELDS,
    LISTS,
    REASONS,
    Identifier,
    Place,
    describe_place,
    find_same_works,
    index_all_works,
    list_places,
    list_works,
    name_field,
)
from ketamine_site.facts import read_facts

PRINTED = 'select * from "references"'
AUTHORS = """
select
  reference_id,
  position,
  family,
  initials
from reference_authors
order by
  reference_id,
  position
"""
CORRECTIONS = """
select *
from corrections
order by
  reference_id,
  kind desc,
  position,
  field
"""
# The two forms of an entry, by the value of the argument `form`; the first needs none.
FORMS = {"": "As printed", "corrected": "Corrected"}
OF_AUTHORS = ("family", "initials")
# The fields of an entry as one line, each with what stands before and behind it.
LINE = {
    "title": (". ", ""),
    "container_title": (". ", ""),
    "edition": (". ", ""),
    "publisher": (". ", ""),
    "number": (". ", ""),
    "year": (". ", ""),
    "volume": ("; ", ""),
    "issue": (" (", ")"),
    "locator": (": ", ""),
    "version_note": (". ", ""),
}
# How many entries a page lists, how many places and other lists it names of each, and how many values of a
# filter it offers.
SIZE, MOST_PLACES, MOST_VALUES = 100, 6, 200
NO_IDENTIFIER = "none"


@dataclass(frozen=True)
class EntryForm:
    """An entry as printed, or with its corrections applied."""

    row: Row
    authors: tuple[str, ...]
    # The fields that are not as printed, and the positions of such authors.
    corrected: frozenset[str | int] = frozenset()


@dataclass(frozen=True)
class EntryPart:
    """A part of the line of an entry, with what sets it off from the others."""

    before: str
    words: str
    after: str
    is_corrected: bool
    # Whether it names the work, and so leads to its page.
    is_name: bool


@dataclass(frozen=True)
class ListedEntry:
    """A printed entry in both forms, where it is cited, and how many claims rest on it."""

    forms: Mapping[str, EntryForm]
    corrections: tuple[Row, ...]
    places: tuple[Place, ...]

    @property
    def row(self) -> Row:
        """The entry with its corrections applied, and the number of its claims."""
        return self.forms["corrected"].row

    @property
    def reason(self) -> str:
        """Why no claim rests on it; empty where one does."""
        row = self.row
        return "" if row["claims"] else REASONS[row["listed_as"]].format(source=row["source"])

    def name_corrections(self, kind: str) -> str:
        """The fields that are corrected, or else supplied, as a list."""
        return ", ".join(name_field(row) for row in self.corrections if row["kind"] == kind)


def list_identifiers(form: EntryForm) -> tuple[str, ...]:
    """The kinds of identifiers that an entry has; a word for none otherwise."""
    return tuple(name for name in ADDRESSES if form.row[name]) or (NO_IDENTIFIER,)


def read_field(name: str, form: EntryForm) -> tuple[str, ...]:
    """The value of a field as a filter compares it; empty where the entry has none."""
    return () if form.row[name] is None else (str(form.row[name]),)


# The names are those of the parameters of the query `listed_references`, so that a page and its data agree.
FILTERS: dict[str, Filter[EntryForm]] = {
    "source": Filter("Source", lambda form: read_field("source", form)),
    "list": Filter("List", lambda form: read_field("listed_as", form)),
    "identifier": Filter("Identifier", list_identifiers),
    "journal": Filter("Journal or series", lambda form: read_field("container_title", form)),
    "author": Filter("Author", lambda form: form.authors),
    "year": Filter("Year", lambda form: read_field("year", form)),
}
# Filters by names that a correction may change, each with one value at a place.
NAMED = ("journal", "author", "year")
# Filters of which an entry can have several values, so that their counts overlap.
OVERLAPPING = ("identifier", "author")
# The columns of the table and the view that filters compare.
COLUMNS = {"source": "source", "list": "listed_as", "journal": "container_title", "year": "year"}


@ask_once
async def list_entries(datasette: Datasette) -> tuple[ListedEntry, ...]:
    """Every entry, by source and list, in printed order."""
    printed = {row["reference_id"]: row for row in await read_all(datasette, PRINTED)}
    authors = group_rows(await read_all(datasette, AUTHORS))
    corrections = group_rows(await read_all(datasette, CORRECTIONS))
    works, places = await list_works(datasette), await list_places(datasette)
    ranks = {name: rank for rank, name in enumerate((await read_facts(datasette)).sources)}
    entries = [
        ListedEntry(
            make_forms(
                printed[reference_id],
                work,
                authors.get(reference_id, ()),
                corrections.get(reference_id, ()),
            ),
            corrections.get(reference_id, ()),
            places.get(reference_id, ()),
        )
        for reference_id, work in works.items()
    ]
    # A stable sort keeps the order of the view within a list.
    return tuple(
        sorted(
            entries, key=lambda entry: (ranks[entry.row["source"]], [*LISTS].index(entry.row["listed_as"]))
        )
    )


def group_rows(rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    """The rows of each reference; they are sorted by it."""
    return {key: tuple(group) for key, group in groupby(rows, key=lambda row: row["reference_id"])}


def make_forms(
    printed: Row, work: Row, authors: Sequence[Row], corrections: Sequence[Row]
) -> dict[str, EntryForm]:
    """The forms of an entry: its row, its row with corrections applied, and its authors."""
    mended = {(row["position"], row["field"]): row["corrected"] for row in corrections}
    names = [{name: author[name] for name in OF_AUTHORS} for author in authors]
    corrected = [
        {name: mended.get((author["position"], name), author[name]) for name in OF_AUTHORS}
        for author in authors
    ]
    return {
        "": EntryForm({**work, **printed}, join_names(names)),
        "corrected": EntryForm(
            work, join_names(corrected), frozenset(place or field for place, field in mended)
        ),
    }


def join_names(authors: Iterable[Row]) -> tuple[str, ...]:
    """The name of each author, with initials if there are any.

    >>> join_names([{"family": "Ash", "initials": "A"}, {"family": "Guild", "initials": None}])
    ('Ash A', 'Guild')
    """
    return tuple(" ".join(filter(None, author.values())) for author in authors)


def compose_line(form: EntryForm) -> list[EntryPart]:
    """The entry as one line: authors, title, journal, year, volume, issue, pages."""
    row = form.row
    name = next((field for field in ("title", "number") if row.get(field)), "")
    parts = [
        EntryPart(", " if place > 1 else "", author, "", place in form.corrected, False)
        for place, author in enumerate(form.authors, 1)
    ]
    for field, (before, after) in LINE.items():
        if value := str(row.get(field) or ""):
            if parts and parts[-1].words.endswith((".", "?", "!")):
                before = before.replace(". ", " ")
            parts.append(
                EntryPart(before if parts else "", value, after, field in form.corrected, field == name)
            )
    return parts


@dataclass(frozen=True)
class EntrySelection:
    """What an address of the page asks for: a form, and a value for some of the filters."""

    path: str
    form: str
    values: Mapping[str, str]

    @property
    def kept(self) -> dict[str, str]:
        """The arguments of the address."""
        return {**({"form": self.form} if self.form else {}), **self.values}

    @property
    def url(self) -> str:
        """The address."""
        return f"{self.path}?{urlencode(self.kept)}" if self.kept else self.path

    def toggle(self, name: str, value: str) -> "EntrySelection":
        """The selection with this value of a filter, or without it if it has it."""
        others = {other: kept for other, kept in self.values.items() if other != name}
        added = {} if self.values.get(name) == value else {name: value}
        return replace(self, values={**others, **added})

    def find(self, entries: Iterable[ListedEntry]) -> list[ListedEntry]:
        """The entries that have all of its values in its form."""
        wanted = [(FILTERS[name].read, value) for name, value in self.values.items()]
        return [
            entry for entry in entries if all(value in read(entry.forms[self.form]) for read, value in wanted)
        ]


async def show_references(request: Request, datasette: Datasette) -> Response:
    """The chosen entries in the form asked for, one page at a time."""
    form = "corrected" if request.args.get("form") == "corrected" else ""
    values = {name: value for name in FILTERS if (value := request.args.get(name))}
    selection = EntrySelection(str(datasette.urls.path("/references")), form, values)
    entries = await list_entries(datasette)
    found = selection.find(entries)
    part = cut_part(read_number(request.args.get("from") or "") or 1, len(found), SIZE)
    shown = found[part.first - 1 : part.last]
    facts = await read_facts(datasette)
    # As in every list of a static site: a page for each value, but none for two at a time.
    has_facets = found and not (is_static(datasette) and (values or part.first > 1))
    context = {
        "database": facts.database,
        "selection": selection,
        "tabs": list_tabs(entries, found, selection),
        "facets": count_facets(found, selection) if has_facets else [],
        "restrictions": list_restrictions(selection),
        "groups": group_lists(shown, found),
        "same": list_same_works(shown, await index_all_works(datasette)),
        "silent": find_silent(entries, facts.sources),
        "lists": LISTS,
        "most": MOST_PLACES,
        "data": name_data(selection, facts.sources),
        "part": part,
        "turns": list_turns(part, "from", selection.kept),
    }
    return Response.html(await datasette.render_template("references.html", context, request=request))


def list_same_works(
    shown: Iterable[ListedEntry], index: Mapping[Identifier, list[Row]]
) -> dict[str, list[tuple[Row, str]]]:
    """The other entries of the work of each entry, and where they are."""
    return {
        entry.row["reference_id"]: [
            (other, describe_place(other)) for other in find_same_works(entry.row, index)[:MOST_PLACES]
        ]
        for entry in shown
    }


async def link_entry(datasette: Datasette, reference_id: str) -> str:
    """The address of an entry in the list, as printed."""
    ids = [entry.row["reference_id"] for entry in await list_entries(datasette)]
    first = cut_part(ids.index(reference_id) + 1, len(ids), SIZE).first
    query = f"?from={first}" if first > 1 else ""
    return f"{datasette.urls.path('/references')}{query}#{reference_id}"


def find_silent(entries: Iterable[ListedEntry], sources: Mapping[str, str]) -> dict[str, str]:
    """The short names of the sources without references, by id."""
    listing = {entry.row["source"] for entry in entries}
    return {source_id: name for name, source_id in sources.items() if name not in listing}


def list_tabs(
    entries: Sequence[ListedEntry], found: Sequence[ListedEntry], selection: EntrySelection
) -> list[tuple[str, str, bool]]:
    """Each form: its label with the number of entries, its address, and whether it is shown."""
    tabs = []
    for form, label in FORMS.items():
        is_shown = form == selection.form
        other = selection if is_shown else follow_corrections(found, selection, form)
        there = found if is_shown else other.find(entries)
        count = f"{len(there):,} entr{'ies' if len(there) != 1 else 'y'}"
        if form:
            count = f"{sum(bool(entry.corrections) for entry in there):,} of {count}"
        tabs.append((f"{label}, {count}", other.url, is_shown))
    return tabs


def follow_corrections(found: Iterable[ListedEntry], selection: EntrySelection, form: str) -> EntrySelection:
    """The selection in the other form, with names as they are corrected there."""
    values = dict(selection.values)
    for name in {*NAMED} & {*values}:
        read = FILTERS[name].read
        names = {
            there
            for entry in found
            for here, there in zip(read(entry.forms[selection.form]), read(entry.forms[form]), strict=False)
            if here == values[name]
        }
        if len(names) == 1:
            values[name] = names.pop()
    return replace(selection, form=form, values=values)


def count_facets(found: Iterable[ListedEntry], selection: EntrySelection) -> list[Row]:
    """The values of each filter with their counts among these entries, in the shape of a table's facets."""
    forms, facets = [entry.forms[selection.form] for entry in found], []
    for name, filter_ in FILTERS.items():
        counts = Counter(value for form in forms for value in dict.fromkeys(filter_.read(form)))
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        values = sorted(ranked, reverse=True) if name == "year" else ranked
        facets.append(
            {
                "name": name,
                "title": filter_.label,
                "type": "linked" if name in OVERLAPPING else "column",
                "truncated": len(values) > MOST_VALUES,
                "values": [
                    {
                        "label": name_value(name, value),
                        "count": counts[value],
                        "selected": selection.values.get(name) == value,
                        "url": selection.toggle(name, value).url,
                    }
                    for value in values[:MOST_VALUES]
                ],
            }
        )
    return facets


def name_value(name: str, value: str) -> str:
    """A value of a filter in words.

    >>> name_value("identifier", "pmid"), name_value("list", "in_text"), name_value("year", "2001")
    ('PubMed', 'running text', '2001')
    """
    if name == "identifier":
        return FIELDS.get(value, value)
    return LISTS.get(value, value) if name == "list" else value


def list_restrictions(selection: EntrySelection) -> list[tuple[str, str]]:
    """Each chosen value in words, with the address without it."""
    return [
        (
            f"{FILTERS[name].label.lower()} is {name_value(name, value)}",
            selection.toggle(name, value).url,
        )
        for name, value in selection.values.items()
    ]


def group_lists(
    shown: Iterable[ListedEntry], found: Sequence[ListedEntry]
) -> list[tuple[Row, int, list[ListedEntry]]]:
    """The entries of a page by list: a row of the list, how many of it were found, and those shown."""

    def name_list(entry: ListedEntry) -> tuple[str, str]:
        return entry.row["source"], entry.row["listed_as"]

    counts = Counter(map(name_list, found))
    groups = [(key, list(entries)) for key, entries in groupby(shown, key=name_list)]
    return [(entries[0].row, counts[key], entries) for key, entries in groups]


def name_data(selection: EntrySelection, sources: Mapping[str, str]) -> tuple[str, str]:
    """The table, view or query that has the found entries as rows, and its query string.

    The table and the view have files of any length; only the query knows authors.
    """
    values = selection.values
    if "author" in values:
        return "listed_references", urlencode(selection.kept)
    wanted = {COLUMNS[name]: value for name, value in values.items() if name in COLUMNS}
    if not selection.form and "source" in wanted:
        wanted = {"source_id": sources.get(wanted.pop("source"), ""), **wanted}
    identifier = values.get("identifier")
    if identifier == NO_IDENTIFIER:
        wanted |= {f"{name}__isnull": "1" for name in ADDRESSES}
    elif identifier in ADDRESSES:
        wanted[f"{identifier}__notnull"] = "1"
    return ("bibliography" if selection.form else "references"), urlencode(wanted)
