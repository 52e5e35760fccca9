"""Merges of tables: two versions of a table become one, row by row and cell by cell, as git calls for it.

Rows are matched by their primary key, so that neighbouring rows, sorted in by both sides, are no conflict.
"""

import io
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from packpress.checks.withdrawals import find_withdrawn
from packpress.conflict_markers import write_conflict
from packpress.editing.format import can_rewrite, rewrite
from packpress.editing.identifiers import follow_key
from packpress.package.argument import DESCRIPTORS
from packpress.package.descriptor import Package, read_descriptor
from packpress.package.resource import Resource, build_resource
from packpress.problems import CannotRunError, Problem, name_command, shorten_value
from packpress.tables.csv import LineReader, Record, key_order, make_formatter, read_records, written_encoding
from packpress.tables.decoding import ByteFacts, open_pieces
from packpress.tables.dialect import layout_of
from packpress.tables.rows import read_table
from packpress.transaction import write_file

Key = tuple[str, ...]
Cells = Mapping[str, str]
# In a message about cells, which sides of a merge these are of; git has them in this order.
OURS, THEIRS = "ours", "theirs"


class CannotMergeError(Exception):
    """The table cannot be merged by its key; the message says why, as the end of a sentence."""


@dataclass(frozen=True)
class Version:
    """One version of a table: its columns, and its rows by the values of their key."""

    columns: tuple[str, ...]
    rows: Mapping[Key, Cells]


@dataclass(frozen=True)
class Conflict:
    """What both sides disagree on in one row: a field with the value of ours, and a message."""

    message: str
    field: str = ""
    value: str = ""


@dataclass(frozen=True)
class MergedRow:
    """One row of a merge: what it is on each side, which are the same unless there are conflicts."""

    key: Key
    ours: Cells | None
    theirs: Cells | None
    conflicts: Sequence[Conflict] = ()


@dataclass(frozen=True)
class MergedTable:
    """The bytes of a merged table, and a problem for each of its conflicts, which have git's markers."""

    data: bytes
    conflicts: list[Problem] = field(default_factory=list)


def merge_versions(
    package: Package, resource: Resource, path: str, versions: Sequence[bytes], name: str = ""
) -> MergedTable:
    """Merges the versions of one file of a table: their common ancestor, ours, and theirs.

    `name` is what problems call the file. Raises CannotMergeError when the rows of one version cannot be
    matched by their key, or both sides changed the columns.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> old = b"boat_id,name,built\\nada,Ada,\\nida,Ida,\\n"
    >>> ours, theirs = old.replace(b"Ada,", b"Ada,1998"), old + b"una,Una,\\n"
    >>> merge_versions(package, package.by_name["boats"], "boats.csv", [old, ours, theirs]).data
    b'boat_id,name,built\\nada,Ada,1998\\nida,Ida,\\nuna,Una,\\n'
    """
    if not resource.primary_key:
        raise CannotMergeError("the table has no primary key")
    if not can_rewrite(resource, path):
        raise CannotMergeError("its file has no canonical form")
    base, ours, theirs = (read_version(resource, data, path) for data in versions)
    merge = _Merge(base, ours, theirs, columns=_merge_columns(base, ours, theirs))
    arranged = _arrange(resource, merge.columns)
    order = key_order(arranged)
    rows = sorted(merge.merge_rows(), key=lambda row: order(_as_record(row, merge.columns)))
    if not any(row.conflicts for row in rows):
        records = [_as_record(row, merge.columns) for row in rows]
        return MergedTable(rewrite(arranged, path, records))
    taken = {*base.rows, *ours.rows, *theirs.rows, *_list_withdrawn(package, resource)}
    named = _name_taken(resource, rows, base, {key[0] for key in taken})
    return _render_conflicts(arranged, named, name or path)


