"""Differences between a package and an earlier version of it, from git or from the zip of a build."""

import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path

from packpress.checks.withdrawals import REPLACED, ROW, TABLE
from packpress.package.descriptor import Package, read_descriptor
from packpress.package.resource import Field, Resource
from packpress.problems import CannotRunError, show_line
from packpress.tables.csv import Record, render_lines
from packpress.tables.rows import read_table
from packpress.transaction import write_file


@contextmanager
def open_revision(base: str, package: Package) -> Iterator[Package]:
    """The earlier package, for the duration of the block; `base` is a zip or a git revision.

    Raises CannotRunError when there is no such zip or revision, or no descriptor in it.
    """
    if zipfile.is_zipfile(base):
        yield read_descriptor(Path(base))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _unpack_revision(base, package.root, folder)
        descriptor = folder / package.path.name
        if not descriptor.is_file():
            raise CannotRunError(f"{base}: contains no {descriptor.name}; name another revision or zip")
        yield read_descriptor(descriptor)


def _unpack_revision(revision: str, root: Path, folder: Path) -> None:
    if revision.startswith("-"):
        # Git would take it for an option.
        raise CannotRunError(f"{revision}: neither a git revision nor a zip; name one or the other")
    # As committed, even where git converts line endings in the work tree.
    as_committed = ["-c", "core.autocrlf=false", "-c", "core.eol=lf"]
    line = ["git", "-C", str(root), *as_committed, "archive", "--format=tar", revision, "."]
    try:
        done = subprocess.run(line, capture_output=True, check=False)
    except FileNotFoundError:
        raise CannotRunError("git: not installed; install it, or compare with a zip") from None
    if done.returncode:
        raise CannotRunError(f"{revision}: neither a git revision nor a zip; name one or the other")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        # Python has the filter since 3.11.4; what git archives leads nowhere else anyway.
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)


ADDED, MOVED, CHANGED, WITHDRAWN = "added", "moved", "changed", "withdrawn"
# What changed in the declaration of a table; such a change has no key.
TABLE_ADDED, TABLE_REMOVED = "table added", "table removed"
COLUMN_ADDED, COLUMN_RENAMED, COLUMN_REMOVED = "column added", "column renamed", "column removed"
VALUE_ADDED, VALUE_REMOVED, KEY_CHANGED = "value added", "value removed", "key changed"
COLUMNS = ("table_name", "row_id", "change", "field_name", "old", "new")
# Beyond this many rows of one kind, the Markdown only counts them; the CSV lists them all.
MOST_LISTED = 20

# The columns of a key, or their values in a row.
Key = tuple[str, ...]
# Rows as text, by the values of their key.
Rows = Mapping[Key, Mapping[str, str]]


@dataclass(frozen=True)
class Change:
    """A changed cell, a row whose key changed or that exists in only one version, or a changed declaration.

    The values of the key are those of the new version, joined by commas. Of a row that moved, `old` and `new`
    are its keys; of a withdrawn row, `new` is the row that replaces it, if the register names one.

    >>> Change("boats", "ida", "changed", "built", "2011", "2012").new
    '2012'
    """

    table: str
    key: str
    kind: str
    field: str = ""
    old: str = ""
    new: str = ""


def compare_packages(old: Package, new: Package) -> list[Change]:
    """What changed between two versions of a package, by table in the order of the new version.

    Rows are compared in the columns that both versions have; a column that was renamed counts as one if it
    declares its former name as `formerly`. Raises CannotRunError when a table has no primary key, because
    rows could not be matched.

    >>> from packpress import read_package
    >>> from shutil import copytree
    >>> file = Path(copytree("fleet", "newer"), "boats.csv")
    >>> _ = file.write_text(file.read_text().replace("2011", "2012"))
    >>> (change,) = compare_packages(read_package("fleet"), read_package("newer"))
    >>> change.table, change.key, change.field, change.old, change.new
    ('boats', 'ida', 'built', '2011', '2012')
    """
    before = {resource.name: resource for resource in old.resources}
    changes = [Change(name, "", TABLE_REMOVED) for name in before if name not in new.by_name]
    replaced = _read_replacements(new)
    for resource in new.resources:
        if resource.name not in before:
            changes.append(Change(resource.name, "", TABLE_ADDED))
            continue
        changes += compare_declarations(before[resource.name], resource)
        changes += compare_tables(old, before[resource.name], new, resource, replaced)
    return changes


