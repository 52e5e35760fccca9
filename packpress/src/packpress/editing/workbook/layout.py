"""Layout of a workbook: the columns of its sheets, what is shown next to keys, what a cell may contain."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from packpress.editing.format import can_rewrite, read_exact_records
from packpress.package.descriptor import Package
from packpress.package.resource import Field, ForeignKey, Resource
from packpress.publish.sheet import LONGEST_CELL, MOST_ROWS, find_excess, measure_rows
from packpress.publish.xlsx import name_sheets
from packpress.tables.csv import Record
from packpress.tables.rows import read_table
from packpress.tables.types import list_truths, type_of

# The records of each table, by table name.
State = Mapping[str, Sequence[Record]]


@dataclass(frozen=True)
class LookupColumn:
    """A column after the table's own, which shows the label of the row that foreign keys lead to.

    >>> from packpress import read_package
    >>> (key,) = read_package("fleet").by_name["voyages"].foreign_keys
    >>> LookupColumn((key,), "name").heading
    'boat_id → name'
    """

    keys: tuple[ForeignKey, ...]
    label: str

    @property
    def heading(self) -> str:
        """The fields that are followed, and the field that is shown."""
        return " → ".join([*(key.fields[0] for key in self.keys), self.label])


def owner_keys(resource: Resource, wanted: Collection[str]) -> list[ForeignKey]:
    """The foreign keys that say to which row a row belongs: those to the first other table in `wanted`.

    >>> from packpress import read_package
    >>> [key.fields for key in owner_keys(read_package("fleet").by_name["voyages"], {"boats"})]
    [('boat_id',)]
    """
    keys = [
        key
        for key in resource.foreign_keys
        if not key.package and key.resource != resource.name and key.resource in wanted
    ]
    return [key for key in keys if key.resource == keys[0].resource]


def list_lookups(package: Package, resource: Resource) -> Iterator[LookupColumn]:
    """For each foreign key, the label of the row it refers to.

    If that row belongs to text of a source, as a sighting belongs to a page of a log, the text is shown as
    well.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> [column.heading for column in list_lookups(package, package.by_name["voyages"])]
    ['boat_id → name']
    """
    for key in resource.foreign_keys:
        if label := _label_of(package, key):
            yield LookupColumn((key,), label)
    for key in owner_keys(resource, package.by_name):
        for further in package.by_name[key.resource].foreign_keys:
            target = package.by_name[key.resource]
            is_required = all(target.field(name).is_required for name in further.fields)
            label = _label_of(package, further)
            if label and is_required and package.by_name[further.resource].field(label).verbatim:
                yield LookupColumn((key, further), label)


def _label_of(package: Package, key: ForeignKey) -> str:
    """The label field of the rows that the key refers to; the empty string when the key is its own label."""
    target = package.by_name.get(key.resource)
    if target is None or len(key.fields) > 1:
        return ""
    label = str(target.publishing.get("label") or "")
    return label if label in target.field_names and label not in key.reference_fields else ""


class Lookup:
    """Finds the text to show next to a row.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> voyages, state = package.by_name["voyages"], read_state(package)
    >>> (column,) = list_lookups(package, voyages)
    >>> Lookup(package, state).find(voyages, column, state["voyages"][0])
    'Ada of Lerwick'
    """

    def __init__(self, package: Package, state: State) -> None:
        self.package = package
        self.state = state
        self._tables: dict[tuple[str, str], dict[str, Record]] = {}

    def find(self, resource: Resource, column: LookupColumn, record: Record) -> str:
        """The text in a lookup column next to a row, cut to fit a cell; empty when a key leads nowhere."""
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


READ_ME, EXPORT, LISTS = "Read me", "_export", "_lists"

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
# Characters that XML cannot contain, or that readers of workbooks interpret.
UNHOLDABLE = re.compile(f"{CONTROL.pattern}|x005F_")


@dataclass(frozen=True)
class Page:
    """One table as a sheet.

    >>> from packpress import read_package
    >>> Page(read_package("fleet").by_name["boats"], "boats", ()).headings
    ('boat_id', 'name', 'built')
    """

    resource: Resource
    sheet: str
    lookups: tuple[LookupColumn, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The header of the sheet."""
        return (*self.resource.field_names, *(column.heading for column in self.lookups))


def read_state(package: Package) -> dict[str, list[Record]]:
    """The records of every table; CannotRunError when one cannot be read or written back.

    >>> from packpress import read_package
    >>> read_state(read_package("fleet"))["boats"][1]
    ('ida', 'Ida', '2011')
    """
    return {
        resource.name: (
            read_exact_records(package, resource, resource.paths[0])
            if _is_one_file(resource)
            else [row.cells for row in read_table(package, resource).rows]
        )
        for resource in package.resources
    }


def lay_out(package: Package, state: State) -> tuple[list[Page], dict[str, str]]:
    """The sheets of a workbook, and the reasons why tables are left out, by table name.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> [page.sheet for page in lay_out(package, read_state(package))[0]]
    ['boats', 'voyages']
    """
    left_out = {
        resource.name: reason
        for resource in package.resources
        if (reason := _find_obstacle(resource, state[resource.name]))
    }
    resources = [resource for resource in package.resources if resource.name not in left_out]
    sheets = name_sheets([READ_ME, EXPORT, LISTS, *(resource.name for resource in resources)])
    pages = [
        Page(resource, sheets[resource.name], tuple(list_lookups(package, resource)))
        for resource in resources
    ]
    return pages, left_out


