"""Rows set aside: a package without its invalid rows, and these rows with the reasons.

A row that refers to a row which is set aside goes too, to the end. What is left is validated again, so that
what is published is valid as a whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packpress.checks.validation import Report
from packpress.console import Step, do_nothing
from packpress.package.descriptor import LEFT_OUT, Package
from packpress.package.resource import ForeignKey, Resource, build_resource
from packpress.problems import Problem, shorten_value
from packpress.tables.constraints import make_reader
from packpress.tables.csv import canonical_bytes, canonical_pieces
from packpress.tables.dialect import Cells
from packpress.tables.fast.batches import read_blocks
from packpress.tables.fast.keys import KeyReader, write_value

FOLDER = "set-aside"
# Findings at a line that are of a file all the same.
OF_FILES = "file/"
OF_ROWS = ("file/stray-quote",)

# A row by its table and its place there, from 0.
Place = tuple[str, int]
Validate = Callable[[Package], Report]


@dataclass(frozen=True)
class SetAsideRow:
    """One row that is not published: where it is, its cells as they are, and why."""

    path: str
    line: int
    cells: Cells
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class SetAside:
    """The report on what is left, and the rows that were set aside, by table."""

    report: Report
    rows: Mapping[str, list[SetAsideRow]] = field(default_factory=dict)
    # Paths of the files that the rows come from, which the package on what is left does not name.
    inputs: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many rows were set aside, by table."""
        return {name: len(rows) for name, rows in self.rows.items()}

    def describe(self) -> Iterator[str]:
        """A line for each table with rows that were set aside."""
        for name, rows in self.rows.items():
            left = len(self.report.tables[name])
            count = f"{len(rows):,} of {left + len(rows):,} rows"
            yield f"{name}: {count} set aside; {FOLDER}/{name}.csv has them with the reasons"


def set_aside(report: Report, validate: Validate, step: Step = do_nothing) -> SetAside:
    """Sets the invalid rows of a package aside, until what is left is valid.

    If there are problems that are not of rows, such as a header or a missing file, nothing is set aside and
    the report has these.
    """
    package = report.package
    sifted = _Sifted(package)
    while not report.is_valid:
        step("setting rows aside")
        found, others = _match(report, sifted)
        if others or not found:
            refused = Report(package)
            refused.add(others or report.problems)
            return SetAside(refused)
        sifted.remove(found)
        # The files of sifted tables are named no more.
        report = validate(sifted.package.with_any_files())
    if not sifted.reasons:
        return SetAside(report)
    left = sifted.package
    counts = Counter(package.set_aside) + Counter(name for name, _ in sifted.reasons)
    left = left.replaced(setAside=dict(sorted(counts.items())))
    inputs = tuple(path for resource in package.resources for path in resource.paths)
    return SetAside(replace(report, package=left), sifted.list_rows(), inputs)


def _match(report: Report, sifted: "_Sifted") -> tuple[dict[Place, list[str]], list[Problem]]:
    """The rows with problems, each with what these say, and the problems that are not of rows."""
    found: dict[Place, list[str]] = {}
    # By file and line.
    sought: dict[str, dict[int, list[Problem]]] = {}
    for problem in filter(_is_of_row, report.problems):
        sought.setdefault(problem.path, {}).setdefault(problem.line, []).append(problem)
    matched = set[Problem]()
    for name, table in report.tables.items():
        if sought.keys().isdisjoint(table.resource.parts):
            continue
        before = 0
        for block in read_blocks(report.package.root, table.resource):
            lines = sought.get(block.path, {})
            for place in block.find_places(lines) if lines else ():
                problems = lines[block.line(place)]
                matched.update(problems)
                origin = sifted.origin(name, before + place)
                found.setdefault((name, origin), []).extend(f"{one.cell}{one.message}" for one in problems)
            before += len(block)
    return found, [problem for problem in report.problems if problem not in matched]


def _is_of_row(problem: Problem) -> bool:
    return problem.line > 0 and (not problem.code.startswith(OF_FILES) or problem.code in OF_ROWS)


