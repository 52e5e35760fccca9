"""Differences between a package and an earlier version of it, from git or from the zip of a build."""

import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packpress.package.descriptor import Package, read_descriptor
from packpress.package.resource import Resource
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


ADDED, CHANGED, WITHDRAWN = "added", "changed", "withdrawn"
COLUMNS = ("table_name", "row_id", "change", "field_name", "old", "new")
# Beyond this many rows of one kind, the Markdown only counts them; the CSV lists them all.
MOST_LISTED = 20

# The columns of a key, or their values in a row.
Key = tuple[str, ...]
# Rows as text, by the values of their key.
Rows = Mapping[Key, Mapping[str, str]]


@dataclass(frozen=True)
class Change:
    """A changed cell, or a row that exists in only one version.

    The values of the key are those of the new version, joined by commas.

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

    Tables and fields that only one version declares are skipped; the diff of the descriptor shows them.
    Raises CannotRunError when a table has no primary key, because rows could not be matched.

    >>> from packpress import read_package
    >>> from shutil import copytree
    >>> file = Path(copytree("fleet", "newer"), "boats.csv")
    >>> _ = file.write_text(file.read_text().replace("2011", "2012"))
    >>> (change,) = compare_packages(read_package("fleet"), read_package("newer"))
    >>> change.table, change.key, change.field, change.old, change.new
    ('boats', 'ida', 'built', '2011', '2012')
    """
    changes: list[Change] = []
    before = {resource.name: resource for resource in old.resources}
    for resource in new.resources:
        if resource.name in before:
            changes += compare_tables(old, before[resource.name], new, resource)
    return changes


def compare_tables(
    old: Package, old_resource: Resource, new: Package, new_resource: Resource
) -> Iterator[Change]:
    """What changed in one table, in key order.

    A composite key is no identifier: two rows that differ in one of its values are one, with a changed key.
    If its columns differ, rows are matched by the columns that both versions have in their keys.
    """
    fields = [name for name in new_resource.field_names if name in old_resource.field_names]
    if has_other_key(old_resource, new_resource):
        key = tuple(name for name in new_resource.primary_key if name in old_resource.primary_key)
        if key:
            yield from _compare_groups(old, old_resource, new, new_resource, key, fields)
            return
    key = new_resource.primary_key
    if not key or not {*key} <= {*old_resource.field_names}:
        raise CannotRunError(
            f"{new_resource.name}: has no primary key in both versions; rows cannot be matched"
        )
    before, after = read_rows(old, old_resource, key), read_rows(new, new_resource, key)
    moved = _pair_changed_keys([*before.keys() - after.keys()], [*after.keys() - before.keys()])
    kept = {moved.get(row_id, row_id): row for row_id, row in before.items()}
    yield from _compare_rows(new_resource.name, kept, after, fields)


def has_other_key(old_resource: Resource, new_resource: Resource) -> bool:
    """Whether the columns of a composite key differ between two versions, so that no row keeps its key."""
    old, new = old_resource.primary_key, new_resource.primary_key
    return {*old} != {*new} and max(len(old), len(new)) > 1


def _pair_changed_keys(gone: list[Key], come: list[Key]) -> dict[Key, Key]:
    """The new key by the old one, for rows that differ in one value of the key, the last if possible."""
    pairs: dict[Key, Key] = {}
    for place in reversed(range(len(gone[0]) if gone and len(gone[0]) > 1 else 0)):
        rest: dict[Key, list[Key]] = {}
        for row_id in sorted({*come} - {*pairs.values()}, reverse=True):
            rest.setdefault(row_id[:place] + row_id[place + 1 :], []).append(row_id)
        for row_id in sorted({*gone} - pairs.keys()):
            if same := rest.get(row_id[:place] + row_id[place + 1 :]):
                pairs[row_id] = same.pop()
    return pairs