def _read_replacements(package: Package) -> dict[tuple[str, str], str]:
    """What replaces each withdrawn row, by table and key, as the register says."""
    register = package.by_name.get(package.register)
    if register is None or REPLACED not in register.field_names:
        return {}
    return {(row[TABLE], row[ROW]): row[REPLACED] for row in read_table(package, register).rows}


def compare_declarations(old: Resource, new: Resource) -> Iterator[Change]:
    """What changed in the columns of a table, in their allowed values, and in its key.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> list(compare_declarations(boats, boats))
    []
    """
    former = find_former_names(old, new)
    for field in new.fields:
        if field.name in former:
            yield Change(new.name, "", COLUMN_RENAMED, field.name, former[field.name], field.name)
        elif field.name not in old.field_names:
            yield Change(new.name, "", COLUMN_ADDED, field.name)
    for name in old.field_names:
        if name not in new.field_names and name not in former.values():
            yield Change(new.name, "", COLUMN_REMOVED, name)
    if {*_name_key(old, former)} != {*new.primary_key}:
        keys = (", ".join(key) for key in (old.primary_key, new.primary_key))
        yield Change(new.name, "", KEY_CHANGED, "", *keys)
    for field in new.fields:
        if former.get(field.name, field.name) in old.field_names:
            yield from _compare_choices(new.name, old.field(former.get(field.name, field.name)), field)


def _compare_choices(table: str, old: Field, new: Field) -> Iterator[Change]:
    if old.choices and new.choices:
        for value in new.choices:
            if value not in old.choices:
                yield Change(table, "", VALUE_ADDED, new.name, "", str(value))
        for value in old.choices:
            if value not in new.choices:
                yield Change(table, "", VALUE_REMOVED, new.name, str(value))


def find_former_names(old: Resource, new: Resource) -> dict[str, str]:
    """The columns that were renamed: their names in the old version by those in the new one.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> find_former_names(boats, boats)
    {}
    """
    return {
        field.name: field.formerly
        for field in new.fields
        if field.formerly in old.field_names
        and field.name not in old.field_names
        and field.formerly not in new.field_names
    }


def _name_key(old: Resource, former: Mapping[str, str]) -> Key:
    """The columns of the old key, by their names in the new version."""
    now = {name: field for field, name in former.items()}
    return tuple(now.get(name, name) for name in old.primary_key)


@dataclass(frozen=True)
class _Row:
    """A row of one version: its key there, the values by which it is matched, and its common columns."""

    key: Key
    match: Key
    cells: Mapping[str, str]

    @property
    def name(self) -> str:
        return ",".join(self.key)

    def likeness(self, other: "_Row") -> int:
        """In how many columns both have the same value."""
        return sum(value == other.cells[name] for name, value in self.cells.items())


def compare_tables(
    old: Package,
    old_resource: Resource,
    new: Package,
    new_resource: Resource,
    replaced: Mapping[tuple[str, str], str],
) -> Iterator[Change]:
    """What changed in one table, in key order.

    A composite key is no identifier: two rows that differ in one of its values are one that moved, and so
    are two with the same values in another order. If its columns differ, rows are matched by the columns
    that both versions have in their keys. `replaced` has what the register says of withdrawn rows.
    """
    former = find_former_names(old_resource, new_resource)
    was, now = _name_key(old_resource, former), new_resource.primary_key
    fields = {name: former.get(name, name) for name in new_resource.field_names}
    fields = {name: then for name, then in fields.items() if then in old_resource.field_names}
    is_rekeyed = has_other_key(old_resource, new_resource)
    match = tuple(name for name in now if name in was) if is_rekeyed else now
    match = match or now
    if not match or not {*match} <= {*fields}:
        raise CannotRunError(
            f"{new_resource.name}: has no primary key in both versions; rows cannot be matched"
        )
    key = old_resource.primary_key if was and {*was} != {*now} else tuple(fields[name] for name in now)
    before = _read_rows(old, old_resource, key, match, fields)
    after = _read_rows(new, new_resource, now, match, {name: name for name in fields})
    table = new_resource.name
    ours = {row_id: new_id for (name, row_id), new_id in replaced.items() if name == table}
    places = range(0 if is_rekeyed or len(match) < 2 else len(match))
    same, gone, come = _match_rows(before, after, ours if len(match) > 1 else {}, places)
    found = [(new_row.key, list(_compare_cells(table, old_row, new_row))) for old_row, new_row in same]
    found += [(row.key, [Change(table, row.name, WITHDRAWN, new=ours.get(row.name, ""))]) for row in gone]
    found += [(row.key, [Change(table, row.name, ADDED)]) for row in come]
    for _, changes in sorted(found, key=itemgetter(0)):
        yield from changes