class _Sifted:
    """A package whose rows are removed step by step."""

    def __init__(self, package: Package) -> None:
        self.origin_package = package
        self.package = package
        self.reasons: dict[Place, list[str]] = {}
        self._rows: dict[str, list[tuple[str, int, Cells]]] = {}
        self._kept: dict[str, list[int]] = {}
        self._links: list[_Link] = []

    def origin(self, name: str, place: int) -> int:
        """The place of a row in its original table, of one in the sifted table."""
        return self._kept[name][place] if name in self._kept else place

    def remove(self, found: Mapping[Place, list[str]]) -> None:
        """Removes rows, and all rows that refer to them, to the end."""
        self._links = self._links or list(_list_links(self.origin_package))
        waiting = [row for row in found if row not in self.reasons]
        for row, reasons in found.items():
            self.reasons.setdefault(row, []).extend(reasons)
        while waiting:
            name, place = waiting.pop()
            for link in self._links:
                if link.target == name:
                    for referrer in link.cut(place):
                        if (link.source, referrer) not in self.reasons:
                            self.reasons[link.source, referrer] = [self._explain(link, referrer, name, place)]
                            waiting.append((link.source, referrer))
        for sifted in {table for table, _ in self.reasons}:
            removed = {at for table, at in self.reasons if table == sifted}
            self._kept[sifted] = [at for at in range(len(self.rows(sifted))) if at not in removed]
        self.package = self._build()

    def _explain(self, link: "_Link", referrer: int, name: str, place: int) -> str:
        column = self.origin_package.by_name[link.source].field_names.index(link.field)
        path, line, _ = self.rows(name)[place]
        value = shorten_value(self.rows(link.source)[referrer][2][column])
        return f'{link.field}="{value}": refers to {path}:{line}, which is set aside'

    def rows(self, name: str) -> list[tuple[str, int, Cells]]:
        """File, line and cells of every row of an original table."""
        if name not in self._rows:
            blocks = read_blocks(self.origin_package.root, self.origin_package.by_name[name])
            self._rows[name] = [
                (block.path, line, cells) for block in blocks for line, cells in block.records()
            ]
        return self._rows[name]

    def _build(self) -> Package:
        """The package with the rows that are left in the descriptor, in place of the files."""
        listed = []
        for item in self.origin_package.listed:
            if isinstance(item, Resource) and item.name in self._kept:
                raw = item.published("")
                del raw["path"]
                canonical = build_resource({**raw, "data": ""})
                rows = self.rows(item.name)
                records = (rows[place][2] for place in self._kept[item.name])
                raw["data"] = b"".join(canonical_pieces(canonical, records)).decode("utf-8")
                listed.append(raw)
            else:
                listed.append(item.described())
        return self.origin_package.replaced(resources=listed)

    def list_rows(self) -> dict[str, list[SetAsideRow]]:
        """The rows that were set aside, by table, in the order of the descriptor and of the files."""
        found: dict[str, list[SetAsideRow]] = {}
        for resource in self.origin_package.resources:
            places = sorted(place for name, place in self.reasons if name == resource.name)
            for place in places:
                reasons = tuple(dict.fromkeys(self.reasons[resource.name, place]))
                found.setdefault(resource.name, []).append(
                    SetAsideRow(*self.rows(resource.name)[place], reasons)
                )
        return found


class _Link:
    """A foreign key: which rows refer to which value, and how many rows have it."""

    def __init__(self, package: Package, resource: Resource, key: ForeignKey) -> None:
        self.source, self.target, self.field = resource.name, key.resource, key.fields[-1]
        target = package.by_name[key.resource]
        self._values = list(_read_keys(package, target, key.reference_fields))
        self._alive = Counter(self._values)
        self._referrers: dict[bytes, list[int]] = {}
        for place, values in enumerate(_read_references(package, resource, key)):
            for value in values:
                self._referrers.setdefault(value, []).append(place)

    def cut(self, place: int) -> list[int]:
        """The rows that refer to a row of the target which is removed, if no other has its key."""
        value = self._values[place]
        self._alive[value] -= 1
        return self._referrers.get(value, []) if value is not None and not self._alive[value] else []


def _list_links(package: Package) -> Iterator[_Link]:
    """The foreign keys that must be kept to, within the package."""
    names = {resource.name for resource in package.resources}
    for resource in package.resources:
        for key in resource.declared_keys:
            if not (key.package or key.is_weak) and key.resource in names:
                yield _Link(package, resource, key)


def _read_keys(package: Package, resource: Resource, fields: tuple[str, ...]) -> Iterator[bytes | None]:
    reader = KeyReader(resource, fields)
    for block in read_blocks(package.root, resource):
        yield from reader.read(block).listed()


def _read_references(package: Package, resource: Resource, key: ForeignKey) -> Iterator[Iterable[bytes]]:
    if not resource.is_of_items(key):
        for value in _read_keys(package, resource, key.fields):
            yield () if value is None else (value,)
        return
    read, place = (
        make_reader(resource.field(key.fields[0]), resource),
        resource.field_names.index(key.fields[0]),
    )
    for block in read_blocks(package.root, resource):
        for text in block.columns[place].texts():
            written = (write_value(item) for item in read(text or "")[0] or ())
            yield [value for value in written if value is not None]


def render_rows(result: SetAside, edition: str) -> dict[str, bytes]:
    """The rows that were set aside as CSV, by path: file, line and reasons before the cells as they were.

    What the edition leaves out is left out here too, with the reasons, which may quote it.
    """
    files = {}
    for name, listed in result.rows.items():
        resource = result.report.package.by_name[name]
        front = [_find_free(column, resource.field_names) for column in ("_file", "_line", "_reasons")]
        fields = [{"name": column} for column in (*front, *resource.field_names)]
        table = build_resource({"name": name, "path": f"{name}.csv", "schema": {"fields": fields}})
        hidden = [field.verbatim in LEFT_OUT[edition] for field in resource.fields]
        records = [
            (
                row.path,
                str(row.line),
                "left out of this edition" if any(hidden) else " | ".join(row.reasons),
                *("" if is_hidden else cell for cell, is_hidden in zip(row.cells, hidden, strict=True)),
            )
            for row in listed
        ]
        files[f"{FOLDER}/{name}.csv"] = canonical_bytes(table, records)
    return files


def _find_free(column: str, taken: Iterable[str]) -> str:
    return column if column not in taken else _find_free(f"_{column}", taken)