def read_version(resource: Resource, data: bytes, path: str) -> Version:
    """The rows of one version of a file, whatever columns it has; no rows when it is empty.

    Raises CannotMergeError when it cannot be read, or two rows have the same key.
    """
    layout = layout_of(resource)
    try:
        pieces = open_pieces(lambda: io.BytesIO(data), path, resource.encoding, ByteFacts())
        records = [cells for _, cells in read_records(LineReader(pieces, path), path, layout)]
    except CannotRunError as error:
        raise CannotMergeError(f"a version of it cannot be read: {error}") from None
    has_header = layout.has_header and bool(records)
    columns, rows = records[0] if has_header else resource.field_names, records[has_header:]
    if len({*columns}) < len(columns) or not {*resource.primary_key} <= {*columns}:
        raise CannotMergeError("the header of a version repeats a name, or lacks one of the key")
    if any(len(cells) != len(columns) for cells in rows):
        raise CannotMergeError("a row of a version has more or fewer cells than its header")
    named = [dict(zip(columns, cells, strict=True)) for cells in rows]
    found = {tuple(cells[name] for name in resource.primary_key): cells for cells in named}
    if len(found) < len(rows):
        raise CannotMergeError("two rows of a version have the same key")
    return Version(columns, found)


def _merge_columns(base: Version, ours: Version, theirs: Version) -> tuple[str, ...]:
    """The columns of the merged table, where those that one side added follow what they follow there."""
    if base.columns in (ours.columns, theirs.columns) or ours.columns == theirs.columns:
        return theirs.columns if ours.columns == base.columns else ours.columns
    added = [[name for name in side.columns if name not in base.columns] for side in (ours, theirs)]
    kept = [tuple(name for name in side.columns if name in base.columns) for side in (ours, theirs)]
    if {*added[0]} & {*added[1]} or kept != [base.columns, base.columns]:
        raise CannotMergeError("both sides changed its header")
    merged = list(ours.columns)
    for name in added[1]:
        before = theirs.columns[: theirs.columns.index(name)]
        merged.insert(merged.index(before[-1]) + 1 if before else 0, name)
    return tuple(merged)


@dataclass(frozen=True)
class _Merge:
    base: Version
    ours: Version
    theirs: Version
    columns: tuple[str, ...]

    def merge_rows(self) -> Iterator[MergedRow]:
        """The rows of the merged table, in no order."""
        for key in dict.fromkeys([*self.ours.rows, *self.theirs.rows]):
            old, ours, theirs = (side.rows.get(key) for side in (self.base, self.ours, self.theirs))
            if ours is not None and theirs is not None:
                yield self._merge_row(key, old, ours, theirs)
            elif old is None:
                merged = self._complete(ours or theirs or {}, {})
                yield MergedRow(key, merged, merged)
            elif not self._is_same(old, ours or theirs or {}):
                yield self._refuse_removal(key, old, ours, theirs)

    def _merge_row(self, key: Key, old: Cells | None, ours: Cells, theirs: Cells) -> MergedRow:
        """A row that both sides have: of each cell, what one of them changed."""
        self._check_lost(old or {}, ours, theirs)
        left, right, conflicts = dict[str, str](), dict[str, str](), list[Conflict]()
        for name in self.columns:
            # In a column that is new, every row that was there before was empty.
            was = None if old is None else old.get(name, "")
            left[name], right[name] = one, other = _merge_cell(was, ours.get(name), theirs.get(name))
            if one != other:
                what = f'theirs is "{shorten_value(other)}"' if other else "theirs is empty"
                message = f'this is ours, and {what}, in the row "{",".join(key)}"; keep one of the two lines'
                conflicts.append(Conflict(message, name, one))
        return MergedRow(key, left, right, conflicts)

    def _check_lost(self, old: Cells, ours: Cells, theirs: Cells) -> None:
        for side, other in ((ours, theirs), (theirs, ours)):
            for name, text in side.items():
                if name not in other and text != old.get(name, text):
                    raise CannotMergeError(
                        f'one side removed the column "{name}", the other changed its cells'
                    )

    def _refuse_removal(self, key: Key, old: Cells, ours: Cells | None, theirs: Cells | None) -> MergedRow:
        kept = ours or theirs or {}
        side, other = (THEIRS, OURS) if ours else (OURS, THEIRS)
        changed = ", ".join(name for name, text in kept.items() if text != old.get(name, ""))
        what = f'{side} removed the row "{",".join(key)}", and {other} changed its {changed}'
        row = self._complete(kept, old)
        conflict = Conflict(f"{what}; keep its line, or remove it")
        return MergedRow(key, row if ours else None, row if theirs else None, [conflict])

    def _complete(self, cells: Cells, old: Cells) -> Cells:
        return {name: cells.get(name, old.get(name, "")) for name in self.columns}

    def _is_same(self, old: Cells, new: Cells) -> bool:
        """Whether a row is as it was in all columns that it had, and empty in all others."""
        return all(text == old.get(name, "") for name, text in new.items())


