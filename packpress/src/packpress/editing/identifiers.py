"""Identifiers: the next free one of a table, following the pattern of its rows, and never a withdrawn one.

When identifiers begin with the key of the row that theirs belongs to, such as `ida-v2` with the boat `ida`,
numbers are counted separately for each of those rows. The pattern is taken from the existing rows.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from packpress.checks.withdrawals import find_withdrawn
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.similar import offer_nearest
from packpress.tables.rows import Tables

NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


@dataclass(frozen=True)
class _Name:
    """The parts of an identifier: the owner's key, the text before the number, and the number."""

    owner: str
    infix: str
    digits: str


def find_next(package: Package, tables: Tables, table: str, owner: str = "") -> str:
    """The next free identifier of a table, for rows that belong to the row `owner` if the table has owners.

    Raises CannotRunError when the table or the owner is unknown, or when the keys of the table are not
    numbered.

    >>> from packpress import read_package, validate
    >>> package = read_package("fleet")
    >>> find_next(package, validate(package).tables, "voyages", "ida")
    'ida-v3'
    """
    resource = _find_numbered(package, table)
    keys = [row.key for row in tables[table].rows]
    owners, holder = _find_owners(package, tables, resource, keys)
    names = [name for key in keys if (name := _take_apart(key, owners))]
    usual = Counter(name.infix for name in names)
    if 2 * max(usual.values(), default=0) <= len(keys):
        example = f', such as "{keys[0]}"' if keys else ""
        message = f"its keys are not numbered{example}; choose one that was never used"
        raise CannotRunError(f"{table}: {message}")
    _check_owner(table, owner, owners, holder)
    ours = [name for name in names if name.owner == owner] or names
    counts = Counter((name.infix, len(name.digits)) for name in ours)
    infix, width = max(counts, key=lambda form: (counts[form], usual[form[0]]))
    return _count_on(package, tables, table, owners, _Name(owner, infix, "0" * width))


def find_following(package: Package, tables: Tables, table: str, key: str) -> str:
    """The next free identifier in the form of an existing one.

    Raises CannotRunError when the table is unknown, or when the identifier is not numbered.

    >>> from packpress import read_package, validate
    >>> package = read_package("fleet")
    >>> find_following(package, validate(package).tables, "voyages", "ada-v1")
    'ada-v3'
    """
    resource = _find_numbered(package, table)
    keys = [row.key for row in tables[table].rows]
    owners, _ = _find_owners(package, tables, resource, keys)
    name = _take_apart(key, owners)
    if name is None:
        raise CannotRunError(f"{key}: not numbered; choose a key that was never used")
    return _count_on(package, tables, table, owners, name)


def _count_on(package: Package, tables: Tables, table: str, owners: Collection[str], form: _Name) -> str:
    """The identifier of this form with one more than the highest number that was ever used in it."""
    used = [*(row.key for row in tables[table].rows), *find_withdrawn(package, tables).get(table, ())]
    taken = [_take_apart(key, owners) for key in used]
    numbers = [int(one.digits) for one in taken if one and (one.owner, one.infix) == (form.owner, form.infix)]
    return f"{form.owner}{form.infix}{max(numbers, default=0) + 1:0{len(form.digits)}}"


def follow_key(key: str, taken: Iterable[str]) -> str:
    """The key after the highest that differs from a key in its number alone; empty for a key without one.

    >>> follow_key("ida-v2", ["ida-v2", "ida-v10", "una-v11"]), follow_key("ida", ["ida"])
    ('ida-v11', '')
    """
    match = NUMBERED.fullmatch(key)
    if not match:
        return ""
    others = [other for name in taken if (other := NUMBERED.fullmatch(name)) and other[1] == match[1]]
    highest = max(int(other[2]) for other in [match, *others])
    return f"{match[1]}{highest + 1:0{len(match[2])}}"


def _check_owner(table: str, owner: str, owners: Collection[str], holder: str) -> None:
    known = f"{holder} are {', '.join(sorted(owners))}"
    if owner and not owners:
        raise CannotRunError(f"{table}: its keys do not begin with the key of another row; leave out {owner}")
    if owners and not owner:
        raise CannotRunError(
            f"{table}: its rows are numbered separately for each row of {holder}; name one: {known}"
        )
    if owner not in owners and owners:
        raise CannotRunError(f"{owner}: no row of {holder}; {offer_nearest(owner, owners, known)}")


def find_table(package: Package, table: str) -> Resource:
    """The table of that name; CannotRunError, with the nearest name, when the package declares none.

    >>> from packpress import read_package
    >>> find_table(read_package("fleet"), "boats").primary_key
    ('boat_id',)
    """
    declared = {resource.name: resource for resource in package.resources}
    if table not in declared:
        offer = offer_nearest(table, declared, f"known are {', '.join(declared)}")
        raise CannotRunError(f"{table}: no such table; {offer}")
    return declared[table]


def _find_numbered(package: Package, table: str) -> Resource:
    """The table of that name, if its rows can be numbered."""
    resource = find_table(package, table)
    key = resource.primary_key
    if len(key) != 1:
        made = f"is made of {', '.join(key)}" if key else "is not declared"
        raise CannotRunError(f"{table}: its key {made}; there is nothing to number")
    return resource


def _take_apart(key: str, owners: Collection[str]) -> _Name | None:
    match = NUMBERED.fullmatch(key)
    if not match:
        return None
    owner = max((name for name in owners if key.startswith(name)), key=len, default="")
    if owners and (not owner or len(match[1]) <= len(owner)):
        return None
    return _Name(owner, match[1][len(owner) :], match[2])


def _find_owners(
    package: Package, tables: Tables, resource: Resource, keys: list[str]
) -> tuple[frozenset[str], str]:
    """The keys with which most identifiers begin, and their table, found through foreign keys."""
    for other in _list_reachable(package, resource):
        owners = frozenset(row.key for row in tables[other.name].rows) - {""}
        if keys and 2 * sum(bool(_take_apart(key, owners)) for key in keys) > len(keys) and owners:
            return owners, other.name
    return frozenset(), ""


def _list_reachable(package: Package, resource: Resource) -> Iterator[Resource]:
    """The tables with single-column keys that foreign keys lead to, nearest first."""
    seen, waiting = {resource.name}, [resource]
    while waiting:
        for key in waiting.pop(0).foreign_keys:
            target = package.by_name.get(key.resource)
            if target and target.name not in seen and not key.package:
                seen.add(target.name)
                waiting.append(target)
                if len(target.primary_key) == 1:
                    yield target
