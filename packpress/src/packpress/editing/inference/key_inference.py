"""Keys: which columns identify a row, and which refer to rows of another table, and how sure that is.

A key is declared only where its values, its name and the number of rows all say so. Whatever else the values
allow is a question, because what is unique today need not be tomorrow.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from packpress.editing.inference.field_types import ColumnProfile, Draft, split_words
from packpress.editing.inference.sniffing import Question, list_words
from packpress.problems import shorten_value
from packpress.tables.fast.batches import Block

# So many rows make a unique column of the right name a key; and a first column named as an identifier.
FEWEST_SURE, FEWEST_FIRST = 10, 30
# Fewer values than this agree by chance.
FEWEST_VALUES = 3
# Values of which so many are found elsewhere were meant to be found.
MOST_LOST = 0.1
IDENTIFIERS = list_words("id ids uuid guid oid rowid key pk identifier objectid")
NUMBERS = list_words("no nr number num code accession ref reference")
SEQUENCES = list_words("sequence seq position line order ordinal rank index step visit")
OF_KEYS = frozenset({"string", "integer", "year", "date", "datetime", "time", "yearmonth"})
# A reference to a row of the same table, by its name.
PARENTS = list_words(
    "parent manager supervisor boss mother father dam sire broader predecessor part root leader"
)
MOST_COLUMNS, LONGEST_KEY = 8, 100
# In longer tables, keys of several columns are not looked for.
MOST_PAIRED = 200_000


@dataclass
class TableProfile:
    """What is known of a table: its columns, the fields proposed for them, and its keys."""

    name: str
    columns: list[ColumnProfile]
    drafts: list[Draft]
    schema: dict[str, Any] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    @property
    def count(self) -> int:
        """The number of rows."""
        return self.columns[0].count if self.columns else 0

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The primary key that is declared; empty if none is."""
        return tuple(self.schema.get("primaryKey", ()))

    def pairs(self) -> Iterator[tuple[ColumnProfile, Draft]]:
        """The columns with their fields."""
        return zip(self.columns, self.drafts, strict=True)

    def find(self, name: str) -> ColumnProfile:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def make_singular(word: str) -> str:
    """A word without its plural, roughly.

    >>> make_singular("boats"), make_singular("cities"), make_singular("address")
    ('boat', 'city', 'address')
    """
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def name_of(words: Sequence[str]) -> str:
    """What an identifier identifies, in one word; empty if it does not say.

    >>> name_of(split_words("boat_id")), name_of(split_words("id"))
    ('boat', '')
    """
    kept = words[:-1] if words and words[-1] in IDENTIFIERS | NUMBERS else words
    return "".join(map(make_singular, kept))


def is_named_like(column: str, table: str, is_role: bool = False) -> bool:
    """Whether an identifier is named after a table, or also, for a reference, after its role.

    >>> is_named_like("boat_id", "boats"), is_named_like("boat_id", "voyages"), is_named_like("id", "boats")
    (True, False, False)
    >>> is_named_like("second_boat_id", "boats"), is_named_like("second_boat_id", "boats", is_role=True)
    (False, True)
    """
    meant, words = name_of(split_words(column)), split_words(table)
    whole = "".join(map(make_singular, words))
    roles = [name_of(split_words(column)[at:]) for at in range(len(split_words(column)))] if is_role else []
    return bool(meant) and any(
        one and one in {whole, *map(make_singular, words[-1:])} for one in (meant, *roles)
    )


# ---- primary keys


def propose_key(
    table: TableProfile, others: Iterable[TableProfile], read: Callable[[], Iterable[Block]]
) -> None:
    """Declares the primary key of a table if it is sure, or asks about what may be it.

    `read` reads the rows once more, for keys of two columns.
    """
    if declared := table.schema.get("primaryKey"):
        _verify_declared(table, declared, read)
        return
    unique = [column for column, draft in table.pairs() if _may_be_key(column, draft)]
    sure = [column for column in unique if _is_sure(table, column, others)]
    if sure:
        table.schema["primaryKey"] = [sure[0].name]
        return
    if unique:
        best = max(unique, key=lambda column: (_rank_name(column.name), -table.columns.index(column)))
        seen = f'"{best.name}" is unique in {table.count:,} rows'
        text = f"{seen}; declare it as primaryKey if it identifies a row"
        if table.count > 1:
            table.questions.append(Question(text, {"primaryKey": [best.name]}))
        return
    for names in find_pairs(table, read)[:1]:
        listed = " and ".join(f'"{name}"' for name in names)
        seen = f"{listed} together are unique in {table.count:,} rows"
        text = f"{seen}; declare them as primaryKey if they identify a row"
        table.questions.append(Question(text, {"primaryKey": list(names)}))


def _may_be_key(column: ColumnProfile, draft: Draft) -> bool:
    is_fit = draft.properties["type"] in OF_KEYS and column.longest <= LONGEST_KEY and not draft.choices
    return column.is_unique and is_fit