def _is_one_file(resource: Resource) -> bool:
    return len(resource.paths) == 1 and can_rewrite(resource, resource.paths[0])


def _find_obstacle(resource: Resource, records: Sequence[Record]) -> str:
    """Why the table cannot be edited in a sheet; the empty string when it can."""
    if resource.name in (READ_ME, EXPORT, LISTS):
        return "the workbook uses its name for a sheet of its own"
    if not _is_one_file(resource):
        return "its rows are not in a single uncompressed file"
    if any(map(UNHOLDABLE.search, (resource.name, *resource.field_names))):
        return "one of its names has a control character, which sheets cannot store"
    for number, record in enumerate(records, 1):
        if not any(record):
            return f"row {number} is empty, and a sheet cannot represent an empty row"
        if any(map(UNHOLDABLE.search, record)):
            return f"row {number} has a control character, which sheets cannot store"
    return find_excess(measure_rows(resource.field_names, records))


# The limits of spreadsheet programs for titles and messages next to a cell.
LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_NOTE = 32, 255, 32_000


@dataclass(frozen=True)
class Choice:
    """A named range of values, and whether other values are refused or only questioned."""

    name: str
    is_closed: bool


class Choices:
    """The drop-down lists of cells, each a named range, so that a list may be as long as a sheet.

    A foreign key offers the keys on the other sheet, including new rows. When that sheet has only some of the
    rows, or does not exist, it offers the keys on disk.
    """

    def __init__(self, package: Package, pages: list[Page], state: State, selected: State) -> None:
        self.package = package
        self.state = state
        self.pages = {page.resource.name: page for page in pages}
        self.whole = {name for name in self.pages if len(selected[name]) == len(state[name])}
        self.ranges: dict[str, str] = {}
        self.lists: list[tuple[str, ...]] = []

    def find(self, resource: Resource, field: Field) -> Choice | None:
        """What the cells of a field may be chosen from; None when any text is allowed."""
        if field.enum:
            return self._offer_list(tuple(map(str, field.enum)), is_closed=True)
        if type_of(field).in_spreadsheet == "truth":
            truths = tuple(texts[0] for texts in list_truths(field) if texts)
            return self._offer_list(truths, is_closed=False)
        for key in resource.foreign_keys:
            if field.name in key.fields and not key.package and key.resource in self.state:
                target = self.package.by_name[key.resource]
                place = target.field_names.index(key.reference_fields[key.fields.index(field.name)])
                if target.name in self.whole:
                    return self._offer_column(self.pages[target.name], place)
                known = dict.fromkeys(record[place] for record in self.state[target.name])
                return self._offer_list(tuple(known), is_closed=False)
        return None

    def _offer_list(self, values: tuple[str, ...], is_closed: bool) -> Choice | None:
        values = tuple(value for value in values if value)
        if not values:
            return None
        if values not in self.lists:
            self.lists.append(values)
        column = xl_col_to_name(self.lists.index(values), col_abs=True)
        return self._name(f"='{LISTS}'!{column}$1:{column}${len(values)}", is_closed)

    def _offer_column(self, page: Page, place: int) -> Choice:
        sheet = f"'{page.sheet.replace(chr(39), chr(39) * 2)}'!"
        column = xl_col_to_name(place, col_abs=True)
        whole = f"{sheet}{column}$1:{column}${MOST_ROWS}"
        return self._name(f"={sheet}{column}$2:INDEX({whole},MAX(2,COUNTA({whole})))", is_closed=True)

    def _name(self, formula: str, is_closed: bool) -> Choice:
        return Choice(self.ranges.setdefault(formula, f"choice_{len(self.ranges) + 1}"), is_closed)


def validate_cells(field: Field, choice: Choice | None) -> dict[str, Any]:
    """The validation of a field's cells during typing, as options for xlsxwriter."""
    options: dict[str, Any] = {"validate": "any"}
    if choice:
        options = {
            "validate": "list",
            "source": f"={choice.name}",
            "error_type": "stop" if choice.is_closed else "warning",
            "error_title": "Not in the list",
            "error_message": "Choose a value from the list: click the arrow next to the cell.",
        }
    if field.description:
        options["input_title"] = shorten(field.title, LONGEST_TITLE)
        options["input_message"] = shorten(field.description, LONGEST_MESSAGE)
    return options


def describe_field(resource: Resource, field: Field) -> str:
    """Everything that the descriptor says about a column, for the note at its header."""
    lines = [field.description] if field.description else []
    facts = [f"Type: {field.type}"]
    if field.is_required:
        facts.append("required")
    if field.name in resource.primary_key:
        facts.append("part of the key" if len(resource.primary_key) > 1 else "the key, never changed")
    if field.verbatim:
        facts.append("text copied from a source, character for character")
    lines.append(", ".join(facts) + ".")
    if field.example is not None:
        example = field.example
        text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        lines.append(f"Example: {text}")
    for value, meaning in field.enum_descriptions.items():
        lines.append(f"{value}: {meaning}")
    return shorten("\n".join(lines), LONGEST_NOTE)


def shorten(text: str, length: int) -> str:
    """The text, or as many of its words as fit, with an ellipsis.

    >>> shorten("half of it haddock", 12)
    'half of it…'
    """
    text = CONTROL.sub(" ", text)
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"
