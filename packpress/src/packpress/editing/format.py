"""Canonical form: rewriting tables in it, whatever a spreadsheet did to them, all files or none."""

import codecs
import csv
import io
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from packpress.checks.rules import RuleSet
from packpress.checks.validation import validate_package
from packpress.package.descriptor import Package
from packpress.package.paths import has_file
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, InvalidPackageError, Problem
from packpress.tables.csv import LineReader, Record, canonical_bytes, read_records, sort_records
from packpress.tables.dialect import layout_of
from packpress.tables.fast.batches import FileReader
from packpress.tables.rows import Row, Table
from packpress.transaction import replace_files

Files = Mapping[str, bytes]


def render_rows(table: Table, added: Iterable[Record] = ()) -> bytes:
    """The canonical bytes of a single-file table, with further rows sorted in.

    >>> from packpress import read_package
    >>> from packpress.tables.rows import read_tables
    >>> boats = read_tables(read_package("fleet"))["boats"]
    >>> render_rows(boats, [("eda", "Eda", "")]).decode().splitlines()[2]
    'eda,Eda,'
    """
    return canonical_bytes(table.resource, [*(row.cells for row in table.rows), *added])


def replace_row(row: Row, changed: Row) -> bytes:
    """The canonical bytes of the single-file table of a row, with that row replaced.

    >>> from packpress import read_package
    >>> from packpress.tables.rows import read_tables
    >>> row = read_tables(read_package("fleet"))["boats"].rows[1]
    >>> replace_row(row, row.with_cell("built", "2012")).decode().splitlines()[2]
    'ida,Ida,2012'
    """
    rows = (changed.cells if other is row else other.cells for other in row.table.rows)
    return canonical_bytes(row.table.resource, rows)


def make_record(resource: Resource, cells: Mapping[str, str]) -> Record:
    """The cells in the order of the fields; fields that are not named are empty.

    >>> from packpress import read_package
    >>> make_record(read_package("fleet").by_name["boats"], {"boat_id": "una", "built": "2020"})
    ('una', '', '2020')
    """
    return tuple(cells.get(name, "") for name in resource.field_names)


def make_changes(
    package: Package,
    files: Files,
    rules: RuleSet | None,
    outcome: str,
    is_tolerated: Callable[[Problem], bool] = lambda _: False,
) -> None:
    """Writes files, given by their paths in the package, unless the package would have problems with them.

    Raises InvalidPackageError, whose message ends with `outcome`, when it would; nothing is written then.
    Problems for which `is_tolerated` returns true do not count.

    >>> from packpress import read_package
    >>> make_changes(read_package("fleet"), {"boats.csv": b"boat_id\\n"}, None, "nothing was written")
    Traceback (most recent call last):
    packpress.problems.InvalidPackageError: ...
    """
    problems = [item for item in find_problems(package, files, rules) if not is_tolerated(item)]
    if problems:
        raise InvalidPackageError(problems, outcome)
    replace_files(package.root, files)


def tolerate_known(package: Package, rules: RuleSet | None) -> Callable[[Problem], bool]:
    """Returns whether the package already had a problem, regardless of lines; checked on first use.

    >>> from packpress import read_package
    >>> tolerate_known(read_package("fleet"), None)(Problem("boats.csv", 2, "too short"))
    False
    """

    @cache
    def find_known() -> set[Problem]:
        return {_forget_lines(problem) for problem in find_problems(package, {}, rules)}

    return lambda problem: _forget_lines(problem) in find_known()


# A line in a message: `line 3`, or `boats.csv:3`.
LINE = re.compile(r"(\bline |\.\w+:)\d+")


def _forget_lines(problem: Problem) -> Problem:
    return replace(problem, line=0, message=LINE.sub(r"\1", problem.message))