def has_other_key(old_resource: Resource, new_resource: Resource) -> bool:
    """Whether the columns of a composite key differ between two versions, so that no row keeps its key."""
    old, new = (
        _name_key(old_resource, find_former_names(old_resource, new_resource)),
        new_resource.primary_key,
    )
    return {*old} != {*new} and max(len(old), len(new)) > 1


def _read_rows(
    package: Package, resource: Resource, key: Key, match: Key, fields: Mapping[str, str]
) -> list[_Row]:
    """The rows of one version in key order; `fields` has its names of the common columns."""
    rows = []
    for row in read_table(package, resource).rows:
        cells = {name: row[then] for name, then in fields.items()}
        rows.append(_Row(tuple(row[name] for name in key), tuple(cells[name] for name in match), cells))
    return sorted(rows, key=lambda row: row.key)


def _match_rows(
    before: list[_Row], after: list[_Row], replaced: Mapping[str, str], places: Iterable[int]
) -> tuple[list[tuple[_Row, _Row]], list[_Row], list[_Row]]:
    """The rows that are the same in both versions, those that are gone, and those that came.

    `places` are those of the values in which a row may differ and still be the same, the last one first.
    """
    gone, come = list(before), list(after)
    same = _match_alike(gone, come, lambda row: row.match)
    same += _match_replaced(gone, come, replaced)
    same += _match_alike(gone, come, lambda row: tuple(sorted(row.match)))
    for place in sorted(places, reverse=True):
        same += _match_alike(gone, come, partial(_leave_out, place))
    return same, gone, come


def _leave_out(place: int, row: _Row) -> Key:
    return row.match[:place] + row.match[place + 1 :]


def _match_replaced(
    gone: list[_Row], come: list[_Row], replaced: Mapping[str, str]
) -> list[tuple[_Row, _Row]]:
    """The pairs that the register names; they are taken out of both lists."""
    by_name = {row.name: row for row in come}
    pairs = [(row, by_name[replaced[row.name]]) for row in gone if replaced.get(row.name) in by_name]
    for one, other in pairs:
        gone.remove(one)
        # Two withdrawn rows may have the same replacement.
        if other in come:
            come.remove(other)
    return pairs


def _match_alike(
    gone: list[_Row], come: list[_Row], likeness: Callable[[_Row], Key]
) -> list[tuple[_Row, _Row]]:
    """The pairs of equal likeness, those with the most equal cells first; taken out of both lists."""
    alike: dict[Key, list[int]] = {}
    for place, row in enumerate(come):
        alike.setdefault(likeness(row), []).append(place)
    likely = sorted(
        (-one.likeness(come[right]), left, right)
        for left, one in enumerate(gone)
        for right in alike.get(likeness(one), ())
    )
    lefts: dict[int, int] = {}
    taken: set[int] = set()
    for _, left, right in likely:
        if left not in lefts and right not in taken:
            lefts[left] = right
            taken.add(right)
    pairs = [(gone[left], come[right]) for left, right in lefts.items()]
    gone[:] = [row for place, row in enumerate(gone) if place not in lefts]
    come[:] = [row for place, row in enumerate(come) if place not in taken]
    return pairs