def _compare_groups(
    old: Package, old_resource: Resource, new: Package, new_resource: Resource, key: Key, fields: list[str]
) -> Iterator[Change]:
    """What changed between rows whose keys have other columns, by the columns that both keys have."""
    before, after = (
        _group_rows(package, resource, key)
        for package, resource in ((old, old_resource), (new, new_resource))
    )
    for row_id in sorted({*before, *after}):
        ours, theirs = before.get(row_id, []), after.get(row_id, [])
        for one, other in zip(ours, theirs, strict=False):
            yield from _compare_rows(new_resource.name, {row_id: one}, {row_id: other}, fields)
        for kind, more in ((WITHDRAWN, ours[len(theirs) :]), (ADDED, theirs[len(ours) :])):
            yield from (Change(new_resource.name, ",".join(row_id), kind) for _ in more)


def _group_rows(package: Package, resource: Resource, key: Key) -> dict[Key, list[dict[str, str]]]:
    groups: dict[Key, list[dict[str, str]]] = {}
    for row in read_table(package, resource).rows:
        groups.setdefault(tuple(row[name] for name in key), []).append(row.named)
    return groups


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


def read_rows(package: Package, resource: Resource, key: Key) -> Rows:
    """The rows of a table as text, by the values of their key.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> read_rows(package, package.by_name["boats"], ("boat_id",))[("ida",)]
    {'boat_id': 'ida', 'name': 'Ida', 'built': '2011'}
    """
    names = resource.field_names
    return {
        tuple(row[name] for name in key): {name: row[name] for name in names}
        for row in read_table(package, resource).rows
    }


def render_csv(changes: Iterable[Change]) -> bytes:
    """The changes as CSV, one per line.

    >>> render_csv([Change("boats", "ida", "changed", "built", "2011", "2012")]).splitlines()[1]
    b'boats,ida,changed,built,2011,2012'
    """
    return render_lines(
        COLUMNS, ((item.table, item.key, item.kind, item.field, item.old, item.new) for item in changes)
    )


def render_markdown(changes: list[Change], base: str, package: Package) -> str:
    """The changes as Markdown for a changelog.

    >>> from packpress import read_package
    >>> render_markdown([], "v1.0.0", read_package("fleet"))
    '### Rows changed since v1.0.0\\n\\nNo rows differ.\\n'
    """
    lines = list(list_changes(changes, package, ", all in the CSV"))
    return "\n".join([f"### Rows changed since {base}", "", *(lines or ["No rows differ."])]) + "\n"


def write_difference(changes: list[Change], base: str, package: Package, folder: Path) -> tuple[Path, str]:
    """Writes the changes as Markdown and CSV; returns their path without suffix, and the Markdown.

    >>> from packpress import read_package
    >>> write_difference([], "v1.0.0", read_package("fleet"), Path("fleet"))[0].name
    'changes-since-v1.0.0'
    """
    name = re.sub(r"[^\w.-]+", "-", Path(base).name.removesuffix(".zip")) or "base"
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
    for resource in package.resources:
        ours = by_table.get(resource.name, [])
        if not ours:
            continue
        counts = ", ".join(
            f"{count} {kind}" for kind in (ADDED, CHANGED, WITHDRAWN) if (count := _count_rows(ours, kind))
        )
        yield f"- `{resource.name}`: {counts}"
        for kind in (ADDED, CHANGED, WITHDRAWN):
            yield from _list_changes([change for change in ours if change.kind == kind], elsewhere)


def _count_rows(changes: Iterable[Change], kind: str) -> int:
    return len({change.key for change in changes if change.kind == kind})


def _list_changes(changes: list[Change], elsewhere: str) -> Iterator[str]:
    for change in changes[:MOST_LISTED]:
        old, new = show_line(change.old), show_line(change.new)
        cell = f", {change.field}: “{old}” became “{new}”" if change.field else ""
        yield f"  - {change.kind} `{show_line(change.key)}`{cell}"
    if len(changes) > MOST_LISTED:
        yield f"  - and {len(changes) - MOST_LISTED} more {changes[0].kind}{elsewhere}"
