"""SQL definitions of tables and indexes, derived from the descriptor and from nothing else."""

from collections.abc import Iterator
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.field import Field
from packpress.package.resource import ForeignKey, Resource
from packpress.publish.sql import quote_identifier, quote_identifiers, quote_literal
from packpress.publish.values import as_plain
from packpress.tables.cells import make_reader
from packpress.tables.types import BOUNDS, LENGTHS, type_of


def is_mandatory(field: Field, resource: Resource) -> bool:
    """Whether a cell must hold a value: it is required, or part of the primary key."""
    return field.is_required or field.name in resource.primary_key


def table_definition(resource: Resource, package: Package) -> str:
    """The statement that creates the table with everything that SQLite can hold it to.

    STRICT, so that SQLite refuses a value of the wrong type instead of storing it. Patterns stay
    with the validator, for SQLite has no regular expressions.
    """
    parts = [_column_definition(field, resource) for field in resource.fields]
    if resource.primary_key:
        parts.append(f"primary key ({quote_identifiers(resource.primary_key)})")
    plain_keys = [key for key in resource.unique_keys if not _has_default(key, resource)]
    plain_keys += [(field.name,) for field in resource.fields if field.is_unique]
    parts += [
        f"unique ({quote_identifiers(key)})"
        for key in dict.fromkeys(plain_keys)
        if key != resource.primary_key
    ]
    parts += [_foreign_key_definition(key) for key in resource.foreign_keys if _is_enforceable(key, package)]
    body = ",\n  ".join(parts)
    return f"create table {quote_identifier(resource.name)} (\n  {body}\n) strict"


def _column_definition(field: Field, resource: Resource) -> str:
    words = [quote_identifier(field.name), type_of(field).sql]
    words += ["not null"] if is_mandatory(field, resource) else []
    return " ".join([*words, *(f"check ({condition})" for condition in _conditions(field, resource))])


def _conditions(field: Field, resource: Resource) -> Iterator[str]:
    column = quote_identifier(field.name)
    if field.type == "boolean":
        yield f"{column} = 0 or {column} = 1"
    elif type_of(field).is_comparable:
        if field.choices:
            # Not `in (…)`, which builds a temporary index for every row.
            yield " or ".join(f"{column} = {_literal(value, field, resource)}" for value in field.choices)
        for name, bound in BOUNDS.items():
            if name in field.constraints:
                yield f"{column} {bound.sign} {_literal(field.constraints[name], field, resource)}"
    if field.type == "string":
        for name, length in LENGTHS.items():
            if name in field.constraints:
                yield f"length({column}) {length.sign} {int(field.constraints[name])}"


def _literal(bound: Any, field: Field, resource: Resource) -> str:
    """The value of a constraint as SQL, read as a cell of the field would be."""
    if type(bound) in (int, float):
        return quote_literal(bound)
    text = str(bound)
    value = None if field.type == "string" else make_reader(field, resource)(text)[0]
    # A bound written like a missing value stays text, which SQLite compares by the column's type.
    return quote_literal(text if value is None else as_plain(type_of(field).convert(value, text)))


def _foreign_key_definition(key: ForeignKey) -> str:
    target = f"{quote_identifier(key.resource)} ({quote_identifiers(key.reference_fields)})"
    return f"foreign key ({quote_identifiers(key.fields)}) references {target}"


def _is_enforceable(key: ForeignKey, package: Package) -> bool:
    """Whether the fields pointed to are a key of their table, without which SQLite refuses the reference."""
    target = package.by_name.get(key.resource)
    if target is None:
        return False
    fields = set(key.reference_fields)
    if fields == set(target.primary_key) or (len(fields) == 1 and target.field(*fields).is_unique):
        return True
    return any(fields == set(unique) and not _has_default(unique, target) for unique in target.unique_keys)


def _has_default(key: tuple[str, ...], resource: Resource) -> bool:
    return any(resource.field(name).empty_counts_as is not None for name in key)


def index_definitions(resource: Resource) -> Iterator[str]:
    """The statements that make keys quick to follow both ways, facets quick to count, unique keys unique.

    A missing cell makes a row differ from every other, unless its field says by `emptyCountsAs` what
    value it stands for.
    """
    table = quote_identifier(resource.name)
    # A key is quick to follow when an index begins with it; the key pointed to has one already.
    indexed = [resource.primary_key, *((field.name,) for field in resource.fields if field.is_unique)]
    indexed += [key for key in resource.unique_keys if not _has_default(key, resource)]
    for key in resource.foreign_keys:
        if not any(index[: len(key.fields)] == key.fields for index in indexed):
            indexed.append(key.fields)
            columns = quote_identifiers(key.fields)
            yield f"create index {_index_name(resource, key.fields)} on {table} ({columns})"
    for unique in resource.unique_keys:
        if _has_default(unique, resource):
            columns = ", ".join(_or_default(resource.field(name)) for name in unique)
            yield f"create unique index {_index_name(resource, unique)} on {table} ({columns})"
    if facets := tuple(resource.publishing.get("facets") or ()):
        # Readers filter and count by these; with the key beside them the index answers without the rows.
        columns = quote_identifiers(tuple(dict.fromkeys((*facets, *resource.primary_key))))
        yield f"create index {_index_name(resource, ('facets',))} on {table} ({columns})"


def _or_default(field: Field) -> str:
    column = quote_identifier(field.name)
    default = field.empty_counts_as
    return column if default is None else f"ifnull({column}, {quote_literal(default)})"


def _index_name(resource: Resource, fields: tuple[str, ...]) -> str:
    return quote_identifier("idx_" + "__".join((resource.name, *fields)))