def _compare_cells(table: str, old: _Row, new: _Row) -> Iterator[Change]:
    if old.key != new.key:
        yield Change(table, new.name, MOVED, "", old.name, new.name)
    for name, value in old.cells.items():
        if value != new.cells[name]:
            yield Change(table, new.name, CHANGED, name, value, new.cells[name])


def compare_records(resource: Resource, old: Iterable[Record], new: Iterable[Record]) -> Iterator[Change]:
    """What changed between two sets of records.

    Without a primary key, a changed row is one removed and one added.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> list(compare_records(boats, [("ida", "Ida", "2011")], [("ida", "Ida", "2012")]))
    [Change(table='boats', key='ida', kind='changed', field='built', old='2011', new='2012')]
    """
    if not resource.primary_key:
        before, after = Counter(old), Counter(new)
        for kind, records in ((ADDED, after - before), (WITHDRAWN, before - after)):
            yield from (Change(resource.name, ",".join(record), kind) for record in records.elements())
        return
    names = resource.field_names
    places = [names.index(name) for name in resource.primary_key]

    def index(records: Iterable[Record]) -> Rows:
        return {
            tuple(record[place] for place in places): dict(zip(names, record, strict=True))
            for record in records
        }

    yield from _compare_rows(resource.name, index(old), index(new), names)


def _compare_rows(table: str, before: Rows, after: Rows, fields: Iterable[str]) -> Iterator[Change]:
    for row_id in sorted({*before, *after}):
        one, other = before.get(row_id), after.get(row_id)
        name = ",".join(row_id)
        if one is None:
            yield Change(table, name, ADDED)
        elif other is None:
            yield Change(table, name, WITHDRAWN)
        else:
            for field in fields:
                if one[field] != other[field]:
                    yield Change(table, name, CHANGED, field, one[field], other[field])


def render_csv(changes: Iterable[Change]) -> bytes:
    """The changes as CSV, one per line.

    >>> render_csv([Change("boats", "ida", "changed", "built", "2011", "2012")]).splitlines()[1]
    b'boats,ida,changed,built,2011,2012'
    """
    return render_lines(
        COLUMNS, ((item.table, item.key, item.kind, item.field, item.old, item.new) for item in changes)
    )


def write_whole_difference(changes: Iterable[Change], name: str) -> Path | None:
    """Writes all changes as CSV to dist/ and returns the path; None when a list on the screen shows them all.

    >>> write_whole_difference([Change("boats", "una", ADDED)], "fleet") is None
    True
    """
    counts = Counter((change.table, change.kind) for change in changes)
    if max(counts.values(), default=0) <= MOST_LISTED:
        return None
    file = Path("dist") / f"{name}-changes.csv"
    write_file(file, render_csv(changes))
    return file


def render_markdown(changes: list[Change], base: str, package: Package) -> str:
    """The changes as Markdown for a changelog.

    >>> from packpress import read_package
    >>> render_markdown([], "v1.0.0", read_package("fleet"))
    '### Rows changed since v1.0.0\\n\\nNo rows differ.\\n'
    """
    lines = list(list_changes(changes, package, ", all in the CSV"))
    return "\n".join([f"### Rows changed since {base}", "", *(lines or ["No rows differ."])]) + "\n"


def name_base(base: str) -> str:
    """The name of an earlier version, without its folder.

    >>> name_base("dist/fleet-1.0.0.zip")
    'fleet-1.0.0'
    """
    return re.sub(r"[^\w.-]+", "-", Path(base).name.removesuffix(".zip")) or "base"


def write_difference(changes: list[Change], base: str, package: Package, folder: Path) -> tuple[Path, str]:
    """Writes the changes as Markdown and CSV; returns their path without suffix, and the Markdown.

    >>> from packpress import read_package
    >>> write_difference([], "v1.0.0", read_package("fleet"), Path("fleet"))[0].name
    'changes-since-v1.0.0'
    """
    name = name_base(base)
    place, text = folder / f"changes-since-{name}", render_markdown(changes, name, package)
    write_file(folder / f"{place.name}.md", text.encode("utf-8"))
    write_file(folder / f"{place.name}.csv", render_csv(changes))
    return place, text