def _merge_cell(was: str | None, ours: str | None, theirs: str | None) -> tuple[str, str]:
    """A cell on both sides of a merge, which are the same unless both changed it; None where there is none.

    >>> _merge_cell("1998", "1998", "1999"), _merge_cell("", "1998", "1999"), _merge_cell(None, None, "x")
    (('1999', '1999'), ('1998', '1999'), ('x', 'x'))
    """
    if ours is None or (ours == was and theirs is not None):
        return theirs or "", theirs or ""
    if theirs is None or theirs == was:
        return ours, ours
    return ours, theirs


def _as_record(row: MergedRow, columns: Sequence[str]) -> Record:
    cells = row.ours if row.ours is not None else row.theirs or {}
    return tuple(cells[name] for name in columns)


def _arrange(resource: Resource, columns: Sequence[str]) -> Resource:
    """The table with these columns, of which some may not be declared yet, and some no longer."""
    known = {item.name: item.described() for item in resource.fields}
    fields = [known.get(name, {"name": name}) for name in columns]
    schema = {"fields": fields, "primaryKey": list(resource.primary_key)}
    return build_resource(resource.described(schema=schema))


def _list_withdrawn(package: Package, resource: Resource) -> Iterator[Key]:
    """The keys of rows of the table that are registered as withdrawn, if the register can be read."""
    register = package.by_name.get(package.register)
    with suppress(CannotRunError):
        tables = {register.name: read_table(package, register)} if register else {}
        yield from ((key,) for key in find_withdrawn(package, tables).get(resource.name, ()))


def _name_taken(
    resource: Resource, rows: Iterable[MergedRow], base: Version, taken: set[str]
) -> Iterator[MergedRow]:
    """The rows, where a numbered key that both sides took for a new row is one conflict, with a free key."""
    for row in rows:
        is_new = bool(row.conflicts) and row.key not in base.rows and len(row.key) == 1
        if free := follow_key(row.key[0], taken) if is_new else "":
            taken.add(free)
            message = (
                f'both sides took it for a new row; leave it to one of them, and name the other "{free}"'
            )
            row = replace(row, conflicts=[Conflict(message, resource.primary_key[0], row.key[0])])
        yield row


def _render_conflicts(resource: Resource, rows: Iterable[MergedRow], name: str) -> MergedTable:
    """The table with git's markers around the rows that are in conflict."""
    format_record = make_formatter(resource)
    parts = [format_record(resource.field_names)] if resource.dialect.get("header", True) else []
    line, conflicts = sum(part.count("\n") for part in parts) + 1, list[Problem]()

    def render(cells: Cells | None) -> str:
        return format_record(tuple(cells[name] for name in resource.field_names)) if cells else ""

    for row in rows:
        text = write_conflict(render(row.ours), render(row.theirs)) if row.conflicts else render(row.ours)
        conflicts += (Problem(name, line, one.message, one.field, one.value) for one in row.conflicts)
        line += text.count("\n")
        parts.append(text)
    try:
        return MergedTable("".join(parts).encode(written_encoding(resource)), conflicts)
    except (UnicodeError, LookupError):
        raise CannotMergeError(f"its rows cannot be written in {resource.encoding}") from None


def merge_files(files: Sequence[Path], path: str) -> tuple[list[Problem], str]:
    """Merges the versions of a file in git, and writes the result to that of ours.

    - `files`: the common ancestor, ours and theirs.
    - `path`: where the file belongs, below the working directory.

    Returns the conflicts, and why the lines were merged as text instead; it is empty for a table that was
    merged by its key. Raises CannotRunError when git cannot merge them either.
    """
    try:
        package, resource, below = find_table_of_file(Path(path))
        versions = [file.read_bytes() for file in files]
        merged = merge_versions(package, resource, below, versions, path)
    except (CannotMergeError, CannotRunError) as error:
        is_clean = merge_lines(files)
        message = "the lines of both sides differ; keep one side of each conflict"
        return [] if is_clean else [Problem(path, 0, message)], str(error)
    write_file(files[1], merged.data)
    return merged.conflicts, ""


