"""The register of withdrawals while rows change: an entry for each published key that no row has any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from packpress.checks.withdrawals import REASON, REPLACED, ROW, TABLE, VERSION, find_register
from packpress.editing.cascade import Cascade, EditedRow
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.tables.rows import Row

# A row by its table and its key.
Place = tuple[str, str]


@dataclass
class RegisterEdit:
    """The register, followed through a cascade; `drafts` has the keys of rows that were never published.

    >>> from packpress import read_package
    >>> from packpress.tables.rows import read_tables
    >>> package = read_package("fleet")
    >>> cascade = Cascade(package, read_tables(package))
    >>> RegisterEdit(package, cascade, {}).is_needed(cascade.entries["boats"][0])
    False
    """

    package: Package
    cascade: Cascade
    drafts: Mapping[str, set[str]]

    @cached_property
    def resource(self) -> Resource | None:
        """The table that is the register, if the package has one that can be read."""
        table = find_register(self.package, self.cascade.tables)
        # A register without entries is one all the same.
        if table is None or not {TABLE, ROW} <= {*table.resource.field_names}:
            return None
        return table.resource

    def is_draft(self, entry: EditedRow) -> bool:
        """Whether a row was never published."""
        return entry.row is not None and entry.row.key in self.drafts.get(entry.resource.name, ())

    def is_needed(self, entry: EditedRow) -> bool:
        """Whether the register is to say what became of a row that is gone or has another key."""
        if self.resource is None or entry.row is None or not entry.resource.primary_key:
            return False
        choices = self.resource.field(TABLE).choices
        is_known = not choices or entry.resource.name in choices
        return is_known and entry.resource is not self.resource and not self.is_draft(entry)

    def is_undone(self, withdrawn: Row, key: str) -> bool:
        """Whether an entry that no release has yet says that the row with this key replaces that one."""
        return (
            {REPLACED, VERSION} <= {*withdrawn.table.positions}
            and withdrawn[REPLACED] == key
            and withdrawn[VERSION] == self.package.version
        )

    def update(self, reason: str, heirs: Mapping[int, EditedRow]) -> None:
        """Follows changed keys in the register, and adds an entry for each key that no row has any more.

        `heirs` has the rows that replace others although nothing follows them, by `id` of the latter.
        """
        if self.resource is None:
            return
        entries = self.cascade.entries[self.resource.name]
        known = {(entry.cells[TABLE], entry.cells[ROW]): entry for entry in entries}
        gone = self._find_gone(heirs)
        for entry in entries:
            place = (entry.cells[TABLE], entry.cells.get(REPLACED, ""))
            if place in gone:
                entry.cells[REPLACED] = gone[place][1]
        for place, (entry, heir) in gone.items():
            if self.is_needed(entry) and place not in known and not self._take_back(entry, heir, known):
                self._add(self.resource, place, heir, reason)

    def _find_gone(self, heirs: Mapping[int, EditedRow]) -> dict[Place, tuple[EditedRow, str]]:
        """The rows whose keys no row has any more, each with the key of its heir, by table and key."""
        found = {}
        for table, entries in self.cascade.entries.items():
            ours = [entry for entry in entries if entry.row and entry.resource is not self.resource]
            for entry in ours:
                if entry.row and (entry.is_gone or entry.key != entry.row.key):
                    heir = entry.heir or heirs.get(id(entry))
                    found[table, entry.row.key] = (entry, heir.key if heir else "")
        return found

    def _take_back(self, entry: EditedRow, key: str, known: Mapping[Place, EditedRow]) -> bool:
        """Whether a row has got back the key that it had before; the entry for that one is removed."""
        undone = known.get((entry.resource.name, key))
        is_back = bool(undone and undone.row and entry.row and self.is_undone(undone.row, entry.row.key))
        if undone and is_back and not entry.is_gone:
            undone.is_gone = True
            return True
        return False

    def _add(self, register: Resource, place: Place, heir: str, reason: str) -> None:
        table, key = place
        told = {TABLE: table, ROW: key, VERSION: self.package.version, REASON: reason, REPLACED: heir}
        cells = {name: told.get(name, "") for name in register.field_names}
        self.cascade.entries[register.name].append(EditedRow(register, register.paths[0], cells))
