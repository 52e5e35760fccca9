"""The data dictionary: what tables, columns, allowed values and views mean."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packpress.conflict_markers import refuse_conflict
from packpress.package.descriptor import Package
from packpress.package.resource import Field, Resource, build_resource

COLUMN = re.compile(r"(\w+): (.+)")


@dataclass(frozen=True)
class View:
    """An SQL file: its name, title, description, the descriptions of its columns, and its statement."""

    name: str
    title: str
    description: str
    columns: Mapping[str, str]
    sql: str


def read_views(folder: Path) -> list[View]:
    """The SQL files in a folder, sorted by name; none when the folder does not exist.

    Raises CannotRunError when the merge of one is unfinished.
    """
    # Sorted as text: paths on Windows compare without regard to case.
    files = sorted(folder.glob("*.sql"), key=lambda file: file.name)
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    for file, text in texts.items():
        refuse_conflict(text, str(file))
    return [parse_view(file.stem, text) for file, text in texts.items()]


def parse_view(name: str, sql: str) -> View:
    """A view with the description in the comments above its statement.

    The first comment line is the title; `-- column: text` describes a column; the other lines are the
    description.

    >>> view = parse_view("catches", "-- Catches by port\\n-- catch_kg: Total in kilograms.\\nselect 1")
    >>> view.title, view.columns
    ('Catches by port', {'catch_kg': 'Total in kilograms.'})
    """
    title, prose, columns = "", [], {}
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        column = COLUMN.fullmatch(text)
        if not title:
            title = text
        elif column:
            columns[column[1]] = column[2]
        elif text:
            prose.append(text)
    return View(name, title or name, " ".join(prose), columns, sql)


def _describe(name: str, title: str, description: str, key: list[str], /, **columns: str) -> Resource:
    """A resource whose columns are given as `type: description`, with `!` after the type when required."""
    fields = []
    for column, text in columns.items():
        kind, meaning = text.split(": ", 1)
        constraints = {"constraints": {"required": True}} if kind.endswith("!") else {}
        fields.append({"name": column, "type": kind.rstrip("!"), "description": meaning, **constraints})
    schema = {"fields": fields, "primaryKey": key}
    return build_resource({"name": name, "title": title, "description": description, "schema": schema})


# Tables that the publisher adds, declared like any other so that they are created the same way.
TABLES = _describe(
    "data_dictionary_tables",
    "Data dictionary: tables",
    "What each table and view of this database contains.",
    ["table_name"],
    table_name="string!: Name of the table or view.",
    kind="string!: Whether it is a table, a derived table or a view.",
    title="string!: Human-readable name.",
    description="string: What one row is.",
)
FIELDS = _describe(
    "data_dictionary",
    "Data dictionary: columns",
    "What each column of each table and view means.",
    ["table_name", "field_name"],
    table_name="string!: Name of the table or view.",
    field_name="string!: Name of the column.",
    position="integer!: Position of the column in its table, counted from 1.",
    title="string!: Human-readable name.",
    type="string: Table Schema type; empty if a view computes it.",
    required="boolean!: Whether every row has a value.",
    verbatim="boolean!: Whether the values are text copied from a source.",
    left_out="boolean!: Whether this edition leaves the values out.",
    description="string: What the column contains.",
    constraints="string: Other constraints: unique, smallest and largest value, length, pattern.",
    example="string: An example of a value.",
    unit="string: The unit of the numbers.",
    ordered="boolean!: Whether the allowed values are ordered; their positions say how.",
    missing="string: Texts in the files that mean that there is no value, each with the reason.",
)
VALUES = _describe(
    "data_dictionary_values",
    "Data dictionary: values",
    "What each allowed value of each column with a closed list means.",
    ["table_name", "field_name", "value"],
    table_name="string!: Name of the table or view.",
    field_name="string!: Name of the column.",
    value="string!: The allowed value.",
    meaning="string: What it means.",
    position="integer!: Position of the value in the declared order, counted from 1.",
    label="string: What the value is called.",
)
PACKAGE_TABLE = _describe(
    "package",
    "About this package",
    "Name, version, licence and edition of the data in this database.",
    ["property"],
    property="string: Name of the property.",
    value="string: Its value.",
)
OWN_TABLES = (TABLES, FIELDS, VALUES, PACKAGE_TABLE)


# Constraints that have no column of their own in the dictionary, in words.
CONSTRAINTS = {
    "unique": "unique",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "{} or more characters",
    "maxLength": "at most {} characters",
    "pattern": "pattern {}",
}


@dataclass
class Dictionary:
    """The rows of the three tables of the data dictionary."""

    tables: list[tuple[Any, ...]] = field(default_factory=list)
    fields: list[tuple[Any, ...]] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[Resource, list[tuple[Any, ...]]]]:
        """Each table of the dictionary with its rows, sorted by key."""
        return iter([(TABLES, sorted(self.tables)), (FIELDS, self.fields), (VALUES, self.values)])


def build_dictionary(package: Package, views: Iterable[tuple[View, tuple[str, ...]]]) -> Dictionary:
    """The dictionary of the declared and derived tables, and of the views with their actual columns.

    A column that the view's own header does not describe takes its description from the columns of the same
    name in the tables, if these all mean the same.
    """
    dictionary = Dictionary()
    declared: dict[str, Field] = {}
    ambiguous: set[str] = set()
    for kind, resources in (("table", package.resources), ("derived table", package.derived)):
        for resource in resources:
            dictionary.tables.append((resource.name, kind, resource.title, resource.description or None))
            reasons = {item.name: _describe_missing(resource, item) for item in resource.fields}
            _add_fields(dictionary, resource.name, resource.fields, package.left_out, reasons)
            for item in resource.fields:
                first = declared.setdefault(item.name, item)
                if (first.description, first.unit) != (item.description, item.unit):
                    ambiguous.add(item.name)
    known = {name: item for name, item in declared.items() if name not in ambiguous}
    for view, columns in views:
        dictionary.tables.append((view.name, "view", view.title, view.description or None))
        described = [_describe_column(name, view.columns, known) for name in columns]
        _add_fields(dictionary, view.name, described, package.left_out)
    return dictionary


def _describe_column(name: str, described: Mapping[str, str], known: Mapping[str, Field]) -> Field:
    if name in described:
        return Field({"name": name, "type": "", "description": described[name]})
    item = known.get(name)
    # The cells of a view are described, but their constraints are not promised.
    if item is None:
        return Field({"name": name, "type": ""})
    return Field(item.described(constraints={"enum": item.choices}))


def _describe_missing(resource: Resource, item: Field) -> str:
    """The texts that mean that a value is missing, with the reasons, as one text."""
    reasons = resource.missing_reasons(item)
    return "; ".join(f"{text}: {reason}" if text else reason for text, reason in reasons.items())


def _add_fields(
    dictionary: Dictionary,
    table: str,
    fields: Iterable[Field],
    left_out: Set[str],
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> None:
    for position, item in enumerate(fields, 1):
        facts = (item.type or None, item.is_required, bool(item.verbatim), item.verbatim in left_out)
        more = (item.description or None, _describe_constraints(item) or None, item.example)
        last = (item.unit or None, item.is_ordered, reasons.get(item.name) or None)
        dictionary.fields.append((table, item.name, position, item.title, *facts, *more, *last))
        labels = {str(value): label for value, label in item.labels.items()}
        dictionary.values += [
            (table, item.name, value, meaning, place, labels.get(value))
            for place, (value, meaning) in enumerate(list_values(item), 1)
        ]


def list_values(item: Field) -> Iterator[tuple[str, str | None]]:
    """The allowed values of a field as text, each with its meaning or label if the descriptor has one."""
    for value in item.ordered_choices:
        if isinstance(value, list | dict):  # which are not hashable, and have no label
            written, label = json.dumps(value, ensure_ascii=False), None
        else:
            written, label = str(value), item.labels.get(value)
        yield written, item.enum_descriptions.get(written) or label


def _describe_constraints(item: Field) -> str:
    return "; ".join(
        words.format(item.constraints[name])
        for name, words in CONSTRAINTS.items()
        if item.constraints.get(name) not in (None, False)
    )