def _rank_name(name: str) -> int:
    words = split_words(name)
    return 2 if set(words[-1:]) & IDENTIFIERS else 1 if set(words) & NUMBERS else 0


def _is_sure(table: TableProfile, column: ColumnProfile, others: Iterable[TableProfile]) -> bool:
    words = split_words(column.name)
    if table.count < FEWEST_SURE or not set(words[-1:]) & IDENTIFIERS:
        return False
    if len(words) == 1 or is_named_like(column.name, table.name):
        return True
    # Named as an identifier of something: of the rows, unless it is known from elsewhere.
    is_known = any(
        is_named_like(column.name, other.name)
        or any(one.name == column.name and one.is_unique for one in other.columns)
        for other in others
        if other is not table
    )
    return column is table.columns[0] and table.count >= FEWEST_FIRST and not is_known


def _verify_declared(table: TableProfile, names: list[str], read: Callable[[], Iterable[Block]]) -> None:
    """Keeps a primary key that a database declares only if its rows keep to it."""
    is_whole = all(table.find(name).is_whole for name in names)
    if is_whole and (table.find(names[0]).is_unique or not _list_repeated(table, [tuple(names)], read)):
        return
    del table.schema["primaryKey"]
    listed = ", ".join(names)
    text = (
        f"the database declares the key {listed}, but its rows have none or repeat it; mend them or leave it"
    )
    table.questions.append(Question(text, {"primaryKey": names}))


def find_pairs(table: TableProfile, read: Callable[[], Iterable[Block]]) -> list[tuple[str, ...]]:
    """The pairs of columns that are unique together."""
    fit = [
        column
        for column, draft in table.pairs()
        if column.is_whole and draft.properties["type"] in OF_KEYS and column.longest <= LONGEST_KEY
        and (column.distinct is None or len(column.distinct) > 1)
    ]  # fmt: skip
    if not FEWEST_SURE <= table.count <= MOST_PAIRED:
        return []
    fit.sort(key=lambda column: (-_rank_name(column.name), table.columns.index(column)))
    pairs = [
        (one.name, other.name)
        for one, other in combinations(fit[:MOST_COLUMNS], 2)
        if _may_differ(table, one, other)
    ]
    repeated = _list_repeated(table, pairs, read)
    found = [pair for pair in pairs if pair not in repeated]
    return sorted(found, key=lambda pair: not set(split_words(" ".join(pair))) & SEQUENCES)


def _may_differ(table: TableProfile, *columns: ColumnProfile) -> bool:
    """Whether there are as many combinations as rows."""
    product = 1
    for column in columns:
        product *= len(column.distinct) if column.distinct is not None else table.count
    return product >= table.count


def _list_repeated(
    table: TableProfile, keys: Sequence[tuple[str, ...]], read: Callable[[], Iterable[Block]]
) -> set[tuple[str, ...]]:
    """Those of the keys that a row repeats."""
    places = {column.name: place for place, column in enumerate(table.columns)}
    seen: dict[tuple[str, ...], set[tuple[str, ...]]] = {key: set() for key in keys}
    repeated = set[tuple[str, ...]]()
    for block in read() if keys else ():
        texts = {name: block.columns[places[name]].texts() for name in {name for key in seen for name in key}}
        for key in list(seen):
            rows = list(zip(*(texts[name] for name in key), strict=True))
            before = len(seen[key])
            seen[key].update(rows)
            if len(seen[key]) < before + len(rows):
                repeated.add(key)
                del seen[key]
        if not seen:
            break
    return repeated


# ---- foreign keys


@dataclass(frozen=True)
class KeyTarget:
    """A column that other tables may refer to, and whether it is the sure key of its table."""

    table: TableProfile
    column: ColumnProfile
    draft: Draft
    is_sure: bool


def propose_references(tables: Sequence[TableProfile], step: Callable[[str], None]) -> None:
    """Declares the foreign keys between tables that are sure, and asks about what may be some."""
    targets = [target for table in tables for target in _list_targets(table)]
    by_value: dict[str, list[KeyTarget]] = {}
    for target in targets:
        for value in target.column.distinct or ():
            by_value.setdefault(value, []).append(target)
    for table in tables:
        step(f"looking for references of {table.name}")
        _check_declared(table, tables)
        known = {name for key in table.schema.get("foreignKeys", ()) for name in key["fields"]}
        for column, draft in table.pairs():
            if column.name in known:
                _drop_choices(draft)
        for column, draft in table.pairs():
            if column.name not in known and _may_refer(column, draft):
                _propose_reference(table, column, draft, _find_near(column, by_value))


def _drop_choices(draft: Draft) -> None:
    """Asks no more whether the values are all that there may be, since a foreign key says which there are."""
    draft.questions = [one for one in draft.questions if "enum" not in one.proposal.get("constraints", {})]


def _list_targets(table: TableProfile) -> Iterator[KeyTarget]:
    for column, draft in table.pairs():
        is_key = table.primary_key == (column.name,)
        if is_key or (column.is_unique and draft.properties["type"] == "string"):
            yield KeyTarget(table, column, draft, is_key)