def find_table_of_file(file: Path) -> tuple[Package, Resource, str]:
    """The package and the table that a file belongs to, and its path in the package.

    The descriptor is the nearest one above the file that has the table.
    """
    for folder in file.parents:
        for name in DESCRIPTORS:
            if not (folder / name).is_file():
                continue
            package, path = read_descriptor(folder / name), file.relative_to(folder).as_posix()
            for resource in package.resources:
                if path in resource.paths:
                    return package, resource, path
    raise CannotMergeError("no descriptor above it names it as a table")


def merge_lines(files: Sequence[Path]) -> bool:
    """Merges files line by line as git does, into the second one; returns whether there is no conflict."""
    old, ours, theirs = map(str, files)
    labels = [word for label in (OURS, "base", THEIRS) for word in ("-L", label)]
    done = run_git(["merge-file", *labels, ours, old, theirs])
    # Beyond the greatest number of conflicts, the code is that of an error.
    if done.returncode > 127:
        raise CannotRunError(f"git: {done.stderr.strip() or 'cannot merge the file'}; merge it by hand")
    return done.returncode == 0


DRIVER = "packpress"
ATTRIBUTES = ".gitattributes"


def run_git(words: Sequence[str], folder: Path = Path()) -> "subprocess.CompletedProcess[str]":
    """The result of a command of git; CannotRunError when git is not installed."""
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False, encoding="utf-8"
        )
    except FileNotFoundError:
        raise CannotRunError("git: not installed; install it and try again") from None


def name_driver() -> str:
    """The command by which git merges a table: this installation, wherever git is run."""
    python = Path(sys.executable).as_posix().replace("%", "%%")
    return f"{shlex.quote(python)} -m packpress merge-driver %O %A %B %P"


def set_up_driver(package: Package) -> list[str]:
    """Makes git merge the tables of this clone by their keys; returns what was changed in its configuration.

    Raises CannotRunError when the package is in no repository, or its configuration cannot be written.
    """
    if run_git(["rev-parse", "--is-inside-work-tree"], package.root).stdout.strip() != "true":
        raise CannotRunError(f"{package.root}: not in a git repository; clone it, or run git init there")
    wanted = {"name": "tables by their primary keys", "driver": name_driver()}
    written = []
    for name, value in wanted.items():
        option = f"merge.{DRIVER}.{name}"
        if run_git(["config", "--local", "--get", option], package.root).stdout.rstrip("\n") == value:
            continue
        done = run_git(["config", "--local", option, value], package.root)
        if done.returncode:
            raise CannotRunError(f"git: {done.stderr.strip()}; nothing was set up")
        written.append(option)
    return written


def list_attribute_faults(package: Package) -> Iterator[str]:
    """What is missing in `.gitattributes`, without which git does not ask for the tables to be merged."""
    paths = [path for item in package.resources for path in item.paths if can_rewrite(item, path)]
    in_tree, in_index = (_list_merged(package.root, paths, options) for options in ([], ["--cached"]))
    if missing := [path for path in paths if path not in in_tree]:
        lines = dict.fromkeys(_as_pattern(path) for path in missing)
        added = ", ".join(f'"{line} merge={DRIVER}"' for line in lines)
        yield f"{package.root / ATTRIBUTES}: lacks the tables of {package.name}; add {added}, and commit it"
    elif any(path not in in_index for path in paths):
        yield f"{package.root / ATTRIBUTES}: is not in git; commit it, so that every clone has it"


def _as_pattern(path: str) -> str:
    """The tables in the folder of a path, as a pattern of git."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/*{Path(name).suffix}" if folder else f"/*{Path(name).suffix}"


def _list_merged(root: Path, paths: Sequence[str], options: Sequence[str]) -> set[str]:
    """The paths that git merges with our driver."""
    shown = run_git(["check-attr", *options, "-z", "merge", "--", *paths], root).stdout.split("\0")
    return {path for path, value in zip(shown[::3], shown[2::3], strict=False) if value == DRIVER}


def describe_setting(written: Sequence[str]) -> Iterator[str]:
    """What was set up, and how it is undone."""
    yield (
        f"git merges tables by their keys here: {', '.join(written)} set"
        if written
        else ("git merges tables by their keys here already; nothing was changed")
    )
    command = name_command("validate")
    yield f"after a merge, run {command}: rows of one side may refer to rows that the other removed"