def find_problems(package: Package, files: Files, rules: RuleSet | None) -> list[Problem]:
    """The problems that the package would have with these files, given by their paths in the package.

    >>> from packpress import read_package
    >>> text = b"boat_id,name,built\\nada,,1998\\nida,Ida,2011\\nuna,Una,\\n"
    >>> print(*find_problems(read_package("fleet"), {"boats.csv": text}, None))
    boats.csv:2: name="": required; fill it in
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path in {*_list_files(package), *files}:
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if path in files:
                place.write_bytes(files[path])
            else:
                _place(package.root / path, place)
        return validate_package(replace(package, path=root / package.path.name), rules).problems


def _place(file: Path, place: Path) -> None:
    """Makes the file available at `place`, by a hard link if possible and otherwise as a copy."""
    try:
        os.link(file.resolve(), place)
    except OSError:
        shutil.copyfile(file, place)


def _list_files(package: Package) -> Iterator[str]:
    """The existing files of the tables, and everything else in their folders."""
    paths = {path for resource in package.resources for path in resource.paths}
    for folder in {path.split("/")[0] for path in paths if "/" in path}:
        paths |= {
            file.relative_to(package.root).as_posix()
            for file in (package.root / folder).rglob("*")
            if file.is_file()
        }
    return (path for path in paths if has_file(package.root, path))


# The byte order mark, by which spreadsheet programs recognise UTF-8.
MARK = "\ufeff".encode()
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class SavedRow:
    """One row: its table, its cells in field order, and its line.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> SavedRow(boats, ("ida", "Ida", "2011"), "boats.csv", 3).key
    ('ida',)
    """

    resource: Resource
    record: Record
    path: str
    line: int

    @property
    def key(self) -> tuple[str, ...]:
        """The values of its primary key."""
        return tuple(self.cells[name] for name in self.resource.primary_key)

    @property
    def cells(self) -> dict[str, str]:
        """The cells, by field name."""
        return dict(zip(self.resource.field_names, self.record, strict=True))


def render_saved(resource: Resource, records: Iterable[Record]) -> bytes:
    """The rows as CSV that spreadsheet programs open correctly without asking.

    >>> from packpress import read_package
    >>> render_saved(read_package("fleet").by_name["boats"], [("ida", "Ida", "2011")]).decode("utf-8-sig")
    'boat_id,name,built\\nida,Ida,2011\\n'
    """
    return MARK + canonical_bytes(resource, records)


def read_saved(file: Path, resource: Resource) -> Iterator[SavedRow | Problem]:
    """The rows of a file, and what is wrong with it; rows without any value are skipped.

    >>> from packpress import read_package
    >>> [row.key for row in read_saved(Path("fleet/boats.csv"), read_package("fleet").by_name["boats"])]
    [('ada',), ('ida',), ('una',)]
    """
    path = str(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Problem(path, 0, "not UTF-8; save it from the spreadsheet as CSV UTF-8")
        return
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(lines, [])
        if fault := _describe_header(header, resource):
            yield Problem(path, 1, f"{fault}; write it as {','.join(resource.field_names)}")
            return
        line = lines.line_num + 1
        for cells in lines:
            named = dict(zip(header, cells, strict=False))
            if any(cells[len(header) :]):
                yield Problem(path, line, f"has {len(cells)} cells, not {len(header)}; correct the row")
            elif any(cells):
                record = tuple(named.get(name, "") for name in resource.field_names)
                yield SavedRow(resource, record, path, line)
            line = lines.line_num + 1
    except csv.Error as error:
        yield Problem(path, lines.line_num, f"cannot be read as CSV: {error}; correct the quotes there")


def _describe_header(header: list[str], resource: Resource) -> str:
    """What is wrong with a header, or the empty string."""
    unknown = [name for name in header if name not in resource.field_names]
    if unknown:
        return f"the header has {', '.join(unknown)}, which {resource.name} does not have"
    missing = [name for name in resource.primary_key if name not in header]
    if missing:
        return f"the header lacks {', '.join(missing)}"
    return "the header repeats a name" if len({*header}) < len(header) else ""


def can_rewrite(resource: Resource, path: str) -> bool:
    """Whether a file of a table has a canonical form.

    Compressed files do not, nor do files with comments, several header rows, or undeclared columns.

    >>> from packpress import read_package
    >>> can_rewrite(read_package("fleet").by_name["boats"], "boats.csv")
    True
    """
    is_plain = resource.fields_match == "exact" and layout_of(resource).is_plain
    return is_plain and not resource.compression_of(path)


def find_changes(package: Package, resource: Resource) -> list[tuple[str, bytes, str]]:
    """The path, canonical bytes and description of changes of each file of a table that is not canonical.

    Raises CannotRunError when a file cannot be read or its header is not the declared one.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> file = Path("fleet/boats.csv")
    >>> _ = file.write_text(file.read_text().replace("Una", '"Una"'))
    >>> [(path, what) for path, _, what in find_changes(package, package.by_name["boats"])]
    [('boats.csv', 'quotes only where needed')]
    """
    changes = []
    for path in filter(partial(can_rewrite, resource), resource.paths):
        records = read_exact_records(package, resource, path)
        data, old = rewrite(resource, path, records), (package.root / path).read_bytes()
        if data != old:
            changes.append((path, data, ", ".join(describe_rewriting(resource, records, old, data))))
    return changes


def read_exact_records(package: Package, resource: Resource, path: str) -> list[Record]:
    """The records of one file, each with a cell for every declared field.

    Raises CannotRunError when the file cannot be read, when its header is not the declared one, or when a
    record has too many or too few cells: rewriting such a file would damage it.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> read_exact_records(package, package.by_name["boats"], "boats.csv")[1]
    ('ida', 'Ida', '2011')
    """
    file = FileReader(package.root, path, resource)
    if file.header != resource.field_names:
        file.skip()  # what is wrong further down, such as an unfinished merge, may be the cause
        message = "the header is not the declared one; run packpress validate and correct it first"
        raise CannotRunError(f"{path}:1: {message}")
    records = list[Record]()
    for block in file.blocks():
        for place, count in block.odd.items():
            file.skip()
            message = f"has {count} cells, not {block.width}; correct the row first"
            raise CannotRunError(f"{path}:{block.line(place)}: {message}")
        records += (cells for _, cells in block.records())
    return records


def rewrite(resource: Resource, path: str, records: Sequence[Record]) -> bytes:
    """The canonical bytes of a table.

    Raises CannotRunError when the rows could not be read back unchanged in its encoding or dialect.

    >>> from packpress import read_package
    >>> rewrite(read_package("fleet").by_name["boats"], "boats.csv", [("ida", "Ida", "2011")])
    b'boat_id,name,built\\nida,Ida,2011\\n'
    """
    try:
        data = canonical_bytes(resource, records)
        found = [cells for _, cells in read_canonical(resource, path, data)]
    except UnicodeError as error:
        raise CannotRunError(f"{path}: {error}; declare another encoding") from None
    if found[layout_of(resource).has_header :] != sort_records(resource, records):
        raise CannotRunError(f"{path}: its dialect cannot represent these rows; correct it in the descriptor")
    return data


def read_canonical(resource: Resource, path: str, data: bytes) -> Iterator[tuple[int, Record]]:
    """Line and cells of every record that `rewrite` wrote, the header included.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> list(read_canonical(boats, "boats.csv", b"boat_id,name,built\\nida,Ida,2011\\n"))[1]
    (2, ('ida', 'Ida', '2011'))
    """
    lines = LineReader(iter([data.decode(resource.encoding).encode("utf-8")]), path)
    return read_records(lines, path, layout_of(resource))


def describe_rewriting(resource: Resource, records: Sequence[Record], old: bytes, new: bytes) -> list[str]:
    """What changes when a file is rewritten in canonical form, as a list of phrases.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> describe_rewriting(boats, [], b"boat_id,name,built", b"boat_id,name,built\\n")
    ['a line end after the last line']
    """
    texts = [data.decode(resource.encoding).removeprefix("\ufeff") for data in (old, new)]
    lines, canonical = [text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for text in texts]
    filled = [line for line in lines if line]
    is_so = {
        "no byte order mark": old.startswith(codecs.BOM_UTF8),
        "line feeds at line ends": "\r" in texts[0] and "\r" not in texts[1],
        "a line end after the last line": bool(lines[-1]),
        "no blank lines": len(filled) < len(lines) - 1,
        "rows sorted by key": list(records) != sort_records(resource, records),
        "quotes only where needed": Counter(filled) != Counter(filter(None, canonical)),
    }
    return [what for what, holds in is_so.items() if holds] or ["another encoding of the same rows"]
