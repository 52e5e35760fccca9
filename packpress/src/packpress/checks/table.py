"""The checks that one table is held to by itself, block by block."""

from collections.abc import Callable, Iterable, Iterator

from packpress.checks.characters import use_of
from packpress.checks.columns import ColumnCheck
from packpress.checks.lint import FINDINGS, OF_FILES
from packpress.checks.refused import REFUSED, FitCheck
from packpress.checks.uniqueness import KeyValues, make_unique_checks
from packpress.checks.zeros import ZeroCheck
from packpress.package.resource import Resource
from packpress.problems import Problem, shorten_value
from packpress.tables.fast.block import Block
from packpress.tables.fast.order import OrderCheck


class TableCheck:
    """Checks the blocks of a table, and gathers the keys and the order that others need to know."""

    def __init__(
        self,
        resource: Resource,
        is_strict: bool,
        wanted: Iterable[tuple[str, ...]] = (),
        targets: Iterable[tuple[str, ...]] = (),
    ) -> None:
        self.resource = resource
        self.count = 0
        self.order = OrderCheck(resource)
        self.keys = {names: KeyValues(resource, names) for names in wanted}
        self._is_strict = is_strict
        self._columns = [ColumnCheck(field, resource) for field in resource.fields]
        self._zeros = {
            field.name: ZeroCheck(resource, place, is_strict)
            for place, field in enumerate(resource.fields)
            if use_of(field, resource).is_free
        }
        self._fits = [FitCheck(field, resource) for field in resource.fields]
        self._unique = make_unique_checks(resource, targets)

    def count_checks(self) -> int:
        """How many checks the table is held to: of its files, of each field, of its keys."""
        of_fields = sum(check.count_checks(self._is_strict) for check in self._columns)
        of_keys = len(self._unique) + len(self.resource.foreign_keys)
        # The number of cells in each record, the header, and the number of rows.
        of_rows = 2 + ("minimumRows" in self.resource.raw)
        return (
            of_rows + of_keys + of_fields + sum(one.is_sought(self._is_strict) for one in OF_FILES.values())
        )

    def add(self, block: Block) -> Iterator[Problem]:
        """The problems that the rows of the next block have by themselves."""
        self.count += len(block)
        self.order.add(block.columns)
        yield from self._check_cells(block)
        yield from self._check_fit(block)
        for check in self._unique:
            yield from check.add(block)
        for values in self.keys.values():
            values.add(block)

    def finish(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """The problems that rows have with each other; the blocks are read again if there may be such."""
        resource = self.resource
        if self.count < resource.minimum_rows:
            message = f"has {self.count} rows, fewer than minimumRows {resource.minimum_rows}; restore them"
            yield Problem(resource.parts[0], 0, message, code="schema/row-count")
        for check in self._unique:
            yield from check.find_repeated(read_blocks)
        for zeros in self._zeros.values():
            yield from zeros.find_short(read_blocks)

    def _check_cells(self, block: Block) -> Iterator[Problem]:
        """Every cell has the declared type, keeps the declared constraints, and misleads nobody."""
        yield from self._check_records(block)
        for check, column in zip(self._columns, block.columns, strict=True):
            if zeros := self._zeros.get(check.field.name):
                zeros.add(column)
            reported = set(block.odd)
            for place, message in check.find_faults(column):
                if place not in block.odd:
                    reported.add(place)
                    yield block.problem(place, self.resource, check.field.name, message, "schema/cell")
            for place, code in check.find_misleading(column, self._is_strict):
                # What is wrong with a cell is said once.
                if place not in reported:
                    reported.add(place)
                    finding = FINDINGS[code]
                    is_notice = finding.is_notice(self._is_strict)
                    yield block.problem(
                        place, self.resource, check.field.name, finding.message, code, is_notice
                    )

    def _check_records(self, block: Block) -> Iterator[Problem]:
        """Every record has as many cells as the header, and quotes only around cells or doubled in them."""
        found = block.odd
        if len(found) == len(block) > 1 and len(set(found.values())) == 1:
            # One cause: a wrong delimiter, or a column too few.
            message = (
                f"and the {len(block) - 1} records behind it have {found[0]} cells where {block.width} are "
                "declared; correct the delimiter of the dialect, or the fields"
            )
            yield block.problem(0, self.resource, "", message, "schema/cell-count")
            return
        for place, count in found.items():
            message = (
                f"has {count} cells where the header has {block.width}; quote commas, fill or remove cells"
            )
            yield block.problem(place, self.resource, "", message, "schema/cell-count")
        for place, cell in block.stray.items():
            code = "file/stray-quote"
            message = f"{FINDINGS[code].fault}, {shorten_value(cell)}; {FINDINGS[code].mend}"
            yield block.problem(place, self.resource, "", message, code)

    def _check_fit(self, block: Block) -> Iterator[Problem]:
        """A notice for each value that is right and that a build refuses all the same."""
        for check, column in zip(self._fits, block.columns, strict=True):
            for place, message in check.find_refused(column):
                yield block.problem(place, self.resource, check.field.name, message, REFUSED, True)
