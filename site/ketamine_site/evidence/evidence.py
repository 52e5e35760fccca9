"""Evidence: claims counted by source, role and stance, and worded as sentences."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_rows, row_path

from ketamine_site.cells import STANCES
from ketamine_site.facts import Facts, read_facts


@dataclass(frozen=True)
class Subject:
    """A table that has a map: its key, its labels, and the roles of its rows in claims."""

    table: str
    # The path of the map below `/map`.
    path: str
    key: str
    view: str
    title: str
    # The singular noun for a row.
    noun: str
    # The SQL expression for the kind of a row.
    kind: str
    # Roles in which a claim's stance is about the thing itself, followed by the others.
    roles: tuple[str, ...]
    beside: tuple[str, ...]
    # The role that is not mentioned.
    plain: str = ""
    # Whether kinds are headings of the map; otherwise they are shown below the name.
    has_headings: bool = False

    @property
    def role_filter(self) -> str:
        """The name of the claim filter for the role of the thing."""
        return f"_{self.key.removesuffix('_id')}_role"


SUBJECTS = {
    subject.table: subject
    for subject in (
        Subject(
            table="conditions",
            path="",
            key="condition_id",
            view="condition_evidence",
            title="Conditions",
            noun="condition",
            kind="things.kind",
            roles=("treated", "recommended", "not_recommended", "studied"),
            beside=("contraindication", "population", "class", "context"),
            plain="treated",
            has_headings=True,
        ),
        Subject(
            table="adverse_effects",
            path="adverse-effects",
            key="adverse_effect_id",
            view="adverse_effects_by_source",
            title="Adverse effects",
            noun="adverse effect",
            kind="things.body_system",
            roles=(),
            beside=("reported", "concern", "managed", "unspecified"),
        ),
        Subject(
            table="routes",
            path="routes",
            key="route_id",
            view="routes_by_source",
            title="Routes",
            noun="route",
            kind="''",
            roles=("for_pain",),
            beside=("other_use", "product_form", "comparator"),
        ),
    )
}
# Painful conditions come first; kinds that are not listed follow by name.
KINDS = ("pain_condition", "other_condition", "procedure", "circumstance")


def sort_known(values: Iterable[str], known: tuple[str, ...]) -> list[str]:
    """The distinct values: known ones in their order, then the others by name.

    >>> sort_known(["b", "x", "a", "b"], ("a", "b"))
    ['a', 'b', 'x']
    """
    found = {*values}
    return [value for value in known if value in found] + sorted(found - {*known})


# The tables that have a map, with its path below `/map`.
MAPS = {subject.table: subject.path for subject in SUBJECTS.values()}

THINGS = """
select
  things.{key} as row_id,
  things.label,
  things.broader_id,
  {kind} as kind
from {table} as things
order by
  things.label,
  row_id
"""
# Aggregated in SQL, so that a large table costs one pass and few rows. A claim has a thing in a role at most
# once, so links count claims.
CLAIMS = """
select
  links.{key} as row_id,
  passages.source_id,
  claims.stance,
  links.role,
  count(*) as claims,
  count(case when claims.certainty = 'hedged' then 1 end) as hedged
from claim_{table} as links
join claims using (claim_id)
join passages using (passage_id)
group by
  links.{key},
  passages.source_id,
  claims.stance,
  links.role