def list_changes(changes: Iterable[Change], package: Package, elsewhere: str = "") -> Iterator[str]:
    """The changes as lines of Markdown, by table.

    `elsewhere` says where to find those that are only counted.

    >>> from packpress import read_package
    >>> changes = [Change("boats", "ida", CHANGED, "built", "2011", "2012")]
    >>> print(*list_changes(changes, read_package("fleet")), sep="\\n")
    - `boats`: 1 changed
      - changed `ida`, built: “2011” became “2012”
    """
    by_table: dict[str, list[Change]] = {}
    for change in changes:
        by_table.setdefault(change.table, []).append(change)
    for name in sorted(by_table.keys() - package.by_name.keys()):
        yield f"- `{name}`: the table is gone"
    for resource in package.resources:
        ours = by_table.get(resource.name, [])
        if ours:
            yield from _list_table(resource, ours, elsewhere)


def _list_table(resource: Resource, changes: list[Change], elsewhere: str) -> Iterator[str]:
    moved = {change.key for change in changes if change.kind == MOVED}
    # What the key of a row that moved was and is stands in its line already.
    cells = [
        change
        for change in changes
        if change.kind == CHANGED and not (change.key in moved and change.field in resource.primary_key)
    ]
    rows = {CHANGED: cells} | {
        kind: [change for change in changes if change.kind == kind] for kind in (ADDED, MOVED, WITHDRAWN)
    }
    kinds = (ADDED, MOVED, CHANGED, WITHDRAWN)
    counts = [f"{len({change.key for change in rows[kind]})} {kind}" for kind in kinds if rows[kind]]
    if any(change.kind == TABLE_ADDED for change in changes):
        counts = ["a new table"]
    yield f"- `{resource.name}`: {', '.join(counts or ['no row changed'])}"
    yield from _list_declarations(changes)
    yield from _list_values(resource, changes)
    for kind in kinds:
        yield from _list_rows_of(rows[kind], elsewhere)


def _list_declarations(changes: list[Change]) -> Iterator[str]:
    """A line for each column that is new, renamed or gone, for new and lost values, and for another key."""
    said = {
        COLUMN_ADDED: "column `{0.field}` is new",
        COLUMN_RENAMED: "column `{0.old}` is now `{0.new}`",
        COLUMN_REMOVED: "column `{0.field}` is gone",
        KEY_CHANGED: "the key was `{0.old}` and is `{0.new}`",
    }
    for change in changes:
        if change.kind in said:
            yield f"  - {said[change.kind].format(change)}"
    for kind, words in ((VALUE_ADDED, "may now be"), (VALUE_REMOVED, "may no longer be")):
        values: dict[str, list[str]] = {}
        for change in changes:
            if change.kind == kind:
                values.setdefault(change.field, []).append(f"`{change.old or change.new}`")
        for field, listed in values.items():
            yield f"  - `{field}` {words} {', '.join(listed)}"


def _list_values(resource: Resource, changes: list[Change]) -> Iterator[str]:
    """A line for each field with allowed values: how often one of them became another."""
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for change in changes:
        if change.kind == CHANGED and resource.field(change.field).choices and change.old and change.new:
            counts.setdefault(change.field, Counter())[change.old, change.new] += 1
    for field, became in counts.items():
        told = (
            f"`{old}` became `{new}` in {count} row{'' if count == 1 else 's'}"
            for (old, new), count in sorted(became.items(), key=lambda item: (-item[1], item[0]))
        )
        yield f"  - values of `{field}`: {', '.join(told)}"


def _list_rows_of(changes: list[Change], elsewhere: str) -> Iterator[str]:
    for change in changes[:MOST_LISTED]:
        yield f"  - {_tell(change)}"
    if len(changes) > MOST_LISTED:
        yield f"  - and {len(changes) - MOST_LISTED} more {changes[0].kind}{elsewhere}"


def _tell(change: Change) -> str:
    key, old, new = map(show_line, (change.key, change.old, change.new))
    if change.kind == MOVED:
        return f"moved `{old}` to `{new}`"
    if change.kind == WITHDRAWN and new:
        return f"withdrawn `{key}`, replaced by `{new}`"
    cell = f", {change.field}: “{old}” became “{new}”" if change.field else ""
    return f"{change.kind} `{key}`{cell}"
