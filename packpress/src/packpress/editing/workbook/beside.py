"""What stands beside the rows of a table: words of the rows that their foreign keys lead to."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey, Resource
from packpress.publish.sheets import LONGEST_CELL
from packpress.tables.canonical import Record

# The records of each table by its name.
State = Mapping[str, Sequence[Record]]


@dataclass(frozen=True)
class Beside:
    """A column behind the table's own: the name by which people know the row that foreign keys lead to."""

    keys: tuple[ForeignKey, ...]
    label: str

    @property
    def heading(self) -> str:
        """The fields that are followed, and what stands at their end."""
        return " → ".join([*(key.fields[0] for key in self.keys), self.label])


def owner_keys(resource: Resource, wanted: Collection[str]) -> list[ForeignKey]:
    """The foreign keys that say whose row a row is: those to the first other table that is wanted."""
    keys = [
        key
        for key in resource.foreign_keys
        if not key.package and key.resource != resource.name and key.resource in wanted
    ]
    return [key for key in keys if key.resource == keys[0].resource]


def list_beside(package: Package, resource: Resource) -> Iterator[Beside]:
    """For each foreign key the label of the row it points to.

    Where that row belongs to words of a source, as a sighting to its page of a log, the words follow.
    """
    for key in resource.foreign_keys:
        if label := _label_of(package, key):
            yield Beside((key,), label)
    for key in owner_keys(resource, package.by_name):
        for further in package.by_name[key.resource].foreign_keys:
            target = package.by_name[key.resource]
            is_required = all(target.field(name).is_required for name in further.fields)
            label = _label_of(package, further)
            if label and is_required and package.by_name[further.resource].field(label).verbatim:
                yield Beside((key, further), label)


def _label_of(package: Package, key: ForeignKey) -> str:
    """The field by which people know the rows that the key points to; nothing when the key says it itself."""
    target = package.by_name.get(key.resource)
    if key.package or target is None or len(key.fields) > 1:
        return ""
    label = str(target.publishing.get("label") or "")
    return label if label in target.field_names and label not in key.reference_fields else ""


class Lookup:
    """Finds the words that stand beside a row."""

    def __init__(self, package: Package, state: State) -> None:
        self.package = package
        self.state = state
        self._tables: dict[tuple[str, str], dict[str, Record]] = {}

    def find(self, resource: Resource, column: Beside, record: Record) -> str:
        """The text in a column beside a row, as much as fits a cell; none where a key leads nowhere."""
        current = record
        for key in column.keys:
            value = current[resource.field_names.index(key.fields[0])]
            found = self._index(key.resource, key.reference_fields[0]).get(value)
            if found is None or not value:
                return ""
            resource, current = self.package.by_name[key.resource], found
        return current[resource.field_names.index(column.label)][: LONGEST_CELL // 2]

    def _index(self, table: str, field: str) -> dict[str, Record]:
        if (table, field) not in self._tables:
            place = self.package.by_name[table].field_names.index(field)
            self._tables[table, field] = {record[place]: record for record in self.state.get(table, ())}
        return self._tables[table, field]