"""


@dataclass(frozen=True)
class Chip:
    """Claims of one source with one stance, in which one thing has one role."""

    # None for types of claim that do not judge.
    stance: str | None
    role: str
    # Distinct claims; a claim in which the thing has two roles counts for both.
    claims: int
    # How many of them are hedged.
    hedged: int
    # Whether there is a stance that is not about the thing, for example because the thing is context.
    is_beside: bool
    # The label of the role; empty for the default one.
    word: str
    # The address of exactly these claims as a table.
    url: str

    @property
    def is_hedged(self) -> bool:
        """Whether every claim is hedged."""
        return self.hedged == self.claims

    @property
    def shown(self) -> str:
        """The words behind the number: the stance, an unusual role, and whether every claim is hedged."""
        role = self.word if self.stance else self.role.replace("_", " ")
        return ", ".join(filter(None, (self.stance, role, "hedged" if self.is_hedged else "")))

    @property
    def spoken(self) -> str:
        """The chip in words, such as `2 supports, hedged, treated`."""
        hedged = ("hedged",) if self.is_hedged else (f"{self.hedged:,} hedged",) if self.hedged else ()
        said = (f"{self.claims:,} {self.stance or 'without stance'}", *hedged, self.role.replace("_", " "))
        return ", ".join(said)


@dataclass(frozen=True)
class Cell:
    """One source in the line of one thing; without chips when the source does not name it."""

    source_id: str
    short_name: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class MapLine:
    """One thing with a cell for each source; claims about narrower things are not included."""

    row_id: str
    label: str
    kind: str
    # How many broader things of its kind are above it.
    depth: int
    url: str
    cells: tuple[Cell, ...]

    @property
    def named_by(self) -> int:
        """How many sources name it."""
        return sum(bool(cell.chips) for cell in self.cells)

    @property
    def name(self) -> str:
        """The label with a capital, for the beginning of a sentence."""
        return self.label[:1].upper() + self.label[1:]


async def read_map(datasette: Datasette, table: str) -> list[MapLine]:
    """The map of `conditions`, `routes` or `adverse_effects`, narrower things below broader ones."""
    return await READ[table](datasette)


async def draw_lines(datasette: Datasette, subject: Subject) -> list[MapLine]:
    """Reads the lines of a map from the database."""
    facts = await read_facts(datasette)
    names = {"key": subject.key, "table": subject.table, "kind": subject.kind}
    chips: dict[tuple[str, str], list[Chip]] = {}
    for row in await read_rows(datasette, CLAIMS.format(**names)):
        chip = make_chip(subject, row, link_claims(datasette, facts, subject, row))
        chips.setdefault((row["row_id"], row["source_id"]), []).append(chip)
    order = partial(order_chip, subject)
    return [
        MapLine(
            thing["row_id"],
            thing["label"],
            thing["kind"],
            depth,
            row_path(datasette, facts, subject.key, thing["row_id"]) or "",
            tuple(
                Cell(source_id, name, tuple(sorted(chips.get((thing["row_id"], source_id), ()), key=order)))
                for name, source_id in facts.sources.items()
            ),
        )
        for thing, depth in arrange_things(await read_rows(datasette, THINGS.format(**names)))
    ]


def arrange_things(things: list[Row]) -> Iterator[tuple[Row, int]]:
    """The things by kind, each followed by its narrower ones of that kind, with its depth."""
    kinds = {thing["row_id"]: thing["kind"] for thing in things}
    below: dict[tuple[str, str | None], list[Row]] = {}
    for thing in things:
        # A broader thing of another kind is under another heading.
        is_below = kinds.get(thing["broader_id"]) == thing["kind"]
        below.setdefault((thing["kind"], thing["broader_id"] if is_below else None), []).append(thing)

    def walk(kind: str, broader_id: str | None, depth: int) -> Iterator[tuple[Row, int]]:
        for thing in below.get((kind, broader_id), ()):
            yield thing, depth
            yield from walk(kind, thing["row_id"], depth + 1)

    for kind in sort_known(kinds.values(), KINDS):
        yield from walk(kind, None, 0)


def make_chip(subject: Subject, row: Row, url: str) -> Chip:
    """The chip of one row of counts."""
    is_beside = bool(row["stance"]) and row["role"] not in subject.roles
    word = "" if row["role"] == subject.plain else row["role"].replace("_", " ")
    return Chip(row["stance"], row["role"], row["claims"], row["hedged"], is_beside, word, url)


def link_claims(datasette: Datasette, facts: Facts, subject: Subject, row: Row) -> str:
    """The address of exactly the claims that the row counts."""
    # With a leading underscore, a key filters across the table of links.
    asked = {
        f"_{subject.key}": row["row_id"],
        subject.role_filter: row["role"],
        "source_id": row["source_id"],
    }
    asked |= {"stance": row["stance"]} if row["stance"] else {"stance__isnull": "1"}
    return f"{datasette.urls.table(facts.database, 'claims_flat')}?{urlencode(asked)}"


def order_chip(subject: Subject, chip: Chip) -> tuple[bool, int, int]:
    """The sort key: stances on the thing first, in their order, then by role."""
    known = (*subject.roles, *subject.beside)
    stance = STANCES.index(chip.stance) if chip.stance else len(STANCES)
    return chip.is_beside, stance, known.index(chip.role) if chip.role in known else len(known)


# The database does not change while it is served, so each map is drawn once.
READ: dict[str, Callable[[Datasette], Awaitable[list[MapLine]]]] = {
    table: ask_once(partial(draw_lines, subject=subject)) for table, subject in SUBJECTS.items()
}


SAYS = {"supports": "supports", "against": "is against", "mixed": "is mixed", "neutral": "is neutral"}
# The wording of roles in sentences; others are worded like `as context`.
AS_ROLES = {
    "contraindication": "as a contraindication",
    "concern": "as a concern",
    "for_pain": "for pain",
    "other_use": "for another use",
    "product_form": "as a form of product",
    "comparator": "as a comparator",
    "class": "as a class",
}


@dataclass(frozen=True)
class Sentence:
    """A line of a map in words: its thing, what sources say, and which ones are silent."""

    name: str
    said: str
    silence: str

    def __str__(self) -> str:
        return f"{self.name}. {self.said} {self.silence}"


def say_line(line: MapLine) -> Sentence:
    """The line in words, with a clause for every chip."""
    said = [
        f"{cell.short_name} {join_words([say_chip(chip) for chip in cell.chips])}"
        for cell in line.cells
        if cell.chips
    ]
    silent = [cell.short_name for cell in line.cells if not cell.chips]
    silence = f"Not named: {', '.join(silent)}." if silent else "Every source names it."
    return Sentence(line.name, "; ".join(said) + "." if said else "", silence)


def say_chip(chip: Chip) -> str:
    """The chip as a clause; only a stance on the thing itself becomes a verb."""
    count = f"{chip.claims:,} claim{'s' if chip.claims != 1 else ''}"
    hedged = "hedged" if chip.is_hedged else f"{chip.hedged:,} hedged" if chip.hedged else ""
    role = AS_ROLES.get(chip.role, f"as {chip.role.replace('_', ' ')}")
    if chip.stance and not chip.is_beside:
        return f"{SAYS[chip.stance]} in {count} ({join_notes(role.removeprefix('as '), hedged)})"
    notes = join_notes(chip.stance or "", hedged)
    return f"names it {role} in {count}" + (f" ({notes})" if notes else "")


def join_notes(*notes: str) -> str:
    """The non-empty notes, joined."""
    return ", ".join(note for note in notes if note)


def join_words(parts: list[str], last: str = "and") -> str:
    """The parts as a list in running text.

    >>> join_words(["pain", "nausea", "headache"])
    'pain, nausea and headache'
    """
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