def _may_refer(column: ColumnProfile, draft: Draft) -> bool:
    is_fit = draft.properties["type"] in {"string", "integer"} and column.distinct is not None
    return is_fit and len(column.distinct or ()) >= 1


def _find_near(column: ColumnProfile, by_value: Mapping[str, list[KeyTarget]]) -> list[KeyTarget]:
    """The targets that have any of the first values of a column."""
    found: dict[int, KeyTarget] = {}
    for value in sorted(column.distinct or ())[:5]:
        for target in by_value.get(value, ()):
            if target.column is not column:
                found.setdefault(id(target.column), target)
    return list(found.values())


def _propose_reference(
    table: TableProfile, column: ColumnProfile, draft: Draft, near: list[KeyTarget]
) -> None:
    """Declares or asks about the best target of a column."""
    values = column.distinct or set()
    ranked = []
    for target in near:
        if target.draft.properties["type"] != draft.properties["type"]:
            continue
        lost = len(values - (target.column.distinct or set()))
        is_named = _is_named(table, column, target)
        if lost > MOST_LOST * len(values) or not (
            is_named or _is_telling(table, column, draft, target, lost)
        ):
            continue
        ranked.append((is_named, target.is_sure, -lost, -len(target.column.distinct or ()), target))
    if not ranked:
        return
    is_named, is_sure, lost, _, target = max(ranked, key=lambda one: one[:4])
    key = {
        "fields": [column.name],
        "reference": {"resource": target.table.name, "fields": [target.column.name]},
    }
    if is_named and is_sure and not lost and len(values) >= FEWEST_VALUES:
        table.schema.setdefault("foreignKeys", []).append(key)
        _drop_choices(draft)
        return
    table.questions.append(Question(_say_reference(column, target, -lost), {"foreignKeys": [key]}))


def _say_reference(column: ColumnProfile, target: KeyTarget, lost: int) -> str:
    values, place = column.distinct or set(), f"{target.table.name}.{target.column.name}"
    if not lost:
        all_are = f"all {len(values):,} values" if len(values) > 1 else "the only value"
        seen = f'{all_are} of "{column.name}" {"are" if len(values) > 1 else "is"} in {place}'
        return f"{seen}; declare it as a foreign key if it refers there"
    other = shorten_value(min(values - (target.column.distinct or set())))
    return (
        f'{len(values) - lost:,} of {len(values):,} values of "{column.name}" are in {place}, not "{other}"; '
        "correct the others and declare it as a foreign key, if it refers there"
    )


def _is_named(table: TableProfile, column: ColumnProfile, target: KeyTarget) -> bool:
    """Whether the name of a column says that it refers to the target."""
    words = split_words(column.name)
    if target.table is table:
        return bool(set(words) & PARENTS)
    if is_named_like(column.name, target.table.name, is_role=bool(set(words[-1:]) & IDENTIFIERS)):
        return True
    # The same name in both, unless it is only "id", or the key of this table too.
    is_same = column.name == target.column.name and len(words) > 1
    return is_same and bool(set(words[-1:]) & (IDENTIFIERS | NUMBERS)) and table.primary_key != (column.name,)


def _is_telling(
    table: TableProfile, column: ColumnProfile, draft: Draft, target: KeyTarget, lost: int
) -> bool:
    """Whether the values alone make a reference worth a question: texts, all found, that are no key here."""
    is_text = draft.properties["type"] == "string" and len(column.distinct or ()) >= FEWEST_VALUES
    return is_text and not lost and target.table is not table and not column.is_unique and target.is_sure


def _check_declared(table: TableProfile, tables: Sequence[TableProfile]) -> None:
    """Keeps the foreign keys that a database declares only if all values are found."""
    kept = []
    by_name = {one.name: one for one in tables}
    for key in table.schema.pop("foreignKeys", ()):
        target = by_name.get(key["reference"]["resource"])
        if target is None:
            continue
        key["reference"]["fields"] = key["reference"]["fields"] or list(target.primary_key)
        if _is_kept(table, target, key):
            kept.append(key)
        else:
            listed = ", ".join(key["fields"])
            text = f"the database declares that {listed} refers to {target.name}, but some rows do not"
            table.questions.append(Question(f"{text}; correct them and declare it", {"foreignKeys": [key]}))
    if kept:
        table.schema["foreignKeys"] = kept


def _is_kept(table: TableProfile, target: TableProfile, key: Mapping[str, Any]) -> bool:
    """Whether a declared foreign key of one column holds; those of several are left to questions."""
    ours, theirs = key["fields"], key["reference"]["fields"]
    if len(ours) != 1 or len(theirs) != 1 or target.primary_key != tuple(theirs):
        return False
    mine, other = table.find(ours[0]), target.find(theirs[0])
    types = {
        draft.properties["type"]
        for one in (table, target)
        for column, draft in one.pairs()
        if column in (mine, other)
    }
    is_known = mine.distinct is not None and other.distinct is not None
    return is_known and len(types) == 1 and (mine.distinct or set()) <= (other.distinct or set())
